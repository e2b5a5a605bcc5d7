"""What is raised when contexts are used in the wrong order.

ContextError          a RuntimeError, base of the others
├── NotPushedError    the context is not entered
├── LeavingError      the context is being torn down
└── PopOrderError     another context was pushed after it and is still current

LifespanError         a RuntimeError: a lifespan function is asked for what it cannot do
WorkersBusyError      a RuntimeError: no thread of a pool is free, and too many wait
"""

from __future__ import annotations

from collections.abc import Callable


class ContextError(RuntimeError):
    """A context was used in a way its state does not allow."""


class NotPushedError(ContextError):
    """A context was popped or held while it was not entered.

    Attributes:
        context: The context that is not entered.
        action: What was attempted: "pop" or "hold".
    """

    def __init__(self, context: object, action: str) -> None:
        self.context = context
        self.action = action
        super().__init__(context, action)

    def __str__(self) -> str:
        return (
            f"Cannot {self.action} {self.context!r}: it is not pushed."
            " Push it first, and pop it once for each push."
        )


class LeavingError(ContextError):
    """A context was pushed, popped or held during its own teardown.

    Attributes:
        context: The context that is being torn down.
        action: What was attempted: "push", "pop" or "hold".
    """

    def __init__(self, context: object, action: str) -> None:
        self.context = context
        self.action = action
        super().__init__(context, action)

    def __str__(self) -> str:
        return (
            f"Cannot {self.action} {self.context!r}: its teardown has begun."
            " During teardown it is still current, and is popped at its end."
        )


class PopOrderError(ContextError):
    """A context was popped while another one, pushed later, was current.

    When this is raised, `popped` has been taken out and torn down as by any other
    pop; `current` is still current and has to be popped itself.

    Attributes:
        popped: The context whose `pop()` was called.
        current: The context that should have been popped before.
        pushed_at: Where `current` was pushed, if pushes are recorded.
    """

    def __init__(self, popped: object, current: object, pushed_at: str | None) -> None:
        self.popped = popped
        self.current = current
        self.pushed_at = pushed_at
        super().__init__(popped, current, pushed_at)

    def __str__(self) -> str:
        place = f" (pushed at {self.pushed_at})" if self.pushed_at else ""
        return (
            f"Popped {self.popped!r} while {self.current!r}{place} was current."
            " Pop contexts in the reverse order of their pushes, or use 'with'."
        )


class WorkersBusyError(RuntimeError):
    """A pool of workers was given a call that it would have to keep waiting for long.

    Attributes:
        limit: How many threads the pool may have; all are at work.
        queued: How many calls are waiting for one of them.
    """

    def __init__(self, limit: int, queued: int) -> None:
        self.limit = limit
        self.queued = queued
        super().__init__(limit, queued)

    def __str__(self) -> str:
        return (
            f"All {self.limit} workers are busy and {self.queued} calls are waiting."
            " Refuse this one (a web server answers 503), or give Workers() a larger"
            " limit, if what the calls wait for can take more at once."
        )


class LifespanError(RuntimeError):
    """A lifespan function did not do what it has to, or has not begun.

    Attributes:
        function: The function.
        problem: What is wrong, as a sentence without its end.
    """

    def __init__(self, function: Callable[..., object], problem: str) -> None:
        self.function = function
        self.problem = problem
        super().__init__(function, problem)

    def __str__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        where = getattr(self.function, "__module__", "?")
        return f"Lifespan function {where}.{name}: {self.problem}."
