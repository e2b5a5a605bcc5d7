"""A context made current again after its work, for those who look into it.

A test client does so with the context of the last request, a debugger with that of a
failed one. Nobody who pushes and pops contexts of his own knows of it, so it is in
nobody's way: what is below it may be popped first, and it may be popped itself below
others.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Generic, TypeVar

from ._context import Context, keep, release

AnyContext = TypeVar("AnyContext", bound=Context)


def linger(
    context: AnyContext, beneath: Context | None = None
) -> AbstractContextManager[AnyContext]:
    """Return what makes `context` current once more in a `with` block, or in several.

    A block may end in any order with other pushes and pops: neither side ever gets a
    `PopOrderError` for it.

    Args:
        beneath: A context that `context` has things of. If it is not over when a block
            begins, its teardown waits for the end of the block.
    """
    return _Lingering(context, beneath)


class _Lingering(Generic[AnyContext], AbstractContextManager[AnyContext]):
    """What `linger()` returns: a debugger enters it once for each of its commands."""

    def __init__(self, context: AnyContext, beneath: Context | None) -> None:
        self._context = context
        self._beneath = beneath
        # What each block that is open keeps, if anything.
        self._kept: list[Context | None] = []

    def __enter__(self) -> AnyContext:
        beneath = self._beneath
        kept = beneath if beneath is not None and beneath.is_entered else None
        if kept is not None:
            keep(kept)
        try:
            self._context.push()
        except BaseException:
            self._release(kept)
            raise
        self._kept.append(kept)
        self._context.lingers = True
        return self._context

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._context.pop(error)
        finally:
            kept = self._kept.pop()
            self._context.lingers = bool(self._kept)
            self._release(kept)

    def _release(self, kept: Context | None) -> None:
        if kept is not None:
            release(kept, None)
