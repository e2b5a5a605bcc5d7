"""Locations that are sent as they are."""

from __future__ import annotations

import re
from functools import cache

# What `iri_to_uri()` would return unchanged.
_LABEL = r"[a-z0-9-]{1,63}"
_PLAIN_URL = (
    rf"(?:https?://{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,3}})?|(?!//))"
    r"(?:/[\w.~%!$&'()*+,/:;=@-]*)?"
    r"(?:\?[\w.~%!$&'()*+,/:;=?@-]+)?"
    r"(?:#[\w.~%!$&'()*+,/:;=?@#-]+)?"
)


@cache
def plain_url() -> re.Pattern[str]:
    """Return what fits a whole URL that needs no encoding."""
    # Compiled with the first redirect: it takes as long as loading two modules.
    return re.compile(_PLAIN_URL, re.ASCII)
