"""Stores that are awaited, called by tests that are not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import Any, TypeVar

from .._store._record import AsyncSessionStore, StoredSession

T = TypeVar("T")


class LoopThread:
    """An event loop in a thread of its own, for as long as a test lasts."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def end(self) -> None:
        """End the loop, and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Driven:
    """A store that is awaited, as one of plain functions; from any thread."""

    def __init__(self, store: AsyncSessionStore, loop: LoopThread) -> None:
        self._store = store
        self._loop = loop

    def read(self, id: str, /) -> StoredSession | None:
        """Return what the store returns."""
        return self._loop.run(self._store.read(id))

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Return what the store returns."""
        return self._loop.run(self._store.write(session, expected=expected))

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Return what the store returns."""
        return self._loop.run(self._store.delete(id, expected=expected))

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return what the store returns."""
        return self._loop.run(self._store.list_user(user))
