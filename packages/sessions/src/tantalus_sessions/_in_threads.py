"""Sessions that may wait, opened and saved in threads for an event loop."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TypeVar

from ._session import Session
from ._sessions import Sessions
from ._store_sessions import StoreSessions

T = TypeVar("T")

# As many requests may ask their stores at once. Threads of our own: those of the loop
# look up the names of hosts, among them that of the store.
THREADS = 40


class InThreads:
    """Awaits `sessions`: one hop to a thread to open one, and one to save it.

    There is no hop where the store has nothing to do. A hop that is cancelled goes on:
    what it writes is written.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._threads = ThreadPoolExecutor(THREADS, "tantalus sessions")

    async def open(
        self, cookie_header: str | None, *, over_https: bool = False
    ) -> Session:
        """Return the session of a `Cookie` header, empty if there is none of ours."""
        sessions = self._sessions
        call = partial(sessions.open, cookie_header, over_https=over_https)
        if isinstance(sessions, StoreSessions) and not sessions.asks_to_open(
            cookie_header
        ):
            return call()
        return await self._run(call)

    async def save(self, session: Session) -> list[str]:
        """Return the `Set-Cookie` values that keep `session`."""
        sessions = self._sessions
        if isinstance(sessions, StoreSessions) and not sessions.asks_to_save(session):
            return sessions.save(session)
        return await self._run(partial(sessions.save, session))

    async def _run(self, call: Callable[[], T]) -> T:
        # With the context variables of the request, which observers may want.
        variables = copy_context()
        loop = get_running_loop()
        return await loop.run_in_executor(self._threads, variables.run, call)
