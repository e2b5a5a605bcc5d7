from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import AsyncIterator, Generator, Iterator
from contextvars import ContextVar
from threading import Thread
from types import SimpleNamespace
from typing import Any

import greenlet
import pytest
from jobs import Job, current, job

from tantalus_context import NotPushedError, hold


def names(count: int = 3) -> Iterator[str]:
    for _ in range(count):
        yield job.name


async def async_names(count: int = 3) -> AsyncIterator[str]:
    for _ in range(count):
        await asyncio.sleep(0)
        yield job.name


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | None]:
    """Collect the errors that are reported because nobody can be given them."""
    errors: list[BaseException | None] = []
    monkeypatch.setattr(
        sys, "unraisablehook", lambda report: errors.append(report.exc_value)
    )
    return errors


# --- synchronous streams


def test_a_held_stream_sees_the_context_after_the_block_has_ended() -> None:
    with Job("stream") as context:
        stream = hold(names(), context)

    assert list(stream) == ["stream"] * 3


def test_teardown_waits_for_the_end_of_the_stream() -> None:
    with Job() as context:
        stream = hold(names(1), context)

    next(stream)
    before = context.teardowns
    list(stream)

    assert before == 0
    assert context.log == ["entered", ("left", None)]


def test_teardown_waits_for_the_block_if_the_stream_ends_first() -> None:
    with Job() as context:
        assert list(hold(names(1), context)) == ["job"]
        assert context.teardowns == 0

    assert context.teardowns == 1


def test_teardown_waits_for_the_last_of_several_streams() -> None:
    with Job() as context:
        first, second = hold(names(), context), hold(names(), context)

    first.close()
    before = context.teardowns
    second.close()

    assert (before, context.teardowns) == (0, 1)


def test_the_consumer_never_sees_the_context_of_the_stream() -> None:
    with Job() as context:
        stream = hold(names(), context)

    with Job("consumer") as consumer:
        next(stream)
        assert current() is consumer
        stream.close()

    assert current() is None


def test_an_error_in_the_stream_reaches_the_teardown_and_the_consumer() -> None:
    def broken() -> Iterator[str]:
        yield job.name
        raise ValueError("broken")

    with Job() as context:
        stream = hold(broken(), context)

    with pytest.raises(ValueError, match="broken") as caught:
        list(stream)

    assert context.log == ["entered", ("left", caught.value)]


def test_closing_half_way_gives_the_teardown_a_generator_exit() -> None:
    closed: list[str] = []

    def stream_names() -> Iterator[str]:
        try:
            yield from names()
        finally:
            closed.append(job.name)

    with Job("half") as context:
        stream = hold(stream_names(), context)

    next(stream)
    stream.close()

    assert closed == ["half"]
    assert isinstance(context.last_error, GeneratorExit)
    assert context.teardowns == 1


def test_closing_a_stream_that_never_began_is_no_error() -> None:
    with Job() as context:
        stream = hold(names(), context)

    stream.close()

    assert context.log == ["entered", ("left", None)]


def test_the_error_of_the_block_reaches_the_teardown_after_the_stream() -> None:
    context = Job()
    error = ValueError("block")

    context.push()
    stream = hold(names(), context)
    context.pop(error)
    stream.close()

    assert context.log == ["entered", ("left", error)]


def test_a_closed_stream_is_over_and_its_hold_ends_once() -> None:
    with Job() as context:
        stream = hold(names(), context)

    stream.close()
    stream.close()

    assert list(stream) == []
    assert context.teardowns == 1


def test_an_ended_stream_raises_what_is_thrown_into_it() -> None:
    with Job() as context:
        stream = hold(names(0), context)
    list(stream)

    with pytest.raises(ValueError, match="late"):
        stream.throw(ValueError("late"))

    assert context.teardowns == 1


def test_a_plain_iterator_is_closed_if_it_can_be() -> None:
    class Lines:
        closed_in: list[Job | None] = []  # noqa: RUF012 - one instance

        def __iter__(self) -> Iterator[str]:
            return self

        def __next__(self) -> str:
            return job.name

        def close(self) -> None:
            self.closed_in.append(current())

    with Job() as context:
        stream = hold(Lines(), context)

    assert next(stream) == "job"
    assert stream.send("ignored") == "job"
    with pytest.raises(ValueError, match="thrown"):
        stream.throw(ValueError("thrown"))

    assert Lines.closed_in == [context]
    assert context.teardowns == 1
    assert list(stream) == []


def test_any_iterable_can_be_held() -> None:
    with Job() as context:
        stream = hold([1, 2], context)

    assert list(stream) == [1, 2]
    assert context.teardowns == 1


def test_a_held_generator_takes_values_and_errors_and_returns() -> None:
    def echo() -> Generator[object, object, str]:
        try:
            received = yield job.name
            yield received
        except ValueError as error:
            yield str(error)
        return "done"

    with Job() as context:
        stream = hold(echo(), context)

    assert next(stream) == "job"
    assert stream.send("value") == "value"
    assert stream.throw(ValueError("error")) == "error"
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert end.value.value == "done"
    assert context.last_error is None


def test_a_stream_that_ends_when_it_is_sent_a_value_ends_its_hold_once() -> None:
    received: list[str] = []

    def echo() -> Generator[str, str, None]:
        received.append((yield "ready"))

    with Job() as context:
        stream = hold(echo(), context)
    assert next(stream) == "ready"
    for value in ("value", "another"):
        with pytest.raises(StopIteration):
            stream.send(value)

    assert received == ["value"]
    assert context.errors == [None]


def test_an_error_while_closing_reaches_the_teardown_and_the_closer() -> None:
    def broken() -> Iterator[str]:
        try:
            yield ""
        finally:
            raise ValueError("closing")

    with Job() as context:
        stream = hold(broken(), context)
    next(stream)

    with pytest.raises(ValueError, match="closing") as caught:
        stream.close()

    assert context.log == ["entered", ("left", caught.value)]


def test_an_error_in_the_teardown_reaches_the_consumer() -> None:
    def fail(_: BaseException | None) -> None:
        raise ValueError("teardown")

    with Job() as context:
        context.on_teardown(fail)
        stream = hold(names(1), context)

    with pytest.raises(ValueError, match="teardown"):
        list(stream)


def test_a_stream_keeps_the_variables_that_it_sets() -> None:
    number: ContextVar[int] = ContextVar("number", default=0)

    def count() -> Iterator[int]:
        for _ in range(3):
            number.set(number.get() + 1)
            yield number.get()

    with Job() as context:
        stream = hold(count(), context)

    assert list(stream) == [1, 2, 3]
    assert number.get() == 0


def test_a_stream_may_push_contexts_over_its_steps() -> None:
    def nested() -> Iterator[str]:
        with Job("inner"):
            yield job.name
            yield job.name
        yield job.name

    with Job("outer") as context:
        stream = hold(nested(), context)

    assert list(stream) == ["inner", "inner", "outer"]
    assert context.teardowns == 1


def test_a_context_that_is_not_current_can_be_held() -> None:
    with Job("outer") as context, Job("inner"):
        stream = hold(names(1), context)

    assert list(stream) == ["outer"]


def test_a_stream_can_be_held_from_within_a_held_stream() -> None:
    def outer() -> Iterator[Iterator[str]]:
        yield hold(names(2), context)

    with Job("deep") as context:
        stream = hold(outer(), context)

    inner = next(stream)
    stream.close()
    assert context.teardowns == 0
    assert list(inner) == ["deep", "deep"]
    assert context.teardowns == 1


def test_holding_a_context_that_is_not_pushed_is_refused() -> None:
    with pytest.raises(
        NotPushedError, match="Cannot hold <Job idle>: it is not pushed"
    ):
        hold(names(), Job("idle"))


def test_holding_a_function_is_refused_with_the_cure() -> None:
    with (
        Job("build") as context,
        pytest.raises(TypeError, match=r"Cannot hold <Job build> for .* Call a gen"),
    ):
        hold(names, context)  # type: ignore[call-overload]  # the mistake

    assert context.teardowns == 1


def test_an_iterable_that_fails_to_begin_ends_the_hold() -> None:
    class Broken:
        def __iter__(self) -> Iterator[str]:
            raise ValueError("no iterator")

    with Job() as context:
        with pytest.raises(ValueError, match="no iterator") as caught:
            hold(Broken(), context)
        caught.value.__traceback__ = None
        del caught

    assert context.teardowns == 1


# --- streams that nobody closes


@pytest.mark.parametrize("steps", [0, 1])
def test_a_dropped_stream_tears_its_context_down_at_once(steps: int) -> None:
    with Job() as context:
        stream = hold(names(), context)
    for _ in range(steps):
        next(stream)

    del stream

    assert context.teardowns == 1
    assert isinstance(context.last_error, GeneratorExit if steps else type(None))


def test_a_stream_collected_in_another_thread_tears_its_context_down_there() -> None:
    with Job() as context:
        box = [hold(names(), context)]
    next(box[0])

    thread = Thread(target=box.clear)
    thread.start()
    thread.join()

    assert context.teardowns == 1
    assert current() is None


def test_a_stream_collected_in_a_cycle_tears_its_context_down() -> None:
    with Job() as context:
        cycle = SimpleNamespace(stream=hold(names(), context))
    cycle.itself = cycle
    next(cycle.stream)

    del cycle
    gc.collect()

    assert context.teardowns == 1


def test_a_collection_in_the_middle_of_other_work_leaves_that_work_alone() -> None:
    with Job("old") as old:
        stream = hold(names(), old)
    next(stream)

    with Job("new") as new:
        del stream
        assert current() is new
        assert old.teardowns == 1
        assert new.teardowns == 0


@pytest.mark.parametrize("steps", [0, 1])
def test_an_error_of_a_dropped_stream_is_reported(
    steps: int, unraisable: list[BaseException | None]
) -> None:
    error = ValueError("teardown")

    def fail(_: BaseException | None) -> None:
        raise error

    with Job() as context:
        context.on_teardown(fail)
        stream = hold(names(), context)
    for _ in range(steps):
        next(stream)

    del stream

    assert unraisable == [error]
    assert context.teardowns == 1


def test_a_finished_stream_keeps_nothing_alive() -> None:
    with Job() as context:
        stream = hold(names(), context)
    list(stream)
    reference = weakref.ref(context)
    gc.disable()

    del context, stream

    freed = reference() is None
    gc.enable()
    assert freed


# --- greenlets


def test_a_stream_that_switches_greenlets_keeps_its_context_to_itself() -> None:
    def switching() -> Iterator[str]:
        yield job.name
        main.switch()
        yield job.name

    main = greenlet.getcurrent()
    with Job("green") as context:
        stream = hold(switching(), context)

    child = greenlet.greenlet(list)
    child.switch(stream)
    between = current()

    assert child.switch() == ["green", "green"]
    assert between is None
    assert context.teardowns == 1


def test_greenlets_have_contexts_of_their_own() -> None:
    seen: list[Job | None] = []

    def work(name: str) -> None:
        with Job(name):
            main.switch()
            seen.append(current())
        seen.append(current())

    main = greenlet.getcurrent()
    children = [greenlet.greenlet(work) for _ in range(2)]
    for child, name in zip(children, ["first", "second"], strict=True):
        child.switch(name)
    outside = current()
    for child in children:
        child.switch()

    assert outside is None
    assert [str(job) for job in seen] == ["<Job first>", "None", "<Job second>", "None"]


# --- asynchronous streams


def test_a_held_async_stream_sees_the_context_after_the_block_has_ended() -> None:
    async def main() -> Job:
        with Job("stream") as context:
            stream = hold(async_names(), context)
        assert [name async for name in stream] == ["stream"] * 3
        assert current() is None
        return context

    assert asyncio.run(main()).log == ["entered", ("left", None)]


def test_the_consuming_task_never_sees_the_context_of_the_stream() -> None:
    async def watch(seen: list[Job | None]) -> None:
        for _ in range(6):
            seen.append(current())
            await asyncio.sleep(0)

    async def main() -> list[Job | None]:
        seen: list[Job | None] = []
        with Job() as context:
            stream = hold(async_names(), context)
        watcher = asyncio.create_task(watch(seen))
        async for _ in stream:
            seen.append(current())
        await watcher
        return seen

    assert set(asyncio.run(main())) == {None}


def test_an_error_in_an_async_stream_reaches_the_teardown_and_the_consumer() -> None:
    async def broken() -> AsyncIterator[str]:
        yield job.name
        raise ValueError("broken")

    async def main() -> Job:
        with Job() as context:
            stream = hold(broken(), context)
        with pytest.raises(ValueError, match="broken"):
            await drain(stream)
        return context

    assert isinstance(asyncio.run(main()).last_error, ValueError)


def test_closing_an_async_stream_half_way_ends_the_hold() -> None:
    closed: list[str] = []

    async def stream_names() -> AsyncIterator[str]:
        try:
            yield job.name
            yield job.name
        finally:
            await asyncio.sleep(0)
            closed.append(job.name)

    async def main() -> Job:
        with Job("half") as context:
            stream = hold(stream_names(), context)
        await anext(stream)
        await stream.aclose()
        await stream.aclose()
        return context

    context = asyncio.run(main())
    assert closed == ["half"]
    assert isinstance(context.last_error, GeneratorExit)
    assert context.teardowns == 1


def test_closing_an_async_stream_that_never_began_ends_the_hold() -> None:
    async def main() -> Job:
        with Job() as context:
            stream = hold(async_names(), context)
        await stream.aclose()
        assert context.log == ["entered", ("left", None)]
        assert [name async for name in stream] == []
        return context

    assert asyncio.run(main()).teardowns == 1


def test_an_error_while_closing_an_async_stream_reaches_the_teardown() -> None:
    async def broken() -> AsyncIterator[str]:
        try:
            yield ""
        finally:
            raise ValueError("closing")

    async def main() -> Job:
        with Job() as context:
            stream = hold(broken(), context)
        await anext(stream)
        with pytest.raises(ValueError, match="closing"):
            await stream.aclose()
        return context

    assert isinstance(asyncio.run(main()).last_error, ValueError)


def test_an_async_stream_that_cannot_be_closed_ends_the_hold_all_the_same() -> None:
    class Stuck(Ticks):
        async def aclose(self) -> None:
            raise ValueError("stuck")

    async def main() -> Job:
        with Job() as context:
            stream = hold(Stuck(), context)
        with pytest.raises(ValueError, match="stuck"):
            await stream.aclose()
        return context

    assert isinstance(asyncio.run(main()).last_error, ValueError)


def test_a_held_async_generator_takes_values_and_errors() -> None:
    async def echo() -> Any:
        try:
            received = yield job.name
            yield received
        except ValueError as error:
            yield str(error)

    async def main() -> Job:
        with Job() as context:
            stream = hold(echo(), context)
        assert await anext(stream) == "job"
        assert await stream.asend("value") == "value"
        assert await stream.athrow(ValueError("error")) == "error"
        assert [item async for item in stream] == []
        return context

    assert asyncio.run(main()).last_error is None


class Ticks:
    """An asynchronous iterator that is no generator."""

    def __aiter__(self) -> Ticks:
        return self

    async def __anext__(self) -> str:
        return job.name


def test_an_async_iterator_that_is_no_generator_can_be_held() -> None:
    async def main() -> Job:
        with Job() as context:
            stream = hold(Ticks(), context)
        assert await anext(stream) == "job"
        assert await stream.asend("ignored") == "job"
        with pytest.raises(ValueError, match="thrown"):
            await stream.athrow(ValueError("thrown"))
        assert [item async for item in stream] == []
        return context

    assert asyncio.run(main()).teardowns == 1


def test_a_cancelled_consumer_ends_the_hold() -> None:
    async def endless() -> AsyncIterator[str]:
        yield job.name
        await asyncio.Event().wait()

    async def main() -> Job:
        with Job() as context:
            stream = hold(endless(), context)
        consumer = asyncio.create_task(drain(stream))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
        assert context.teardowns == 1
        return context

    assert isinstance(asyncio.run(main()).last_error, asyncio.CancelledError)


def test_a_dropped_async_stream_is_closed_by_the_loop_within_its_context() -> None:
    closed: list[str] = []

    async def stream_names() -> AsyncIterator[str]:
        try:
            yield job.name
            yield job.name
        finally:
            await asyncio.sleep(0)
            closed.append(job.name)

    async def main() -> Job:
        with Job("dropped") as context:
            stream = hold(stream_names(), context)
        await anext(stream)
        del stream
        for _ in range(5):
            await asyncio.sleep(0)
        assert context.teardowns == 1
        return context

    context = asyncio.run(main())
    assert closed == ["dropped"]
    assert isinstance(context.last_error, GeneratorExit)


def test_an_async_stream_dropped_before_it_began_ends_the_hold() -> None:
    async def main() -> Job:
        with Job() as context:
            hold(async_names(), context)
        return context

    assert asyncio.run(main()).log == ["entered", ("left", None)]


def test_an_async_stream_dropped_after_its_loop_ended_ends_the_hold() -> None:
    def step(awaitable: Any) -> None:
        with pytest.raises(StopIteration):
            awaitable.send(None)

    async def immediate() -> AsyncIterator[str]:
        yield job.name
        yield job.name

    with Job() as context:
        stream = hold(immediate(), context)
    loop = asyncio.new_event_loop()
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(
        firstiter=loop._asyncgen_firstiter_hook,  # type: ignore[attr-defined]  # as run() does
        finalizer=loop._asyncgen_finalizer_hook,  # type: ignore[attr-defined]  # as run() does
    )
    step(stream.asend(None))
    sys.set_asyncgen_hooks(*hooks)
    loop.close()

    del stream
    gc.collect()

    assert isinstance(context.last_error, GeneratorExit)
    assert context.teardowns == 1


async def drain(stream: AsyncIterator[object]) -> None:
    async for _ in stream:
        pass
