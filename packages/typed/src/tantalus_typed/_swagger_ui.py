"""A page with Swagger UI: of files in a folder, without a script in the page itself.

The files are those of npm's `swagger-ui-dist`, which a package of PyPI brings along.
That is looked for and not imported, for only its files are wanted.
"""

from __future__ import annotations

import re
from html import escape
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

from ._errors import SetupError

SCRIPT, STYLE, START = "swagger-ui-bundle.js", "swagger-ui.css", "start.js"
# The first that shows OpenAPI 3.1.
OLDEST = 5
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{files}/{style}">
<script src="{files}/{script}" defer></script>
<script src="{files}/{start}" data-source="{source}" defer></script>
</head>
<body>
<div id="swagger-ui"></div>
<noscript><p>This page needs scripts. <a href="{source}">The document</a></noscript>
</body>
</html>
"""


def swagger_ui_page(title: str, *, source: str, files: str) -> str:
    """Return a page that shows a document with Swagger UI, as HTML.

    It loads scripts and a stylesheet of its own site, and asks nobody else anything.

    Args:
        title: Of the page.
        source: Where the document is served.
        files: Where `swagger_ui_files()` are served, without a slash at the end.
    """
    return _PAGE.format(
        title=escape(title),
        source=escape(source),
        files=escape(files),
        script=SCRIPT,
        style=STYLE,
        start=START,
    )


def swagger_ui_files(
    folder: str | PathLike[str] | None = None,
) -> dict[str, Path]:
    """Return the files that the page loads, by the names they are to have.

    Args:
        folder: Has the files of `swagger-ui-dist`; by default that of the package
            which the extra `swagger-ui` installs.

    Raises:
        SetupError: They are not there, or too old for OpenAPI 3.1.
    """
    place = _installed() if folder is None else Path(folder)
    files = {name: place / name for name in (SCRIPT, STYLE)}
    for name, path in files.items():
        if not path.is_file():
            raise SetupError(
                f"{place} has no {name}. Name the folder with the files of Swagger UI,"
                " as npm's package swagger-ui-dist has them."
            )
    return files | {START: Path(__file__).with_name("_swagger_ui_start.js")}


def _installed() -> Path:
    spec = find_spec("swagger_ui_bundle")
    cure = "Install it: pip install 'tantalus-typed[swagger-ui]'."
    if spec is None or spec.origin is None:
        raise SetupError(f"Swagger UI is not installed. {cure}")
    versions = {
        tuple(map(int, re.findall(r"\d+", folder.name))): folder
        for folder in Path(spec.origin).parent.glob("vendor/swagger-ui-*")
    }
    newest = max(versions, default=(0,))
    if newest[0] < OLDEST:
        found = ".".join(map(str, newest))
        raise SetupError(
            f"Swagger UI {found} is installed, and OpenAPI 3.1 is shown since {OLDEST}."
            f" {cure}"
        )
    return versions[newest]
