"""The orderly end of a process: what is open is closed, without signal handlers.

A thread waits for the main thread, because some servers end their workers without
`atexit`; where that is too late or does not happen, `atexit` does it. Each process that
registers something has its own.
"""

from __future__ import annotations

import atexit
import os
from threading import Lock, Thread, main_thread
from typing import Protocol
from weakref import WeakSet


class Stops(Protocol):
    """What ends with the process."""

    def stop(self) -> None:
        """End it, once; nothing if it has ended."""
        ...


_lock = Lock()
_registered: dict[int, WeakSet[Stops]] = {}


def end_with_process(ending: Stops) -> None:
    """Have `ending.stop()` called when this process ends in an orderly way."""
    pid = os.getpid()
    with _lock:
        is_first = pid not in _registered
        _registered.setdefault(pid, WeakSet()).add(ending)
    if is_first:
        Thread(target=_wait, name="tantalus ending", daemon=False).start()
        atexit.register(end_all)


def _wait() -> None:
    main_thread().join()
    end_all()


def end_all() -> None:
    """End what was registered in this process."""
    for ending in list(_registered.get(os.getpid(), ())):
        ending.stop()
