"""Match URLs to endpoints, build URLs from endpoints, register routes in groups.

`Map`, `Rule`, `MapAdapter` and the converters can be used wherever those of
`werkzeug.routing` can; `RouteGroup` and `Router` stand on them.
"""

from __future__ import annotations

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
from ._errors import (
    BuildError,
    ConverterArgumentsError,
    EndpointTaken,
    GroupNameError,
    MountedRule,
    NameTaken,
    PrefixError,
    RoutingError,
    RuleError,
    ShadowedRule,
    ShadowedRuleWarning,
    UnknownConverter,
    ViewMissing,
    ViewResultError,
)
from ._explain import Attempt, RouteInfo, explain, list_routes
from ._groups import (
    GroupRoute,
    RouteDecorators,
    RouteGroup,
    RouteScope,
    RouteTarget,
    endpoint_of,
)
from ._map import Map
from ._results import Built, Match, NoMatch, Redirect, WrongMethod, WrongProtocol
from ._router import Router
from ._rules import Rule

__all__ = [
    "Attempt",
    "BaseConverter",
    "BuildError",
    "Built",
    "ConverterArgumentsError",
    "EndpointPrefix",
    "EndpointTaken",
    "GroupNameError",
    "GroupRoute",
    "Map",
    "MapAdapter",
    "Match",
    "MountedRule",
    "NameTaken",
    "NoMatch",
    "PrefixError",
    "Redirect",
    "RouteDecorators",
    "RouteGroup",
    "RouteInfo",
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
    "ValidationError",
    "ViewMissing",
    "ViewResultError",
    "WrongMethod",
    "WrongProtocol",
    "endpoint_of",
    "explain",
    "list_routes",
]
