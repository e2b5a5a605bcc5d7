"""Who observes requests: traces, metrics and access logs, with nothing replaced.

The steps of an app are wrapped where they are found, and only if somebody observes: so
none costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, Protocol

from .._state._app import AppState
from .._state._steps import Run, Steps
from ..ctx import RequestContext
from ..wrappers import Response

# Any: what an observer gives to itself.
Token = Any


class Observer(Protocol):
    """What is told of each request, in the thread or task that handles it.

    It must not wait, and an error of it is logged and changes nothing. A class that
    inherits from this one may leave methods out.
    """

    def started(self, ctx: RequestContext, /) -> Token:
        """Be told that a request is matched; what is returned is passed on."""
        return None

    def finished(
        self,
        ctx: RequestContext,
        token: Token,
        response: Response | None,
        error: BaseException | None,
        /,
    ) -> None:
        """Be told how it was answered, before anything is sent.

        Args:
            response: None if the error is raised through the server.
            error: What nobody handled.
        """
        return

    def sent(self, ctx: RequestContext, token: Token, /) -> None:
        """Be told that the last byte of the response was sent, or nobody takes more."""
        return


def observe(steps: Steps, observers: Sequence[Observer]) -> None:
    """Wrap the steps between which a request is observed."""
    told = steps.told = Told(observers)
    steps.full_dispatch_request = told.of_dispatch(steps.full_dispatch_request)
    steps.handle_exception = told.of_handling(steps.handle_exception)


class Told:
    """The observers of an app as one, and what it is told.

    Attributes are looked up once, and an attempt that succeeds costs nothing.
    """

    def __init__(self, observers: Sequence[Observer]) -> None:
        observer: Observer = observers[0] if len(observers) == 1 else All(observers)
        self._started = observer.started
        self._finished = observer.finished
        waits = any(map(waits_for_end, observers))
        self._end = at_end(observer.sent) if waits else None

    def of_dispatch(self, dispatch: Run) -> Run:
        """Return the step that answers a request, observed."""
        started, finished, end = self._started, self._finished, self._end

        # `start` and `finish`, written out: this is on the way of each request.
        def observed(app: AppState, ctx: RequestContext) -> Any:
            ctx.observed = None
            try:
                token = ctx.observed = started(ctx)
            except Exception:
                token = None
                _log(ctx, started)
            response = dispatch(app, ctx)
            try:
                finished(ctx, token, response, None)
            except Exception:
                _log(ctx, finished)
            if end is not None:
                response.call_on_close(MethodType(end, ctx))
            return response

        return observed

    def of_handling(self, handle: Run) -> Run:
        """Return the step that answers for an error, observed."""

        def observed(app: AppState, ctx: RequestContext, e: Exception) -> Any:
            self.start_late(ctx)
            try:
                response = handle(app, ctx, e)
            except BaseException as error:
                self.finish(ctx, None, error)
                raise
            self.finish(ctx, response, e)
            return response

        return observed

    def start(self, ctx: RequestContext) -> None:
        """Tell that a request is matched, and keep what it gives to itself."""
        ctx.observed = None
        try:
            ctx.observed = self._started(ctx)
        except Exception:
            _log(ctx, self._started)

    def start_late(self, ctx: RequestContext) -> None:
        """Tell that a request is there, if an error came before that."""
        if not hasattr(ctx, "observed"):
            self.start(ctx)

    def finish(
        self,
        ctx: RequestContext,
        response: Response | None,
        error: BaseException | None,
    ) -> None:
        """Tell how it was answered, and have it told when that was sent."""
        try:
            self._finished(ctx, ctx.observed, response, error)
        except Exception:
            _log(ctx, self._finished)
        if response is not None and self._end is not None:
            response.call_on_close(MethodType(self._end, ctx))


def at_end(tell: Callable[[RequestContext, Token], None]) -> Callable[..., None]:
    """Return `sent()` as a method of the context.

    It does not wait: it needs no thread on the loop.
    """

    def end(ctx: RequestContext) -> None:
        try:
            tell(ctx, ctx.observed)
        except Exception:
            _log(ctx, tell)

    end.is_nonblocking = True  # type: ignore[attr-defined]  # for who closes a response
    return end


class All:
    """Several observers, told in order as one is."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._starts = [observer.started for observer in observers]
        self._finishes = [observer.finished for observer in observers]
        self._ends = [
            observer.sent if waits_for_end(observer) else None for observer in observers
        ]

    def started(self, ctx: RequestContext) -> list[Token]:
        """Return what each gives to itself."""
        tokens = []
        for tell in self._starts:
            token = None
            try:
                token = tell(ctx)
            except Exception:
                _log(ctx, tell)
            tokens.append(token)
        return tokens

    def finished(
        self,
        ctx: RequestContext,
        tokens: list[Token],
        response: Response | None,
        error: BaseException | None,
    ) -> None:
        """Tell how it was answered."""
        for tell, token in zip(self._finishes, tokens, strict=True):
            try:
                tell(ctx, token, response, error)
            except Exception:
                _log(ctx, tell)

    def sent(self, ctx: RequestContext, tokens: list[Token]) -> None:
        """Tell that the response was sent."""
        for tell, token in zip(self._ends, tokens, strict=True):
            try:
                if tell is not None:
                    tell(ctx, token)
            except Exception:
                _log(ctx, tell)


def waits_for_end(observer: Observer) -> bool:
    """Tell whether an observer wants to be told that a response was sent.

    One that inherits `Observer.sent` does not: its requests have no end to wait for.
    """
    return getattr(observer.sent, "__func__", None) is not Observer.sent


def _log(ctx: RequestContext, tell: object) -> None:
    ctx.app.logger.exception("The observer %r failed", tell)
