"""A unit of work that can be current, and its teardown.

What is current is the value of one `ContextVar`, so threads, tasks and greenlets each
have their own. The usual life of a context, one push and one pop, touches that variable
and one slot and takes no lock: the slot `_token` is filled exactly while the context is
entered once, and who deletes it (one atomic step) decides what happens next. `pop()`
deletes it to begin the teardown; a further `push()` or a hold deletes it to move the
state into `_Shared`, where uses are counted under a lock. So teardown runs once, even
if the last uses of a context end in different threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar, Token
from threading import RLock
from types import TracebackType
from typing import Any, ClassVar, Self, TypeAlias
from weakref import WeakValueDictionary

from ._errors import ContextError, LeavingError, NotPushedError, PopOrderError
from ._place import place_of_caller

Teardown: TypeAlias = Callable[[BaseException | None], object]

# Reentrant, because the collector may end a held stream while the lock is taken.
_lock = RLock()


class Context:
    """A unit of work that is current between `push()` and `pop()`.

    Subclasses that should be current independently of others declare their own `var`.
    A context may be pushed again while it is entered; teardown runs at the last pop.
    After that it can be pushed anew.

    The variable holds `None`, or nothing, where no context is current.

    Attributes:
        var: The variable whose value is the current context of this family.
        record_pushes: Whether pushes are recorded for `pushed_at` and
            `active_contexts()`. Costs several microseconds for each first push.
    """

    __slots__ = (
        "__weakref__",
        "_callbacks",
        "_entered",
        "_pushed_at",
        "_shared",
        "_token",
    )

    # Any: each family has its own type of context, which only the subclass knows.
    var: ClassVar[ContextVar[Any]] = ContextVar("tantalus_context.current")
    record_pushes: ClassVar[bool] = False

    _token: Token[Any]
    _pushed_at: str | None

    def __init__(self) -> None:
        self._entered = False
        self._shared: _Shared | None = None
        self._callbacks: list[Teardown] | None = None

    def push(self) -> None:
        """Make this context the current one.

        Raises:
            LeavingError: The teardown of this context is running.
        """
        if self._entered:
            self._push_again()
            return
        self._entered = True
        self._token = self.var.set(self)
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
        var = self.var
        if var.get(None) is not self:
            self._pop_displaced(error)
            return
        try:
            token = self._token
            del self._token
        except AttributeError:
            self._pop_again(error)
            return
        try:
            self._leave(error)
        finally:
            self._restore(token)
            self._entered = False

    def on_teardown(self, callback: Teardown) -> Teardown:
        """Call `callback(error)` at the last pop, and return it: also a decorator.

        Callbacks run in reverse order, while the context is current, then `leaving()`.
        """
        if self._callbacks is None:
            self._callbacks = [callback]
        else:
            self._callbacks.append(callback)
        return callback

    def entered(self) -> None:
        """Hook: runs after the first push. If it raises, the context is popped."""

    def leaving(self, error: BaseException | None) -> None:
        """Hook: runs at the last pop, after the callbacks, while still current."""

    @property
    def pushed_at(self) -> str | None:
        """Where the first push was made, as "file:line in function", if recorded."""
        return getattr(self, "_pushed_at", None)

    @property
    def is_entered(self) -> bool:
        """Whether the context is pushed or held, or being torn down."""
        return self._entered

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

    def _leave(self, error: BaseException | None) -> None:
        """Run all callbacks and `leaving()`, then raise what they raised."""
        errors: list[BaseException] = []
        if self._callbacks is not None:
            self._run_callbacks(error, errors)
        try:
            self.leaving(error)
        except BaseException as raised:
            errors.append(raised)
        if self._callbacks is not None:  # registered by `leaving()`
            self._run_callbacks(error, errors)
        if errors:
            _raise_together(errors)

    def _run_callbacks(
        self, error: BaseException | None, errors: list[BaseException]
    ) -> None:
        callbacks = self._callbacks
        while callbacks:
            try:
                callbacks.pop()(error)
            except BaseException as raised:
                errors.append(raised)
        self._callbacks = None

    def _restore(self, token: Token[Any]) -> None:
        """Make current again what was so before the push that gave `token`."""
        try:
            self.var.reset(token)
        except ValueError:  # made in another contextvars.Context
            self.var.set(_previous(token))

    def _push_again(self) -> None:
        with _lock:
            shared = self._share("push")
            shared.tokens.append(self.var.set(self))

    def _pop_again(self, error: BaseException | None) -> None:
        """Pop a context that is entered several times, or not at all."""
        with _lock:
            shared = self._shared
            if shared is None or not shared.tokens:
                raise self._refusal("pop")
            self._unbind(shared.tokens)
            last = self._ends_with(shared, error)
        if last:
            self._finish(shared.error)

    def _pop_displaced(self, error: BaseException | None) -> None:
        """Pop while another context is current, or where this one was not pushed."""
        with _lock:
            shared = self._share("pop")
            if not shared.tokens:
                raise self._refusal("pop")
            above = _take_out(self, shared.tokens)
            last = self._ends_with(shared, error)
        errors: list[BaseException] = []
        if above is not None:
            errors.append(PopOrderError(self, above, above.pushed_at))
        if last:
            try:
                self._finish(shared.error)
            except BaseException as raised:
                errors.append(raised)
        if errors:
            _raise_together(errors)

    def _keep(self) -> None:
        """Hold the context: put its teardown off until `_release()`."""
        with _lock:
            self._share("hold").holds += 1

    def _release(self, error: BaseException | None) -> None:
        """End one hold; the last use of the context runs the teardown."""
        with _lock:
            shared = self._share("pop")
            shared.holds -= 1
            last = self._ends_with(shared, error)
        if last:
            self._finish(shared.error)

    def _share(self, action: str) -> _Shared:
        """Return the counted uses, after moving the only push there if need be.

        Raises:
            ContextError: The context is not entered, or is being torn down.
        """
        if self._shared is None:
            shared = _Shared()
            try:
                token = self._token
                del self._token
            except AttributeError:
                raise self._refusal(action) from None
            shared.tokens.append(token)
            self._shared = shared
        return self._shared

    def _ends_with(self, shared: _Shared, error: BaseException | None) -> bool:
        """Tell whether the use just removed was the last, and claim the teardown."""
        if shared.tokens:
            return False
        # The work itself has ended with this error; what follows are streams.
        shared.error = shared.error or error
        if shared.holds or shared is not self._shared:
            return False
        self._shared = None
        return True

    def _finish(self, error: BaseException | None) -> None:
        """Run the teardown after the last use, with this context current meanwhile."""
        token = self.var.set(self)
        try:
            self._leave(error)
        finally:
            self._restore(token)
            self._entered = False

    def _unbind(self, tokens: list[Token[Any]]) -> None:
        """Drop the newest token of this execution and restore what it replaced."""
        for token in reversed(tokens):
            try:
                self.var.reset(token)
            except ValueError:  # of another thread or task
                continue
            tokens.remove(token)
            return
        self.var.set(_previous(tokens.pop()))

    def _pushes(self) -> list[Token[Any]]:
        """Return the tokens of all pushes, oldest first."""
        if self._shared is not None:
            return list(self._shared.tokens)
        try:
            return [self._token]
        except AttributeError:
            return []

    def _refusal(self, action: str) -> ContextError:
        return (LeavingError if self._entered else NotPushedError)(self, action)


class _Shared:
    """The uses of a context that is pushed several times or held."""

    __slots__ = ("error", "holds", "tokens")

    def __init__(self) -> None:
        self.tokens: list[Token[Any]] = []
        self.holds = 0
        self.error: BaseException | None = None


_recorded: WeakValueDictionary[int, Context] = WeakValueDictionary()


def active_contexts(var: ContextVar[Any] | None = None) -> list[Context]:
    """Return the contexts entered now, in any thread, in the order of their pushes.

    Only contexts pushed while `Context.record_pushes` was true are known.

    Args:
        var: Consider only contexts of this variable.
    """
    contexts = (reference() for reference in _recorded.valuerefs())
    return [
        context
        for context in contexts
        if context is not None
        and context.is_entered
        and (var is None or context.var is var)
    ]


def _record(context: Context) -> str:
    """Register `context` for `active_contexts()` and return where it is pushed."""
    _recorded.pop(id(context), None)
    _recorded[id(context)] = context
    return place_of_caller(context)


def _take_out(context: Context, tokens: list[Token[Any]]) -> Context | None:
    """Remove the newest push of `context` from below the current context.

    The push just above it is made anew, so that popping that one restores what was
    below `context`, and the variable ends with the value that it had.

    Returns:
        The current context, or `None` if `context` was not pushed in this thread or
        task: then the variable is left alone.
    """
    var = context.var
    above: tuple[Context, Token[Any]] | None = None
    for pushed, token in _stack(var):
        if pushed is context and above is not None:
            return _splice(context, tokens, token, above)
        above = pushed, token
    tokens.pop()
    return None


def _splice(
    context: Context,
    tokens: list[Token[Any]],
    token: Token[Any],
    above: tuple[Context, Token[Any]],
) -> Context | None:
    var = context.var
    current: Context = var.get()
    tokens.remove(token)
    try:
        var.reset(token)
    except ValueError:  # seen here in a copy of the variables
        return None
    upper, replaced = above
    upper_tokens = upper._share("pop").tokens
    upper_tokens[upper_tokens.index(replaced)] = var.set(upper)
    if upper is not current:
        var.set(current)
    return current


def _stack(var: ContextVar[Any]) -> Iterator[tuple[Context, Token[Any]]]:
    """Yield what is pushed in this thread or task, innermost first, with its token."""
    remaining: dict[int, list[Token[Any]]] = {}
    current = var.get(None)
    while isinstance(current, Context):
        tokens = remaining.setdefault(id(current), current._pushes())
        if not tokens:
            return
        token = tokens.pop()
        yield current, token
        current = token.old_value


def _previous(token: Token[Any]) -> Any:
    """Return what was current before the push that gave `token`, or `None`."""
    return None if token.old_value is Token.MISSING else token.old_value


def _raise_together(errors: list[BaseException]) -> None:
    """Raise the only error as itself, several as a group."""
    try:
        if len(errors) == 1:
            raise errors[0]
        raise BaseExceptionGroup("Several teardown callbacks failed.", errors)
    finally:
        # The traceback refers to this frame: without this it would be a cycle.
        errors.clear()
