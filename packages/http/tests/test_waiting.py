from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from tantalus_http._waiting import LoopEnded, wait_for

T = TypeVar("T")


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return number * 2


async def fail() -> None:
    raise KeyError("wrong")


async def in_thread(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a thread gets that waits for a coroutine on this loop."""
    return await asyncio.to_thread(wait_for, coroutine, asyncio.get_running_loop())


def test_a_thread_gets_what_a_coroutine_returns() -> None:
    assert asyncio.run(in_thread(double(4))) == 8


def test_a_thread_gets_what_a_coroutine_raises() -> None:
    with pytest.raises(KeyError, match="wrong"):
        asyncio.run(in_thread(fail()))


def test_nothing_is_left_to_the_garbage_collector() -> None:
    async def work() -> list[int]:
        await in_thread(double(1))
        gc.collect()
        found = []
        for number in range(5):
            await in_thread(double(number))
            found.append(gc.collect())
        return found

    assert 0 in asyncio.run(work())  # what other threads leave, they leave once


def test_a_loop_that_is_closed_runs_nothing() -> None:
    loop = asyncio.new_event_loop()
    loop.close()

    with pytest.raises(LoopEnded, match="has ended"):
        wait_for(double(1), loop)


def test_a_loop_that_ends_lets_the_thread_go() -> None:
    seen: list[type[BaseException]] = []

    async def work() -> threading.Thread:
        begun, loop = asyncio.Event(), asyncio.get_running_loop()

        async def wait() -> None:
            begun.set()
            await asyncio.Event().wait()

        def run() -> None:
            try:
                wait_for(wait(), loop)
            except LoopEnded as error:
                seen.append(type(error))

        thread = threading.Thread(target=run)
        thread.start()
        await begun.wait()
        return thread

    asyncio.run(work()).join(60)

    assert seen == [LoopEnded]
