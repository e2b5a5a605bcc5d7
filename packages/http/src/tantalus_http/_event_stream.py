"""Streams of server-sent events, of sources that are iterated or awaited.

Between a source and the server stands a body that is iterated in the same way. It asks
the source for an item when the one before was sent, and says that it is alive while
that is silent; so a proxy keeps the connection, and a client that has gone is noticed.

A synchronous source is silent in a call that cannot be interrupted. So it has a thread
of its own, from its first step to its last, unless no heartbeat is asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextvars import copy_context
from enum import Enum, auto
from queue import Empty, SimpleQueue
from threading import TIMEOUT_MAX, Thread
from typing import Any, TypeAlias

from ._events import HEARTBEAT, Dumps, check_retry, compact, encoded_event
from ._response import Response

# Any: data of an event is whatever can be written as JSON.
Item: TypeAlias = Any

#: Seconds of silence after which a stream says that it is alive. Proxies close a
#: connection after 30 (HAProxy) or 60 (nginx) of them.
HEARTBEAT_AFTER = 15.0
# No cache keeps the stream, no proxy compresses or collects it: either would hold back
# events until there are enough of them.
_HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}
_END: Any = object()
_Given: TypeAlias = tuple[Item, BaseException | None]


def event_stream(
    source: Iterable[Item] | AsyncIterable[Item],
    *,
    heartbeat: float | None = HEARTBEAT_AFTER,
    retry: int | None = None,
    dumps: Dumps = compact,
    response_class: type[Response] = Response,
) -> Response:
    """Return a response that sends what a source gives as events while it is open.

    When the client leaves, the source is closed: its `finally` runs. An asynchronous
    one is stopped where it waits, a synchronous one after the step that it is at.

    Args:
        source: Gives an `Event`, data of one, or None if nothing has happened. A
            synchronous one runs in a thread of its own, if there is a heartbeat. One
            that is both is awaited where an event loop runs.
        heartbeat: Seconds of silence after which the stream says that it is alive, and
            so finds out whether somebody listens; None for never.
        retry: Milliseconds after which browsers connect again once the stream ends.
        dumps: Writes data that is no text.

    Raises:
        TypeError: The source is no iterator, or `retry` no number.
        ValueError: `heartbeat` is not positive, or `retry` negative.
    """
    if heartbeat is not None and not 0 < heartbeat <= TIMEOUT_MAX:
        raise ValueError(
            f"heartbeat={heartbeat!r} is no time to wait: use seconds, or None for"
            " no heartbeat."
        )
    first = HEARTBEAT
    if retry is not None:
        check_retry(retry)
        first = b"retry: %d\n\n" % retry
    stream: Any = source  # which of the two it is, is asked of it
    body: IteratedEvents | AsyncIterator[bytes]
    if hasattr(source, "__aiter__") and _is_awaited_here(source):
        from ._awaited_events import AwaitedEvents  # noqa: PLC0415 - brings asyncio

        body = AwaitedEvents(stream, heartbeat, dumps, first)
    elif hasattr(source, "__iter__") and not isinstance(source, (str, bytes, dict)):
        body = IteratedEvents(stream, heartbeat, dumps, first)
    else:
        raise TypeError(
            f"{source!r} is no source of events. Pass an iterator, asynchronous or not:"
            " of a generator function, what it returns when it is called."
        )
    return response_class(body, mimetype="text/event-stream", headers=_HEADERS)


def _is_awaited_here(source: object) -> bool:
    """Tell whether to await a source that may be iterated, too: where a loop runs."""
    if not hasattr(source, "__iter__"):
        return True
    from asyncio import _get_running_loop  # noqa: PLC0415 - brings asyncio

    return _get_running_loop() is not None


class IteratedEvents(Iterator[bytes]):
    """What is sent for a source that is iterated.

    Args:
        first: What is sent at once, so that the client knows that it is heard.
    """

    def __init__(
        self,
        source: Iterable[Item],
        heartbeat: float | None,
        dumps: Dumps,
        first: bytes,
    ) -> None:
        iterator = iter(source)
        self._steps: Iterator[Item] = (
            iterator if heartbeat is None else _Elsewhere(iterator, heartbeat)
        )
        self._dumps = dumps
        self._first: bytes | None = first

    def __next__(self) -> bytes:
        """Return what is sent next; the heartbeat if the source is silent."""
        first, self._first = self._first, None
        if first is not None:
            return first
        return encoded_event(next(self._steps), self._dumps)

    def close(self) -> None:
        """Close the source."""
        _close(self._steps)


class _Order(Enum):
    """What the thread of a source is asked for."""

    STEP = auto()
    CLOSE = auto()
    #: As `CLOSE`, and nobody waits for it.
    ABANDON = auto()


class _Elsewhere(Iterator[Item]):
    """An iterator whose steps are made in a thread of their own, one at a time.

    It gives None where a step takes longer than `patience` seconds, and goes on waiting
    for it when it is asked again.
    """

    def __init__(self, source: Iterator[Item], patience: float) -> None:
        self._source = source
        self._patience = patience
        self._asked: SimpleQueue[_Order] = SimpleQueue()
        self._given: SimpleQueue[_Given] = SimpleQueue()
        self._thread: Thread | None = None
        self._is_waiting = False
        self._is_over = False

    def __next__(self) -> Item:
        if self._is_over:
            raise StopIteration
        if self._thread is None:
            self._thread = self._begun()
        if not self._is_waiting:
            self._asked.put(_Order.STEP)
            self._is_waiting = True
        try:
            item, error = self._given.get(timeout=self._patience)
        except Empty:
            return None
        self._is_waiting = False
        if item is not _END:
            return item
        self._is_over = True
        self._raise(error)
        raise StopIteration

    def _begun(self) -> Thread:
        # It does not refer to this object, which may so be dropped while it waits.
        thread = Thread(
            target=copy_context().run,
            args=(_make_steps, self._source, self._asked, self._given),
            name="tantalus events",
            daemon=True,
        )
        thread.start()
        return thread

    def close(self) -> None:
        """Close the source after the step it is at, which nobody waits for."""
        if self._is_over:
            return
        self._is_over = True
        if self._thread is None:
            _close(self._source)
        elif self._is_waiting:
            self._asked.put(_Order.ABANDON)
        else:
            self._asked.put(_Order.CLOSE)
            self._raise(self._given.get()[1])

    @staticmethod
    def _raise(error: BaseException | None) -> None:
        try:
            if error is not None:
                raise error
        finally:
            error = None  # its traceback refers to this frame

    def __del__(self) -> None:
        self._asked.put(_Order.ABANDON)


def _make_steps(
    source: Iterator[Item], asked: SimpleQueue[_Order], given: SimpleQueue[_Given]
) -> None:
    """Make one step of a source each time that somebody asks, and close it then."""
    error: BaseException | None = None
    order = _Order.STEP
    try:
        while (order := asked.get()) is _Order.STEP:
            given.put((next(source), None))
    except StopIteration:
        pass
    except BaseException as caught:
        error = caught
    try:
        _close(source)
    except BaseException as caught:
        error = error or caught
    if error is not None and (order is _Order.ABANDON or not asked.empty()):
        raise error  # nobody waits: `threading.excepthook` tells
    given.put((_END, error))
    error = None  # its traceback refers to this frame


def _close(source: object) -> None:
    close = getattr(source, "close", None)
    if close is not None:
        close()
