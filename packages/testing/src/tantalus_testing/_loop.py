"""The event loop that synchronous clients use: one for the process, in a thread.

It is made when it is first needed, and again in a child process. What is run on it sees
the context variables of who asks for it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from ._errors import LoopBlockedError

T = TypeVar("T")


class LoopThread:
    """A loop that runs in a daemon thread once something is run on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine returns; meanwhile the caller waits.

        Raises:
            LoopBlockedError: The caller is on the loop itself.
        """
        loop = self._running()
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise LoopBlockedError
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    def forget(self) -> None:
        """Forget the loop: after a fork, its thread is not there any more."""
        self._lock = threading.Lock()
        self._loop = self._thread = None

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                loop = self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=loop.run_forever, name="tantalus-testing", daemon=True
                )
                self._thread.start()
            return self._loop


THREAD = LoopThread()
os.register_at_fork(after_in_child=THREAD.forget)
