"""Jinja as one sets it up where the framework brings none, and what pages show."""

from __future__ import annotations

from collections.abc import Mapping

import jinja2

from scenarios import SITE

SMALL = {"name": "Ada", "greeting": "<Good day>"}
ROWS = {
    "name": "Ada",
    "links": ["/", "/news", "/about"],
    "rows": [{"id": number, "text": f"<row {number}>"} for number in range(100)],
}

environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(SITE / "templates"),
    autoescape=True,
    auto_reload=False,
)


def render(name: str, variables: Mapping[str, object]) -> str:
    """Return the page."""
    return environment.get_template(name).render(variables)
