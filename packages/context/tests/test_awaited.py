"""Contexts that are entered with `async with`, and teardown that is awaited."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar, Token, copy_context
from typing import Any

import pytest
from jobs import Job, current
from loops import run

from tantalus_context import LeavingError, NotPushedError, PopOrderError, hold

span: ContextVar[str] = ContextVar("span", default="none")


def noting(
    job: Job, event: object
) -> Callable[[BaseException | None], Awaitable[None]]:
    """Return a coroutine function that notes `event` and the error."""

    async def note(error: BaseException | None) -> None:
        await asyncio.sleep(0)
        job.log.append((event, error, current() is job))

    return note


async def numbers(job: Job) -> AsyncIterator[int]:
    for number in range(3):
        await asyncio.sleep(0)
        assert current() is job
        yield number


def test_callbacks_of_both_kinds_run_in_one_order_the_newest_first() -> None:
    async def main() -> list[object]:
        async with Job() as job:
            job.on_teardown(noting(job, 1))
            job.on_teardown(lambda error: job.log.append(2))
            job.on_teardown(noting(job, 3))
            assert current() is job
        assert current() is None
        assert not job.is_entered
        return job.log

    assert run(main) == [
        "entered",
        (3, None, True),
        2,
        (1, None, True),
        ("left", None),
    ]


def test_apush_and_apop_do_what_async_with_does() -> None:
    async def main() -> list[object]:
        job = Job()
        await job.apush()
        job.on_teardown(noting(job, 1))
        await job.apop(error)
        return job.log

    error = ValueError()

    assert run(main) == ["entered", (1, error, True), ("left", error)]


def test_the_hook_at_the_begin_may_register_what_is_awaited_at_the_end() -> None:
    class Connected(Job):
        __slots__ = ()

        def entered(self) -> None:
            super().entered()
            self.on_teardown(noting(self, "disconnected"))

    async def main() -> list[object]:
        async with Connected() as job:
            pass
        return job.log

    assert run(main) == ["entered", ("disconnected", None, True), ("left", None)]


def test_a_callback_may_register_further_ones_and_leaving_too() -> None:
    class Late(Job):
        __slots__ = ()

        def leaving(self, error: BaseException | None) -> None:
            super().leaving(error)
            self.on_teardown(noting(self, "late"))

    async def main() -> list[object]:
        async with Late() as job:

            @job.on_teardown
            async def more(error: BaseException | None) -> None:
                job.on_teardown(noting(job, "more"))

        return job.log

    assert run(main) == [
        "entered",
        ("more", None, True),
        ("left", None),
        ("late", None, True),
    ]


def test_the_teardown_is_told_of_the_error_which_goes_on() -> None:
    error = ValueError("wrong")

    async def work(job: Job) -> None:
        async with job:
            job.on_teardown(noting(job, 1))
            raise error

    async def main() -> list[object]:
        job = Job()
        with pytest.raises(ValueError, match="wrong"):
            await work(job)
        return job.log

    assert run(main)[1:] == [(1, error, True), ("left", error)]


def test_the_teardown_runs_to_its_end_when_the_work_is_cancelled() -> None:
    async def main() -> list[object]:
        job = Job()

        async def work() -> None:
            async with job:
                job.on_teardown(noting(job, 1))
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return [type(entry[1]) for entry in job.log[1:]]  # type: ignore[index]

    assert run(main) == [asyncio.CancelledError] * 2


def test_all_callbacks_run_and_what_they_raise_is_raised_together() -> None:
    async def fail(error: BaseException | None) -> None:
        raise ValueError("first")

    def fail_too(error: BaseException | None) -> None:
        raise KeyError("second")

    async def main() -> Job:
        job = Job()
        await job.apush()
        job.on_teardown(noting(job, 1))
        job.on_teardown(fail_too)
        job.on_teardown(fail)
        with pytest.raises(ExceptionGroup) as caught:
            await job.apop()
        assert [type(one) for one in caught.value.exceptions] == [ValueError, KeyError]
        return job

    job = run(main)
    assert job.log[1] == (1, None, True)
    assert not job.is_entered


def test_one_error_of_the_hook_is_raised_as_itself() -> None:
    class Failing(Job):
        __slots__ = ()

        async def aleaving(self, error: BaseException | None) -> None:
            raise ValueError("hook")

    async def main() -> None:
        async with Failing():
            pass

    with pytest.raises(ValueError, match="hook"):
        run(main)


def test_a_context_is_left_during_its_awaited_teardown() -> None:
    async def main() -> None:
        async with Job() as job:

            @job.on_teardown
            async def again(error: BaseException | None) -> None:
                await asyncio.sleep(0)
                with pytest.raises(LeavingError):
                    job.push()
                with pytest.raises(LeavingError):
                    await job.apop()

    run(main)


def test_it_may_be_entered_several_times_and_anew() -> None:
    async def main() -> list[object]:
        job = Job()
        async with job:
            async with job:
                job.on_teardown(noting(job, "both"))
            with job:
                pass
            job.log.append("still entered")
        async with job:
            job.on_teardown(noting(job, "anew"))
        return job.log

    assert run(main) == [
        "entered",
        "still entered",
        ("both", None, True),
        ("left", None),
        "entered",
        ("anew", None, True),
        ("left", None),
    ]


def test_after_a_synchronous_push_nobody_would_await() -> None:
    async def main() -> None:
        job = Job()
        async with job:
            pass
        with job, pytest.raises(TypeError, match=r"'async\s+with', and register it wi"):
            job.on_teardown(noting(job, 1))

    run(main)


def test_a_callback_that_the_last_pop_cannot_await_is_told() -> None:
    async def main() -> list[object]:
        job = Job()
        await job.apush()
        job.on_teardown(lambda error: job.log.append("plain"))
        job.on_teardown(noting(job, "never"))
        with pytest.raises(RuntimeError, match=r"Cannot await .*note.* 'async with'"):
            job.pop()
        return job.log

    assert run(main) == ["entered", "plain", ("left", None)]


def test_it_can_be_popped_only_once() -> None:
    async def main() -> None:
        job = Job()
        await job.apush()
        await job.apop()
        with pytest.raises(NotPushedError):
            await job.apop()

    run(main)


def test_an_awaited_pop_in_the_wrong_order_is_torn_down_and_told() -> None:
    async def main() -> list[object]:
        outer, inner = Job("outer"), Job("inner")
        await outer.apush()
        outer.on_teardown(noting(outer, 1))
        await inner.apush()
        with pytest.raises(PopOrderError):
            await outer.apop()
        assert current() is inner
        await inner.apop()
        return outer.log

    assert run(main) == ["entered", (1, None, True), ("left", None)]


def test_an_awaited_pop_in_the_wrong_order_tells_of_its_teardown_too() -> None:
    async def fail(error: BaseException | None) -> None:
        raise ValueError

    async def main() -> list[type[BaseException]]:
        outer, inner = Job("outer"), Job("inner")
        await outer.apush()
        outer.on_teardown(fail)
        await inner.apush()
        with pytest.raises(ExceptionGroup) as caught:
            await outer.apop()
        await inner.apop()
        return [type(one) for one in caught.value.exceptions]

    assert run(main) == [PopOrderError, ValueError]


def test_another_task_may_pop_last() -> None:
    async def main() -> list[object]:
        job = Job()
        await job.apush()
        job.on_teardown(noting(job, 1))
        await asyncio.create_task(job.apop())
        job.var.set(None)
        return job.log

    assert run(main) == ["entered", (1, None, True), ("left", None)]


def test_tasks_at_the_same_time_have_contexts_of_their_own() -> None:
    async def work(number: int) -> bool:
        async with Job(str(number)) as job:
            job.on_teardown(noting(job, number))
            await asyncio.sleep(0)
            return current() is job

    async def main() -> list[bool]:
        return await asyncio.gather(*map(work, range(50)))

    assert all(run(main))


# --- streams


def test_the_end_of_a_held_stream_awaits_the_teardown() -> None:
    async def open_stream(job: Job) -> AsyncIterator[int]:
        async with job:
            job.on_teardown(noting(job, "awaited"))
            return hold(numbers(job), job)

    async def main() -> tuple[list[int], list[object]]:
        job = Job()
        stream = await open_stream(job)
        assert job.is_entered
        return [number async for number in stream], job.log

    assert run(main) == (
        [0, 1, 2],
        ["entered", ("awaited", None, True), ("left", None)],
    )


@pytest.mark.parametrize("begun", [False, True])
def test_closing_a_held_stream_awaits_the_teardown(begun: bool) -> None:
    async def main() -> list[Any]:
        async with Job() as job:
            job.on_teardown(noting(job, "awaited"))
            stream = hold(numbers(job), job)
        if begun:
            await anext(stream)
        await stream.aclose()
        await stream.aclose()
        return job.log

    log = run(main)

    assert [entry[0] for entry in log[1:]] == ["awaited", "left"]
    assert isinstance(log[1][1], GeneratorExit) is begun


def test_a_hold_ends_once_whoever_ends_it() -> None:
    async def main() -> int:
        async with Job() as job:
            stream: Any = hold(numbers(job), job)
        lease = stream._steps._lease
        await asyncio.gather(lease.aend(None), lease.aend(None))
        return job.teardowns

    assert run(main) == 1


def test_an_error_of_a_held_stream_reaches_the_awaited_teardown() -> None:
    error = ValueError("broken")

    async def broken() -> AsyncIterator[int]:
        yield 1
        raise error

    async def main() -> list[object]:
        async with Job() as job:
            job.on_teardown(noting(job, "awaited"))
            stream = hold(broken(), job)
        with pytest.raises(ValueError, match="broken"):
            _ = [number async for number in stream]
        return job.log

    assert run(main)[1] == ("awaited", error, True)


def test_a_stream_that_is_dropped_half_way_is_closed_by_the_loop() -> None:
    async def main() -> list[Any]:
        async with Job() as job:
            job.on_teardown(noting(job, "awaited"))
            stream = hold(numbers(job), job)
        await anext(stream)
        del stream
        gc.collect()
        while job.is_entered:
            await asyncio.sleep(0)
        return job.log

    assert [entry[0] for entry in run(main)[1:]] == ["awaited", "left"]


def test_the_stream_may_end_before_the_work_does() -> None:
    async def main() -> list[object]:
        async with Job() as job:
            job.on_teardown(noting(job, "awaited"))
            async for _ in hold(numbers(job), job):
                pass
            job.log.append("work")
        return job.log

    assert run(main) == ["entered", "work", ("awaited", None, True), ("left", None)]


def test_in_variables_of_its_own_the_teardown_may_reset_what_was_set_there() -> None:
    class Traced(Job):
        __slots__ = ("token",)
        token: Token[str]

    async def open_stream(job: Traced) -> AsyncIterator[str]:
        job.token = span.set("work")
        async with job:

            @job.on_teardown
            async def end(error: BaseException | None) -> None:
                await asyncio.sleep(0)
                span.reset(job.token)
                job.log.append(span.get())

            async def spans() -> AsyncIterator[str]:
                yield span.get()

            return hold(spans(), job)

    async def main() -> tuple[list[str], list[object]]:
        job = Traced()
        job.variables = copy_context()
        loop = asyncio.get_running_loop()
        task = loop.create_task(open_stream(job), context=job.variables)
        stream = await task
        return [one async for one in stream], job.log

    assert run(main) == (["work"], ["entered", "none", ("left", None)])
