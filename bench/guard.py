"""Fail if the app has lost what made it faster than Flask.

    python bench/guard.py

Only ratios to Flask, and by ASGI to Starlette, in this same run count, the best of many
rounds, and with slack (see `budgets`): neither a slow machine nor a noisy one makes it
fail. A ratio that is too low is measured again, with more rounds, before it counts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import asgi.budgets
import asgi.contest
import budgets
import fresh
import walk
from contest import contest
from frameworks import build
from scenarios import SCENARIOS

ROUTES = 600
ROUNDS = 25
COMPARED = ("App", "Flask")

# Measures a ratio in so many rounds.
Measure = Callable[[int], float]


@dataclass(frozen=True)
class Finding:
    """A ratio beside what it must be."""

    name: str
    ratio: float
    budget: budgets.Budget

    @property
    def broken(self) -> bool:
        """Whether it is lower than noise explains."""
        return self.ratio < self.budget.guard

    def __str__(self) -> str:
        verdict = "TOO LOW" if self.broken else "ok"
        return (
            f"{self.name:24} {self.ratio:6.2f} x {self.budget.rival}, at least "
            f"{self.budget.guard:5.2f}, target {self.budget.target:5.2f}  {verdict}"
        )


def main() -> int:
    """Measure, print, and return the exit code for the shell."""
    broken = [name for name, guarded in GUARDED.items() if not holds(name, *guarded)]
    return 1 if broken or not walk_is_short() else 0


def holds(name: str, measure: Measure, budget: budgets.Budget) -> bool:
    """Measure one ratio, twice if it is too low, and print it."""
    finding = Finding(name, measure(ROUNDS), budget)
    print(finding, flush=True)
    if finding.broken:
        finding = Finding(name, measure(3 * ROUNDS), budget)
        print(f"{finding}, again", flush=True)
    return not finding.broken


def scenario_ratio(name: str) -> Measure:
    """Return what measures how many requests we answer while Flask answers one.

    Raises:
        RuntimeError: One of both answers wrongly, when measured.
    """

    def measure(rounds: int) -> float:
        row = contest(SCENARIOS[name], ROUTES, rounds, COMPARED)
        times = row.times_faster("Flask")
        if times is None:
            raise RuntimeError(f"{name!r} is not answered: {row.faults}")
        return times

    return measure


def asgi_ratio(name: str) -> Measure:
    """Return what measures how many we answer by ASGI while Starlette answers one.

    Raises:
        RuntimeError: One of both answered wrongly, when measured.
    """

    def measure(rounds: int) -> float:
        row = asgi.contest.contest(name, rounds, ("App", "Starlette"))
        times = row.times_faster("Starlette")
        if times is None:
            raise RuntimeError(f"{name!r} is not answered by ASGI: {row.faults}")
        return times

    return measure


def set_up_ratio(rounds: int) -> float:
    """Return how much faster we are at the first answer with many routes."""
    found = fresh.first_answer_seconds(max(3, rounds // 8), COMPARED)
    return found["Flask"].best / found["App"].best


def import_ratio(rounds: int) -> float:
    """Return how much faster our import is."""
    found = fresh.import_seconds(max(3, rounds // 3), COMPARED)
    return found["Flask"].best / found["App"].best


def walk_is_short() -> bool:
    """Count the calls and lines of one hello request, which no noise can change."""
    app = build("App", "text", ROUTES)
    assert app is not None
    steps = walk.walk(app, SCENARIOS["text"].environ_maker(ROUTES))
    calls, most = len(walk.ours(steps)), walk.longest(steps)
    print(
        f"hello: {calls} calls of ours, at most {budgets.CALLS.guard}; the longest, "
        f"{most.name}, has {most.lines} lines, at most {budgets.LINES}"
    )
    return calls <= budgets.CALLS.guard and most.lines <= budgets.LINES


GUARDED: dict[str, tuple[Measure, budgets.Budget]] = {
    **{
        name: (scenario_ratio(name), budget)
        for name, budget in budgets.REQUESTS.items()
    },
    **{
        f"by ASGI: {name}": (asgi_ratio(name), budget)
        for name, budget in asgi.budgets.GUARDED.items()
    },
    "set-up of 1,000 routes": (set_up_ratio, budgets.SET_UP),
    "import": (import_ratio, budgets.IMPORT),
}


if __name__ == "__main__":
    sys.exit(main())
