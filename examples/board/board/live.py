"""New messages for pages that are open: they appear there without a reload.

Each page says which message it has seen last, and is sent what is newer as events. The
database is asked once a second, so it does not matter which process a message came in
by. `static/live.js` is the other end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tantalus import (
    Blueprint,
    Event,
    Response,
    current_app,
    event_stream,
    get_template_attribute,
    last_event_id,
    request,
)

from . import messages
from .database import connection

blueprint = Blueprint("live", __name__)

PAUSE = 1.0  # seconds
RETRY = 2_000  # milliseconds, after which a browser connects again


@blueprint.get("/events")
def events() -> Response:
    seen = last_event_id(number)
    if seen is None:
        seen = request.args.get("after", 0, type=number)
    # The request is over when the stream begins: each look has a context of its own.
    return event_stream(
        newer_ones(current_app.in_context(newer), seen), heartbeat=None, retry=RETRY
    )


def number(text: str) -> int:
    """Return the number of a message, or none that SQLite could not count to."""
    return max(0, min(int(text), messages.HIGHEST_ID))


def newer_ones(look: Callable[[int], list[Event]], seen: int) -> Iterator[Event | None]:
    """Look again and again, until the page is closed."""
    while True:
        for event in look(seen):
            seen = int(event.id or seen)
            yield event
        yield None  # finds out whether somebody is still there
        time.sleep(PAUSE)


def newer(seen: int) -> list[Event]:
    """Return the messages that are newer than number `seen`, oldest first."""
    rows = connection().execute(
        f"{messages.SELECT} WHERE message.id > ? ORDER BY message.id LIMIT ?",
        (seen, messages.PAGE_SIZE),
    )
    show = get_template_attribute("_message.html", "show")
    return [Event(str(show(row)), id=str(row["id"])) for row in rows]
