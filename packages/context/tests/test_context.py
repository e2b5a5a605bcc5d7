from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from contextvars import ContextVar, Token, copy_context
from functools import partial
from threading import Thread
from typing import Any, NoReturn

import greenlet
import pytest
from jobs import Job, current

from tantalus_context import (
    Context,
    ContextError,
    LeavingError,
    NotPushedError,
    PopOrderError,
    active_contexts,
    hold,
)
from tantalus_context._context import keep, release


def in_thread(function: Callable[[], object]) -> None:
    thread = Thread(target=function)
    thread.start()
    thread.join()


def failing(error: BaseException) -> Callable[[BaseException | None], NoReturn]:
    def fail(_: BaseException | None) -> NoReturn:
        raise error

    return fail


# --- pushing and popping


def test_a_pushed_context_is_current_until_it_is_popped() -> None:
    job = Job()

    job.push()
    inside = current()
    job.pop()

    assert inside is job
    assert current() is None


def test_with_pushes_and_pops_and_gives_the_context() -> None:
    with Job() as job:
        assert current() is job

    assert job.log == ["entered", ("left", None)]


def test_a_nested_context_gives_way_to_the_outer_one() -> None:
    with Job("outer") as outer:
        with Job("inner"):
            pass

        assert current() is outer


def test_families_with_variables_of_their_own_do_not_meet() -> None:
    with Context() as context, Job() as job:
        assert Context.var.get() is context
        assert current() is job


def test_teardown_of_a_context_pushed_again_waits_for_the_last_pop() -> None:
    job = Job()

    with job:
        with job, job:
            pass
        assert current() is job
        assert job.log == ["entered"]

    assert job.log == ["entered", ("left", None)]


def test_a_context_pushed_again_above_another_one_is_popped_to_that_one() -> None:
    first, second = Job("first"), Job("second")

    with first, second:
        with first:
            assert current() is first
        assert current() is second
    assert first.teardowns == second.teardowns == 1


def test_a_context_can_be_pushed_anew_after_its_teardown() -> None:
    job = Job()

    with job:
        pass
    with job:
        pass

    assert job.log == ["entered", ("left", None)] * 2


def test_is_entered_tells_whether_there_is_a_use_left() -> None:
    job = Job()

    before = job.is_entered
    with job:
        inside = job.is_entered

    assert (before, inside, job.is_entered) == (False, True, False)


def test_an_error_in_the_block_reaches_the_teardown_and_the_caller() -> None:
    error = ValueError("broken")
    job = Job()

    with pytest.raises(ValueError, match="broken"), job:
        raise error

    assert job.log == ["entered", ("left", error)]


def test_an_error_handled_between_two_pushes_does_not_reach_the_teardown() -> None:
    job = Job()

    with job, pytest.raises(ValueError, match="handled"), job:
        raise ValueError("handled")

    assert job.log == ["entered", ("left", None)]


def test_an_error_in_entered_pops_the_context_again() -> None:
    class Unlucky(Job):
        def entered(self) -> None:
            raise ValueError("no luck")

    job = Unlucky()

    with pytest.raises(ValueError, match="no luck") as caught:
        job.push()

    assert current() is None
    assert job.log == [("left", caught.value)]


# --- mistakes


def test_popping_a_context_that_is_not_pushed_is_refused() -> None:
    with pytest.raises(
        NotPushedError, match="Cannot pop <Job idle>: it is not pushed"
    ) as caught:
        Job("idle").pop()

    assert caught.value.action == "pop"


def test_popping_once_too_often_is_refused() -> None:
    with Job("done") as job:
        pass

    with pytest.raises(NotPushedError, match="once for each push"):
        job.pop()

    assert job.teardowns == 1


def test_popping_a_context_that_is_only_held_is_refused() -> None:
    with Job("held") as job:
        stream = hold([1], job)

    with pytest.raises(NotPushedError, match="<Job held>"):
        job.pop()

    stream.close()
    assert job.teardowns == 1


def test_popping_a_held_context_below_another_one_is_refused() -> None:
    with Job("held") as job:
        stream = hold([1], job)

    with Job("other"), pytest.raises(NotPushedError, match="<Job held>"):
        job.pop()

    stream.close()


def test_popping_in_the_wrong_order_names_both_contexts() -> None:
    outer, inner = Job("outer"), Job("inner")
    outer.push()
    inner.push()

    with pytest.raises(
        PopOrderError, match="Popped <Job outer> while <Job inner> was current"
    ) as caught:
        outer.pop()

    assert caught.value.popped is outer
    assert caught.value.current is inner
    assert isinstance(caught.value, ContextError)
    assert isinstance(caught.value, RuntimeError)
    inner.pop()


def test_a_context_popped_too_early_is_torn_down_and_the_current_one_stays() -> None:
    outer, inner = Job("outer"), Job("inner")
    outer.push()
    inner.push()

    with pytest.raises(PopOrderError):
        outer.pop()

    assert outer.teardowns == 1
    assert current() is inner
    inner.pop()
    assert current() is None
    assert inner.teardowns == 1


def test_a_context_taken_out_below_several_leaves_all_of_them_in_order() -> None:
    base, lost, middle, top = (Job(name) for name in ("base", "lost", "middle", "top"))
    base.push()
    lost.push()
    middle.push()
    top.push()

    with pytest.raises(PopOrderError):
        lost.pop()

    order = []
    for job in (top, middle, base):
        order.append(current())
        job.pop()
    assert order == [top, middle, base]
    assert current() is None


def test_a_context_that_leaks_a_push_does_not_stop_the_outer_teardown() -> None:
    leaked = Job("leaked")

    with pytest.raises(PopOrderError, match="<Job leaked>"), Job("outer") as outer:
        leaked.push()

    assert outer.teardowns == 1
    leaked.pop()


def test_a_wrong_order_and_a_failing_teardown_are_raised_together() -> None:
    outer, inner = Job("outer"), Job("inner")
    outer.on_teardown(failing(ValueError("teardown")))
    outer.push()
    inner.push()

    with pytest.raises(ExceptionGroup) as caught:
        outer.pop()

    assert [type(error) for error in caught.value.exceptions] == [
        PopOrderError,
        ValueError,
    ]
    inner.pop()


def test_the_lower_push_of_a_context_pushed_twice_survives_a_wrong_order() -> None:
    twice, other = Job("twice"), Job("other")
    twice.push()
    twice.push()
    other.push()

    with pytest.raises(PopOrderError):
        twice.pop()

    assert twice.teardowns == 0
    other.pop()
    assert current() is twice
    twice.pop()
    assert twice.teardowns == 1


def test_popping_the_outer_context_in_the_teardown_of_the_inner_one_is_an_error() -> (
    None
):
    base, outer, inner = Job("base"), Job("outer"), Job("inner")
    base.push()
    outer.push()
    inner.push()
    inner.on_teardown(lambda _: outer.pop())

    with pytest.raises(PopOrderError, match="Popped <Job outer> while <Job inner>"):
        inner.pop()

    assert outer.teardowns == inner.teardowns == 1
    assert current() is base
    base.pop()


def test_a_context_that_is_seen_after_its_teardown_hides_what_was_below() -> None:
    gone, other = Job("gone"), Job("other")
    copies = []

    def push_and_copy() -> None:
        with other, gone:
            copies.append(copy_context())

    copy_context().run(push_and_copy)
    other.push()

    copies[0].run(other.pop)

    assert other.teardowns == 2
    assert copies[0].run(current) is gone
    Job.var.set(None)


@pytest.mark.parametrize("action", ["push", "pop", "hold"])
def test_using_a_context_in_its_own_teardown_is_refused(action: str) -> None:
    job = Job("leaving")
    attempts: dict[str, Callable[[], object]] = {
        "push": job.push,
        "pop": job.pop,
        "hold": lambda: hold([], job),
    }
    job.on_teardown(lambda _: attempts[action]())
    job.push()

    with pytest.raises(
        LeavingError, match=f"Cannot {action} <Job leaving>: its teardown has begun"
    ) as caught:
        job.pop()

    assert caught.value.context is job
    assert job.teardowns == 1


# --- teardown


def test_callbacks_run_in_reverse_order_and_before_leaving() -> None:
    with Job() as job:
        job.on_teardown(lambda _: job.log.append("first"))
        job.on_teardown(lambda _: job.log.append("second"))

    assert job.log == ["entered", "second", "first", ("left", None)]


def test_callbacks_see_the_context_and_the_error() -> None:
    seen: list[object] = []
    error = ValueError("broken")
    job = Job()
    job.on_teardown(lambda given: seen.extend([current(), given]))

    with pytest.raises(ValueError, match="broken"), job:
        raise error

    assert seen == [job, error]


def test_callbacks_run_for_one_teardown_only() -> None:
    job = Job()
    job.on_teardown(lambda _: job.log.append("callback"))

    with job:
        pass
    with job:
        pass

    assert job.log.count("callback") == 1


def test_on_teardown_is_a_decorator() -> None:
    job = Job()

    @job.on_teardown
    def callback(error: BaseException | None) -> None:
        job.log.append("called")

    with job:
        pass

    assert "called" in job.log
    assert callable(callback)


def test_callbacks_registered_during_teardown_run_too() -> None:
    class Late(Job):
        def leaving(self, error: BaseException | None) -> None:
            super().leaving(error)
            self.on_teardown(lambda _: self.log.append("from leaving"))

    job = Late()
    job.on_teardown(
        lambda _: job.on_teardown(lambda _: job.log.append("from a callback"))
    )

    with job:
        pass

    assert job.log == ["entered", "from a callback", ("left", None), "from leaving"]


def test_a_failing_callback_stops_no_other_and_is_raised_as_itself() -> None:
    error = ValueError("callback")
    job = Job()
    job.on_teardown(lambda _: job.log.append("other"))
    job.on_teardown(failing(error))

    with pytest.raises(ValueError, match="callback") as caught, job:
        pass

    assert caught.value is error
    assert job.log == ["entered", "other", ("left", None)]
    assert current() is None
    assert not job.is_entered


def test_several_failures_are_raised_as_a_group_in_the_order_they_came() -> None:
    class Failing(Job):
        def leaving(self, error: BaseException | None) -> None:
            self.on_teardown(failing(KeyError("late")))
            raise TypeError("leaving")

    job = Failing("bad")
    job.on_teardown(failing(ValueError("callback")))
    job.push()

    with pytest.raises(
        ExceptionGroup, match="3 errors when <Job bad> was left"
    ) as caught:
        job.pop()

    kinds = [type(error) for error in caught.value.exceptions]
    assert kinds == [ValueError, TypeError, KeyError]
    assert current() is None


def test_a_group_with_an_interrupt_is_a_base_exception_group() -> None:
    job = Job()
    job.on_teardown(failing(KeyboardInterrupt()))
    job.on_teardown(failing(ValueError("callback")))
    job.push()

    with pytest.raises(BaseExceptionGroup) as caught:
        job.pop()

    assert not isinstance(caught.value, ExceptionGroup)
    assert job.teardowns == 1


# --- threads, tasks, copies


def test_popping_in_another_thread_runs_the_teardown_there() -> None:
    job = Job()
    variables = copy_context()
    variables.run(job.push)

    in_thread(job.pop)

    assert job.teardowns == 1


def test_popping_elsewhere_leaves_what_is_current_there_alone() -> None:
    stray = Job("stray")
    copy_context().run(stray.push)

    with Job("innocent") as innocent:
        stray.pop()
        assert current() is innocent

    assert stray.teardowns == innocent.teardowns == 1


def test_popping_in_a_copy_of_the_variables_restores_what_was_there_before() -> None:
    with Job("outer") as outer:
        inner = Job("inner")
        inner.push()
        variables = copy_context()

        variables.run(inner.pop)

        assert variables.get(Job.var) is outer
        assert inner.teardowns == 1
        Job.var.set(outer)  # a copy cannot change the variables it was made from


def test_popping_in_a_copy_of_the_variables_leaves_nothing_current_there() -> None:
    job = Job()
    copies = []

    def push_and_copy() -> None:
        job.push()
        copies.append(copy_context())

    copy_context().run(push_and_copy)
    copies[0].run(job.pop)

    assert copies[0].run(current) is None
    assert job.teardowns == 1


def test_a_wrong_order_in_a_copy_of_the_variables_tears_down_only_the_popped() -> None:
    outer, inner = Job("outer"), Job("inner")
    copies = []

    def push_both_and_copy() -> None:
        outer.push()
        inner.push()
        copies.append(copy_context())

    copy_context().run(push_both_and_copy)
    copies[0].run(outer.pop)

    assert outer.teardowns == 1
    assert inner.teardowns == 0
    assert copies[0].run(current) is inner


def test_one_context_used_by_two_threads_is_torn_down_after_both() -> None:
    job = Job()
    seen = []

    def use() -> None:
        with job:
            seen.append(current())
        seen.append(current())

    with job:
        in_thread(use)
        assert job.teardowns == 0

    assert seen == [job, None]
    assert job.teardowns == 1


def test_each_thread_undoes_its_own_push_of_a_shared_context() -> None:
    job, below = Job("shared"), Job("below")
    other = copy_context()
    below.push()
    job.push()
    other.run(job.push)  # newer, but of another execution

    job.pop()

    assert current() is below
    other.run(job.pop)
    assert other.run(current) is None
    assert job.teardowns == 1
    below.pop()


def test_a_shared_context_popped_in_a_third_place_leaves_nothing_current_there() -> (
    None
):
    job = Job()
    copies = []

    def push_twice_and_copy() -> None:
        job.push()
        job.push()
        copies.append(copy_context())

    copy_context().run(push_twice_and_copy)
    copies[0].run(job.pop)

    assert copies[0].run(current) is job
    copies[0].run(job.pop)
    assert copies[0].run(current) is None
    assert job.teardowns == 1


def test_a_generator_finalised_elsewhere_tears_its_context_down() -> None:
    job = Job()

    def generate() -> Generator[int, None, None]:
        with job:
            yield 1

    stream = generate()
    copy_context().run(lambda: next(stream))
    in_thread(stream.close)

    assert isinstance(job.last_error, GeneratorExit)
    assert job.teardowns == 1


class CollectingVar:
    """A variable; setting it ends a use, as if the collector ran at that moment."""

    def __init__(self) -> None:
        self.variable: ContextVar[object] = ContextVar("collecting")
        self.get = self.variable.get
        self.reset = self.variable.reset
        self.collect: Callable[[], object] | None = None

    def set(self, value: object) -> Token[object]:
        token = self.variable.set(value)
        if self.collect is not None:
            collect, self.collect = self.collect, None
            collect()
        return token


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> CollectingVar:
    variable = CollectingVar()
    monkeypatch.setattr(Job, "var", variable)
    return variable


def test_a_context_whose_last_hold_ends_while_it_is_pushed_again_is_entered_anew(
    collecting: CollectingVar,
) -> None:
    job = Job()
    job.push()
    keep(job)
    job.pop()
    collecting.collect = lambda: release(job, None)

    job.push()

    assert job.log == ["entered", ("left", None), "entered"]
    assert collecting.get() is job
    job.pop()
    assert job.teardowns == 2


def test_a_context_whose_last_hold_ends_while_it_is_taken_out_is_torn_down_once(
    collecting: CollectingVar,
) -> None:
    outer, inner = Job("outer"), Job("inner")
    outer.push()
    keep(outer)
    inner.push()
    collecting.collect = lambda: release(outer, None)

    with pytest.raises(PopOrderError):
        outer.pop()

    assert outer.teardowns == 1
    inner.pop()


def test_a_context_whose_last_hold_ends_while_it_is_popped_is_torn_down_once(
    collecting: CollectingVar,
) -> None:
    job = Job()
    elsewhere = copy_context()
    elsewhere.run(job.push)
    elsewhere.run(job.push)
    copied = elsewhere.copy()
    keep(job)
    copied.run(job.pop)
    collecting.collect = lambda: release(job, None)

    copied.run(job.pop)

    assert job.teardowns == 1


# --- memory


def test_a_context_is_freed_at_once_when_it_was_popped() -> None:
    job = Job()
    reference = weakref.ref(job)
    gc.disable()

    with job:
        pass
    del job

    freed = reference() is None
    gc.enable()
    assert freed


def test_a_failed_teardown_leaves_no_cycle() -> None:
    class Failing(Job):
        def leaving(self, error: BaseException | None) -> None:
            raise ValueError("teardown")

    job = Failing()
    reference = weakref.ref(job)
    gc.disable()

    with suppress(ValueError):
        job.push()
        job.pop()
    del job

    freed = reference() is None
    gc.enable()
    assert freed


def test_a_context_has_no_dict() -> None:
    assert not hasattr(Context(), "__dict__")


# --- recording


def test_nothing_is_recorded_unless_asked_for() -> None:
    with Job() as job:
        assert job.pushed_at is None
        assert active_contexts() == []


@pytest.mark.usefixtures("recording")
def test_the_place_of_the_first_push_is_recorded() -> None:
    with Job() as job:
        job.push()
        job.pop()

    assert job.pushed_at is not None
    assert job.pushed_at.startswith(f"{__file__}:")
    assert job.pushed_at.endswith(" in test_the_place_of_the_first_push_is_recorded")


@pytest.mark.usefixtures("recording")
def test_the_recorded_place_is_not_in_the_context_itself_or_in_contextlib() -> None:
    class Eager(Job):
        def push(self) -> None:
            super().push()

    with ExitStack() as stack:
        job = stack.enter_context(Eager())

    assert job.pushed_at is not None
    assert job.pushed_at.endswith("_in_the_context_itself_or_in_contextlib")


@pytest.mark.usefixtures("recording")
def test_a_push_that_nobody_called_is_recorded_all_the_same() -> None:
    job = Job()

    greenlet.greenlet(job.push).switch()

    assert job.pushed_at == "an unknown place"
    job.pop()


@pytest.mark.usefixtures("recording")
def test_active_contexts_are_those_entered_in_any_thread_oldest_first() -> None:
    first, second, other = Job("first"), Job("second"), Context()

    in_thread(first.push)
    second.push()
    other.push()

    assert active_contexts() == [first, second, other]
    assert active_contexts(Job.var) == [first, second]
    other.pop()
    second.pop()
    assert active_contexts() == [first]
    first.pop()
    assert active_contexts() == []


@pytest.mark.usefixtures("recording")
def test_the_record_keeps_no_context_alive() -> None:
    job = Job()
    in_thread(job.push)
    del job

    gc.collect()

    assert active_contexts() == []


@pytest.mark.usefixtures("recording")
def test_a_wrong_order_tells_where_the_current_context_was_pushed() -> None:
    outer, inner = Job("outer"), Job("inner")
    outer.push()
    inner.push()

    with pytest.raises(PopOrderError, match=rf"\(pushed at {__file__}:\d+ in test_a_w"):
        outer.pop()

    inner.pop()


def test_a_constructor_that_left_ours_out_is_told_at_the_push() -> None:
    class Unmade(Context):
        def __init__(self) -> None:
            pass

    with pytest.raises(ContextError, match=r"Call super\(\).__init__\(\) in Unmade"):
        Unmade().push()


# --- what cannot be called at the end


class AwaitedCleanup:
    async def __call__(self, error: BaseException | None) -> None: ...


async def clean_up(error: BaseException | None) -> None: ...


@pytest.mark.parametrize(
    "callback",
    [clean_up, partial(clean_up), AwaitedCleanup(), AwaitedCleanup().__call__],
    ids=["function", "partial", "object", "method"],
)
def test_a_coroutine_function_is_refused_at_registration(callback: Any) -> None:
    context = Job()

    with pytest.raises(TypeError, match=r"coroutine function.* Register a plain func"):
        context.on_teardown(callback)


def test_what_cannot_be_called_is_refused_at_registration() -> None:
    with pytest.raises(TypeError, match=r"None .*cannot be called.* Pass the function"):
        Job().on_teardown(None)  # type: ignore[arg-type] # what is tested
