"""Streams of server-sent events, as an app answers them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any

import tantalus_http as http
from tantalus_http import Event as Event

from ..ctx import current_context
from ..wrappers import Response


def event_stream(
    source: Iterable[Any] | AsyncIterable[Any],
    *,
    heartbeat: float | None = 15.0,
    retry: int | None = None,
) -> Response:
    """Return a response that sends what a source gives as events while it is open.

    Data that is no text is written as JSON by the app's provider. The request is over
    while the source runs; `stream_with_context()` around the source keeps it, and its
    teardown waits for the end of the stream.

    Args:
        source: Gives an `Event`, data of one, or None if nothing has happened.
        heartbeat: Seconds of silence after which the stream says that it is alive; None
            for never.
        retry: Milliseconds after which browsers connect again once the stream ends.

    Raises:
        RuntimeError: No request is being handled.
        TypeError: The source is no iterator, or `retry` no number.
        ValueError: `heartbeat` is not positive, or `retry` negative.
    """
    app = current_context().app
    made: Any = http.event_stream(
        source,
        heartbeat=heartbeat,
        retry=retry,
        dumps=app.json.dumps,
        response_class=app.response_class,
    )
    return made  # type: ignore[no-any-return]  # the app's class


def last_event_id(kind: Callable[[str], Any] = str) -> Any:
    """Return the id of the last event that the client has got; None for a new one.

    Args:
        kind: Makes of the text what ids are, such as `int`.

    Raises:
        BadRequest: `Last-Event-ID` is no id (400).
        RuntimeError: No request is being handled.
    """
    return http.last_event_id(current_context().request, kind)
