"""Dependencies that are generators: opened in order, closed in the reverse one.

What the view raised is thrown into each of them. One may do its own work with it, and
raise something else instead; none can make it undone, for then there is no answer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from functools import partial
from types import TracebackType
from typing import Any

from ._errors import DependencyError
from ._signature import MISSING

# Makes a call elsewhere, and is awaited.
Hop = Callable[[Callable[[], Any]], Awaitable[Any]]
Opened = Generator[Any, None, None] | AsyncGenerator[Any, None]  # Any: what they give


class Closing:
    """The generators that one request has opened.

    A host that closes later than at the end of the view gives its own to `Binder`, and
    calls `close()`.

    Args:
        hop: Is awaited to resume plain generators elsewhere, several in one call.
    """

    __slots__ = ("_hop", "_opened")

    def __init__(self, hop: Hop | None = None) -> None:
        self._opened: list[Any] = []  # Any: of both kinds of `Opened`
        self._hop = hop

    def enter(self, generator: Generator[Any, None, None]) -> Any:
        """Return what a generator yields, and keep it open.

        Raises:
            DependencyError: It yields nothing.
        """
        value = next(generator, MISSING)
        if value is MISSING:
            raise DependencyError(f"{_name(generator)} yields nothing.")
        self._opened.append(generator)
        return value

    async def enter_async(self, generator: AsyncGenerator[Any, None]) -> Any:
        """Return what an async generator yields, and keep it open."""
        value = await anext(generator, MISSING)
        if value is MISSING:
            raise DependencyError(f"{_name(generator)} yields nothing.")
        self._opened.append(generator)
        return value

    def close(self, error: BaseException | None = None) -> None:
        """Resume all generators, the last first, even if one of them raises.

        Args:
            error: Is thrown into them.

        Raises:
            BaseException: What a generator raised last, if it is not `error`.
        """
        final = error
        while self._opened:
            final = _resume(self._opened.pop(), final)
        if final is not None and final is not error:
            raise final

    async def close_async(self, error: BaseException | None = None) -> None:
        """Do the same with generators of both kinds."""
        final = error
        while self._opened:
            if isinstance(self._opened[-1], AsyncGenerator):
                final = await _resume_async(self._opened.pop(), final)
            elif self._hop is None:
                final = self._resume_plain(final)
            else:
                final = await self._hop(partial(self._resume_plain, final))
        if final is not None and final is not error:
            raise final

    def _resume_plain(self, error: BaseException | None) -> BaseException | None:
        """Resume the last generators that are plain; return the error that goes on."""
        while self._opened and not isinstance(self._opened[-1], AsyncGenerator):
            error = _resume(self._opened.pop(), error)
        return error

    def __enter__(self) -> Closing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(error)

    async def __aenter__(self) -> Closing:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close_async(error)


def _name(generator: Any) -> str:
    return str(getattr(generator, "__qualname__", generator)).rpartition("<locals>.")[2]


def _resume(
    generator: Generator[Any, None, None], error: BaseException | None
) -> BaseException | None:
    """Return the error that goes on to the next generator."""
    try:
        if error is None:
            next(generator)
        else:
            generator.throw(error)
    except StopIteration:
        return error
    except BaseException as raised:
        return raised
    generator.close()
    return DependencyError(f"{_name(generator)} yields twice.")


async def _resume_async(
    generator: AsyncGenerator[Any, None], error: BaseException | None
) -> BaseException | None:
    try:
        if error is None:
            await anext(generator)
        else:
            await generator.athrow(error)
    except StopAsyncIteration:
        return error
    except BaseException as raised:
        return raised
    await generator.aclose()
    return DependencyError(f"{_name(generator)} yields twice.")
