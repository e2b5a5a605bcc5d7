"""The typed views of one app: bound once, and called instead of the views."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any

from werkzeug.wrappers import Request as RequestBase

from tantalus_context import Namespace
from tantalus_sessions import SessionMixin
from tantalus_typed import Binder, Bound, RequestError, SetupError

from .._state._app import AppState
from .._state._loops import in_worker
from ..ctx import _cv_app
from ._candidates import Candidate
from ._opened import functions_of, refuse_unopened, share_opened
from ._refusals import http_error
from ._variables import path_types

Function = Callable[..., Any]
Run = Callable[[Any, dict[str, Any]], Any]

# A name of this module is found faster than an attribute of another object.
_current = _cv_app.get


class TypedViews:
    """What of an app is bound.

    Attributes:
        binder: Has bound all of it.
        bound: By the identities of rule and function.
    """

    def __init__(self, app: AppState) -> None:
        self._app = app
        said = app.config["CHECK_RETURNS"]
        self.binder = Binder(
            respond=partial(_respond, app.response_class),
            provide={
                RequestBase: lambda request: request,
                SessionMixin: lambda request: _current().session,
                Namespace: lambda request: _current().g,
                AppState: lambda request: _current().app,
            },
            outside={
                Namespace: lambda request: _current().g,
                AppState: lambda request: _current().app,
            },
            bare=False,
            hop=_in_worker,
            stays=_never_waits,
            check=app.testing or app.debug if said is None else said,
        )
        self.bound: dict[tuple[int, int], Bound] = {}
        self._by_function: dict[int, dict[int, Bound]] = {}
        # A function is bound once for all rules with the same variables.
        self._made: dict[object, Bound] = {}
        # Rules and functions are kept alive, so that identities stay theirs.
        self._kept: list[Candidate] = []

    def all(self) -> list[tuple[Candidate, Bound]]:
        """Return what is bound, beside what answers for which rule."""
        return [(one, self.bound[id(one.rule), id(one.function)]) for one in self._kept]

    def bind(self, found: Iterable[Candidate]) -> None:
        """Bind those that are typed, and have them called from now on."""
        share_opened(self._app, self.binder)
        changed: dict[int, list[Candidate]] = {}
        for one in found:
            key = id(one.rule), id(one.function)
            if key not in self.bound and self._is_typed(one):
                bound = self.bound[key] = self._bind(one)
                self._by_function.setdefault(key[1], {})[key[0]] = bound
                self._kept.append(one)
                changed.setdefault(id(one.function), []).append(one)
                one.rule.is_typed = True
        views = self._app.view_functions
        rules = Counter(
            id(views.get(one.endpoint)) for one in self._app.url_map.iter_rules()
        )
        for one, *_ in changed.values():
            self._call(one, rules[id(one.view)])

    def _is_typed(self, one: Candidate) -> bool:
        if one.opted:
            return True
        if one.opted is None:
            return not one.takes_anything
        if one.takes_anything:
            return False
        given = _given(one)
        marked = one.is_decorated or self._is_filled_by_hooks(one.rule.endpoint)
        is_read = self.binder.reads(
            one.function, path=one.rule.arguments, given=given, marked=marked
        )
        if not (is_read or marked) and functions_of(self._app):
            refuse_unopened(self._app, one, {*one.rule.arguments, *given})
        return is_read

    def _is_filled_by_hooks(self, endpoint: str) -> bool:
        """Tell whether functions may add to what a URL gives a view."""
        hooks = self._app.url_value_preprocessors
        group = endpoint.rpartition(".")[0]
        return bool(hooks) and any(
            functions and (scope is None or f"{group}.".startswith(f"{scope}."))
            for scope, functions in hooks.items()
        )

    def _bind(self, one: Candidate) -> Bound:
        bare, path = one.opted is not False, path_types(one.rule)
        given = _given(one)
        key = id(one.function), bare, frozenset(path.items()), given
        if key not in self._made:
            bound = self.binder.bind(one.function, path=path, bare=bare, given=given)
            self._check_given(bound)
            self._made[key] = bound
        return self._made[key]

    def _check_given(self, bound: Bound) -> None:
        """Refuse parameters of a class that the app makes nothing of.

        Raises:
            SetupError: There is one.
        """
        app = self._app
        for leaf in bound.plan.leaves:
            if leaf.place != "provided" or not isinstance(leaf.hint, type):
                continue
            made = {
                RequestBase: app.request_class,
                Namespace: app.app_ctx_globals_class,
                AppState: type(app),
            }
            for base, kind in made.items():
                if issubclass(leaf.hint, base) and not issubclass(kind, leaf.hint):
                    raise SetupError(
                        f"{bound.plan.where(leaf)} wants a {leaf.hint.__qualname__},"
                        f" and the app has a {kind.__qualname__}. Change one of them."
                    )

    def _call(self, one: Candidate, rules: int) -> None:
        """Have what is bound of a function called where the function would be.

        Args:
            rules: How many the view answers for; it may not be typed for each.
        """
        of_rules = self._by_function[id(one.function)]
        first, *more = of_rules.values()
        if len(of_rules) < rules or any(bound is not first for bound in more):
            run = _by_rule(of_rules, one)
        else:
            run = _run(first)
        is_async = any(bound.plan.is_async for bound in of_rules.values())
        call = _call(run, one.instance)
        call = wraps(one.function)(_awaited(call) if is_async else call)
        if one.instance is None and one.function is one.view:
            self._app.synchronous.put(one.view, call)
        else:
            self._app.typed_methods[one.function] = call


def _respond(made: Any, body: bytes, status: int, headers: Any) -> Any:
    """Return a response, of JSON or empty, in the way that is made fastest."""
    return made(body, status, mimetype="application/json" if headers else None)


async def _in_worker(request: Any, call: Callable[[], Any]) -> Any:
    """Make a call of plain dependencies beside the event loop, in the same context."""
    return await in_worker(call)


def _never_waits(function: Function) -> bool:
    """Tell whether a plain dependency says that it never waits."""
    return getattr(function, "is_nonblocking", False)


def typed_views_of(app: AppState) -> TypedViews:
    """Return the typed views of an app, none at first."""
    if app.typed_views is None:
        app.typed_views = TypedViews(app)
    views: TypedViews = app.typed_views
    return views


def _given(one: Candidate) -> tuple[str, ...]:
    """Return what is passed beside the path: the defaults of the rule, an instance."""
    name = () if one.instance is None else (one.instance,)
    return (*name, *(one.rule.defaults or ()))


def _run(bound: Bound) -> Run:
    """Return what calls what is bound, and raises what it refuses as an HTTP error."""
    if bound.plan.is_async:

        async def run_async(request: Any, args: dict[str, Any]) -> Any:
            try:
                if bound.reads_body:
                    await request.load()
                return await bound.call(request, args)
            except RequestError as error:
                raise http_error(error) from None

        return run_async

    def run(request: Any, args: dict[str, Any]) -> Any:
        try:
            return bound.call(request, args)
        except RequestError as error:
            raise http_error(error) from None

    return run


def _by_rule(of_rules: dict[int, Bound], one: Candidate) -> Run:
    """Return what looks for the rule; for some, the function may not be typed."""
    runs = {rule: _run(bound) for rule, bound in of_rules.items()}
    function = one.function

    def run(request: Any, args: dict[str, Any]) -> Any:
        found = runs.get(id(request.url_rule))
        return function(**args) if found is None else found(request, args)

    return run


def _call(run: Run, name: str | None) -> Function:
    """Return what is called with the variables of a rule, perhaps of a method."""
    if name is None:
        return lambda **args: run(_current().request, args)
    return lambda instance, /, **args: run(_current().request, {**args, name: instance})


def _awaited(call: Function) -> Function:
    async def wait(*args: Any, **named: Any) -> Any:
        return await call(*args, **named)

    return wait
