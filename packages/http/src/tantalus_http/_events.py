"""Server-sent events: what one is, and how it is written (HTML standard, §9.2).

A stream is text in UTF-8 of lines that end with a line feed; an empty line ends an
event. So a line break inside of an event is what could make two of one: where it has a
meaning (`data`) there is a line for each, and where it has none it is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

# Not `splitlines()`, which knows of more ends of lines than the standard.
_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_TEXTS = (bytes, bytearray, memoryview)

#: Writes a value as JSON.
Dumps: TypeAlias = Callable[[Any], str]
#: What is sent where nothing happens: a comment, which no client tells its program.
HEARTBEAT = b":\n\n"

compact: Dumps = partial(
    json.dumps, ensure_ascii=False, allow_nan=False, separators=(",", ":")
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream: `Event("42", event="price", id="7")`.

    Args:
        data: A text, of one line or several, or what is written as JSON. Without any
            the browser keeps `id` and `retry`, and its page is told nothing.
        event: The name under which the page listens; `message` if there is none.
        id: What a browser that connects again sends as `Last-Event-ID`; an empty one
            makes it send none.
        retry: Milliseconds after which it is to connect again.
        comment: What nobody is told, for who reads the stream by eye.

    Raises:
        ValueError: The name or id has a line break, or the id a NUL, by which one
            event would become two or none; or `retry` is negative.
        TypeError: One of them is of another type.
    """

    data: Any = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.data, _NO_TEXTS):
            raise TypeError(
                f"The data of an event is text, not {self.data!r}: decode it."
            )
        _check_line("event", self.event, "\r\n")
        _check_line("id", self.id, "\r\n\0")
        _check_line("comment", self.comment, "")
        if self.retry is not None:
            check_retry(self.retry)


def _check_line(name: str, value: object, refused: str) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r} of an event is no text: use str({value!r}).")
    for letter in refused:
        if letter in value:
            raise ValueError(
                f"{name}={value!r} of an event has {letter!r} in it, which cannot be"
                " sent there. Put it into the data, or leave it out."
            )


def check_retry(retry: object) -> None:
    """Raise an error unless this is a number of milliseconds."""
    if type(retry) is not int:
        raise TypeError(f"retry={retry!r} is no number of milliseconds: use an int.")
    if retry < 0:
        raise ValueError(f"retry={retry!r} milliseconds are less than none.")


def encoded_event(item: object, dumps: Dumps) -> bytes:
    """Return what is sent for an item of a source.

    Args:
        item: An `Event`; data of one; or None, if nothing has happened.
        dumps: Writes data that is no text.

    Raises:
        TypeError: It is bytes, or what `dumps` cannot write.
        ValueError: It is a text with half a surrogate pair, which has no UTF-8.
    """
    if item is None:
        return HEARTBEAT
    event = item if isinstance(item, Event) else Event(item)
    lines: list[str] = []
    if event.comment is not None:
        lines += [f": {line}\n" for line in _LINE_END.split(event.comment)]
    if event.event is not None:
        lines.append(f"event: {event.event}\n")
    if event.id is not None:
        lines.append(f"id: {event.id}\n")
    if event.retry is not None:
        lines.append(f"retry: {event.retry}\n")
    if event.data is not None:
        data = event.data if isinstance(event.data, str) else dumps(event.data)
        lines += [f"data: {line}\n" for line in _LINE_END.split(data)]
    lines.append("\n")
    return "".join(lines).encode()
