"""Our maps answer as Werkzeug's do, for any rules and any request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import werkzeug.routing
from hypothesis import assume, event, given
from hypothesis import strategies as st
from strategies import MapSpec, build_specs, map_specs, request_specs
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

import tantalus_routing

RULE_CLASSES = [tantalus_routing.Rule, werkzeug.routing.Rule]
UNDOCUMENTED = "undocumented"


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


def make_both(
    spec: MapSpec, rule_class: type[werkzeug.routing.Rule]
) -> tuple[werkzeug.routing.Map, tantalus_routing.Map]:
    """Return the two maps; gives up where Werkzeug's own refuses the rules."""
    try:
        theirs = spec.werkzeug()
    except Exception:
        assume(False)
    return theirs, spec.tantalus(rule_class)


@given(data=st.data())
@pytest.mark.parametrize("rule_class", RULE_CLASSES, ids=["ours", "theirs"])
def test_matching_gives_what_werkzeug_gives(
    data: st.DataObject, rule_class: type[werkzeug.routing.Rule]
) -> None:
    spec = data.draw(map_specs())
    theirs, ours = make_both(spec, rule_class)
    for _ in range(4):
        request = data.draw(request_specs(spec))
        expected = outcome(lambda: request.bind(theirs).match())
        kind = expected[0] if isinstance(expected, tuple) else expected
        event(kind if kind in {"redirect", "method", "NotFound"} else "other")
        if kind is UNDOCUMENTED:
            continue

        assert outcome(lambda: request.bind(ours).match()) == expected


@given(data=st.data())
def test_matching_on_the_map_gives_what_the_adapter_gives(data: st.DataObject) -> None:
    spec = data.draw(map_specs())
    theirs, ours = make_both(spec, tantalus_routing.Rule)
    request = data.draw(request_specs(spec))
    bound = request.bind(theirs)
    expected = outcome(bound.match)
    assume(expected[0] is not UNDOCUMENTED)

    def ask() -> Any:
        result = ours.match(
            request.method.upper(),
            request.path,
            bound.server_name,
            bound.websocket,
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
    for _ in range(4):
        arguments = data.draw(build_specs())
        expected = outcome(lambda: request.bind(theirs).build(**arguments))
        event("undocumented" if expected[0] is UNDOCUMENTED else "documented")

        assert outcome(lambda: request.bind(ours).build(**arguments)) == expected
