"""A unit of work that can be current, and its teardown.

What is current is the value of one `ContextVar`, so threads, tasks and greenlets each
have their own. The usual life of a context, one push and one pop, touches that variable
and one slot and takes no lock: the slot `_token` is filled exactly while the context is
entered once, and who deletes it (one atomic step) decides what happens next. `pop()`
deletes it to begin the teardown; a further `push()` or a hold deletes it to move the
state into `Uses`, which are counted under a lock. So teardown runs once, even if the
last uses of a context end in different threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import Context as Variables
from contextvars import ContextVar
from threading import RLock
from types import TracebackType
from typing import ClassVar, Self

from ._errors import ContextError, LeavingError, NotPushedError, PopOrderError
from ._teardown import LEFT, Teardown, raise_together, run_all, to_be_called
from ._uses import AnyToken, AnyVar, Uses, restore, set_again
from ._variables import run_or_stay

# Reentrant, because setting a variable may run the collector, which may end a held
# stream. So a use is taken out of the count last, when all else about it is done.
_lock = RLock()


class Context:
    """A unit of work that is current between `push()` and `pop()`.

    Subclasses that should be current independently of others declare their own `var`.
    A context may be pushed again while it is entered, also by other threads; teardown
    runs at the last pop. After that it can be pushed anew.

    The variable holds `None`, or nothing, where no context is current.

    Attributes:
        var: The variable whose value is the current context of this family.
        is_entered: Whether the context is pushed or held, or being torn down.
        record_pushes: Whether pushes are recorded for `pushed_at` and
            `active_contexts()`, which makes a push about five times as slow.
        variables: The `contextvars.Context` in which alone this context does its work,
            set by who runs it there before the first push. Streams held for it then run
            there too, and it stays current there until the last of them ends; so does
            a teardown that comes after the last of several uses.
        lingers: Whether it is current only for those who look into it; see `linger()`.
    """

    __slots__ = (
        "__weakref__",
        "_awaits",
        "_callbacks",
        "_leaving_token",
        "_pushed_at",
        "_token",
        "_uses",
        "_var",
        "is_entered",
        "lingers",
        "variables",
    )

    var: ClassVar[AnyVar] = ContextVar("tantalus_context.current")
    record_pushes: ClassVar[bool] = False

    is_entered: bool
    _awaits: bool
    _token: AnyToken
    _leaving_token: AnyToken
    _pushed_at: str | None

    def __init__(self) -> None:
        # Of the class, but read faster.
        self._var = self.var
        self.is_entered = False
        self.lingers = False
        self.variables: Variables | None = None
        self._uses: Uses | None = None
        self._callbacks: list[Teardown] | None = None

    def push(self) -> None:
        """Make this context the current one.

        Raises:
            ContextError: The constructor of a subclass left ours out.
            LeavingError: The teardown of this context is running.
        """
        try:
            is_entered = self.is_entered
        except AttributeError:
            raise _unmade(self) from None
        if is_entered:
            self._push_again()
            return
        self.is_entered = True
        self._token = self._var.set(self)
        if self.record_pushes:
            self._pushed_at = _record(self)
        try:
            self.entered()
        except BaseException as error:
            self.pop(error)
            raise

    def pop(self, error: BaseException | None = None) -> None:
        """Undo one push; the last one runs the teardown.

        In another thread or task than that of the push, the teardown runs and the
        variable is left alone where this context is not current.

        Args:
            error: What ended the work, for the teardown callbacks.

        Raises:
            NotPushedError: There is no push to undo.
            LeavingError: The teardown of this context is running.
            PopOrderError: A context pushed later was current. This one is popped
                nevertheless, the other one is not.
            BaseException: What a teardown callback raised; several as a group.
        """
        if self._var.get(None) is not self:
            self._pop_displaced(error)
            return
        try:
            token = self._token
            del self._token
        except AttributeError:
            self._pop_again(error)
            return
        self._leaving_token = token
        try:
            errors = run_all(self._callbacks, error) if self._callbacks else []
            try:
                self.leaving(error)
            except BaseException as raised:
                errors.append(raised)
            if self._callbacks:  # registered by `leaving()`
                errors += run_all(self._callbacks, error)
            if errors:
                raise_together(errors, LEFT, len(errors), self)
        finally:
            try:
                self._var.reset(self._leaving_token)
            except ValueError:
                set_again(self._var, self._leaving_token)
            del self._leaving_token
            self.is_entered = False

    async def apush(self) -> None:
        """Do what `push()` does; the teardown may be awaited. `apop()` undoes it."""
        # `entered()` may register what is to be awaited.
        self._awaits = True
        self.push()

    async def apop(self, error: BaseException | None = None) -> None:
        """Do what `pop()` does; if it is the last, await the teardown."""
        errors: list[BaseException] = []
        if self._var.get(None) is self:
            uses = self._undo_push(error)
        else:
            uses, errors = self._undo_displaced(error)
        try:
            if uses is not None:
                await self._apop_last(uses)
        except BaseException as raised:
            errors.append(raised)
        if errors:
            raise_together(errors, LEFT, len(errors), self)

    def on_teardown(self, callback: Teardown) -> Teardown:
        """Call `callback(error)` at the last pop, and return it: also a decorator.

        Callbacks run in reverse order, while the context is current, then `leaving()`.
        Coroutine functions are awaited in their turn, if the context was entered with
        `async with` or `apush()`.

        Raises:
            TypeError: `callback` is a coroutine function and nobody would await it, or
                cannot be called.
        """
        call = to_be_called(callback, getattr(self, "_awaits", False))
        if self._callbacks is None:
            self._callbacks = [call]
        else:
            self._callbacks.append(call)
        return callback

    def entered(self) -> None:
        """Hook: runs after the first push. If it raises, the context is popped."""

    def leaving(self, error: BaseException | None) -> None:
        """Hook: runs at the last pop, after the callbacks, while still current."""

    async def aleaving(self, error: BaseException | None) -> None:
        """Hook: runs in an awaited teardown instead of `leaving()`, and calls it."""
        self.leaving(error)

    def may_outlast(self, below: Context) -> bool:
        """Hook: tells whether `below`, pushed before, may be popped while this stays.

        It may be if this one only lingers; otherwise that is a `PopOrderError`.
        """
        return self.lingers

    @property
    def pushed_at(self) -> str | None:
        """Where the first push was made, with file, line and function, if recorded."""
        return getattr(self, "_pushed_at", None)

    def __enter__(self) -> Self:
        self.push()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pop(error)

    async def __aenter__(self) -> Self:
        await self.apush()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.apop(error)

    def _push_again(self) -> None:
        """Push a context that is entered already."""
        token = self.var.set(self)
        try:
            with _lock:
                self._count_uses("push").tokens.append(token)
        except ContextError:
            restore(self.var, token)
            if self.is_entered:
                raise
            self.push()  # its last use has ended meanwhile

    def _pop_again(self, error: BaseException | None) -> None:
        """Pop a context that is entered several times, or not at all."""
        uses = self._undo_push(error)
        if uses is not None:
            self._pop_last(uses)

    def _undo_push(self, error: BaseException | None) -> Uses | None:
        """Undo one of several pushes; return the uses if it was the last of them."""
        with _lock:
            uses = self._count_uses("pop")
            if not uses.tokens:
                raise self._refusal("pop")
            token = uses.unbind(self.var)
            if token is uses.first and uses.holds and self.variables is not None:
                uses.first = self.var.set(self)
            return uses if self._was_last(uses, error) else None

    def _pop_displaced(self, error: BaseException | None) -> None:
        """Pop while another context is current, or where this one was not pushed."""
        uses, errors = self._undo_displaced(error)
        try:
            if uses is not None:
                self._pop_last(uses)
        except BaseException as raised:
            errors.append(raised)
        if errors:
            raise_together(errors, LEFT, len(errors), self)

    def _undo_displaced(
        self, error: BaseException | None
    ) -> tuple[Uses | None, list[BaseException]]:
        """Undo a push there; return the uses after the last, and errors of order."""
        with _lock:
            uses = self._count_uses("pop")
            if not uses.tokens:
                raise self._refusal("pop")
            errors = _take_out(self, uses)
            return (uses if self._was_last(uses, error) else None), errors

    def _pop_last(self, uses: Uses) -> None:
        """Run the teardown after the last of several uses, as after the only one."""
        if self.variables is None:
            self._token = self.var.set(self)
            Context.pop(self, uses.error)
        else:
            run_or_stay(self.variables, self._pop_last_at_home, uses)

    async def _apop_last(self, uses: Uses) -> None:
        """Await the teardown after the last of one or several uses."""
        # Loaded when it is needed: synchronous programs never do.
        from ._awaited import leave_awaiting  # noqa: PLC0415 - see above

        await leave_awaiting(self, uses)

    def _pop_last_at_home(self, uses: Uses) -> None:
        stayed = self.var.get(None) is self
        self._token = uses.first if stayed else self.var.set(self)
        Context.pop(self, uses.error)

    def _count_uses(self, action: str) -> Uses:
        """Return the counted uses, after moving the only push there if need be.

        Raises:
            ContextError: The context is not entered, or is being torn down.
        """
        if self._uses is None:
            try:
                token = self._token
                del self._token
            except AttributeError:
                raise self._refusal(action) from None
            self._uses = Uses(token)
        return self._uses

    def _was_last(self, uses: Uses, error: BaseException | None) -> bool:
        """Tell whether a use that ended was the last one, and claim the teardown."""
        if not uses.are_over(error):
            return False
        self._uses = None
        return True

    def _pushes(self) -> list[AnyToken]:
        """Return the tokens of all pushes not undone yet, oldest first."""
        if self._uses is not None:
            return list(self._uses.tokens)
        slots = ("_token", "_leaving_token")
        return [getattr(self, slot) for slot in slots if hasattr(self, slot)]

    def _push_anew(self, replaced: AnyToken) -> None:
        """Make the push that gave `replaced` once more, over what is current now."""
        token = self.var.set(self)
        if getattr(self, "_leaving_token", None) is replaced:
            self._leaving_token = token
        else:
            self._count_uses("pop").replace(replaced, token)

    def _refusal(self, action: str) -> ContextError:
        is_leaving = self.is_entered and self._uses is None
        return (LeavingError if is_leaving else NotPushedError)(self, action)


def _unmade(context: Context) -> ContextError:
    name = type(context).__name__
    return ContextError(
        f"Cannot push a {name}: it was not made ready. Call super().__init__() in"
        f" {name}.__init__()."
    )


def keep(context: Context) -> None:
    """Hold `context`: put its teardown off until `release()`.

    Raises:
        ContextError: It is not entered, or is being torn down.
    """
    with _lock:
        context._count_uses("hold").holds += 1


def release(context: Context, error: BaseException | None) -> None:
    """End one hold of `context`; the last use of it runs the teardown."""
    uses = _end_hold(context, error)
    if uses is not None:
        context._pop_last(uses)


async def arelease(context: Context, error: BaseException | None) -> None:
    """End one hold of `context`; the last use of it awaits the teardown."""
    uses = _end_hold(context, error)
    if uses is not None:
        await context._apop_last(uses)


def _end_hold(context: Context, error: BaseException | None) -> Uses | None:
    with _lock:
        uses = context._count_uses("release")
        uses.holds -= 1
        return uses if context._was_last(uses, error) else None


def _record(context: Context) -> str:
    """Register `context` for `active_contexts()` and return where it is pushed."""
    # A tool of development, which programs in production never load.
    from ._place import record  # noqa: PLC0415 - see above

    return record(context)


def _take_out(context: Context, uses: Uses) -> list[BaseException]:
    """Remove the newest push of `context`, which is not current.

    Returns:
        A `PopOrderError` if a context pushed later is current that may not outlast it.
        Nothing if `context` was pushed in another thread or task: then the variable is
        left alone.
    """
    above: tuple[Context, AnyToken] | None = None
    in_the_way: Context | None = None
    for pushed, token in _stack(context.var):
        if pushed is context and above is not None:
            is_here = _splice(context.var, token, *above)
            uses.tokens.remove(token)
            if in_the_way is None or context.lingers or not is_here:
                return []
            return [PopOrderError(context, in_the_way, in_the_way.pushed_at)]
        if in_the_way is None and not pushed.may_outlast(context):
            in_the_way = pushed
        above = pushed, token
    uses.tokens.pop()
    return []


def _splice(var: AnyVar, token: AnyToken, upper: Context, replaced: AnyToken) -> bool:
    """Undo the push that gave `token`, below that of `upper` that gave `replaced`.

    The push of `upper` is made anew, so that popping it restores what was below both.

    Returns:
        Whether that was possible: not where all this is but a copy of another thread or
        task.
    """
    current: Context = var.get()
    try:
        var.reset(token)
    except ValueError:
        return False
    upper._push_anew(replaced)
    if upper is not current:
        var.set(current)
    return True


def _stack(var: AnyVar) -> Iterator[tuple[Context, AnyToken]]:
    """Yield what is pushed in this thread or task, innermost first, with its token."""
    remaining: dict[int, list[AnyToken]] = {}
    current = var.get(None)
    while isinstance(current, Context):
        tokens = remaining.setdefault(id(current), current._pushes())
        if not tokens:
            return
        token = tokens.pop()
        yield current, token
        current = token.old_value
