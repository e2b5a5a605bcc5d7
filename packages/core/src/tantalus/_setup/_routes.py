"""Adding a route to an app."""

from __future__ import annotations

from typing import Any

from .._state._app import AppState
from .._state._url_map import follow_settings
from ..typing import RouteCallable


class EndpointTaken(AssertionError):
    """An endpoint already has another view."""

    def __init__(self, endpoint: str, old: object, new: object) -> None:
        self.endpoint = endpoint
        super().__init__(
            "View function mapping is overwriting an existing endpoint function:"
            f" {endpoint}. It is {old!r}, and {new!r} was to take its place. Pass"
            " another 'endpoint=', or rename one of the functions."
        )


def add_url_rule(
    app: AppState,
    rule: str,
    endpoint: str,
    view: RouteCallable | None,
    automatic_options: bool | None,
    options: dict[str, Any],
) -> None:
    """Make the rule, with the methods that its view has, and add it to the map.

    Raises:
        EndpointTaken: The endpoint has another view.
        TypeError: `methods` is a string.
        ShadowedRule: With `ROUTE_CONFLICTS="raise"`, no request can reach the rule.
    """
    known = app.view_functions.get(endpoint)
    if view is not None and known is not None and known != view:
        raise EndpointTaken(endpoint, known, view)
    methods = _methods(view, options.pop("methods", None))
    if automatic_options is None:
        automatic_options = getattr(view, "provide_automatic_options", None)
    if automatic_options is None:
        automatic_options = (
            "OPTIONS" not in methods and app.config["PROVIDE_AUTOMATIC_OPTIONS"]
        )
    required = {*getattr(view, "required_methods", ())}
    if automatic_options:
        required.add("OPTIONS")
    options["endpoint"] = endpoint
    made = app.url_rule_class(rule, methods=methods | required, **options)
    made.provide_automatic_options = automatic_options  # type: ignore[attr-defined]  # documented
    follow_settings(app)
    app.url_map.add(made)
    if view is not None:
        app.view_functions[endpoint] = view


def _methods(view: RouteCallable | None, given: Any) -> set[str]:
    methods = getattr(view, "methods", None) or ("GET",) if given is None else given
    if isinstance(methods, str):
        raise TypeError(
            "Allowed methods must be a list of strings, for example:"
            f' @app.route(..., methods=["{methods}"])'
        )
    return {method.upper() for method in methods}
