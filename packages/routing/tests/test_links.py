"""Functions that build URLs, one for each endpoint."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from tantalus_routing import Link, LinkNameTaken, links_module

HEAD = (
    '"""Links to the endpoints of this app.'
    ' Made by a command, to be made again by it."""'
)


def test_each_endpoint_is_a_function() -> None:
    links = [
        Link("posts.show", {"post": "int", "day": "date"}, {"page": "int"}),
        Link("index", {}, {}),
    ]

    assert links_module(links, url_for="tantalus") == (
        f"""{HEAD}

from __future__ import annotations

from datetime import date

from tantalus import url_for


def index(*, _external: bool | None = None) -> str:
    return url_for("index", _external=_external)


def posts_show(
    *,
    post: int,
    day: date,
    page: int | None = None,
    _external: bool | None = None,
) -> str:
    return url_for("posts.show", post=post, day=day, page=page, _external=_external)
"""
    )


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the function of a link that is hard to write passes on."""
    asked: dict[str, Any] = {}
    fake: Any = ModuleType("fake")
    fake.url_for = lambda endpoint, **values: asked.update(values, endpoint=endpoint)
    monkeypatch.setitem(sys.modules, "fake", fake)
    return asked


@pytest.mark.parametrize(
    ("endpoint", "function"),
    [
        ("a.b", "a_b"),
        ("class", "class_"),
        ("1st", "_1st"),
        ("with-hyphen", "with_hyphen"),
        ("", "_"),
        ('"quoted"', "_quoted_"),
        ("line\nfeed", "line_feed"),
        ("größe", "größe"),
    ],
)
def test_every_name_becomes_one_of_python(
    built: dict[str, Any], endpoint: str, function: str
) -> None:
    long = {f"variable{number}": "UUID" for number in range(5)}
    links = [Link(endpoint, {"class": "int", **long}, {"per-page": "list[date]"})]
    names: dict[str, Any] = {}

    exec(links_module(links, url_for="fake"), names)
    names[function](class_=1, per_page=2, **dict.fromkeys(long, 3))

    assert built == {
        "endpoint": endpoint,
        "class": 1,
        "per-page": 2,
        "_external": None,
        **dict.fromkeys(long, 3),
    }


def test_two_endpoints_of_one_name_are_refused() -> None:
    links = [Link("a.b", {}, {}), Link("a_b", {}, {})]

    with pytest.raises(LinkNameTaken, match=r"'a.b' and 'a_b' would both be"):
        links_module(links, url_for="tantalus")


def test_links_without_types_import_none() -> None:
    made = links_module([Link("index", {}, {})], url_for="flask")

    assert "annotations\n\nfrom flask import url_for\n\n\ndef index(" in made
