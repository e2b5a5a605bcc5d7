"""An app at work, and what it opens is open. Small, for it is loaded with each app."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import tantalus_context as contexts

from .._state._app import AppState

# What shells make of a program that a signal has ended.
_SIGNALLED = 128


def start_lifespan(app: object) -> bool:
    """Begin what an app opens; tell whether it had not begun before.

    Nothing begins of what is no app of ours, such as middleware.
    """
    lifespan = _lifespan_of(app)
    return lifespan is not None and lifespan.start(app)


def stop_lifespan(app: object) -> None:
    """End what an app has opened."""
    lifespan = _lifespan_of(app)
    if lifespan is not None:
        lifespan.stop()


def opens_something(app: object) -> bool:
    """Tell whether an app has lifespan functions."""
    return _lifespan_of(app) is not None


def _lifespan_of(app: object) -> contexts.Lifespan[object] | None:
    # Made when it is first used, and so not there in most apps.
    return getattr(app, "__dict__", {}).get("lifespan")


@contextmanager
def running(app: AppState) -> Iterator[None]:
    """Have an app at work in a block: what it opens is open, unless it was before."""
    has_begun = start_lifespan(app)
    try:
        yield
    finally:
        if has_begun:
            stop_lifespan(app)


def stop_on_sigterm(app: AppState) -> None:
    """Let SIGTERM end the program in order, for servers that would just die of it.

    The app turns not ready. Then what handled the signal before does so, or the main
    thread is ended by `SystemExit`, as at `sys.exit()`. Call it in the main thread.

    Raises:
        ValueError: This is not the main thread.
    """
    before = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        app.is_draining = True
        if callable(before):
            before(number, frame)
        else:
            raise SystemExit(_SIGNALLED + number)

    signal.signal(signal.SIGTERM, end)
