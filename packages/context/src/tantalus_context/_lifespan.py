"""What a process opens before its work and closes after it, such as pools.

Each is a generator of one step: before its `yield` it opens, after that it closes. They
begin in the order in which they were registered and end in the reverse one, once in
each process that works; a process that was forked off does not take over what is open
in its parent. Asynchronous ones run on the loop of `run_elsewhere()`, each as one task
from its beginning to its end.
"""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import copy_context
from threading import RLock
from typing import Any, Generic, TypeVar

from ._ending import end_with_process
from ._errors import LifespanError

logger = logging.getLogger("tantalus_context")

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
# What lifespan functions are called with, if they take something: such as the app.
H = TypeVar("H")

_END: Any = object()


class Lifespan(Generic[H]):
    """Opens things once in a process, and closes them in reverse: `@lifespan`.

    Registered are generator functions, asynchronous or not, of one argument or none.
    What one yields is `lifespan[function]` from then on.
    """

    def __init__(self) -> None:
        #: The registered functions, in order.
        self.functions: list[Callable[..., Any]] = []
        #: Whether it is ending, or has ended, and not begun again.
        self.is_stopping = False
        self._running: dict[Callable[..., Any], _Running] = {}
        self._pid: int | None = None
        self._lock = RLock()

    def __call__(self, function: F) -> F:
        """Register a function; the same one only once.

        Raises:
            TypeError: It is no generator function, or takes more than one argument.
            LifespanError: It has begun already.
        """
        if self.is_started:
            raise LifespanError(
                function, "the others have begun before it is registered"
            )
        _check(function)
        if function not in self.functions:
            self.functions.append(function)
        return function

    @property
    def is_started(self) -> bool:
        """Whether it has begun in this process, and not ended."""
        return self._pid == os.getpid()

    def __getitem__(self, function: Callable[..., Any]) -> Any:
        """Return what a function has yielded in this process.

        Raises:
            LifespanError: It has not begun, or in another process.
        """
        if self._pid == os.getpid():
            running = self._running.get(function)
            if running is not None:
                return running.value
        raise LifespanError(function, self._why_not(function))

    def _why_not(self, function: Callable[..., Any]) -> str:
        if function not in self.functions:
            return "it is not registered"
        if self._pid is not None and self._pid != os.getpid():
            return (
                f"it has begun in process {self._pid}, from which this one was forked"
                " off; begin after the fork"
            )
        return "it has not begun, or has ended"

    def start(self, host: H) -> bool:
        """Begin all, unless they have begun, and have them end with the process.

        Args:
            host: What functions of one argument are called with.

        Returns:
            Whether they had not begun before.

        Raises:
            LifespanError: One did not yield, or they have begun before a `fork()`.
            Exception: What one raised. Those that had begun have been ended.
        """
        with self._lock:
            if self.is_started:
                return False
            if self._pid is not None:
                function = next(iter(self._running), self.start)
                raise LifespanError(function, self._why_not(function))
            self.is_stopping = False
            self._pid = os.getpid()  # so that one may use what those before it yielded
            try:
                for function in self.functions:
                    self._running[function] = _Running(function, host)
            except BaseException:
                self._end_all()
                self._pid = None
                raise
        end_with_process(self)
        return True

    def stop(self) -> None:
        """End all in reverse order. An error is logged, and the others end."""
        with self._lock:
            if self.is_started:
                self.is_stopping = True
                self._end_all()
                self._pid = None

    def _end_all(self) -> None:
        while self._running:
            function, running = self._running.popitem()
            try:
                running.end()
            except BaseException:
                logger.exception("%s failed at its end", _name(function))


class _Running:
    """A lifespan function between its beginning and its end."""

    def __init__(self, function: Callable[..., Any], host: object) -> None:
        self._function = function
        arguments = (host,) if inspect.signature(function).parameters else ()
        made = function(*arguments)
        self._steps: Any = _iterated(made)
        # What it sets at its beginning it may reset at its end.
        self._variables = copy_context()
        self.value = self._variables.run(next, self._steps, _END)
        if self.value is _END:
            raise LifespanError(function, "it has ended without a yield")

    def end(self) -> None:
        """Have it do what comes after its `yield`."""
        if self._variables.run(next, self._steps, _END) is not _END:
            self._variables.run(self._steps.close)
            raise LifespanError(self._function, "it yields twice")


def _iterated(steps: Iterator[Any] | AsyncIterator[Any]) -> Iterator[Any]:
    if not isinstance(steps, AsyncIterator):
        return steps
    # It brings asyncio, which takes its time.
    from ._streams import iterate_elsewhere  # noqa: PLC0415 - see above

    return iterate_elsewhere(steps)


def _check(function: Callable[..., Any]) -> None:
    if not (
        inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    ):
        raise TypeError(
            f"{function!r} is no generator function. Write what it opens, then `yield`"
            " what others use of it, then what closes it."
        )
    if len(inspect.signature(function).parameters) > 1:
        raise TypeError(f"{_name(function)} takes more than one argument.")


def _name(function: Callable[..., Any]) -> str:
    return f"Lifespan {function.__module__}.{function.__qualname__}"
