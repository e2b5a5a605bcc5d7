from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_routing

LOADED = """
import sys
import werkzeug.routing
before = set(sys.modules)
import tantalus_routing
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
ours = {name.partition(".")[2] for name in sys.modules if name.startswith("tantalus_")}
print(*{"_explain", "_groups", "_router", "_asgi", "_bridge"} & ours)
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_routing.__all__ == [
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


def test_importing_loads_nothing_that_werkzeug_does_not() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "tantalus_routing\n\n"


def test_names_that_are_loaded_late_are_listed_like_the_others() -> None:
    assert set(tantalus_routing.__all__) <= set(dir(tantalus_routing))


def test_a_name_that_does_not_exist_is_refused_like_in_any_module() -> None:
    with pytest.raises(
        AttributeError, match=r"tantalus_routing.* has no attribute 'Nothing'"
    ):
        _ = tantalus_routing.Nothing
