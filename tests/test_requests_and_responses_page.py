"""The page on requests and responses has every name that they have, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from werkzeug.test import create_environ

from tantalus import App, Request, Response

PAGE = Path(__file__).parent.parent / "docs" / "requests-and-responses.md"
ROW = re.compile(r"^\| (`.+?) \|", re.M)
NAME = re.compile(r"`(\w+)(?:\(\))?`")


def listed() -> set[str]:
    """Return the names in the first cells of the tables."""
    text = PAGE.read_text(encoding="utf-8")
    return {name for cell in ROW.findall(text) for name in NAME.findall(cell)}


def offered() -> set[str]:
    """Return what a user can read of a request and of a response."""
    app = App("page")
    with app.request_context(create_environ()) as context:
        made = (context.request, app.response_class())
        return {name for one in made for name in dir(one) if name[:1] != "_"}


@pytest.mark.parametrize("kind", [Request, Response])
def test_every_name_stands_on_the_page(kind: type) -> None:
    names = {name for name in dir(kind) if name[:1] != "_"}

    assert names - listed() == set()


def test_the_page_has_no_name_that_nothing_has() -> None:
    assert listed() - offered() == set()
