"""Pushes, pops and holds in any order, against an obvious model.

The model of one thread is a list of contexts: a push appends, a pop removes the last
occurrence, and what is current is the last item. A context is torn down when it is
neither in the list of any thread nor held.
"""

from __future__ import annotations

from collections.abc import Generator
from contextvars import copy_context
from itertools import islice

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
)
from jobs import Job, current

from tantalus_context import NotPushedError, PopOrderError, hold

NAMES = ["a", "b", "c"]
names = st.sampled_from(NAMES)


class Nesting(RuleBasedStateMachine):
    """One thread; pops may come in the wrong order or once too often."""

    streams = Bundle("streams")

    def __init__(self) -> None:
        super().__init__()
        self.here = copy_context()
        self.jobs = {name: Job(name) for name in NAMES}
        self.stack: list[Job] = []
        self.holds: list[Job] = []
        self.rounds = dict.fromkeys(NAMES, 0)

    @rule(name=names)
    def push(self, name: str) -> None:
        job = self.jobs[name]
        self.note_the_beginning(job)
        self.here.run(job.push)
        self.stack.append(job)

    @rule(name=names)
    def pop(self, name: str) -> None:
        job = self.jobs[name]
        expected = self.expected_error(job)
        try:
            self.here.run(job.pop)
        except (NotPushedError, PopOrderError) as error:
            raised: type[Exception] | None = type(error)
        else:
            raised = None
        assert raised is expected
        self.remove_the_last(job)

    @precondition(lambda self: self.stack)
    @rule(target=streams, data=st.data())
    def hold_something(
        self, data: st.DataObject
    ) -> tuple[Job, Generator[int, None, None]]:
        job = data.draw(st.sampled_from(self.stack))
        self.holds.append(job)
        return job, self.here.run(hold, [1, 2], job)

    @rule(stream=consumes(streams))
    def exhaust(self, stream: tuple[Job, Generator[int, None, None]]) -> None:
        job, held = stream
        assert list(held) == [1, 2]
        self.holds.remove(job)

    @rule(stream=consumes(streams), steps=st.integers(0, 2))
    def close(self, stream: tuple[Job, Generator[int, None, None]], steps: int) -> None:
        job, held = stream
        assert list(islice(held, steps)) == [1, 2][:steps]
        held.close()
        self.holds.remove(job)

    @invariant()
    def the_last_one_is_current(self) -> None:
        expected = self.stack[-1] if self.stack else None
        assert self.here.run(current) is expected

    @invariant()
    def each_is_torn_down_once_after_its_last_use(self) -> None:
        for name, job in self.jobs.items():
            is_used = job in self.stack or job in self.holds
            assert job.is_entered is is_used
            assert job.teardowns == self.rounds[name] - is_used

    def note_the_beginning(self, job: Job) -> None:
        self.rounds[job.name] += not job.is_entered

    def expected_error(self, job: Job) -> type[Exception] | None:
        if job not in self.stack:
            return NotPushedError
        return None if self.stack[-1] is job else PopOrderError

    def remove_the_last(self, job: Job) -> None:
        for index in reversed(range(len(self.stack))):
            if self.stack[index] is job:
                del self.stack[index]
                return


class Sharing(RuleBasedStateMachine):
    """Several executions that use the same contexts, each in the right order."""

    places = st.integers(0, 2)

    def __init__(self) -> None:
        super().__init__()
        self.variables = [copy_context() for _ in range(3)]
        self.stacks: list[list[Job]] = [[], [], []]
        self.jobs = {name: Job(name) for name in NAMES}
        self.rounds = dict.fromkeys(NAMES, 0)

    @rule(place=places, name=names)
    def push(self, place: int, name: str) -> None:
        job = self.jobs[name]
        self.rounds[name] += not job.is_entered
        self.variables[place].run(job.push)
        self.stacks[place].append(job)

    @rule(place=places)
    def pop(self, place: int) -> None:
        if self.stacks[place]:
            job = self.stacks[place].pop()
            self.variables[place].run(job.pop)

    @invariant()
    def each_place_has_its_own_current_context(self) -> None:
        for variables, stack in zip(self.variables, self.stacks, strict=True):
            assert variables.run(current) is (stack[-1] if stack else None)

    @invariant()
    def each_is_torn_down_once_after_its_last_use(self) -> None:
        for name, job in self.jobs.items():
            is_used = any(job in stack for stack in self.stacks)
            assert job.teardowns == self.rounds[name] - is_used


TestNesting = Nesting.TestCase
TestSharing = Sharing.TestCase
