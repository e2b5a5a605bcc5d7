"""Ids that tell requests from each other, in logs and between services."""

from __future__ import annotations

import re
from uuid import uuid4

# What a log line, a header or a shell takes for one word.
_FORM = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}", re.ASCII)


def request_id(given: str | None = None) -> str:
    """Return the id of a request: what was given, if it has the form, or a new one.

    Args:
        given: What a proxy or client has sent; letters, digits and `._:=+/@-`, at most
            128 of them.
    """
    if given is not None and _FORM.fullmatch(given):
        return given
    return uuid4().hex
