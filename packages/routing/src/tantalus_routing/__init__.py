"""Match URLs to endpoints, build URLs from endpoints, register routes in groups.

`Map`, `Rule`, `MapAdapter` and the converters can be used wherever those of
`werkzeug.routing` can; `RouteGroup` and `Router` stand on them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from werkzeug.routing import (
    BaseConverter,
    EndpointPrefix,
    RuleFactory,
    RuleTemplate,
    Subdomain,
    Submount,
    ValidationError,
)

from ._adapter import MapAdapter
from ._decorators import RouteDecorators, RouteTarget, endpoint_of
from ._errors import (
    ASGIViewError,
    BridgeError,
    BuildError,
    ConverterArgumentsError,
    EndpointMissing,
    EndpointTaken,
    FallbackTaken,
    GroupNameError,
    MountedRule,
    NameTaken,
    PrefixError,
    ProtocolMismatch,
    ProtocolUnknown,
    RoutingError,
    RuleError,
    ShadowedRule,
    ShadowedRuleWarning,
    UnknownConverter,
    UnknownScope,
    ValueRefused,
    ViewMissing,
    ViewResultError,
)
from ._map import Map
from ._methods import route_methods
from ._results import Built, Match, NoMatch, Redirect, WrongMethod, WrongProtocol
from ._rules import Rule
from ._scopes import NO_GROUP, enclosing_groups, endpoint_scopes, group_scopes
from ._script import script_path
from ._upgrade import is_websocket

if TYPE_CHECKING:  # loaded when they are first used: an app may need none of them
    from ._bridge import WSGIBridge
    from ._explain import Attempt, RouteInfo, explain, list_routes
    from ._groups import GroupRoute, RouteGroup, RouteScope
    from ._links import Link, LinkNameTaken, links_module
    from ._near import NearRoute
    from ._prefixes import PrefixTable
    from ._problems import RouteProblem
    from ._router import Router
    from ._views import MethodView, View, http_method_funcs

__all__ = [
    "NO_GROUP",
    "ASGIViewError",
    "Attempt",
    "BaseConverter",
    "BridgeError",
    "BuildError",
    "Built",
    "ConverterArgumentsError",
    "EndpointMissing",
    "EndpointPrefix",
    "EndpointTaken",
    "FallbackTaken",
    "GroupNameError",
    "GroupRoute",
    "Link",
    "LinkNameTaken",
    "Map",
    "MapAdapter",
    "Match",
    "MethodView",
    "MountedRule",
    "NameTaken",
    "NearRoute",
    "NoMatch",
    "PrefixError",
    "PrefixTable",
    "ProtocolMismatch",
    "ProtocolUnknown",
    "Redirect",
    "RouteDecorators",
    "RouteGroup",
    "RouteInfo",
    "RouteProblem",
    "RouteScope",
    "RouteTarget",
    "Router",
    "RoutingError",
    "Rule",
    "RuleError",
    "RuleFactory",
    "RuleTemplate",
    "ShadowedRule",
    "ShadowedRuleWarning",
    "Subdomain",
    "Submount",
    "UnknownConverter",
    "UnknownScope",
    "ValidationError",
    "ValueRefused",
    "View",
    "ViewMissing",
    "ViewResultError",
    "WSGIBridge",
    "WrongMethod",
    "WrongProtocol",
    "enclosing_groups",
    "endpoint_of",
    "endpoint_scopes",
    "explain",
    "group_scopes",
    "http_method_funcs",
    "is_websocket",
    "links_module",
    "list_routes",
    "route_methods",
    "script_path",
]

# Where each name comes from that is loaded when it is first used.
_LATER = {
    "Attempt": "_explain",
    "GroupRoute": "_groups",
    "Link": "_links",
    "LinkNameTaken": "_links",
    "MethodView": "_views",
    "NearRoute": "_near",
    "PrefixTable": "_prefixes",
    "RouteGroup": "_groups",
    "RouteInfo": "_explain",
    "RouteProblem": "_problems",
    "RouteScope": "_groups",
    "WSGIBridge": "_bridge",
    "Router": "_router",
    "View": "_views",
    "explain": "_explain",
    "http_method_funcs": "_views",
    "links_module": "_links",
    "list_routes": "_explain",
}


def __getattr__(name: str) -> object:
    """Import one of the names in `_LATER` when it is first used (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
