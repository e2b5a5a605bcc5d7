"""Contexts that do their work in context variables of their own."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextvars import ContextVar, Token, copy_context
from threading import Thread
from typing import Any

import pytest
from jobs import Job, current, job

from tantalus_context import (
    NotPushedError,
    PopOrderError,
    carry,
    hold,
    inside,
    linger,
    run_steps,
)

span: ContextVar[str] = ContextVar("span", default="none")

Stream = Generator[str, Any, Any]


class Traced(Job):
    """Sets a variable at its begin and resets it at its end."""

    __slots__ = ("token",)
    token: Token[str]

    def entered(self) -> None:
        super().entered()
        self.token = span.set(self.name)

    def leaving(self, error: BaseException | None) -> None:
        span.reset(self.token)
        super().leaving(error)


def spans(count: int = 2) -> Iterator[str]:
    for _ in range(count):
        yield f"{job.name} {span.get()}"


def start(work: Callable[[Traced], Stream], context: Traced | None = None) -> Stream:
    """Return the stream that `work` gives of a context in variables of its own."""
    context = context or Traced("ada")
    context.variables = copy_context()

    def run() -> Stream:
        with context:
            return work(context)

    return context.variables.run(run)


def held(context: Traced) -> Stream:
    return hold(spans(), context)


def test_the_stream_and_the_teardown_run_where_the_work_was_done() -> None:
    context = Traced("ada")

    pieces = list(start(held, context))

    assert pieces == ["ada ada", "ada ada"]
    assert context.log == ["entered", ("left", None)]
    assert (span.get(), current()) == ("none", None)


def test_between_two_pieces_the_consumer_is_as_it_was() -> None:
    stream = start(held)

    seen = [(span.get(), current()) for _ in stream]

    assert seen == [("none", None)] * 2


@pytest.mark.parametrize("end", ["close", "drop"])
def test_a_stream_that_is_given_up_is_torn_down_there(end: str) -> None:
    context = Traced("ada")
    stream = start(held, context)
    next(stream)

    if end == "close":
        stream.close()
    del stream
    gc.collect()

    assert isinstance(context.last_error, GeneratorExit)
    assert (span.get(), context.teardowns) == ("none", 1)


@pytest.mark.parametrize("end", ["exhaust", "close", "drop"])
def test_a_stream_leaves_no_reference_cycle(end: str) -> None:
    context = Traced("ada")
    gone = weakref.ref(context)
    held_stream = start(held, context)
    assert context.variables is not None
    stream = run_steps(held_stream, context.variables)
    gc.collect()
    gc.disable()

    try:
        if end == "exhaust":
            assert len(list(stream)) == 2
        if end == "close":
            stream.close()
        del stream, held_stream, context
        assert gone() is None
    finally:
        gc.enable()


def test_a_stream_may_be_consumed_while_the_work_goes_on() -> None:
    pieces: list[str] = []

    def consume(context: Traced) -> Stream:
        pieces.extend(held(context))
        return held(context)

    rest = start(consume)

    assert [*pieces, *rest] == ["ada ada"] * 4


def test_it_is_current_for_the_stream_within_another_context() -> None:
    pieces: list[str] = []

    def consume(context: Traced) -> Stream:
        stream = held(context)
        with Job("inner"):
            pieces.append(next(stream))
            assert job.name == "inner"
        return stream

    rest = start(consume)

    assert [*pieces, *rest] == ["ada ada"] * 2


def test_an_error_of_the_stream_passes_through() -> None:
    context = Traced("ada")

    def fail() -> Iterator[str]:
        yield ""
        raise RuntimeError("cannot enter")

    stream = start(lambda context: hold(fail(), context), context)
    next(stream)

    with pytest.raises(RuntimeError, match="cannot enter"):
        next(stream)
    assert str(context.last_error) == "cannot enter"


def test_an_error_of_the_stream_passes_through_within_another_context() -> None:
    def fail() -> Iterator[str]:
        raise RuntimeError("cannot enter")
        yield ""

    def consume(context: Traced) -> Stream:
        stream = hold(fail(), context)
        with Job("inner"):
            next(stream)
        return stream

    with pytest.raises(RuntimeError, match="cannot enter"):
        start(consume)


def test_a_context_left_current_above_does_not_hide_it_from_the_stream() -> None:
    context, left = Traced("ada"), Job("left")
    context.variables = copy_context()

    def leave() -> Stream:
        context.push()
        left.push()
        stream = held(context)
        with pytest.raises(PopOrderError):
            context.pop()
        return stream

    pieces = list(context.variables.run(leave))

    assert pieces == ["ada ada", "ada ada"]
    assert (span.get(), context.teardowns) == ("none", 1)
    assert context.variables.get(Job.var) is left


def test_several_streams_end_in_any_order() -> None:
    context = Traced("ada")
    streams: list[Stream] = []

    def begin(context: Traced) -> Stream:
        streams.append(held(context))
        return held(context)

    last = start(begin, context)
    next(last)
    streams[0].close()
    before = context.teardowns

    assert (next(last), before) == ("ada ada", 0)
    assert list(last) == []
    assert context.teardowns == 1


def test_the_teardown_runs_there_even_if_the_last_use_is_elsewhere() -> None:
    context = Traced("ada")
    stream = start(held, context)

    with context:
        inside = current()
        pieces = list(stream)
        before = context.teardowns

    assert (inside, current()) == (context, None)
    assert pieces == ["ada none", "ada none"]
    assert (before, context.teardowns) == (0, 1)


def test_the_stream_runs_there_even_if_the_context_lingers_elsewhere() -> None:
    context = Traced("ada")
    stream = start(held, context)

    with linger(context):
        pieces = list(stream)
        before = context.teardowns

    assert pieces == ["ada ada", "ada ada"]
    assert (before, context.teardowns, current()) == (0, 1, None)


def test_the_stream_may_end_in_another_thread() -> None:
    context = Traced("ada")
    pieces: list[str] = []
    stream = start(held, context)

    thread = Thread(target=lambda: pieces.extend(stream))
    thread.start()
    thread.join()

    assert pieces == ["ada ada"] * 2
    assert context.log == ["entered", ("left", None)]


def test_a_stream_that_ends_in_a_copy_while_the_work_goes_on_is_torn_down_later() -> (
    None
):
    pieces: list[str] = []

    def consume(context: Traced) -> Stream:
        stream = held(context)

        def extend() -> None:
            pieces.extend(stream)

        thread = Thread(target=carry(extend))
        thread.start()
        thread.join()
        assert context.teardowns == 0
        return stream

    context = Traced("ada")
    start(consume, context)

    assert pieces == ["ada ada"] * 2
    assert context.teardowns == 1


def test_an_asynchronous_stream_runs_there_too() -> None:
    context = Traced("ada")

    async def names() -> AsyncIterator[str]:
        for piece in spans():
            await asyncio.sleep(0)
            yield piece

    async def consume(stream: Any) -> list[str]:
        return [piece async for piece in stream]

    def begin(context: Traced) -> Any:
        return hold(names(), context)

    assert asyncio.run(consume(start(begin, context))) == ["ada ada", "ada ada"]
    assert context.log == ["entered", ("left", None)]


# --- streams that hold no context


class Body:
    """Notes what is seen when it is iterated over and closed."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __iter__(self) -> Iterator[str]:
        while True:
            yield span.get()

    def close(self) -> None:
        self.seen.append(span.get())


def test_steps_run_in_the_variables_given_and_so_does_close() -> None:
    variables, body = copy_context(), Body()
    variables.run(span.set, "given")

    stream = run_steps(body, variables)
    first = next(stream)
    second = stream.send(None)
    stream.close()

    assert (first, second, body.seen) == ("given", "given", ["given"])
    assert span.get() == "none"


def test_what_cannot_be_closed_is_left_as_it_is() -> None:
    stream = run_steps(["a", "b"], copy_context())

    first = next(stream)
    stream.close()

    assert (first, list(stream)) == ("a", ["b"])


class AsyncBody:
    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            await asyncio.sleep(0)
            yield span.get()

    async def aclose(self) -> None:
        self.seen.append(span.get())


def test_an_asynchronous_stream_runs_in_the_variables_given_too() -> None:
    variables, body = copy_context(), AsyncBody()
    variables.run(span.set, "given")

    async def work() -> tuple[str, str]:
        stream = run_steps(body, variables)
        first = await anext(stream)
        await stream.aclose()
        return first, span.get()

    assert asyncio.run(work()) == ("given", "none")
    assert body.seen == ["given"]


class Letters:
    def __init__(self) -> None:
        self.left = iter("ab")

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        for letter in self.left:
            return letter
        raise StopAsyncIteration


def test_an_asynchronous_stream_that_cannot_be_closed_is_left_as_it_is() -> None:
    async def work() -> list[str]:
        stream = run_steps(Letters(), copy_context())
        first = await anext(stream)
        await stream.aclose()
        return [first, *[letter async for letter in stream]]

    assert asyncio.run(work()) == ["a", "b"]


def test_a_coroutine_runs_inside_the_variables_given_and_leaves_those_of_the_task() -> (
    None
):
    variables, seen = copy_context(), []
    variables.run(span.set, "given")

    async def double(number: int) -> int:
        token = span.set("set")
        await asyncio.sleep(0)
        seen.append(span.get())
        span.reset(token)
        return 2 * number

    async def work() -> tuple[int, str]:
        return await inside(variables, double, 2), span.get()

    assert asyncio.run(work()) == (4, "none")
    assert (seen, variables.run(span.get)) == (["set"], "given")


def test_a_context_that_stays_current_for_a_stream_is_popped_once() -> None:
    def work() -> None:
        job = Job()
        job.variables = variables
        with job:
            stream = hold(iter("ab"), job)
        with pytest.raises(NotPushedError):
            job.pop()
        stream.close()

    variables = copy_context()
    variables.run(work)


class Ready:
    """Is awaited by an iterator that knows nothing but the next step."""

    def __await__(self) -> Iterator[None]:
        return iter(())


def test_whatever_can_be_awaited_is_awaited_inside_variables() -> None:
    async def work() -> None:
        await inside(copy_context(), Ready)  # type: ignore[arg-type]  # an iterator

    asyncio.run(work())
