"""Messages that wait in the session until the next page shows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..ctx import current_app_context
from ..signals import message_flashed
from ._proxies import request_ctx, session

_KEY = "_flashes"
# Messages of categories that no page shows must not fill the cookie.
_MOST_UNSEEN = 20


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
        category_filter: Return only messages of these categories, if any are given; one
            text is one category. The others wait, the last twenty of them.

    Raises:
        RuntimeError: No request is being handled.
    """
    context = request_ctx
    if context.flashes is None:
        waiting = session.get(_KEY, [])
        context.flashes = context.unseen_flashes = list(waiting)
    wanted = (
        (category_filter,) if isinstance(category_filter, str) else [*category_filter]
    )
    flashes = context.flashes
    if wanted:
        flashes = [pair for pair in flashes if pair[0] in wanted]
    _take(wanted)
    if with_categories:
        return flashes
    return [pair[1] for pair in flashes]


def _take(wanted: Collection[str]) -> None:
    """Leave those messages in the session that are not shown now; all are if empty."""
    context = request_ctx
    unseen = context.unseen_flashes
    left = [pair for pair in unseen if wanted and pair[0] not in wanted]
    if len(left) == len(unseen):
        return
    context.unseen_flashes = left
    waiting = session.get(_KEY, [])
    # Behind what was there at first is what this request has flashed since.
    new = waiting[len(unseen) :] if waiting[: len(unseen)] == unseen else waiting
    if left or new:
        session[_KEY] = [*left[-_MOST_UNSEEN:], *new]
    else:
        session.pop(_KEY, None)
