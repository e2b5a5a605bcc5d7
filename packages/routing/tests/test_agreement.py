"""Our maps answer as Werkzeug's do, for any rules and any request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import werkzeug.routing
from hypothesis import assume, event, given
from hypothesis import strategies as st
from strategies import MapSpec, RequestSpec, build_specs, map_specs, request_specs
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

import tantalus_routing

RULE_CLASSES = [tantalus_routing.Rule, werkzeug.routing.Rule]
UNDOCUMENTED = "undocumented"
# What Werkzeug's converters let out of `build()`.
REFUSED = [
    (UNDOCUMENTED, name) for name in ("ValueError", "TypeError", "OverflowError")
]
KINDS = {"redirect", "method", "NotFound", "WebsocketMismatch", UNDOCUMENTED}


def outcome(ask: Callable[[], Any]) -> Any:
    """Return what an application sees of an answer."""
    try:
        return ask()
    except RequestRedirect as error:
        return "redirect", error.new_url
    except MethodNotAllowed as error:
        return "method", set(error.valid_methods or ())
    except HTTPException as error:
        return type(error).__name__
    except werkzeug.routing.BuildError:
        return "build error"
    except Exception as error:
        # Rules at odds with themselves, such as a redirect to a value that no
        # variable has; which error shows it is nobody's interface.
        return UNDOCUMENTED, type(error).__name__


def answer_to(request: RequestSpec, map: werkzeug.routing.Map) -> Any:
    """Return what an application sees of a map's answer to a request."""
    return outcome(lambda: request.bind(map).match(websocket=request.websocket))


def url_of(
    request: RequestSpec, map: werkzeug.routing.Map, arguments: dict[str, Any]
) -> Any:
    """Return what an application sees of an attempt to build a URL."""
    return outcome(lambda: request.bind(map).build(**arguments))


def make_both(
    spec: MapSpec, rule_class: type[werkzeug.routing.Rule]
) -> tuple[werkzeug.routing.Map, tantalus_routing.Map]:
    """Return the two maps; gives up where Werkzeug's own refuses the rules."""
    try:
        theirs = spec.make_theirs()
    except Exception:
        assume(False)
    return theirs, spec.make_ours(rule_class)


@given(data=st.data())
@pytest.mark.parametrize("rule_class", RULE_CLASSES, ids=["ours", "theirs"])
def test_matching_gives_what_werkzeug_gives(
    data: st.DataObject, rule_class: type[werkzeug.routing.Rule]
) -> None:
    spec = data.draw(map_specs())
    theirs, ours = make_both(spec, rule_class)
    for _ in range(2):
        request = data.draw(request_specs(spec))
        expected = answer_to(request, theirs)
        kind = expected[0] if isinstance(expected, tuple) else expected
        event(kind if kind in KINDS else "match")
        if kind is UNDOCUMENTED:
            continue

        assert answer_to(request, ours) == expected


@given(data=st.data())
def test_matching_on_the_map_gives_what_the_adapter_gives(data: st.DataObject) -> None:
    spec = data.draw(map_specs())
    theirs, ours = make_both(spec, tantalus_routing.Rule)
    request = data.draw(request_specs(spec))
    bound = request.bind(theirs)
    expected = outcome(lambda: bound.match(websocket=request.websocket))
    assume(expected[0] is not UNDOCUMENTED)

    def ask() -> Any:
        result = ours.match(
            request.method.upper(),
            request.path,
            bound.server_name,
            request.websocket,
            subdomain=bound.subdomain,
        )
        if type(result) is tantalus_routing.Match:
            return result.endpoint, result.args
        raise result.exception(
            scheme=request.scheme,
            host=bound.server_name,
            script_name=request.script_name,
            query_args=request.query,
        )

    assert outcome(ask) == expected


@given(data=st.data())
@pytest.mark.parametrize("rule_class", RULE_CLASSES, ids=["ours", "theirs"])
def test_building_gives_what_werkzeug_gives(
    data: st.DataObject, rule_class: type[werkzeug.routing.Rule]
) -> None:
    spec = data.draw(map_specs())
    theirs, ours = make_both(spec, rule_class)
    request = data.draw(request_specs(spec))
    for _ in range(2):
        arguments = data.draw(build_specs())
        expected = url_of(request, theirs, arguments)
        event("undocumented" if expected[0] is UNDOCUMENTED else "documented")
        if expected in REFUSED:
            continue  # a BuildError here, or another rule that takes the value

        assert url_of(request, ours, arguments) == expected
