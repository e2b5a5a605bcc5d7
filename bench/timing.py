"""Time several things side by side, so that their ratios mean something.

A machine is never quite quiet, and slow phases last longer than a round. So all
contestants take turns in short batches, and the best batch of each counts: it is the
one that was disturbed least. The median beside it tells how noisy the run was.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

# Runs some calls and returns the seconds that one took.
Batch = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """Seconds per call: of the best batch, and of the median one."""

    best: float
    median: float

    @property
    def noise(self) -> float:
        """By how much the median batch was slower than the best, as a fraction."""
        return self.median / self.best - 1


def interleaved(batches: Mapping[str, Batch], rounds: int) -> dict[str, Figure]:
    """Return the figure of each batch; every round begins with another one.

    What exists before is frozen, and the collector stays on: what a contestant leaves
    for it is part of what it costs.
    """
    names = list(batches)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    gc.collect()
    gc.freeze()
    try:
        for turn in range(rounds):
            start = turn % len(names)
            for name in names[start:] + names[:start]:
                gc.collect()
                seconds[name].append(batches[name]())
    finally:
        gc.unfreeze()
    return {name: Figure(min(took), median(took)) for name, took in seconds.items()}
