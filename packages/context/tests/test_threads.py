"""Many threads, distinct users, work that fails and streams that are dropped."""

from __future__ import annotations

import gc
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import Barrier, Lock
from typing import Any, ClassVar

import pytest

from tantalus_context import Context, Namespace, active_contexts, carry, hold, proxy

THREADS = 8
ROUNDS = int(os.environ.get("TANTALUS_STRESS", "400"))

torn_down: Counter[str] = Counter()
counting = Lock()


@pytest.fixture(autouse=True)
def frequent_switches() -> Iterator[None]:
    """Let threads take turns a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 1_000)
    yield
    sys.setswitchinterval(usual)


class Visit(Context):
    __slots__ = ("g", "user")

    var: ClassVar[ContextVar[Any]] = ContextVar("visit")

    def __init__(self, user: str) -> None:
        super().__init__()
        self.user = user
        self.g = Namespace()

    def leaving(self, error: BaseException | None) -> None:
        assert g.user == self.user
        with counting:
            torn_down[self.user] += 1


g: Namespace = proxy(Visit.var, "g", unbound_message="No visit.")


class WorkError(Exception):
    pass


def stream(user: str, steps: int) -> Iterator[str]:
    for _ in range(steps):
        assert g.user == user
        yield g.user


def visit(user: str, chance: random.Random) -> Iterator[str] | None:
    """Do one piece of work; return a stream that goes on after it, or nothing."""
    with Visit(user) as context:
        g.user = user
        if chance.random() < 0.2:
            raise WorkError
        with context:
            assert g.user == user
        if chance.random() < 0.5:
            return hold(stream(user, 5), context)
        return None


def consume(held: Iterator[str], user: str, chance: random.Random) -> None:
    for _ in range(chance.randrange(7)):
        assert next(held, user) == user


def work(thread: int) -> int:
    chance = random.Random(thread)
    left = 0
    for number in range(ROUNDS):
        user = f"{thread}/{number}"
        try:
            held = visit(user, chance)
        except WorkError:
            held = None
        if held is not None:
            consume(held, user, chance)
        left += Visit.var.get(None) is not None
    return left


def test_threads_share_nothing_and_every_context_is_torn_down_once() -> None:
    torn_down.clear()

    with ThreadPoolExecutor(THREADS) as executor:
        left = list(executor.map(work, range(THREADS)))

    gc.collect()
    assert left == [0] * THREADS
    assert len(torn_down) == THREADS * ROUNDS
    assert set(torn_down.values()) == {1}


@pytest.mark.usefixtures("recording")
def test_a_context_whose_uses_end_in_many_threads_at_once_is_torn_down_once() -> None:
    torn_down.clear()
    barrier = Barrier(THREADS, timeout=60)

    def use(context: Visit, held: Iterator[str]) -> None:
        barrier.wait()
        with context:
            assert g.user == context.user
        assert next(held) == context.user

    with ThreadPoolExecutor(THREADS) as executor:
        for number in range(ROUNDS // THREADS):
            with Visit(str(number)) as context:
                g.user = context.user
                uses = [
                    executor.submit(
                        carry(use), context, hold(stream(context.user, 2), context)
                    )
                    for _ in range(THREADS)
                ]
            assert [use.result() for use in uses] == [None] * THREADS
            del uses

    gc.collect()
    assert active_contexts(Visit.var) == []
    assert set(torn_down.values()) == {1}
    assert len(torn_down) == ROUNDS // THREADS
