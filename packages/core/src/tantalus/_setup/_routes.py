"""Adding a route to an app."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from werkzeug.exceptions import NotFound

import tantalus_http as http
from tantalus_routing import EndpointTaken, route_methods

from .._state._app import AppState
from .._state._url_map import follow_settings
from ..typing import RouteCallable

View = Callable[..., Any]
# Options of a route that the map knows nothing of: where it runs under ASGI.
_OF_LIVES = ("runs_on", "cancel_on_disconnect")


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
        TypeError: `methods` is a string, `cross_site` no boolean, or `cors` no policy.
        ShadowedRule: With `ROUTE_CONFLICTS="raise"`, no request can reach the rule.
    """
    known = app.view_functions.get(endpoint)
    if view is not None and known is not None and known != view:
        raise EndpointTaken(endpoint, rule, known, view)
    typed = options.pop("typed", None)
    methods, automatic_options = route_methods(
        rule,
        view,
        options.pop("methods", None),
        automatic_options,
        automatic_by_default=app.config["PROVIDE_AUTOMATIC_OPTIONS"],
    )
    asked = {name: options.pop(name) for name in _OF_LIVES if name in options}
    if asked:
        # Loaded by who asks for it, for most programs never do.
        from .._asgi._lives import check_asked  # noqa: PLC0415 - see above

        check_asked(rule, view, asked)
    cors, cross_site = options.pop("cors", None), options.pop("cross_site", False)
    if cors is not None and type(cors) is not bool:
        check_policy(rule, cors)
    if type(cross_site) is not bool:
        raise TypeError(
            f"Rule {rule!r}: cross_site={cross_site!r} is neither True nor False."
            " cross_site=True lets the pages of any site send requests to this route."
        )
    made: Any = app.url_rule_class(rule, endpoint=endpoint, methods=methods, **options)
    made.provide_automatic_options = automatic_options  # documented
    made.cors, made.cross_site, made.typed = cors, cross_site, typed
    app.has_cors = app.has_cors or bool(cors)
    vars(made).update(asked)
    follow_settings(app)
    app.url_map.add(made)
    if view is not None:
        app.view_functions[endpoint] = view


def check_policy(rule: str, cors: object) -> None:
    """Raise TypeError if what a route says about CORS is no policy."""
    if not isinstance(cors, http.CrossOrigin):
        raise TypeError(
            f"Rule {rule!r}: cors={cors!r} is no policy. Pass True for TRUSTED_ORIGINS,"
            " False for no other site, or a tantalus_http.CrossOrigin(...)."
        )


def first_found(first: View, second: View) -> View:
    """Return a view of files that asks `second` for what `first` does not find.

    Static folders may share one URL: a blueprint without a prefix has its files where
    the app has its own. Only one route can match there; its view is made to look
    further, so that what `url_for()` builds for any of them leads to the file. Of two
    files with one name, that of the folder registered first is served.
    """

    @wraps(first)
    def static(filename: str) -> Any:
        try:
            return first(filename=filename)
        except NotFound:
            return second(filename=filename)

    return static
