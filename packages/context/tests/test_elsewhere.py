"""Coroutine functions and asynchronous streams, called from synchronous code."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar, Token, copy_context
from functools import partial
from queue import SimpleQueue
from threading import Event
from typing import Any
from weakref import ref

import pytest
from jobs import Job, current
from loops import LIMIT, in_thread, run, wait

from tantalus_context import (
    OtherSide,
    Workers,
    carry,
    hold,
    iterate_elsewhere,
    own_loop,
    run_elsewhere,
)
from tantalus_context import _elsewhere as elsewhere
from tantalus_context import _own_loop as own

language: ContextVar[str] = ContextVar("language", default="en")
unset: ContextVar[str] = ContextVar("unset")


async def double(number: int, *, plus: int = 0) -> int:
    await asyncio.sleep(0)
    return 2 * number + plus


async def loop_here() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


@pytest.fixture(autouse=True)
def variables_of_its_own(request: pytest.FixtureRequest) -> Iterator[None]:
    """Undo what a test has taken over."""
    before = language.get()
    yield
    language.set(before)


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What the loop of the process is told of errors that nobody awaits."""
    told: list[dict[str, Any]] = []
    own_loop().set_exception_handler(lambda loop, context: told.append(context))
    yield told
    own_loop().set_exception_handler(None)


# --- results and errors


def test_a_coroutine_function_is_called_like_a_plain_one() -> None:
    assert run_elsewhere(double, 4, plus=1) == 9


def test_all_calls_run_on_the_one_loop_of_the_process() -> None:
    loops = {run_elsewhere(loop_here), in_thread(partial(run_elsewhere, loop_here))}

    assert loops == {own_loop()}


def test_what_belongs_to_the_loop_outlives_the_call() -> None:
    async def begin() -> asyncio.Task[int]:
        return asyncio.create_task(double(2))

    async def end(task: asyncio.Task[int]) -> int:
        return await task

    assert run_elsewhere(end, run_elsewhere(begin)) == 4


@pytest.mark.parametrize(
    "error",
    [
        ValueError("wrong"),
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
        ExceptionGroup("both", [ValueError()]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_coroutine_raises_is_raised_where_it_was_called(
    error: BaseException,
) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        run_elsewhere(fail)

    assert caught.value is error
    assert run_elsewhere(double, 1) == 2


def test_a_stop_iteration_arrives_as_the_error_of_a_coroutine() -> None:
    async def fail() -> None:
        next(iter(()))

    with pytest.raises(RuntimeError, match="coroutine raised StopIteration"):
        run_elsewhere(fail)


def test_a_task_that_is_cancelled_before_it_begins_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = own_loop()

    def cancelled(*args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(*args, loop=loop, **kwargs)
        task.cancel()
        return task

    monkeypatch.setattr(loop, "create_task", cancelled)

    with pytest.raises(asyncio.CancelledError):
        in_thread(partial(run_elsewhere, double, 1))
    with pytest.raises(asyncio.CancelledError):
        in_thread(partial(next, iterate_elsewhere(letters("ab"))))


def test_a_task_that_cannot_be_made_keeps_nobody_waiting() -> None:
    def factory(loop: Any, coroutine: Any) -> Any:
        """Make tasks as it was done before they had a context."""

    own_loop().set_task_factory(factory)
    try:
        with pytest.raises(TypeError, match="context"):
            in_thread(partial(run_elsewhere, double, 1))
    finally:
        own_loop().set_task_factory(None)


# --- context variables


def test_a_coroutine_sees_what_is_current_and_what_it_sets_is_set_here() -> None:
    async def call() -> object:
        seen = current(), language.get()
        language.set("fr")
        return seen

    with Job() as job:
        language.set("de")

        assert run_elsewhere(call) == (job, "de")
        assert language.get() == "fr"
        assert current() is job


def test_what_a_coroutine_sets_before_it_fails_is_set_too() -> None:
    async def call() -> None:
        language.set("fr")
        raise ValueError("failed")

    with pytest.raises(ValueError, match="failed"):
        run_elsewhere(call)
    assert language.get() == "fr"


class Work:
    """Two halves of some work: one sets a variable, which the other resets."""

    token: Token[str]

    def __init__(self, variable: ContextVar[str]) -> None:
        self.variable = variable

    async def begin(self) -> None:
        self.token = self.variable.set("fr")

    async def end(self) -> None:
        self.variable.reset(self.token)


@pytest.mark.parametrize("variable", [language, unset], ids=["default", "unset"])
def test_calls_of_one_side_may_reset_what_another_has_set(
    variable: ContextVar[str],
) -> None:
    def work() -> list[str]:
        side, halves = OtherSide(), Work(variable)
        side.run(halves.begin)
        seen = [variable.get("nothing")]
        side.run(halves.end)
        return [*seen, variable.get("nothing")]

    before = variable.get("nothing")

    assert copy_context().run(work) == ["fr", before]


def test_a_side_sees_what_is_set_and_reset_here_between_its_calls() -> None:
    async def see() -> str:
        return unset.get("nothing")

    def work() -> list[str]:
        side = OtherSide()
        token = unset.set("set")
        seen = [side.run(see)]
        unset.reset(token)
        return [*seen, side.run(see)]

    assert copy_context().run(work) == ["set", "nothing"]


def test_a_carried_function_shares_no_side() -> None:
    async def change() -> None:
        language.set("fr")

    side = OtherSide()
    in_thread(carry(partial(side.run, change)))

    async def see() -> str:
        return language.get()

    assert side.run(see) == "en"
    assert language.get() == "en"


def test_a_token_of_a_worker_is_valid_in_the_next_call_of_the_side() -> None:
    pool = Workers(2)
    tokens: list[Token[str]] = []

    async def main() -> list[str]:
        loop, side = asyncio.get_running_loop(), OtherSide()
        await pool.run(loop, lambda: tokens.append(language.set("fr")), side)
        seen = [language.get()]
        await pool.run(loop, lambda: language.reset(tokens.pop()), side)
        return [*seen, language.get()]

    assert run(main) == ["fr", "en"]


def test_a_call_during_one_that_nobody_awaits_any_more_is_one_alone() -> None:
    pool = Workers(2)
    begun, go = Event(), Event()

    def block() -> None:
        begun.set()
        wait(go)

    async def main() -> str:
        loop, side = asyncio.get_running_loop(), OtherSide()
        first = pool.run(loop, block, side)
        await asyncio.to_thread(wait, begun)
        first.cancel()
        answer = await pool.run(loop, language.get, side)
        go.set()
        return answer

    assert run(main) == "en"


def test_a_call_of_a_side_that_was_given_up_leaves_it_free() -> None:
    pool = Workers(1)
    begun, go = Event(), Event()
    tokens: list[Token[str]] = []

    def block() -> None:
        begun.set()
        wait(go)

    async def main() -> str:
        loop, side = asyncio.get_running_loop(), OtherSide()
        first = pool.run(loop, block)
        await asyncio.to_thread(wait, begun)
        pool.run(loop, int, side).cancel()
        second = pool.run(loop, lambda: tokens.append(language.set("fr")), side)
        go.set()
        await first
        await second
        await pool.run(loop, lambda: language.reset(tokens.pop()), side)
        return language.get()

    assert run(main) == "en"


def test_a_side_keeps_nothing_alive_that_is_current_here() -> None:
    class Thing:
        pass

    async def look() -> bool:
        return isinstance(thing.get(), Thing)

    def work() -> tuple[OtherSide, bool, ref[Thing]]:
        here = Thing()
        token = thing.set(here)
        side = OtherSide()
        seen = side.run(look)
        thing.reset(token)
        return side, seen, ref(here)

    thing: ContextVar[Any] = ContextVar("thing")
    side, seen, reference = copy_context().run(work)
    run_elsewhere(double, 1)  # the loop has done with the one before

    assert seen
    assert reference() is None
    del side


# --- synchronous calls of the coroutine


def test_the_thread_that_waits_makes_the_calls_of_its_coroutine_and_its_tasks() -> None:
    pool = Workers(1)

    async def inner() -> set[int]:
        loop = asyncio.get_running_loop()
        hops = (pool.run(loop, threading.get_ident) for _ in range(3))
        one = await asyncio.create_task(as_task(pool))
        return {one, *await asyncio.gather(*hops)}

    assert run_elsewhere(inner) == {threading.get_ident()}
    assert pool.busy == 0


async def as_task(pool: Workers) -> int:
    return await pool.run(asyncio.get_running_loop(), threading.get_ident)


def test_one_worker_is_enough_for_calls_both_ways_however_deep() -> None:
    pool = Workers(1)

    async def down(depth: int) -> list[int]:
        loop = asyncio.get_running_loop()
        return await pool.run(loop, partial(up, depth)) if depth else []

    def up(depth: int) -> list[int]:
        return [threading.get_ident(), *run_elsewhere(down, depth - 1)]

    async def main() -> list[int]:
        return await down(10)

    threads = run(main)
    assert len(threads) == 10
    assert len(set(threads)) == 1


def test_all_workers_may_wait_at_once() -> None:
    pool = Workers(3)

    async def down() -> str:
        return await pool.run(asyncio.get_running_loop(), "done".upper)

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        calls = (pool.run(loop, partial(run_elsewhere, down)) for _ in range(30))
        return await asyncio.gather(*calls)

    assert run(main) == ["DONE"] * 30


def test_an_inner_call_does_not_keep_the_outer_coroutine_waiting() -> None:
    pool = Workers(1)

    async def outer() -> str:
        loop = asyncio.get_running_loop()
        flag = asyncio.Event()

        async def until_set() -> str:
            await flag.wait()
            return "set"

        async def set_it() -> None:
            await pool.run(loop, int)
            flag.set()

        waiting = pool.run(loop, partial(run_elsewhere, until_set))
        await asyncio.gather(asyncio.shield(waiting), set_it())
        return await waiting

    assert in_thread(partial(run_elsewhere, outer)) == "set"


def test_tasks_that_outlive_the_coroutine_have_their_calls_made_by_the_pool() -> None:
    pool = Workers(1)
    go = asyncio.Event()

    async def later() -> str:
        await go.wait()
        loop = asyncio.get_running_loop()
        return await pool.run(loop, lambda: threading.current_thread().name)

    async def begin() -> asyncio.Task[str]:
        return asyncio.create_task(later())

    async def end(task: asyncio.Task[str]) -> str:
        go.set()
        return await task

    task = run_elsewhere(begin)
    finish = partial(asyncio.run_coroutine_threadsafe, end(task), own_loop())

    assert finish().result(LIMIT) == "tantalus worker"


def test_calls_that_nobody_awaits_are_made_before_the_thread_goes_on() -> None:
    pool = Workers(1)
    made: list[int] = []

    async def leave() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            pool.run(loop, lambda: made.append(threading.get_ident()))

    run_elsewhere(leave)

    assert made == [threading.get_ident()] * 3


# --- where nothing can be awaited


def test_on_the_thread_of_the_loop_itself_a_call_is_refused() -> None:
    async def outer() -> object:
        return run_elsewhere(double, 1)

    with pytest.raises(RuntimeError, match=r"double.*would wait for itself\. Await it"):
        run_elsewhere(outer)


def test_a_coroutine_that_a_worker_waits_for_cannot_keep_its_loop_waiting() -> None:
    async def inner() -> object:
        return run_elsewhere(double, 1)

    async def main() -> None:
        await Workers(1).run(asyncio.get_running_loop(), lambda: run_elsewhere(inner))

    with pytest.raises(RuntimeError, match=r"double.*would wait for itself\. Await it"):
        run(main)


def test_on_the_thread_of_another_loop_a_call_is_made() -> None:
    async def main() -> int:
        return run_elsewhere(double, 2)

    assert run(main) == 4


def test_a_loop_that_is_closed_meanwhile_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(elsewhere, "_PATIENCE", 0.01)
    pool = Workers(1)
    begun, ended = Event(), Event()
    errors: list[BaseException] = []

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    def call() -> None:
        try:
            run_elsewhere(hang)
        except BaseException as error:
            errors.append(error)
        try:
            run_elsewhere(hang)
        except BaseException as error:
            errors.append(error)
        ended.set()

    loop = asyncio.new_event_loop()

    async def begin() -> None:
        pool.run(loop, call)
        await asyncio.to_thread(wait, begun)

    loop.run_until_complete(begin())
    loop.run_until_complete(loop.shutdown_default_executor())
    tasks = asyncio.all_tasks(loop)
    loop.close()
    wait(ended)

    assert [str(error) for error in errors] == [
        "The event loop was closed before what ran on it has ended.",
        "Event loop is closed",
    ]
    for task in tasks:  # so that nobody warns of it
        task._log_destroy_pending = False  # type: ignore[attr-defined]


def test_who_waits_for_long_looks_after_the_loop_and_waits_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(elsewhere, "_PATIENCE", 0.001)

    assert run_elsewhere(asyncio.sleep, 0.02, "slow") == "slow"


def test_a_call_that_had_not_begun_when_the_wait_was_interrupted_is_given_up() -> None:
    call: elsewhere.Waiting[None] = elsewhere.Waiting(own_loop())
    call.jobs = SimpleQueue()
    call.jobs.put(None)

    call._cancel()

    assert call.jobs.empty()
    assert not call.is_open


def test_an_interrupted_wait_cancels_the_coroutine_and_what_it_has_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Workers(1)
    cancelled = Event()
    made: list[int] = []

    async def hang() -> None:
        loop = asyncio.get_running_loop()
        try:
            # The first interrupts the thread while it does it; the second has to wait.
            await asyncio.gather(
                pool.run(loop, partial(signal.raise_signal, signal.SIGUSR1)),
                pool.run(loop, lambda: made.append(1)),
            )
        except asyncio.CancelledError:
            cancelled.set()
            raise

    class Interrupt(BaseException):
        pass

    def interrupt(*args: object) -> None:
        # From outside the call, as Ctrl-C comes: the job does not get to see it.
        raise Interrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    monkeypatch.setattr(elsewhere, "make", lambda loop, hop: hop.take_call()())
    try:
        with pytest.raises(Interrupt):
            run_elsewhere(hang)
    finally:
        signal.signal(signal.SIGUSR1, before)

    wait(cancelled)
    assert made == []
    assert run_elsewhere(double, 1) == 2


# --- the loop of the process


def test_a_task_cannot_stop_the_loop_of_the_process(
    told: list[dict[str, Any]],
) -> None:
    async def leave() -> None:
        raise SystemExit(3)

    async def begin() -> None:
        asyncio.get_running_loop().stop()
        task = asyncio.create_task(leave())
        task.add_done_callback(asyncio.Task.exception)

    run_elsewhere(begin)

    assert run_elsewhere(double, 1) == 2
    assert [type(context["exception"]) for context in told] == [SystemExit]


def test_threads_that_ask_at_the_same_time_get_one_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = own._Process()
    monkeypatch.setattr(own, "_process", process)
    monkeypatch.setattr(own, "_PATIENCE", LIMIT)
    found: list[asyncio.AbstractEventLoop] = []

    with process.lock:
        threads = [
            threading.Thread(target=lambda: found.append(own_loop())) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(LIMIT)

    assert len(found) == 3
    assert len(set(map(id, found))) == 1
    own._end_with_process()
    assert found[0].is_closed()


def test_nothing_is_to_end_where_no_loop_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(own, "_process", own._Process())

    own._end_with_process()

    assert own._process.own is None


def test_tasks_that_are_left_are_cancelled_with_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(own, "_process", own._Process())
    monkeypatch.setattr(own, "_PATIENCE", LIMIT)
    ended: list[str] = []

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def begin() -> asyncio.Task[None]:
        task = asyncio.create_task(for_ever())
        await asyncio.sleep(0)
        return task

    task = run_elsewhere(begin)
    own._end_with_process()

    assert task.cancelled()
    assert ended == ["cancelled"]


@pytest.mark.parametrize("used", [False, True])
def test_a_child_forgets_the_loop_of_its_parent(
    used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = own._Process()
    monkeypatch.setattr(own, "_process", process)
    parents = [own.get_own() for _ in range(used)]
    lock = process.lock

    own._begin_in_child()

    assert process.own is None
    assert process.of_parents == parents
    assert process.lock is not lock
    for one in parents:
        one.end()


AT_EXIT = """
import asyncio
from tantalus_context import _own_loop, run_elsewhere

_own_loop._PATIENCE = 60.0  # for a busy machine

async def for_ever():
    try:
        await asyncio.Event().wait()
    finally:
        print("cancelled")

async def begin():
    global task
    task = asyncio.create_task(for_ever())
    await asyncio.sleep(0)

run_elsewhere(begin)
print("end")
"""


def test_tasks_are_cancelled_when_the_process_ends() -> None:
    printed = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", AT_EXIT],
        capture_output=True,
        text=True,
        check=True,
    )

    assert printed.stdout.split() == ["end", "cancelled"]
    assert printed.stderr == ""


FORK = """
import asyncio, os
from tantalus_context import Workers, own_loop, run_elsewhere

async def answer():
    return os.getpid()

def in_child():
    assert own_loop() is not parents
    assert run_elsewhere(answer) == os.getpid()

parents = own_loop()
run_elsewhere(answer)

async def fork_in_worker():
    return await Workers(1).run(asyncio.get_running_loop(), fork)

def fork():
    child = os.fork()
    if not child:
        try:
            in_child()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1]

print(fork(), asyncio.run(fork_in_worker()), flush=True)
if not (child := os.fork()):
    in_child()
    raise SystemExit(0)
print(os.waitpid(child, 0)[1], run_elsewhere(answer) == os.getpid())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a POSIX thing")
def test_a_child_process_has_a_loop_of_its_own() -> None:
    printed = subprocess.run(
        # Later Pythons warn of every fork beside threads.
        [
            *(sys.executable, "-W", "ignore::DeprecationWarning"),
            *("-W", "error::ResourceWarning", "-c", FORK),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert printed.stdout.splitlines() == ["0 0", "0 True"]
    assert printed.stderr == ""


# --- streams


async def letters(text: str, log: list[str] | None = None) -> AsyncIterator[str]:
    try:
        # Spans the pieces, which only one task can do.
        async with asyncio.timeout(LIMIT):
            for letter in text:
                await asyncio.sleep(0)
                yield letter
    finally:
        if log is not None:
            log.append("closed")


def test_an_asynchronous_stream_is_iterated_like_any_other() -> None:
    stream = iterate_elsewhere(letters("abc"))

    assert list(stream) == ["a", "b", "c"]
    assert list(stream) == []


def test_a_stream_is_there_for_who_can_await_it() -> None:
    async def main() -> list[str]:
        log: list[str] = []
        stream = iterate_elsewhere(letters("abc", log))
        taken = [letter async for letter in stream]
        other = iterate_elsewhere(letters("abc", log))
        async for letter in other:
            log.append(letter)
            break
        await other.aclose()
        return taken + log

    assert run(main) == ["a", "b", "c", "closed", "a", "closed"]


def test_what_is_no_asynchronous_stream_is_refused() -> None:
    with pytest.raises(TypeError, match=r"it is no asynchronous stream\. Call"):
        iterate_elsewhere(letters)  # type: ignore[arg-type]


@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_is_closed_when_close_returns(begun: bool) -> None:
    log: list[str] = []
    stream = iterate_elsewhere(letters("abc", log))
    first = list(zip(range(begun), stream, strict=False))

    stream.close()
    stream.close()

    assert len(first) == begun
    assert log == ["closed"] * begun
    assert list(stream) == []


def test_an_iterator_that_cannot_be_closed_may_be_given_up() -> None:
    class Ones:
        def __aiter__(self) -> Ones:
            return self

        async def __anext__(self) -> int:
            return 1

    stream = iterate_elsewhere(Ones())

    assert next(stream) == 1
    stream.close()


def test_an_error_of_a_stream_is_raised_where_it_is_iterated() -> None:
    async def fail() -> AsyncIterator[int]:
        yield 1
        raise ValueError("broken")

    stream = iterate_elsewhere(fail())

    assert next(stream) == 1
    with pytest.raises(ValueError, match="broken"):
        next(stream)
    assert list(stream) == []


def test_a_stream_whose_task_is_cancelled_between_pieces_says_so() -> None:
    log: list[str] = []
    tasks: list[asyncio.Task[Any]] = []

    async def stream() -> AsyncIterator[str]:
        tasks.extend(asyncio.all_tasks())
        async for letter in letters("abc", log):
            yield letter

    async def cancel() -> None:
        tasks[0].cancel()
        await asyncio.wait(tasks)

    pieces = iterate_elsewhere(stream())
    assert next(pieces) == "a"
    run_elsewhere(cancel)

    with pytest.raises(asyncio.CancelledError):
        next(pieces)
    assert list(pieces) == []


def test_a_stream_that_is_resumed_while_its_task_is_cancelled_says_so() -> None:
    tasks: list[asyncio.Task[Any]] = []

    async def stream() -> AsyncIterator[str]:
        tasks.extend(asyncio.all_tasks())
        yield "a"

    async def cancel() -> None:
        tasks[0].cancel()
        pieces._pieces._resume(True)  # type: ignore[union-attr]  # it has begun
        await asyncio.wait(tasks)

    pieces = iterate_elsewhere(stream())
    assert next(pieces) == "a"
    run_elsewhere(cancel)

    with pytest.raises(asyncio.CancelledError):
        next(pieces)


def test_a_stream_that_is_dropped_is_closed_by_the_loop(
    told: list[dict[str, Any]],
) -> None:
    closed = Event()

    async def stream() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            closed.set()
            raise ValueError("when closed")

    assert next(iterate_elsewhere(stream())) == 1

    wait(closed)
    run_elsewhere(double, 1)
    assert [str(context["exception"]) for context in told] == ["when closed"]


def test_a_stream_that_is_dropped_before_it_began_is_nobodys_business() -> None:
    log: list[str] = []

    iterate_elsewhere(letters("a", log))

    assert log == []


def test_what_a_stream_sets_is_set_where_it_is_iterated_and_the_other_way() -> None:
    async def languages() -> AsyncIterator[str]:
        token = language.set("fr")
        yield language.get()
        yield language.get()
        language.reset(token)
        yield language.get()

    stream = iterate_elsewhere(languages())

    assert (next(stream), language.get()) == ("fr", "fr")
    language.set("de")
    assert next(stream) == "de"
    assert (next(stream), language.get()) == ("en", "en")


def test_the_calls_of_a_stream_are_made_by_the_thread_that_waits_for_the_piece() -> (
    None
):
    pool = Workers(1)

    async def threads() -> AsyncIterator[int]:
        for _ in range(2):
            yield await pool.run(asyncio.get_running_loop(), threading.get_ident)

    stream = iterate_elsewhere(threads())

    assert next(stream) == threading.get_ident()
    assert in_thread(stream.__next__) != threading.get_ident()
    assert pool.busy == 0


def test_a_stream_is_closed_after_the_step_that_is_under_way() -> None:
    log: list[str] = []
    begun, go = Event(), Event()

    async def slow() -> AsyncIterator[str]:
        begun.set()
        await asyncio.to_thread(wait, go)
        log.append("made")
        yield "piece"

    stream = iterate_elsewhere(slow())
    taking = threading.Thread(target=lambda: log.append(next(stream)))
    taking.start()
    wait(begun)
    closing = threading.Thread(target=stream.close)
    closing.start()
    go.set()
    taking.join(LIMIT)
    closing.join(LIMIT)

    assert log == ["made", "piece"]
    assert list(stream) == []


def test_a_context_may_be_held_for_a_stream_that_runs_elsewhere() -> None:
    async def names() -> AsyncIterator[object]:
        yield current()

    with Job() as job:
        stream = hold(iterate_elsewhere(names()), job)

    assert list(stream) == [job]
    assert job.teardowns == 1


# --- nothing is left


async def fail() -> None:
    await asyncio.sleep(0)
    raise ValueError


async def fail_at_once() -> AsyncIterator[str]:
    raise ValueError
    yield "never"


def failing(function: Callable[..., object], *args: Any) -> None:
    with suppress(ValueError):
        function(*args)


@pytest.mark.parametrize(
    "make",
    [
        lambda: run_elsewhere(double, 1),
        lambda: OtherSide().run(double, 1),
        lambda: list(iterate_elsewhere(letters("ab"))),
        lambda: failing(run_elsewhere, fail),
        lambda: failing(next, iterate_elsewhere(fail_at_once())),
        lambda: iterate_elsewhere(letters("ab")).close(),
    ],
    ids=["alone", "side", "stream", "error", "error of stream", "closed"],
)
def test_ten_thousand_calls_leave_no_thread_and_no_cycle(
    make: Callable[[], object],
) -> None:
    copy_context().run(make)
    threads = threading.active_count()
    gc.collect()
    gc.disable()
    try:
        for _ in range(1_700):
            copy_context().run(make)
        collected = gc.collect()
    finally:
        gc.enable()

    assert collected < 300  # of others, whatever the number of calls
    assert threading.active_count() <= threads


GEVENT = """
from gevent import monkey
monkey.patch_all()
import asyncio
import gevent
from tantalus_context import Workers, iterate_elsewhere, own_loop, run_elsewhere

async def answer(number):
    await asyncio.sleep(0.01)
    return number

calls = [gevent.spawn(run_elsewhere, answer, number) for number in range(10)]
gevent.joinall(calls, timeout=60)
print(sum(call.value for call in calls))
"""


def test_greenlets_may_run_coroutines_at_the_same_time() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", GEVENT], capture_output=True, text=True, timeout=120
    )

    assert (printed.stdout.strip(), printed.stderr) == ("45", "")


def test_a_stream_whose_loop_ends_while_it_pauses_is_closed_in_peace() -> None:
    seen: list[str] = []
    ended = threading.Event()

    async def pieces() -> AsyncIterator[str]:
        try:
            yield "a"
        finally:
            seen.append("closed")

    stream = iterate_elsewhere(pieces())
    next(stream)
    task: Any = stream._pieces.task  # type: ignore[union-attr]  # it has begun
    task.add_done_callback(lambda _: ended.set())

    own_loop().call_soon_threadsafe(task.cancel)

    assert ended.wait(60)
    assert (seen, task.exception()) == (["closed"], None)
