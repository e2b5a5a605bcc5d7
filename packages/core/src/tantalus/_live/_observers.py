"""Who observes requests: traces, metrics and access logs, with nothing replaced.

The steps of an app are wrapped where they are found, and only if somebody observes: so
none costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from .._state._app import AppState
from .._state._steps import Run, Steps
from ..ctx import RequestContext
from ..wrappers import Response

# Any: what an observer gives to itself.
Token = Any

#: Where a context keeps what observers have given to themselves, after an error.
TOKENS = "_observed"


class Observer(Protocol):
    """What is told of each request, in the thread or task that handles it.

    It must not wait, and an error of it is logged and changes nothing.
    """

    def started(self, ctx: RequestContext, /) -> Token:
        """Be told that a request is matched; what is returned is passed on."""
        ...

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
        ...

    def sent(self, ctx: RequestContext, token: Token, /) -> None:
        """Be told that the last byte of the response was sent, or nobody takes more."""
        ...


def observe(steps: Steps, observers: Sequence[Observer]) -> None:
    """Wrap the steps between which a request is observed."""
    told = steps.told = Told(observers)
    steps.full_dispatch_request = told.of_dispatch(steps.full_dispatch_request)
    steps.handle_exception = told.of_handling(steps.handle_exception)


class Told:
    """The observers of an app, and what they are told.

    Attributes are looked up once, and an attempt that succeeds costs nothing.
    """

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._starts = [observer.started for observer in observers]
        self._finishes = [observer.finished for observer in observers]
        self._ends = [observer.sent for observer in observers]

    def of_dispatch(self, dispatch: Run) -> Run:
        """Return the step that answers a request, observed."""
        start, finish = self.start, self.finish

        def observed(app: AppState, ctx: RequestContext) -> Any:
            tokens = start(app, ctx)
            try:
                response = dispatch(app, ctx)
            except BaseException:
                vars(ctx)[TOKENS] = tokens
                raise
            finish(app, ctx, tokens, response, None)
            return response

        return observed

    def of_handling(self, handle: Run) -> Run:
        """Return the step that answers for an error, observed."""

        def observed(app: AppState, ctx: RequestContext, e: Exception) -> Any:
            tokens = vars(ctx).get(TOKENS)
            if tokens is None:
                tokens = self.start(app, ctx)
            try:
                response = handle(app, ctx, e)
            except BaseException as error:
                self.finish(app, ctx, tokens, None, error)
                raise
            self.finish(app, ctx, tokens, response, e)
            return response

        return observed

    def start(self, app: AppState, ctx: RequestContext) -> list[Token]:
        """Tell that a request is matched, and return what they give to themselves."""
        tokens = []
        for tell in self._starts:
            token = None
            try:
                token = tell(ctx)
            except Exception:
                _log(app, tell)
            tokens.append(token)
        return tokens

    def finish(
        self,
        app: AppState,
        ctx: RequestContext,
        tokens: list[Token],
        response: Response | None,
        error: BaseException | None,
    ) -> None:
        """Tell how it was answered, and have it told when that was sent."""
        for tell, token in zip(self._finishes, tokens, strict=True):
            try:
                tell(ctx, token, response, error)
            except Exception:
                _log(app, tell)
        if response is not None:
            response.call_on_close(partial(self.end, app, ctx, tokens))

    def end(self, app: AppState, ctx: RequestContext, tokens: list[Token]) -> None:
        """Tell that the response was sent."""
        for tell, token in zip(self._ends, tokens, strict=True):
            try:
                tell(ctx, token)
            except Exception:
                _log(app, tell)


def _log(app: AppState, tell: Callable[..., object]) -> None:
    app.logger.exception("The observer %r failed", tell)
