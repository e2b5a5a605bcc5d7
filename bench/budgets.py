"""How many times faster than Flask 3.1 the app has to be, in the same run.

Under ASGI it is compared with Starlette: `asgi.budgets` has what is promised there.

`target` is what is promised on CPython 3.11, and `measured` what a run showed last. The
guard fails below `SLACK` of the smaller one: what was reached may not be lost, and what
was promised is all that may be asked for. To raise `measured` after the request path
became faster, copy the column of `hatch run bench`.
"""

from __future__ import annotations

from dataclasses import dataclass

SLACK = 0.7


@dataclass(frozen=True)
class Budget:
    """Both in requests of ours for one of a rival."""

    target: float
    measured: float
    rival: str = "Flask"

    @property
    def guard(self) -> float:
        """The ratio below which something is broken, and not only a run noisy."""
        return SLACK * min(self.target, self.measured)


@dataclass(frozen=True)
class Limit:
    """A number that shall not grow: it needs no slack, as no noise changes it."""

    target: int
    measured: int

    @property
    def guard(self) -> int:
        """The number above which the guard fails."""
        return max(self.target, self.measured)


# By scenario, among 600 routes.
REQUESTS = {
    "text": Budget(13, 15.7),
    "coroutine view": Budget(8, 9.1),
    "json": Budget(9, 10.1),
    "dict": Budget(9, 10.7),
    "two variables": Budget(11, 13.2),
    "last rule": Budget(12, 14.5),
    "query": Budget(10, 10.1),
    "form": Budget(9.5, 9.3),
    "json in, json out": Budget(8, 8.0),
    "url_for": Budget(10, 10.0),
    "small template": Budget(5, 6.4),
    "404": Budget(9, 10.3),
    "405": Budget(5, 8.0),
    "options": Budget(5, 9.3),
    "slash redirect": Budget(5, 6.2),
    "redirect(url_for)": Budget(5, 7.2),
    "7 hooks": Budget(9, 9.4),
    "session ignored": Budget(8, 15.3),
    "session read": Budget(9, 9.2),
    "session written": Budget(9, 6.4),
}
# The time from nothing to the first answer with 1,000 routes.
SET_UP = Budget(4, 7.6)
# Ours shall take at most 0.8 of the time of Flask's.
IMPORT = Budget(1 / 0.8, 1.24)
# Behind granian, hello; measured by `--servers` and not guarded.
BEHIND_GRANIAN = 3.5
# One hello request: calls of our own functions, and lines of the longest of them.
CALLS = Limit(27, 27)
LINES = 30
