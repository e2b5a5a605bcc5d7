"""Errors as problem documents, for clients that are programs (RFC 9457)."""

from __future__ import annotations

import json
from typing import TypeVar
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from ._headers import checked
from ._response import Response

R = TypeVar("R", bound=Response)

_PROBLEM = "application/problem+json"
_JSON = (_PROBLEM, "application/json")
_HTML = ("text/html", "application/xhtml+xml")
# What a part of a path may have as it is (RFC 3986 §3.3), and slashes.
_IN_PATHS = "/:@!$&'()*+,;=~"
# What makes the page of an error, unless a subclass has its own.
_OWN = ("__call__", "get_response", "get_body")


def prefers_problem(accept: str | None, *, by_default: bool) -> bool:
    """Tell whether a client wants an error as JSON rather than as a page.

    Args:
        accept: The header `Accept`; None if there is none.
        by_default: The answer for clients that name neither, as `*/*`.
    """
    accept = (accept or "").lower()
    if "json" not in accept:
        return by_default and "html" not in accept
    wanted = parse_accept_header(accept, MIMEAccept)
    as_json = max(wanted.quality(kind) for kind in _JSON)
    as_page = max(wanted.quality(kind) for kind in _HTML)
    # Of two that are wanted as much, the one that is named.
    return as_json > as_page or (as_json == as_page and "html" not in accept)


def problem_page(
    error: HTTPException, environ: WSGIEnvironment, response_class: type[R]
) -> R | None:
    """Return a new response with an error as a problem document.

    An error may have `problem_members`, a dict of more that the document says.

    Returns:
        None for what is no error, or has a page of its own, as redirects have.
    """
    kind, code = type(error), error.code or 0
    if (
        code < 400
        or getattr(error, "response", None) is not None
        or any(getattr(kind, name) is not getattr(HTTPException, name) for name in _OWN)
        or any(name in vars(error) for name in _OWN)
    ):
        return None
    document = {
        "type": "about:blank",
        "title": getattr(error, "title", error.name),
        "status": code,
        "detail": str(error.description or error.name),
        "instance": _path(environ),
        **getattr(error, "problem_members", {}),
    }
    page = Response(json.dumps(document), code, mimetype=_PROBLEM)
    of_error = [
        (name, value)
        for name, value in error.get_headers(environ)
        if name.lower() != "content-type"
    ]
    page.headers = checked([*page.headers, *of_error])
    page.__class__ = response_class
    return page  # type: ignore[return-value]  # of that class now


def _path(environ: WSGIEnvironment) -> str:
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return quote(path.encode("latin-1", "replace"), safe=_IN_PATHS)
