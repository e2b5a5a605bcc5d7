"""What a programmer can get wrong with routes, each with its place and its cure."""

from __future__ import annotations

import copyreg
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import partial

from werkzeug.routing import BuildError as WerkzeugBuildError
from werkzeug.routing import MapAdapter, Rule


class RoutingError(Exception):
    """Base of everything this package raises about routes."""

    def __reduce__(self) -> tuple[object, ...]:
        # By its text and attributes, so that it passes from a process to another:
        # exceptions are otherwise made anew by calling the class with the text.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined] # what `object.__reduce_ex__(2)` returns


# From which likeness on a name may be a slip, as of `difflib`.
_CLOSE = 0.75


def place_of(view: object) -> str:
    """Return how messages call a view: by where it is written, not by its address.

    A text is what the caller has made of it.
    """
    if isinstance(view, str):
        return view
    if isinstance(view, partial):
        return f"a partial of {place_of(view.func)}"
    code = getattr(view, "__code__", None)
    if code is not None:
        name = getattr(view, "__qualname__", code.co_name)
        return f"{name} ({code.co_filename}:{code.co_firstlineno})"
    text = repr(view)
    return f"an object of {type(view).__qualname__}" if " at 0x" in text else text


class RuleError(RoutingError, ValueError):
    """A rule text that cannot be read; `rule` and `column` (from 1) say where."""

    def __init__(self, rule: str, column: int, problem: str, cure: str) -> None:
        super().__init__(f"Rule {rule!r}, column {column}: {problem}. {cure}.")
        self.rule = rule
        self.column = column


class UnknownConverter(RuleError, LookupError):
    """A rule names a converter that the map does not have."""

    def __init__(
        self, rule: str, column: int, converter: str, known: Iterable[str]
    ) -> None:
        names = sorted(known)
        close = get_close_matches(converter, names, 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        super().__init__(
            rule,
            column,
            f"the converter {converter!r} does not exist",
            f"{hint}Use one of {', '.join(names)}, or add it to the map's converters",
        )
        self.converter = converter


class ConverterArgumentsError(RuleError, TypeError):
    """A converter refuses the arguments that the rule gives it."""

    def __init__(
        self, rule: str, column: int, converter: str, arguments: str, reason: Exception
    ) -> None:
        super().__init__(
            rule,
            column,
            f"the converter {converter!r} refuses the arguments ({arguments})",
            f"It says: {str(reason).rstrip('.')}",
        )
        self.converter = converter


class ShadowedRule(RoutingError, ValueError):
    """A rule that no request can reach, because an equal one stands before it."""

    def __init__(self, rule: Rule, before: Rule) -> None:
        methods = ", ".join(sorted(rule.methods)) if rule.methods else "any method"
        self.problem = (
            f"Rule {rule.rule!r} of endpoint {rule.endpoint!r} ({methods}) can never"
            f" be reached: {before.rule!r} of endpoint {before.endpoint!r} stands"
            " before it and takes the same requests."
        )
        self.cure = "Remove one of them, or give them different methods."
        super().__init__(f"{self.problem} {self.cure}")
        self.rule = rule
        self.before = before


class ShadowedRuleWarning(UserWarning):
    """The text of `ShadowedRule`, where a map was told to warn only."""


class MountedRule(RoutingError, ValueError):
    """A route lies under a prefix whose requests all go to a mounted application."""

    def __init__(self, rule: str, prefix: str) -> None:
        super().__init__(
            f"Rule {rule!r} can never be reached: every path under {prefix!r} goes to"
            " the application mounted there. Choose another path or another prefix."
        )
        self.rule = rule
        self.prefix = prefix


class EndpointMissing(RoutingError, TypeError, AssertionError):
    """A route has neither an endpoint nor a view with a name.

    An `AssertionError` too, which programs written for Flask expect.
    """

    def __init__(self, view: object, rule: str) -> None:
        super().__init__(
            f"Rule {rule!r} has neither an endpoint nor a view with a name: expected"
            f" view func if endpoint is not provided, and the view is"
            f" {place_of(view)}. Pass endpoint= or a function."
        )
        self.rule = rule


class EndpointTaken(RoutingError, ValueError, AssertionError):
    """One endpoint was given two different views.

    An `AssertionError` too, which programs written for Flask expect.
    """

    def __init__(
        self, endpoint: str, rule: str, taken_by: object, view: object
    ) -> None:
        super().__init__(
            "View function mapping is overwriting an existing endpoint function:"
            f" {endpoint}. It is {place_of(taken_by)}, and {place_of(view)} was to take"
            f" its place, by the rule {rule!r}. Pass another endpoint=, or rename one"
            " of the functions."
        )
        self.endpoint = endpoint


class NameTaken(RoutingError, ValueError):
    """Two groups were included under one name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A group named {name!r} is already included here. Pass name= to include"
            " this one under another name."
        )
        self.name = name


class BuildError(RoutingError, WerkzeugBuildError):
    """No URL can be built; tells what is missing, wrong, or meant perhaps.

    `reason` says what is wrong with the values, if they are all there.

    The nearest rule is looked for only when `suggested` or the text is asked for.
    """

    def __init__(
        self,
        endpoint: object,
        values: Mapping[str, object],
        method: str | None,
        adapter: MapAdapter | None = None,
        reason: str = "",
    ) -> None:
        WerkzeugBuildError.__init__(self, endpoint, values, method, adapter)
        self.reason = reason

    def __str__(self) -> str:
        method = f" ({self.method!r})" if self.method else ""
        values = f" with values {sorted(self.values)!r}" if self.values else ""
        text = f"Could not build url for endpoint {self.endpoint!r}{method}{values}."
        if self.suggested is None:
            return f"{text} The map has no rules."
        if self.suggested.endpoint != self.endpoint:
            return f"{text} No rule has this endpoint.{self._guess()}"
        return f"{text} {self.reason or self._misfit(self.suggested)}"

    def _guess(self) -> str:
        assert self.adapter is not None  # without a map, nothing is suggested
        names = {str(rule.endpoint) for rule in self.adapter.map.iter_rules()}
        asked = str(self.endpoint)
        # The blueprint left out is the slip that is made most.
        close = sorted(name for name in names if name.endswith(f".{asked}"))
        close = close or get_close_matches(asked, names, 1, cutoff=_CLOSE)
        return f" Did you mean {close[0]!r} instead?" if close else ""

    def _misfit(self, rule: Rule) -> str:
        missing = sorted(rule.arguments - rule_defaults(rule) - set(self.values))
        if missing:
            return (
                f"Did you forget to specify values {missing!r}?"
                f" The nearest rule is {rule.rule!r}."
            )
        if self.method and rule.methods is not None and self.method not in rule.methods:
            return f"Did you mean to use methods {sorted(rule.methods)!r}?"
        return f"The values do not fit the nearest rule, {rule.rule!r}."


class ValueRefused(BuildError, ValueError):
    """No URL can be built, because a converter refuses a value.

    A `ValueError` too, which is what converters raise.
    """


def rule_defaults(rule: Rule) -> set[str]:
    """Return the names to which `rule` itself gives a value."""
    return set(rule.defaults or ())


class GroupNameError(RoutingError, ValueError):
    """A group or an endpoint in it cannot be used as it stands."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name!r} {problem}. Choose another name or another place.")
        self.name = name


class ViewMissing(RoutingError, LookupError):
    """A route was registered without a view, and a request reached it."""

    def __init__(self, rule: str, endpoint: str) -> None:
        super().__init__(
            f"Rule {rule!r}: no view was registered for the endpoint {endpoint!r}."
            " Pass view_func= to add_url_rule(), or build_only=True."
        )
        self.endpoint = endpoint


class ViewResultError(RoutingError, TypeError):
    """A view returned something that cannot answer a request."""

    def __init__(self, view: object, kind: str) -> None:
        cure = "Return a response, text, bytes or another WSGI application."
        if kind == "coroutine":
            cure = "Views that are awaited are served by router.asgi_app."
        super().__init__(f"The view {place_of(view)} returned {kind}. {cure}")


class ASGIViewError(RoutingError, TypeError):
    """A view cannot be called as ASGI asks for, or answered what nobody can send."""

    def __init__(self, rule: str, view: object, problem: str, cure: str) -> None:
        super().__init__(f"Rule {rule!r}: the view {place_of(view)} {problem}. {cure}.")
        self.rule = rule
        self.view = view


class ProtocolUnknown(RoutingError, TypeError):
    """An application may speak WSGI or ASGI, or neither."""

    def __init__(self, application: object, where: str, problem: str) -> None:
        super().__init__(
            f"{place_of(application)}, {where}, does not show whether it speaks WSGI"
            f" or ASGI: {problem}. Pass protocol='wsgi' or protocol='asgi'."
        )
        self.application = application


class ProtocolMismatch(RoutingError, TypeError):
    """An ASGI application was asked by a WSGI server."""

    def __init__(self, application: object, where: str) -> None:
        super().__init__(
            f"{place_of(application)}, {where}, speaks ASGI, and the request came by"
            " WSGI. Serve router.asgi_app by an ASGI server."
        )
        self.application = application


class BridgeError(RoutingError, RuntimeError):
    """A WSGI application does not keep to what its bridge to ASGI has to rely on."""

    def __init__(self, application: object, problem: str) -> None:
        super().__init__(
            f"The WSGI application {place_of(application)} {problem} (PEP 3333)."
        )
        self.application = application


class UnknownScope(RoutingError, ValueError):
    """A server asked for something else than HTTP, a WebSocket or a lifespan."""

    def __init__(self, kind: object) -> None:
        super().__init__(
            f"A router knows nothing of scopes of the type {kind!r}. It answers 'http',"
            " 'websocket' and 'lifespan'."
        )
        self.kind = kind


class FallbackTaken(RoutingError, ValueError):
    """A router was given two applications to fall back to."""

    def __init__(self, before: object, application: object) -> None:
        super().__init__(
            f"The router falls back to {place_of(before)} already, so it cannot fall"
            f" back to {place_of(application)} too. Mount one of them under a prefix."
        )


class PrefixError(RoutingError, ValueError):
    """An application cannot be mounted there."""

    def __init__(self, prefix: str, problem: str) -> None:
        super().__init__(
            f"The prefix {prefix!r} {problem}. Mount under a path such as '/admin'."
        )
        self.prefix = prefix
