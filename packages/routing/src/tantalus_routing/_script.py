"""Where an application is mounted, as the beginning of its URLs."""

from __future__ import annotations

import re
from urllib.parse import quote

from ._converters import PATH_SAFE

PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_.~!$&'()*+,:;=@%-]+/)*")


def script_path(script_name: str) -> str:
    """Return a mount point as a path between slashes, which no URL leaves the host by.

    A proxy may take it from a header: without a slash in front `@evil.example` would
    become part of the host, with two of them the rest would be one.
    """
    if PLAIN_PATH.fullmatch(script_name):
        return script_name
    # Browsers take a backslash for a slash.
    path = script_name.lstrip("/\\").rstrip("/")
    quoted = quote(path, safe=f"{PATH_SAFE}%", errors="replace")
    return f"/{quoted}/" if quoted else "/"
