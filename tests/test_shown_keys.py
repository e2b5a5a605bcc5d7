"""No document shows a key that somebody could copy and go online with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tantalus_cli._keys import weakness

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path
    for pattern in (
        "README.md",
        "CONTRIBUTING.md",
        "docs/**/*.md",
        "packages/*/README.md",
        "examples/**/*.py",
        "examples/**/*.md",
        "examples/**/*.html",
    )
    for path in ROOT.glob(pattern)
    if not {"_build", "node_modules"} & set(path.parts)
)
# A key in Python, in a dict, as a default, or in an environment file.
KEY = re.compile(
    r"""(?:secret_?key|signing_?key|_KEY)(?:_FALLBACKS)?["']?\]?\s*[=:(,]\s*\[?
    (?:[\w.]+\(\s*["']\w+["'],\s*)?b?["']([^"'\n]*)["']""",
    re.VERBOSE | re.IGNORECASE,
)
# `App` does not begin to serve with a shorter one.
SHORTEST = 16


def keys(text: str) -> list[str]:
    return [found for found in KEY.findall(text) if found]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_shows_no_key_that_an_app_would_take(path: Path) -> None:
    shown = keys(path.read_text(encoding="utf-8"))

    assert [key for key in shown if len(key) >= SHORTEST or not weakness(key)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('app.secret_key = "a"', ["a"]),
        ("app.config['SECRET_KEY'] = b'a'", ["a"]),
        ('{"SECRET_KEY": "a"}', ["a"]),
        ('App(SECRET_KEY="a")', ["a"]),
        ('os.environ.get("SHOP_KEY", "a")', ["a"]),
        ('secret_key = os.environ.get("K", "a")', ["a"]),
        ('config["SECRET_KEY_FALLBACKS"] = ["a"]', ["a"]),
        ('TANTALUS_SECRET_KEY="a"', ["a"]),
        ('app.secret_key = os.environ["SHOP_KEY"]', []),
        ("app.secret_key = secrets.token_hex()", []),
        ('os.environ.get("SHOP_KEY") or secrets.token_hex()', []),
    ],
)
def test_keys_are_seen_however_they_are_written(text: str, found: list[str]) -> None:
    assert keys(text) == found
