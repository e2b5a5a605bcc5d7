"""The context of a piece of work: an app alone, or an app with a request.

There is one kind of object for both. A request has a `RequestContext` of its own,
with its own `g`; work outside requests has an `AppContext`. An `AppContext` pushed
while a request is handled still shows that request.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import update_wrapper
from typing import Any, TypeVar, cast
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from tantalus_context import Context, Namespace, raise_together
from tantalus_http import computed
from tantalus_routing import endpoint_scopes, group_scopes
from tantalus_sessions import LostSession, SessionMixin, SessionStoreError

from ._ground._current import NO_APP, NO_REQUEST, current
from ._state._app import AppState
from ._state._loops import AwaitedContext, awaited_in, is_awaited_here
from ._state._matching import match_request
from .signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    request_tearing_down,
)
from .wrappers import Request

__all__ = [
    "AppContext",
    "RequestContext",
    "after_this_request",
    "copy_current_request_context",
    "has_app_context",
    "has_request_context",
]

AfterRequest = TypeVar("AfterRequest", bound=Callable[..., Any])
Function = TypeVar("Function", bound=Callable[..., Any])

_UNSET: Any = object()

# What is pushed is a context of this module.
_cv_app = cast("ContextVar[AppContext]", current)
# A name of this module is found faster than an attribute of another object.
_current = _cv_app.get
_make_ready, _push, _pop = Context.__init__, Context.push, Context.pop


class _AppCtxGlobals(Namespace):
    """The namespace behind `g`."""

    def __repr__(self) -> str:
        context = _cv_app.get(None)
        if context is None:
            return object.__repr__(self)
        package = context.app.env_prefix.lower()
        return f"<{package}.g of {context.app.name!r}>"


class AppContext(AwaitedContext):
    """An app at work outside a request: a command, a job, a test.

    `g` lives as long as the context; `do_teardown_appcontext` runs when it ends.
    """

    __slots__ = ("__dict__", "_host", "app", "g")
    var = _cv_app
    #: The context of the request around work of an app alone.
    _outer: RequestContext | None = None

    def __init__(self, app: AppState) -> None:
        super().__init__()
        self.app = app
        # The context around a request that shares its `g` and teardown with it.
        self._host: AppContext | None = None
        #: The namespace of this context.
        self.g: Namespace = app.app_ctx_globals_class()

    @computed
    def url_adapter(self) -> MapAdapter | None:
        """The URL adapter; None where no host is known."""
        return self.app.create_url_adapter(None)

    @property
    def app_context(self) -> AppContext:
        """The context whose `g` this is: this one, unless a request shares another."""
        return self._host or self

    @property
    def request_context(self) -> RequestContext | None:
        """The context of the request being handled, if there is one."""
        outer = self._outer
        return outer if outer is not None and outer.is_entered else None

    @property
    def current_request_context(self) -> RequestContext:
        """The context of the request being handled.

        Raises:
            RuntimeError: No request is being handled.
        """
        context = self.request_context
        if context is None:
            raise RuntimeError(NO_REQUEST)
        return context

    @property
    def request(self) -> Request:
        """The request being handled. Raises RuntimeError if there is none."""
        return self.current_request_context.request

    @property
    def session(self) -> SessionMixin:
        """The session of the request. Raises RuntimeError if there is none."""
        return self.current_request_context.session

    def push(self) -> None:
        """Make this the current context."""
        outer = _cv_app.get(None)
        if outer is not None and outer is not self:
            self._outer = outer.request_context
        super().push()

    def pop(self, exc: BaseException | None = _UNSET) -> None:
        """Stop being the current context; the last pop runs the teardown functions.

        Args:
            exc: The error that ended the work; by default the one being handled.

        Raises:
            ContextError: Another context is current.
        """
        error = sys.exc_info()[1] if exc is _UNSET else exc
        if not appcontext_popped.receivers or self._host is not None:
            _pop(self, error)
            return
        was_entered = self.is_entered
        try:
            _pop(self, error)
        finally:
            if was_entered:
                appcontext_popped.send(self.app, _async_wrapper=self.app.ensure_sync)

    def entered(self) -> None:
        """Tell whoever listens that the context is current."""
        if appcontext_pushed.receivers and self._host is None:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)

    def leaving(self, error: BaseException | None) -> None:
        """Run the app's teardown functions while the context is still current."""
        self.app.steps.do_teardown_appcontext(self.app, self, error)

    def may_outlast(self, below: Context) -> bool:
        """Tell whether `below` may be popped before: a request within work of an app.

        In Flask these are two stacks, each with an order of its own.
        """
        return self.lingers or (isinstance(below, RequestContext) and below._is_inner)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.app.name}>"


class RequestContext(AppContext):
    """An app at work on one request.

    Args:
        session: Taken over instead of being opened, for a copy of a context.
    """

    __slots__ = ("_after_request_functions", "_opened", "observed", "request")
    request: Request
    #: What those who observe the request have given to themselves, once they did.
    observed: Any
    flashes: list[tuple[str, str]] | None = None
    #: Whether it was pushed while its app was at work already.
    _is_inner = False
    #: Those of them that no call has returned yet.
    unseen_flashes: list[tuple[str, str]] = []  # noqa: RUF012 - replaced, not changed
    #: What the session holds is not to be saved: the store has failed.
    session_is_lost = False
    # Why a session that nobody had asked for could not be opened.
    _store_problem: str | None = None

    def __init__(
        self,
        app: AppState,
        environ: WSGIEnvironment,
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        # Not through `AppContext.__init__`: one is made for each request.
        _make_ready(self)
        self.app = app
        self._host = None
        steps = app.steps
        make_globals = steps.app_ctx_globals_class
        self.g = make_globals()
        if request is None:
            request_class = steps.request_class
            request = request_class(environ)
            request.json_module = app.json
        self.request = request
        self.known = None
        self._opened = session
        self._after_request_functions: list[Callable[..., Any]] | None = None

    @computed
    def url_adapter(self) -> MapAdapter | None:
        """The URL adapter; None if the host is not valid."""
        try:
            return self.app.create_url_adapter(self.request)
        except HTTPException as error:
            self.request.routing_exception = error
            return None

    @property
    def request_context(self) -> RequestContext:
        """This context."""
        return self

    @property
    def current_request_context(self) -> RequestContext:
        """This context."""
        return self

    def scopes(self) -> tuple[str | None, ...]:
        """Return the keys of the hooks that apply, app (None) first, innermost last."""
        rule = self.request.url_rule
        if rule is None:
            return group_scopes(self.request._owner)
        return endpoint_scopes(rule.endpoint)

    @property
    def session(self) -> SessionMixin:
        """The session, opened when first read; reading marks it as accessed."""
        session = self._opened
        if session is None:
            session = self.open_session()
        session.accessed = True
        return session

    @property
    def _session(self) -> SessionMixin:
        """The session, opened if it is not yet, without marking it as accessed."""
        return self.open_session()

    @_session.setter
    def _session(self, session: SessionMixin) -> None:
        self._opened = session

    def open_session(self) -> SessionMixin:
        """Open the session if it is not open yet, without marking it as accessed.

        Raises:
            SessionStoreError: The store failed. It is not asked again: what answers
                the request nevertheless gets a `LostSession`.
        """
        session = self._opened
        if session is None:
            interface = self.app.session_interface
            try:
                if self._store_problem is not None:
                    raise SessionStoreError(self._store_problem)
                session = interface.open_session(self.app, self.request)
            except SessionStoreError:
                self._opened = LostSession()
                self.session_is_lost = True
                raise
            if session is None:
                session = interface.make_null_session(self.app)
            self._opened = session
        return session

    match_request = match_request

    def copy(self) -> RequestContext:
        """Return a new context for the same request and session, with its own `g`."""
        return type(self)(
            self.app, self.request.environ, self.request, self.open_session()
        )

    def push(self) -> None:
        """Make this the current context, open a session that is due, match the URL."""
        outer = _current(None)
        if outer is not None:
            self._share(outer)
        _push(self)
        # Not in `entered`: an error here is answered with the context still current.
        if self._opened is None and not self.app.steps.opens_lazily:
            self._open_early()
        self.match_request()

    def _open_early(self) -> None:
        """Open the session for an interface that is asked at each request.

        That the store has failed is raised to whoever needs the session.
        """
        try:
            self.open_session()
        except SessionStoreError as error:
            self._opened, self._store_problem = None, error.problem

    def _share(self, outer: AppContext) -> None:
        """Have one `g` with the context of the same app that is current, if it is so.

        Teardown functions of the app then run when that one ends.
        """
        app = self.app
        if outer.app is not app or self.is_entered:
            return
        self._is_inner = True
        host = outer.app_context
        if app.config["SHARE_APP_CONTEXT"] and host.is_entered:
            self._host = host
            self.g = host.g

    def may_outlast(self, below: Context) -> bool:
        """Tell whether `below` may be popped before: the work that this is a part of.

        In Flask these are two stacks, each with an order of its own.
        """
        if isinstance(below, RequestContext):
            return self.lingers
        return self.lingers or self._is_inner

    def leaving(self, error: BaseException | None) -> None:
        """Run teardown functions of request and app, all of them even if one raises."""
        app, steps = self.app, self.app.steps
        errors: list[BaseException] = []
        if (
            app.teardown_request_funcs
            or request_tearing_down.receivers
            or steps.tears_requests_down_always
        ):
            try:
                teardown = steps.do_teardown_request
                teardown(app, self, error)
            except BaseException as raised:
                errors.append(raised)
        request = self.request
        # Ours closes uploaded files and nothing else.
        if type(request) is not Request or request.has_read_files:
            try:
                request.close()
            except BaseException as raised:
                errors.append(raised)
        # The request holds the environ, which must not hold it in turn.
        request.environ["werkzeug.request"] = None
        if self._host is None and (
            app.teardown_appcontext_funcs
            or appcontext_tearing_down.receivers
            or steps.tears_contexts_down_always
        ):
            try:
                steps.do_teardown_appcontext(app, self, error)
            except BaseException as raised:
                errors.append(raised)
        if errors:
            raise_together(errors, "Errors during context teardown")

    def __repr__(self) -> str:
        request = self.request
        return (
            f"<{type(self).__name__} {request.url!r}"
            f" [{request.method}] of {self.app.name}>"
        )


def current_app_context() -> AppContext:
    """Return the current context, that of a request or of an app alone.

    Raises:
        RuntimeError: No app is at work.
    """
    context = _cv_app.get(None)
    if context is None:
        raise RuntimeError(NO_APP)
    return context


def current_context() -> RequestContext:
    """Return the context of the request being handled.

    Raises:
        RuntimeError: No request is being handled.
    """
    context = _cv_app.get(None)
    if context is None:
        raise RuntimeError(NO_REQUEST)
    return context.current_request_context


def current_request_of(app: AppState) -> Request | None:
    """Return the request that `app` is handling, if it is."""
    context = _cv_app.get(None)
    found = None if context is None else context.request_context
    return found.request if found is not None and found.app is app else None


def has_app_context() -> bool:
    """Tell whether an app is at work: `current_app` and `g` can be used."""
    return _cv_app.get(None) is not None


def has_request_context() -> bool:
    """Tell whether a request is being handled: `request`, `session` can be used."""
    context = _cv_app.get(None)
    return context is not None and context.request_context is not None


def _request_context_for(user: str) -> RequestContext:
    context = _cv_app.get(None)
    found = None if context is None else context.request_context
    if found is None:
        raise RuntimeError(
            f"{user!r} can only be used when a request context is active, such as in"
            " a view function."
        )
    return found


def after_this_request(f: AfterRequest) -> AfterRequest:
    """Run `f(response)` once this request has a response; it returns the response.

    Raises:
        RuntimeError: No request is being handled.
    """
    context = _request_context_for("after_this_request")
    if context._after_request_functions is None:
        context._after_request_functions = []
    context._after_request_functions.append(f)
    return f


def copy_current_request_context(f: Function) -> Function:
    """Return `f` bound to a copy of this request's context, to be run elsewhere.

    The copy has the same request and session, and each call its own `g`. A coroutine
    function is awaited where an event loop runs, such as for a task; elsewhere it is
    run to its end.

    Raises:
        RuntimeError: No request is being handled.
    """
    original = _request_context_for("copy_current_request_context").copy()

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if is_awaited_here(f):
            return awaited_in(original.copy(), f, *args, **kwargs)
        # Calls may run at the same time, so each has a copy of its own.
        with original.copy() as context:
            return context.app.ensure_sync(f)(*args, **kwargs)

    return update_wrapper(wrapper, f)  # type: ignore[return-value]  # same signature
