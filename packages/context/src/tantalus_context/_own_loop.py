"""The event loop that a process has for coroutines of synchronous programs.

One loop lasts as long as the process, so that what belongs to a loop (a pool of
connections, a task in the background) outlives the call that made it.
"""

from __future__ import annotations

import asyncio
import atexit
import os
from asyncio import AbstractEventLoop
from threading import Lock, Thread, get_ident

# Seconds that tasks are given to end, when the process does.
_PATIENCE = 1.0


class OwnLoop:
    """An event loop, and the thread in which it runs until the process ends."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._is_ending = False
        self._thread = Thread(
            target=self._serve, name="tantalus event loop", daemon=True
        )
        self._thread.start()

    def is_here(self) -> bool:
        """Tell whether this is the thread of the loop."""
        return self._thread.ident == get_ident()

    def end(self) -> None:
        """Cancel the tasks, and close the loop."""
        self._is_ending = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(2 * _PATIENCE)

    def _serve(self) -> None:
        loop = self.loop
        asyncio.set_event_loop(loop)
        while not self._is_ending:  # somebody else may have stopped it
            try:
                loop.run_forever()
            except (KeyboardInterrupt, SystemExit) as error:
                # All calls of the process are served here: they have to go on.
                message = "A task wanted to end the process, which a thread cannot do"
                loop.call_exception_handler({"message": message, "exception": error})
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=_PATIENCE))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class _Process:
    """What this process has."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.own: OwnLoop | None = None
        self.of_parents: list[OwnLoop] = []


_process = _Process()


def get_own() -> OwnLoop:
    """Return the loop of this process with its thread, made when first asked for."""
    own = _process.own
    if own is None:
        with _process.lock:
            own = _process.own
            if own is None:
                own = _process.own = OwnLoop()
    return own


def own_loop() -> AbstractEventLoop:
    """Return the event loop of this process, which runs in a thread of its own.

    It is made when it is first asked for, of the kind that `asyncio` is set to make,
    and lasts: tasks begun there go on until the process ends, which cancels them. A
    child made by `os.fork()` gets one of its own.
    """
    return get_own().loop


def _begin_in_child() -> None:
    """Forget the loop, whose thread a process that was forked off does not have."""
    if _process.own is not None:
        # Kept, so that nobody takes it for one that was left open.
        _process.of_parents.append(_process.own)
    _process.own = None
    _process.lock = Lock()


@atexit.register
def _end_with_process() -> None:
    if _process.own is not None:
        _process.own.end()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_begin_in_child)
