"""Tells, in debug mode, which line keeps the event loop from going on.

Each step of a request on the loop, from one wait to the next, notes when it begins and
that it has ended. A thread looks at what has begun and not ended; the loop itself could
not, which stands still meanwhile.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextvars import Context as Variables
from os.path import dirname
from threading import Event, Thread, get_ident
from traceback import FrameSummary, extract_stack, format_list
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# The folder of the walk: what is called below its last line is the user's.
_WALK = dirname(__file__)


class Step:
    """A step of a request, which is under way.

    Attributes:
        request: What is answered, for the text.
    """

    __slots__ = ("begun", "request", "thread")

    def __init__(self, request: str) -> None:
        self.request = request
        self.thread = get_ident()
        self.begun = time.monotonic()


class Guard:
    """Watches the steps of requests, from a thread that ends with `stop()`.

    Args:
        limit: Seconds that a step may take.
        tell: Called with the text about a longer one, once for each.
        root: The folder of the program, whose lines are told rather than others.
    """

    def __init__(self, limit: float, tell: Callable[[str], object], root: str) -> None:
        self._limit = limit
        self._tell = tell
        self._root = root
        self._steps: dict[int, Step] = {}
        self._is_over = Event()
        Thread(target=self._watch, name="tantalus loop guard", daemon=True).start()

    def stop(self) -> None:
        """Let the thread end."""
        self._is_over.set()

    def over(self, variables: Variables, request: str) -> Guarded:
        """Return context variables to run the steps of a request in, watched."""
        return Guarded(self, variables, request)

    def begin(self, request: str) -> Step | None:
        """Note that a step begins in this thread; return the one around it."""
        step = Step(request)
        outer, self._steps[step.thread] = self._steps.get(step.thread), step
        return outer

    def end(self, outer: Step | None) -> None:
        """Note that the step has ended."""
        if outer is None:
            del self._steps[get_ident()]
        else:
            self._steps[outer.thread] = outer

    def _watch(self) -> None:
        told: set[Step] = set()
        while not self._is_over.wait(self._limit / 4):
            steps = set(self._steps.copy().values())
            told &= steps
            for step in steps - told:
                if time.monotonic() - step.begun > self._limit:
                    told.add(step)
                    self._tell_of(step)

    def _tell_of(self, step: Step) -> None:
        frame = sys._current_frames().get(step.thread)
        if frame is None or self._steps.get(step.thread) is not step:
            return
        stack = _of_the_user(extract_stack(frame))
        line = next(
            (one for one in reversed(stack) if one.filename.startswith(self._root)),
            stack[-1],
        )
        self._tell(
            f"{step.request} has kept the event loop from going on for more than"
            f" {self._limit} s, and all other requests with it, at"
            f" {line.filename}:{line.lineno} in {line.name}. Await what takes so long,"
            " or let a plain function do it, which runs in a worker.\n"
            + "".join(format_list(stack))
        )


class Guarded:
    """Context variables to run the steps of a request in, each of them watched."""

    __slots__ = ("_guard", "_request", "_variables")

    def __init__(self, guard: Guard, variables: Variables, request: str) -> None:
        self._guard = guard
        self._variables = variables
        self._request = request

    def run(self, callable: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `callable` returns there."""
        outer = self._guard.begin(self._request)
        try:
            return self._variables.run(callable, *args, **kwargs)
        finally:
            self._guard.end(outer)


def _of_the_user(stack: list[FrameSummary]) -> list[FrameSummary]:
    """Return the part of a stack that begins below the last line of the walk."""
    last = max(
        (i for i, frame in enumerate(stack) if frame.filename.startswith(_WALK)),
        default=-1,
    )
    return stack[last + 1 :] or stack
