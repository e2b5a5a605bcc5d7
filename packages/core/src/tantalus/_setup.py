"""What an app does while it is set up: its name, its folders, its routes."""

from __future__ import annotations

import os
import sys
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # an app is what these functions work on
    from . import typing as types
    from ._app import App


class EndpointTaken(AssertionError):
    """An endpoint already has another view."""

    def __init__(self, endpoint: str, old: object, new: object) -> None:
        self.endpoint = endpoint
        super().__init__(
            "View function mapping is overwriting an existing endpoint function:"
            f" {endpoint}. It is {old!r}, and {new!r} was to take its place. Pass"
            " another 'endpoint=', or rename one of the functions."
        )


def app_name(import_name: str) -> str:
    """Return the name of an app: that of its module, or of the program's file."""
    if import_name != "__main__":
        return import_name
    path: str | None = getattr(sys.modules["__main__"], "__file__", None)
    return import_name if path is None else os.path.splitext(os.path.basename(path))[0]


def instance_path(app: App, path: str | None) -> str:
    """Return the instance folder: the given one, or where it is by default.

    Raises:
        ValueError: It is not absolute.
    """
    if path is None:
        return app.auto_find_instance_path()
    if not os.path.isabs(path):
        raise ValueError(
            f"The instance path {path!r} is relative. If an instance path is provided"
            " it must be absolute: use os.path.abspath()."
        )
    return path


def add_static_route(app: App, host: str | None) -> None:
    """Route the static files of an app.

    Raises:
        ValueError: A host is given without host matching, or the other way round.
    """
    if bool(host) != app.url_map.host_matching:
        raise AssertionError(
            "Invalid static_host/host_matching combination: give both or none."
        )
    # The route must not keep the app alive: that would be a cycle.
    reference = weakref.ref(app)

    def static(filename: str) -> Any:
        owner = reference()
        assert owner is not None
        return owner.send_static_file(filename)

    app.add_url_rule(
        f"{app.static_url_path}/<path:filename>",
        endpoint="static",
        host=host,
        view_func=static,
    )


def add_url_rule(
    app: App,
    rule: str,
    endpoint: str,
    view: types.RouteCallable | None,
    automatic_options: bool | None,
    options: dict[str, Any],
) -> None:
    """Make the rule, with the methods that its view has, and add it to the map.

    Raises:
        EndpointTaken: The endpoint has another view.
        TypeError: `methods` is a string.
    """
    known = app.view_functions.get(endpoint)
    if view is not None and known is not None and known != view:
        raise EndpointTaken(endpoint, known, view)
    methods = _methods(view, options.pop("methods", None))
    if automatic_options is None:
        automatic_options = getattr(view, "provide_automatic_options", None)
    required = {*getattr(view, "required_methods", ())}
    if automatic_options is None:
        automatic_options = (
            "OPTIONS" not in methods and app.config["PROVIDE_AUTOMATIC_OPTIONS"]
        )
        if automatic_options:
            required.add("OPTIONS")
    options["endpoint"] = endpoint
    made = app.url_rule_class(rule, methods=methods | required, **options)
    made.provide_automatic_options = automatic_options  # type: ignore[attr-defined]  # documented
    app.url_map.add(made)
    if view is not None:
        app.view_functions[endpoint] = view


def _methods(view: types.RouteCallable | None, given: Any) -> set[str]:
    methods = getattr(view, "methods", None) or ("GET",) if given is None else given
    if isinstance(methods, str):
        raise TypeError(
            "Allowed methods must be a list of strings, for example:"
            f' @app.route(..., methods=["{methods}"])'
        )
    return {method.upper() for method in methods}


def begin_serving(app: App) -> None:
    """End the set-up of an app: refuse settings that are wrong or dangerous.

    Keys are not judged while debugging or testing.

    Raises:
        RuntimeError: The secret key is shorter than `MIN_SECRET_KEY_LENGTH`.
        CookiePolicyError: With `CHECK_SESSION_COOKIE`, browsers would refuse the
            session cookie with these settings.
    """
    key = app.secret_key
    minimum = app.config["MIN_SECRET_KEY_LENGTH"]
    if key and len(key) < minimum and not (app.debug or app.testing):
        raise RuntimeError(
            f"The secret key has {len(key)} characters; at least {minimum} are needed"
            " outside debug mode, or cookies can be forged. Make one with"
            " 'tantalus secret' and set it as SECRET_KEY."
        )
    if app.config["CHECK_SESSION_COOKIE"]:
        app.session_interface.check(app)
    app._got_first_request = True
