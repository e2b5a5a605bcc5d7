"""Measure frameworks side by side in one scenario, once their answers are right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from asking import ask, batch, left_in_cycles
from frameworks import build
from scenarios import Scenario
from timing import Figure, interleaved


@dataclass
class Row:
    """What came out for one scenario among so many routes, each by framework.

    A framework that has nothing for the scenario is in none; one whose answer is wrong
    is in `faults` only.
    """

    scenario: str
    routes: int
    figures: dict[str, Figure] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    cycles: dict[str, float] = field(default_factory=dict)

    def times_faster(self, than: str, framework: str = "App") -> float | None:
        """Return how many requests it answers while the other answers one."""
        if than not in self.figures or framework not in self.figures:
            return None
        return self.figures[than].best / self.figures[framework].best


def contest(
    scenario: Scenario, routes: int, rounds: int, frameworks: Iterable[str]
) -> Row:
    """Check the answer of each framework, and time those that answer right."""
    row = Row(scenario.name, routes)
    make_environ = scenario.environ_maker(routes)
    batches = {}
    for name in frameworks:
        app = build(name, scenario.name, routes)
        if app is None:
            continue
        fault = scenario.fault(ask(app, make_environ()))
        if fault is not None:
            row.faults[name] = fault
            continue
        row.cycles[name] = left_in_cycles(app, make_environ)
        batches[name] = batch(app, make_environ)
    if batches:
        row.figures = interleaved(batches, rounds)
    return row
