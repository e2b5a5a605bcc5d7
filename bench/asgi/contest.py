"""Measure frameworks side by side on one loop, once their answers are right."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from importlib import import_module
from multiprocessing import get_context

from contest import Row
from timing import interleaved

from .asking import ask, batch, left_in_cycles, log_in, started
from .frameworks import build
from .scenarios import EXCHANGES

LOOPS = ("asyncio", "uvloop")


def alone(name: str, rounds: int, frameworks: list[str], loop: str) -> Row:
    """Measure a scenario in a process of its own, as some have one app for all."""
    spawn = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(contest, name, rounds, frameworks, loop).result()


def contest(
    name: str, rounds: int, frameworks: Iterable[str], loop: str = "asyncio"
) -> Row:
    """Check the answer of each framework, and time those that answer right."""
    exchange = EXCHANGES[name]
    row = Row(name, exchange.routes)
    batches = {}
    logging.disable(logging.ERROR)  # some log each 404
    with asyncio.Runner(loop_factory=import_module(loop).new_event_loop) as runner:
        stack = AsyncExitStack()
        for framework in frameworks:
            app = build(framework, name, exchange.routes)
            if app is None:
                continue
            runner.run(stack.enter_async_context(started(app)))
            cookies = runner.run(log_in(app)) if exchange.logged_in else ""
            fault = exchange.fault(runner.run(ask(app, exchange, cookies)))
            if fault is not None:
                row.faults[framework] = fault
                continue
            row.cycles[framework] = runner.run(left_in_cycles(app, exchange, cookies))
            batches[framework] = batch(runner, app, exchange, cookies)
        if batches:
            row.figures = interleaved(batches, rounds)
        runner.run(stack.aclose())
    logging.disable(logging.NOTSET)
    return row
