from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from contextvars import ContextVar
from functools import partial
from threading import Barrier, Thread
from types import coroutine

import greenlet
import pytest
from jobs import Job, current, job

from tantalus_context import carry

number: ContextVar[int] = ContextVar("number", default=0)


def name_of_job() -> str:
    return job.name


def increment() -> int:
    number.set(number.get() + 1)
    return number.get()


# --- plain functions


def test_a_carried_function_sees_the_context_in_another_thread() -> None:
    names: list[str] = []

    def note() -> None:
        names.append(job.name)

    with Job("build"):
        thread = Thread(target=carry(note))
        thread.start()
        thread.join()

    assert names == ["build"]


def test_a_carried_function_sees_the_context_in_an_executor() -> None:
    with ThreadPoolExecutor(1) as executor:
        with Job("first"):
            first = carry(name_of_job)
        with Job("second"):
            second = carry(name_of_job)

        names = list(executor.map(lambda function: function(), [first, second]))
        left = executor.submit(current).result()

    assert names == ["first", "second"]
    assert left is None


def test_a_carried_function_sees_the_variables_as_they_were() -> None:
    token = number.set(5)
    carried = carry(number.get)
    number.set(6)

    assert carried() == 5
    number.reset(token)


def test_each_call_starts_from_the_same_variables() -> None:
    carried = carry(increment)

    assert [carried(), carried()] == [1, 1]
    assert number.get() == 0


def test_calls_may_run_at_the_same_time() -> None:
    barrier = Barrier(4, timeout=60)

    @carry
    def meet() -> int:
        barrier.wait()
        return increment()

    with ThreadPoolExecutor(4) as executor:
        results = [executor.submit(meet) for _ in range(4)]

        assert [result.result() for result in results] == [1, 1, 1, 1]


def test_a_carried_function_may_call_itself() -> None:
    @carry
    def countdown(start: int) -> list[int]:
        increment()
        return [number.get(), *(countdown(start - 1) if start else [])]

    assert countdown(2) == [1, 1, 1]


def test_arguments_result_and_name_are_those_of_the_function() -> None:
    def add(first: int, second: int = 2) -> int:
        """Add."""
        return first + second

    carried = carry(add)

    assert carried(1, second=4) == 5
    assert (carried.__name__, carried.__doc__) == ("add", "Add.")


def test_an_error_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        carry(lambda: 1 // 0)()


def test_a_carried_context_is_seen_but_not_kept_open() -> None:
    with Job("short") as context:
        carried = carry(name_of_job)

    assert context.teardowns == 1
    assert carried() == "short"


def test_a_context_pushed_by_a_carried_function_is_kept_by_it() -> None:
    @carry
    def push_and_tell() -> tuple[str, int]:
        with context:
            return job.name, context.teardowns

    context = Job("again")

    assert push_and_tell() == ("again", 0)
    assert context.teardowns == 1


# --- coroutine functions


def test_a_carried_coroutine_function_sees_the_context_in_another_loop() -> None:
    async def names() -> list[str]:
        before = job.name
        await asyncio.sleep(0)
        return [before, job.name]

    with Job("async"):
        carried = carry(names)

    assert inspect.iscoroutinefunction(carried)
    assert asyncio.run(carried()) == ["async", "async"]


def test_carried_tasks_do_not_change_each_others_variables() -> None:
    @carry
    async def count() -> int:
        increment()
        await asyncio.sleep(0)
        return increment()

    async def main() -> list[int]:
        return await asyncio.gather(*(count() for _ in range(3)), count())

    assert asyncio.run(main()) == [2, 2, 2, 2]
    assert number.get() == 0


def test_the_awaiting_task_never_sees_what_a_carried_coroutine_sets() -> None:
    async def main() -> list[int]:
        seen: list[int] = []
        task = asyncio.create_task(watch(seen))
        await slow()
        seen.append(number.get())
        await task
        return seen

    async def watch(seen: list[int]) -> None:
        await asyncio.sleep(0)
        seen.append(number.get())

    @carry
    async def slow() -> None:
        increment()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert asyncio.run(main()) == [0, 0]


def test_timeouts_and_cancellation_reach_a_carried_coroutine() -> None:
    @carry
    async def wait() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            increment()
            raise
        return "never"

    async def main() -> None:
        async with asyncio.timeout(0):
            await wait()

    with pytest.raises(TimeoutError):
        asyncio.run(main())


def test_a_carried_coroutine_may_handle_an_error_and_go_on() -> None:
    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
        return job.name

    async def main() -> str:
        task = asyncio.create_task(carried())
        await asyncio.sleep(0)
        task.cancel()
        return await task

    with Job("stubborn"):
        carried = carry(stubborn)

    assert asyncio.run(main()) == "stubborn"


def test_an_error_thrown_into_a_carried_coroutine_arrives_where_it_waits() -> None:
    @coroutine
    def wait() -> Generator[str, None, None]:
        yield "waiting"

    @carry
    async def patient() -> str:
        try:
            await wait()
        except ValueError as error:
            return f"got {error}"
        return "got nothing"

    running = patient()

    assert running.send(None) == "waiting"
    with pytest.raises(StopIteration) as end:
        running.throw(ValueError("news"))
    assert end.value.value == "got news"


def test_a_carried_partial_of_a_coroutine_function_is_one() -> None:
    async def tell(greeting: str) -> str:
        return greeting + job.name

    with Job("you"):
        carried = carry(partial(tell, "hello "))

    assert asyncio.run(carried()) == "hello you"


# --- generator functions


def test_a_carried_generator_function_sees_the_context_while_it_is_consumed() -> None:
    def names() -> Iterator[str]:
        yield job.name
        yield job.name

    with Job("stream"):
        carried = carry(names)

    assert inspect.isgeneratorfunction(carried)
    assert list(carried()) == ["stream", "stream"]
    assert current() is None


def test_a_carried_generator_keeps_its_own_variables_between_steps() -> None:
    @carry
    def counts() -> Iterator[int]:
        yield increment()
        yield increment()

    first, second = counts(), counts()

    assert [next(first), next(second), next(first), next(second)] == [1, 1, 2, 2]
    assert number.get() == 0


def test_a_carried_generator_takes_values_and_errors_and_returns() -> None:
    @carry
    def echo() -> Generator[object, object, str]:
        try:
            received = yield "ready"
            yield received
        except ValueError as error:
            yield str(error)
        return "done"

    def drain() -> Generator[object, object, None]:
        result = yield from echo()
        yield result

    generator = echo()
    assert next(generator) == "ready"
    assert generator.send("value") == "value"
    assert generator.throw(ValueError("error")) == "error"
    assert list(drain()) == ["ready", None, "done"]


def test_closing_a_carried_generator_closes_the_function_in_its_variables() -> None:
    seen: list[str] = []

    def names() -> Iterator[str]:
        try:
            yield job.name
        finally:
            seen.append(job.name)

    with Job("closed"):
        carried = carry(names)

    with closing(carried()) as stream:  # type: ignore[type-var]  # it is a generator
        next(stream)

    assert seen == ["closed"]


def test_a_carried_async_generator_function_sees_the_context() -> None:
    closed: list[str] = []

    async def names() -> AsyncIterator[str]:
        try:
            for _ in range(3):
                await asyncio.sleep(0)
                yield job.name
        finally:
            await asyncio.sleep(0)
            closed.append(job.name)

    async def main() -> None:
        assert [name async for name in carried()] == ["stream"] * 3
        async with aclosing(carried()) as stream:  # type: ignore[type-var]  # it is a generator
            await anext(stream)
        assert current() is None

    with Job("stream"):
        carried = carry(names)

    assert inspect.isasyncgen(carried())
    asyncio.run(main())
    assert closed == ["stream", "stream"]


def test_a_carried_function_sees_the_context_in_a_greenlet() -> None:
    def run() -> str:
        first = job.name
        main.switch()
        return first + job.name

    main = greenlet.getcurrent()
    with Job("green"):
        child = greenlet.greenlet(carry(run))
    child.switch()
    between = current()

    assert child.switch() == "greengreen"
    assert between is None


# --- what is no function


def test_an_object_with_an_asynchronous_call_is_carried_as_a_coroutine_function() -> (
    None
):
    class Note:
        async def __call__(self) -> str:
            return job.name

    with Job("build"):
        carried = carry(Note())

    assert asyncio.run(carried()) == "build"


def test_what_a_call_returned_is_refused() -> None:
    with pytest.raises(TypeError, match="Pass the function itself, not what a call"):
        carry("build")  # type: ignore[arg-type] # the mistake that is told
