"""Settings of the site: `hatch run docs:build` makes it, in `docs/_build`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
CORE = HERE.parent / "packages" / "core" / "pyproject.toml"
sys.path.insert(0, str(HERE / "_site"))

from reference import type_aliases  # noqa: E402 - from the folder above

project = "Tantalus"
author = "The Tantalus authors"
copyright = author
language = "en"
release = tomllib.loads(CORE.read_text(encoding="utf-8"))["project"]["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_inline_tabs",
    "repository",
    "reference",
]
exclude_patterns = ["_build"]
nitpicky = True

myst_heading_anchors = 4  # the anchors that the source's host makes, too
myst_links_external_new_tab = False

default_role = "name"
autodoc_member_order = "bysource"
autodoc_type_aliases = type_aliases()
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
viewcode_line_numbers = False

copybutton_exclude = ".linenos, .gp, .go"  # no prompts and no output

html_theme = "furo"
html_title = f"Tantalus {release}"
html_favicon = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_logo": "logo.svg",
    "dark_logo": "logo-dark.svg",
    "source_repository": "https://github.com/tantalus-web/tantalus/",
    "source_branch": "main",
    "source_directory": "docs/",
    "light_css_variables": {
        "color-brand-primary": "#7a3b12",
        "color-brand-content": "#8a4513",
        "color-brand-visited": "#6b4a7a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#f0b070",
        "color-brand-content": "#f0b070",
        "color-brand-visited": "#c9a7dc",
    },
}
pygments_style = "default"
pygments_dark_style = "github-dark"
