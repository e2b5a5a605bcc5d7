"""Keeping what is for one client out of the caches that clients share."""

from __future__ import annotations

from werkzeug.wrappers import Response

from ._headers import has_header


def make_private(response: Response) -> None:
    """Let no shared cache keep a response, unless its headers say so by hand.

    The `public` of a file is not said by hand: it follows from its age.
    """
    if not has_header(response.headers, "cache-control"):
        response.headers["Cache-Control"] = "private"
        return
    said = response.cache_control
    if said.no_store or said.private:
        return
    if said.public or said.s_maxage is not None:
        if not response.direct_passthrough:
            return
        said.public = False
    said.private = True
