"""Whole calls made by the threads of a pool, for an event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar, copy_context
from threading import Event
from typing import Any
from weakref import ref

import pytest
from jobs import Job, current
from loops import LIMIT, raising, run, wait

from tantalus_context import Workers, WorkersBusyError
from tantalus_context._carried import take_over
from tantalus_context._workers import begin_in_child, here

language: ContextVar[str] = ContextVar("language", default="en")
unset: ContextVar[str] = ContextVar("unset")


def names() -> list[str]:
    """Return the threads that are workers."""
    return [t.name for t in threading.enumerate() if t.name == "tantalus worker"]


@pytest.fixture
def workers() -> Iterator[Workers]:
    pool = Workers(2)
    yield pool
    pool.stop()


@pytest.fixture
def told() -> list[dict[str, Any]]:
    """What the loop is told of errors that nobody awaits."""
    return []


# --- results and errors


def test_a_call_is_made_in_another_thread_and_its_result_comes_back(
    workers: Workers,
) -> None:
    async def main() -> int:
        return await workers.run(asyncio.get_running_loop(), threading.get_ident)

    assert run(main) != threading.get_ident()


def test_a_result_may_be_gathered_like_that_of_any_future(workers: Workers) -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(workers.run(loop, c.upper) for c in ("a", "b")))

    assert run(main) == ["A", "B"]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("wrong"),
        asyncio.CancelledError(),
        StopAsyncIteration(),
        BaseExceptionGroup("both", [ValueError(), GeneratorExit()]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_call_raises_is_raised_where_it_is_awaited(
    workers: Workers, error: BaseException
) -> None:
    async def main() -> object:
        try:
            await workers.run(asyncio.get_running_loop(), raising(error))
        except BaseException as raised:
            return raised
        return None

    assert run(main) is error


def test_a_stop_iteration_which_no_future_takes_arrives_as_a_runtime_error(
    workers: Workers,
) -> None:
    async def main() -> None:
        await workers.run(asyncio.get_running_loop(), iter(()).__next__)

    with pytest.raises(RuntimeError, match="raised StopIteration") as caught:
        run(main)
    assert isinstance(caught.value.__cause__, StopIteration)


def test_a_worker_survives_the_exit_that_a_call_asks_for(workers: Workers) -> None:
    pool = Workers(1)

    async def leave() -> None:
        await pool.run(asyncio.get_running_loop(), raising(SystemExit(3)))

    async def main() -> str:
        return await pool.run(asyncio.get_running_loop(), "on".upper)

    with pytest.raises(SystemExit):
        run(leave)
    assert run(main) == "ON"


# --- context variables


def test_a_call_sees_what_is_current_and_what_it_sets_is_set_where_it_is_awaited(
    workers: Workers,
) -> None:
    def call() -> tuple[object, str]:
        seen = current(), language.get()
        language.set("fr")
        unset.set("set")
        return seen

    async def main() -> object:
        with Job() as job:
            language.set("de")
            seen = await workers.run(asyncio.get_running_loop(), call)
            return seen == (job, "de"), language.get(), unset.get()

    assert run(main) == (True, "fr", "set")
    assert language.get() == "en"


def test_what_a_call_sets_before_it_fails_is_set_too(workers: Workers) -> None:
    def call() -> None:
        language.set("fr")
        raise ValueError("failed")

    async def main() -> str:
        with pytest.raises(ValueError, match="failed"):
            await workers.run(asyncio.get_running_loop(), call)
        return language.get()

    assert run(main) == "fr"


def test_calls_at_the_same_time_do_not_see_what_the_others_set(
    workers: Workers,
) -> None:
    def call() -> str:
        before = language.get()
        language.set("fr")
        return before

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        calls = [workers.run(loop, call) for _ in range(20)]
        return [await call for call in calls[:1]] + await asyncio.gather(*calls[1:])

    assert set(run(main)) == {"en"}


def test_a_worker_is_left_without_the_variables_of_its_calls(workers: Workers) -> None:
    pool = Workers(1)

    async def main() -> str:
        loop = asyncio.get_running_loop()
        await asyncio.gather(pool.run(loop, lambda: language.set("fr")))
        return await pool.run(loop, language.get)

    assert run(main) == "en"


def test_a_variable_that_was_set_by_a_call_is_unset_again_by_another() -> None:
    elsewhere = copy_context()
    token = elsewhere.run(unset.set, "set")
    tokens: dict[Any, Any] = {}

    def here() -> list[str]:
        take_over(elsewhere, tokens)
        seen = [unset.get("not set")]
        elsewhere.run(unset.reset, token)
        take_over(elsewhere, tokens)
        return [*seen, unset.get("not set")]

    assert copy_context().run(here) == ["set", "not set"]
    assert tokens == {}


# --- how many


def test_threads_are_started_only_as_they_are_needed() -> None:
    pool = Workers(40)

    async def main() -> set[int]:
        loop = asyncio.get_running_loop()
        return {await pool.run(loop, threading.get_ident) for _ in range(50)}

    assert len(run(main)) == 1
    pool.stop()


def test_as_many_calls_as_the_limit_are_made_at_once_and_counted() -> None:
    pool = Workers(3, queue_limit=2)
    go, barrier = Event(), threading.Barrier(4)

    def call() -> None:
        barrier.wait(LIMIT)
        wait(go)

    async def main() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        calls = [pool.run(loop, call) for _ in range(3)]
        await asyncio.to_thread(barrier.wait, LIMIT)
        calls += [pool.run(loop, lambda: None) for _ in range(2)]
        counted = pool.busy, pool.queued
        with pytest.raises(
            WorkersBusyError, match="All 3 workers are busy and 2 calls are waiting"
        ) as refused:
            pool.run(loop, int)
        assert (refused.value.limit, refused.value.queued) == (3, 2)
        go.set()
        await asyncio.gather(*calls)
        return counted

    assert run(main) == (3, 2)
    assert (pool.busy, pool.queued) == (0, 0)
    pool.stop()


@pytest.mark.parametrize(("limit", "queue"), [(0, 1), (-1, 1), (1, -1)])
def test_a_pool_that_could_do_nothing_is_refused(limit: int, queue: int) -> None:
    with pytest.raises(ValueError, match=rf"limit={limit}, queue_limit={queue}"):
        Workers(limit, queue_limit=queue)


def test_a_thread_that_cannot_be_started_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Workers(1)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def refused() -> None:
        pool.run(asyncio.get_running_loop(), int)

    async def main() -> str:
        return await pool.run(asyncio.get_running_loop(), "started".upper)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            run(refused)

    assert (pool.busy, pool.queued) == (0, 0)
    assert run(main) == "STARTED"


# --- whoever waits goes away


def test_a_call_goes_on_when_who_waits_is_cancelled_and_tells_nobody(
    workers: Workers, told: list[dict[str, Any]]
) -> None:
    begun, go, ended = Event(), Event(), Event()

    def call() -> None:
        begun.set()
        wait(go)
        ended.set()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: told.append(context))

        async def caller() -> None:
            await workers.run(loop, call)

        task = asyncio.create_task(caller())
        await asyncio.to_thread(wait, begun)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not ended.is_set()
        go.set()
        await asyncio.to_thread(wait, ended)
        await workers.run(loop, int)

    run(main)

    assert told == []


def test_an_error_after_who_waited_is_gone_is_told_to_the_loop(
    told: list[dict[str, Any]],
) -> None:
    pool = Workers(1)
    begun, go = Event(), Event()
    error = ValueError("too late")

    def call() -> None:
        begun.set()
        wait(go)
        raise error

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: told.append(context))
        hop = pool.run(loop, call)
        await asyncio.to_thread(wait, begun)
        hop.cancel()
        go.set()
        await pool.run(loop, int)

    run(main)

    assert [context["exception"] for context in told] == [error]


def test_a_call_that_has_not_begun_is_given_up_when_it_is_cancelled() -> None:
    pool = Workers(1)
    begun, go = Event(), Event()
    made: list[str] = []

    def block() -> None:
        begun.set()
        wait(go)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        first = pool.run(loop, block)
        await asyncio.to_thread(wait, begun)
        pool.run(loop, lambda: made.append("cancelled")).cancel()
        last = pool.run(loop, lambda: made.append("last"))
        go.set()
        await asyncio.gather(first, last)

    run(main)

    assert made == ["last"]
    assert pool.queued == 0


@pytest.mark.parametrize("fails", [False, True], ids=["returns", "raises"])
def test_a_call_may_outlive_the_loop(
    fails: bool, caplog: pytest.LogCaptureFixture
) -> None:
    pool = Workers(1)
    begun, go = Event(), Event()

    def call() -> float:
        begun.set()
        wait(go)
        return 1 / (not fails)

    async def leave() -> None:
        pool.run(asyncio.get_running_loop(), call)
        await asyncio.to_thread(wait, begun)

    async def main() -> str:
        return await pool.run(asyncio.get_running_loop(), "on".upper)

    run(leave)
    go.set()

    assert run(main) == "ON"
    assert ("nobody waited" in caplog.text) is fails


# --- nothing is left


def test_the_threads_end_with_the_pool() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        pool = Workers(3)
        await asyncio.gather(*(pool.run(loop, int) for _ in range(3)))

    before = threading.enumerate()
    run(main)
    begun = [thread for thread in threading.enumerate() if thread not in before]

    for thread in begun:
        thread.join(LIMIT)
    assert not any(thread.is_alive() for thread in begun)


def test_a_pool_that_was_stopped_starts_threads_anew(workers: Workers) -> None:
    async def main() -> str:
        return await workers.run(asyncio.get_running_loop(), "on".upper)

    run(main)
    workers.stop()

    assert run(main) == "ON"


@pytest.mark.parametrize("fails", [False, True], ids=["returns", "raises"])
def test_ten_thousand_calls_leave_no_thread_and_no_cycle(fails: bool) -> None:
    pool = Workers(4)
    before = len(names())

    def call() -> float:
        return 1 / (not fails)

    async def once() -> None:
        with suppress(ZeroDivisionError):
            await pool.run(asyncio.get_running_loop(), call)

    async def main() -> int:
        await once()
        gc.collect()
        gc.disable()
        try:
            for _ in range(100):
                await asyncio.gather(*(once() for _ in range(100)))
            return gc.collect()
        finally:
            gc.enable()

    # Of gather, the loop and other tests, whatever the number of calls.
    assert run(main) < 300
    assert len(names()) - before <= 4
    pool.stop()


def test_the_result_of_a_call_is_not_kept_by_the_worker() -> None:
    pool = Workers(1)

    class Result:
        pass

    async def main() -> Any:
        loop = asyncio.get_running_loop()
        reference = ref(await pool.run(loop, Result))
        await pool.run(loop, int)
        return reference

    assert run(main)() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a POSIX thing")
def test_a_child_process_has_threads_of_its_own(workers: Workers) -> None:
    async def main() -> str:
        return await workers.run(asyncio.get_running_loop(), "made".upper)

    run(main)
    child = os.fork()
    if not child:  # pragma: no cover - measured here only
        os._exit(0 if run(main) == "MADE" and workers.busy == 0 else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert run(main) == "MADE"


def test_a_child_forgets_the_threads_of_its_parent() -> None:
    pool = Workers(1)
    here.loop = asyncio.new_event_loop()
    here.loop.close()

    async def main() -> str:
        return await pool.run(asyncio.get_running_loop(), "made".upper)

    run(main)
    counts = pool._counts
    begin_in_child()

    assert here.loop is None
    assert pool._counts is not counts
    assert run(main) == "MADE"
