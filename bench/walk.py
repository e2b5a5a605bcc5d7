"""The walk of one hello request: which functions run, how often, and how long.

A profiler makes every call slower, our own short ones most of all; so the times show
where the time goes, and not how much there is. Of many requests, the shortest time of
each step counts.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from types import CodeType, FrameType
from wsgiref.types import WSGIApplication

from asking import MakeEnviron, serve

REQUESTS = 300


@dataclass
class Step:
    """One call: of what, how deep, and the seconds in it with and without its calls."""

    name: str
    ours: bool
    lines: int
    depth: int
    seconds: float = 0.0
    own: float = 0.0


class Recorder:
    """A profile function that notes the calls of Python functions in order.

    Its clock stands still while it is at work itself.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._open: list[tuple[Step, float]] = []
        self._stood_still = 0.0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Note a call or a return (see `sys.setprofile`)."""
        begin = time.perf_counter()
        self._note(frame, event, begin - self._stood_still)
        self._stood_still += time.perf_counter() - begin

    def _note(self, frame: FrameType, event: str, now: float) -> None:
        if event == "call":
            step = step_of(frame, len(self._open))
            self.steps.append(step)
            self._open.append((step, now))
        elif event == "return" and self._open:
            step, entered = self._open.pop()
            step.seconds = now - entered
            step.own += step.seconds
            if self._open:
                self._open[-1][0].own -= step.seconds


def step_of(frame: FrameType, depth: int) -> Step:
    module = frame.f_globals.get("__name__", "?")
    code = frame.f_code
    return Step(
        f"{module}.{code.co_qualname}",
        module.split(".")[0].split("_")[0] == "tantalus",
        lines_of(code),
        depth,
    )


def lines_of(code: CodeType) -> int:
    """Return the lines that hold code, the first one of the definition not counted."""
    return len({line for *_, line in code.co_lines() if line} - {code.co_firstlineno})


def walk(app: WSGIApplication, make_environ: MakeEnviron) -> list[Step]:
    """Return the steps of one request, in the order of the calls."""
    serve(app, [make_environ() for _ in range(20)])
    shortest = record(app, make_environ)
    for _ in range(REQUESTS):
        again = record(app, make_environ)
        for step, other in zip(shortest, again, strict=True):
            step.seconds = min(step.seconds, other.seconds)
            step.own = min(step.own, other.own)
    return shortest


def record(app: WSGIApplication, make_environ: MakeEnviron) -> list[Step]:
    environs = [make_environ()]
    recorder = Recorder()
    sys.setprofile(recorder)
    try:
        serve(app, environs)
    finally:
        sys.setprofile(None)
    # Without `serve` itself, whose call came before, and what is the server's.
    return [step for step in recorder.steps if not step.name.startswith("asking.")]


def ours(steps: list[Step]) -> list[Step]:
    """Return the calls of functions of Tantalus."""
    return [step for step in steps if step.ours]


def longest(steps: list[Step]) -> Step:
    """Return the call of our longest function."""
    return max(ours(steps), key=lambda step: step.lines)


def show(steps: list[Step]) -> str:
    """Return the walk as a table, what is called more than once, and its sums."""
    lines = [f"{'us':>7} {'own us':>7} {'lines':>6}  call"]
    for step in steps:
        mark = "" if step.ours else "   (not ours)"
        lines.append(
            f"{step.seconds * 1e6:7.2f} {step.own * 1e6:7.2f} {step.lines:6}  "
            f"{'  ' * (step.depth - 1)}{step.name}{mark}"
        )
    count, most = len(ours(steps)), longest(steps)
    lines += ["", *repeated(steps)]
    lines.append(
        f"{count} calls of our own functions, {len(steps) - count} of others; the "
        f"longest of ours, {most.name}, has {most.lines} lines."
    )
    return "\n".join(lines)


def repeated(steps: list[Step]) -> list[str]:
    calls = Counter(step.name for step in steps)
    return [f"{name} is called {n} times." for name, n in calls.items() if n > 1]
