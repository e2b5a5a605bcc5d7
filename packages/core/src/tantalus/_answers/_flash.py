"""Messages that wait in the session until the next page shows them."""

from __future__ import annotations

from collections.abc import Iterable

from ..ctx import current_app_context
from ..signals import message_flashed
from ._proxies import request_ctx, session

_KEY = "_flashes"


def flash(message: str, category: str = "message") -> None:
    """Keep a message for the next page that calls `get_flashed_messages()`.

    Args:
        category: Any text; usual ones are "message", "error", "info", "warning".

    Raises:
        RuntimeError: No request is being handled, or sessions have no secret key.
    """
    flashes = session.get(_KEY, [])
    flashes.append((category, message))
    # Assigned, because not every session notices a change inside a value.
    session[_KEY] = flashes
    if message_flashed.receivers:
        app = current_app_context().app
        message_flashed.send(
            app, _async_wrapper=app.ensure_sync, message=message, category=category
        )


def get_flashed_messages(
    with_categories: bool = False, category_filter: Iterable[str] = ()
) -> list[str] | list[tuple[str, str]]:
    """Take the messages out of the session; the same ones at each call in a request.

    Args:
        with_categories: Return pairs `(category, message)`.
        category_filter: Return only messages of these categories, if any are given.

    Raises:
        RuntimeError: No request is being handled.
    """
    flashes = request_ctx.flashes
    if flashes is None:
        flashes = session.pop(_KEY) if _KEY in session else []
        request_ctx.flashes = flashes
    if category_filter:
        flashes = [pair for pair in flashes if pair[0] in category_filter]
    if with_categories:
        return flashes
    return [pair[1] for pair in flashes]
