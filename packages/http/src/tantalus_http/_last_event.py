"""The event that a client has heard of last, as it says when it connects again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request as RequestBase

T = TypeVar("T")

_LONGEST = 1_024
# What no `Event` has, and so no browser sends.
_REFUSED = frozenset("\r\n\0")


@overload
def last_event_id(request: RequestBase) -> str | None: ...
@overload
def last_event_id(request: RequestBase, kind: Callable[[str], T]) -> T | None: ...
def last_event_id(request: RequestBase, kind: Callable[[str], Any] = str) -> Any:
    """Return the id of the last event that the client has got; None for a new one.

    Whoever sends a request writes its headers: it need not be an id that was given.

    Args:
        kind: Makes of the text what ids are, such as `int`; its `ValueError` tells that
            this is none.

    Raises:
        BadRequest: `Last-Event-ID` is no id: not UTF-8, longer than 1,024 bytes, with a
            line break or NUL, or not of the kind (400).
    """
    header = request.headers.get("Last-Event-ID")
    if not header:
        return None
    try:
        # Browsers send UTF-8 (HTML standard, §9.2.4), which WSGI passes as Latin-1.
        text = header.encode("latin1").decode()
        if len(header) > _LONGEST or not _REFUSED.isdisjoint(text):
            raise ValueError
        return kind(text)
    except ValueError:
        shown = header if len(header) <= 40 else f"{header[:40]}…"
        raise BadRequest(
            f"Last-Event-ID {shown!r} is no id of an event. Leave the header out to get"
            " the events from now on."
        ) from None
