"""A family of contexts that write down what happens to them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, ClassVar

from tantalus_context import Context, proxy


class Job(Context):
    """A context with a name; `log` collects its events, in their order."""

    __slots__ = ("errors", "log", "name")

    var: ClassVar[ContextVar[Any]] = ContextVar("job")

    def __init__(self, name: str = "job") -> None:
        super().__init__()
        self.name = name
        self.log: list[object] = []
        self.errors: list[BaseException | None] = []

    def entered(self) -> None:
        self.log.append("entered")

    def leaving(self, error: BaseException | None) -> None:
        assert self.var.get() is self
        self.log.append(("left", error))
        self.errors.append(error)

    @property
    def teardowns(self) -> int:
        return len(self.errors)

    @property
    def last_error(self) -> BaseException | None:
        return self.errors[-1]

    def __repr__(self) -> str:
        return f"<Job {self.name}>"


job: Job = proxy(Job.var, unbound_message="There is no job.")


def current() -> Job | None:
    found: Job | None = Job.var.get(None)
    return found
