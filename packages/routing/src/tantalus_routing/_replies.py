"""What views of a WSGI router are checked for, and what becomes of their answers."""

from __future__ import annotations

from inspect import iscoroutine
from urllib.parse import quote
from wsgiref.types import WSGIApplication

from werkzeug.wrappers import Response

from ._decorators import View
from ._errors import ViewResultError

ANCHOR_SAFE = "%!#$&'()*+,/:;=?@"


def check_view(rule: str, view: object) -> None:
    """Raise `TypeError` for a view that no request could call."""
    if view is not None and not callable(view):
        raise TypeError(
            f"Rule {rule!r}: its view {view!r} cannot be called. Pass a function."
        )


def anchored(url: str, anchor: str | None) -> str:
    """Return `url` with an anchor behind it, if there is one."""
    return url if anchor is None else f"{url}#{quote(anchor, safe=ANCHOR_SAFE)}"


def as_application(answer: object, view: View) -> WSGIApplication:
    """Return what a view returned as something that can answer.

    Raises:
        ViewResultError: It is neither text nor bytes nor a WSGI application.
    """
    if isinstance(answer, str | bytes):
        return Response(answer, mimetype="text/html")
    if not callable(answer):
        if iscoroutine(answer):
            answer.close()  # or Python complains of it, too
        raise ViewResultError(view, type(answer).__name__)
    return answer
