"""Event loops and threads for tests, none of which waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from threading import Event, Thread
from typing import Any

LIMIT = 120.0  # seconds after which a test has failed, on a busy machine too


def wait(event: Event) -> None:
    """Wait for what another thread does."""
    assert event.wait(LIMIT)


def run(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine function on a loop of its own."""

    async def limited() -> Any:
        return await asyncio.wait_for(main(), LIMIT)

    return asyncio.run(limited())


def in_thread(function: Callable[[], Any]) -> Any:
    """Return or raise what comes of a call in a thread of its own."""
    outcome: list[Any] = []

    def call() -> None:
        try:
            outcome.append(function())
        except BaseException as error:
            outcome.append(error)

    thread = Thread(target=call, daemon=True)
    thread.start()
    thread.join(LIMIT)
    assert outcome, "It has not ended."
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def raising(error: BaseException) -> Callable[[], None]:
    """Return a function that raises `error`."""

    def fail() -> None:
        raise error

    return fail
