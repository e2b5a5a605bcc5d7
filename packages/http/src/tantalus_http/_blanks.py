"""Blanks in a header.

Werkzeug's expressions go over a row of blanks again and again. In a list of cookies a
browser sends no more than one (RFC 6265 §4.2.1); in a media type one says as much.
"""

from __future__ import annotations

import re

_MANY = re.compile(r"[ \t]{64}")
_SOME = re.compile(r"[ \t]+")


def has_many_blanks(text: str) -> bool:
    """Tell whether 64 blanks stand in a row."""
    return _MANY.search(text) is not None


def with_single_blanks(text: str) -> str:
    """Return `text` with one blank for each row of them."""
    return _SOME.sub(" ", text)
