"""Finding the rule of a request, with no adapter and no exception for a plain match."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule

from tantalus_routing import Match, NoMatch, Redirect, WrongMethod, is_websocket

from ..wrappers import Request
from ._app import AppState
from ._hosts import Matched, host_of, stand_in

#: The warnings already given: one for each host, unless filters say otherwise. Clients
#: name the hosts, so they are forgotten before they are too many.
_warned: dict[Any, Any] = {}
_MOST_WARNED = 256
# What no `Location` may have, not even to be percent-encoded when it is sent.
_NOT_SENT = {ord(letter): quote(letter) for letter in "\0\r\n"}


def match_request(ctx: Matched) -> None:
    """Set `url_rule` and `view_args` of the request, or its `routing_exception`."""
    app, request, known = ctx.app, ctx.request, ctx.known
    if known is None:
        if not app.steps.match_directly:
            _match_by_adapter(ctx)
            return
        environ, path = request.environ, request.path
        if path == "/" and not environ.get("PATH_INFO", "/"):
            path = ""  # a mount without its slash is redirected to the one with it
        is_socket = "HTTP_UPGRADE" in environ and is_websocket(environ)
        key = environ["wsgi.url_scheme"], environ.get("HTTP_HOST")
    else:
        key, path, is_socket = known
    try:
        host = request.host = host_of(app, request, key)
        result = app.url_map.match(request.method, path, host, is_socket)
    except HTTPException as error:
        _refuse(ctx, error)
        return
    if type(result) is Match:
        request.url_rule = result.rule
        request.view_args = result.args
        # As the class has it, but read faster.
        request.routing_exception = None
        return
    request.routing_exception = (
        result.http_error()
        if isinstance(result, NoMatch)
        else _redirect(app, request, host, result)
    )


def _redirect(
    app: AppState, request: Request, host: str, redirect: Redirect
) -> HTTPException:
    return redirect.exception(
        scheme=request.scheme,
        host=_canonical_host(app, request, host),
        script_name=f"{request.root_path}/",
        query_args=_query_to_send(request.query_string.decode(errors="replace")),
    )


def allowed_methods(ctx: Matched) -> Iterable[str]:
    """Return the methods that the URL of a request allows, in no order."""
    if not ctx.app.steps.match_directly:
        return [] if ctx.url_adapter is None else ctx.url_adapter.allowed_methods()
    request = ctx.request
    # No rule has this method, so what fits says which methods it has.
    result = ctx.app.url_map.match("--", request.path, request.host)
    return result.valid_methods if isinstance(result, WrongMethod) else []


def rule_for(ctx: Matched, method: str) -> Rule | None:
    """Return the rule that the URL of a request has for another method, if any."""
    request = ctx.request
    if ctx.app.steps.match_directly:
        result = ctx.app.url_map.match(method, request.path, request.host)
        return result.rule if isinstance(result, Match) else None
    adapter = ctx.url_adapter
    if adapter is None:
        return None
    try:
        return adapter.match(method=method, return_rule=True)[0]
    except HTTPException:
        return None


def _refuse(ctx: Matched, error: HTTPException) -> None:
    ctx.request.routing_exception = error
    if ctx.app.config["STRICT_HOSTS"]:
        stand_in(ctx)


def _match_by_adapter(ctx: Matched) -> None:
    adapter, request = ctx.url_adapter, ctx.request
    if adapter is None:
        if request.routing_exception is not None:
            _refuse(ctx, request.routing_exception)
        return
    try:
        rule, values = adapter.match(return_rule=True)
    except HTTPException as error:
        request.routing_exception = error
    else:
        request.url_rule, request.view_args = rule, dict(values)


def _canonical_host(app: AppState, request: Request, host: str) -> str:
    """Return the host that redirects lead to: `SERVER_NAME`, else the request's."""
    name: str | None = app.config["SERVER_NAME"]
    if name is None or app.url_map.host_matching:
        return host
    return name.lower().removesuffix(":443" if request.scheme == "https" else ":80")


def bind_url_map(app: AppState, request: Request | None) -> MapAdapter | None:
    """Bind the app's URL map to a request, or to the configured host.

    Returns:
        None without a request and without `SERVER_NAME`: no host is known.

    Raises:
        SecurityError: The host is not one that the app answers for (400).
    """
    server_name = app.config["SERVER_NAME"]
    if request is None:
        if server_name is None:
            return None
        return app.url_map.bind(
            server_name,
            script_name=application_root(app),
            url_scheme=app.config["PREFERRED_URL_SCHEME"],
        )
    environ = request.environ
    key = environ["wsgi.url_scheme"], environ.get("HTTP_HOST")
    request.host = host_of(app, request, key)
    subdomain = None
    if app.url_map.host_matching:
        server_name = None
    elif not app.subdomain_matching:
        subdomain = app.url_map.default_subdomain or ""
    elif server_name is not None:
        subdomain = _subdomain(app, request)
    adapter = app.url_map.bind_to_environ(
        environ, server_name=server_name, subdomain=subdomain
    )
    # The adapter takes it from the environ as it is, which a client may have a say in.
    adapter.script_name = f"{request.root_path}/"
    adapter.query_args = _query_to_send(adapter.query_args)  # type: ignore[arg-type]  # text, of an environ
    return adapter


def _query_to_send(query: str) -> str:
    """Return a query as a URL can carry it: some servers hand over what none can."""
    return query if query.isprintable() else query.translate(_NOT_SENT)


def application_root(app: AppState) -> str:
    """Return the setting `APPLICATION_ROOT` with its slash, which people leave out."""
    root: str = app.config["APPLICATION_ROOT"]
    return root if root[:1] == "/" else f"/{root}"


def _subdomain(app: AppState, request: Request) -> str:
    """Return what stands before `SERVER_NAME` in the request's host.

    Any other host is warned of, in the name of the module that an app comes from, for
    which people filter; it gets a subdomain that no rule has.
    """
    host = request.host.lower()
    server_name = _canonical_host(app, request, host)
    if host == server_name:
        return ""
    if host.endswith(f".{server_name}"):
        return host.removesuffix(f".{server_name}")
    if len(_warned) >= _MOST_WARNED:
        _warned.clear()
    warnings.warn_explicit(
        f"Current server name {host!r} is neither SERVER_NAME {server_name!r} nor one"
        " of its subdomains, so no route of this app can match.",
        UserWarning,
        filename=__file__,
        lineno=_subdomain.__code__.co_firstlineno,
        module=f"{app.env_prefix.lower()}.app",
        registry=_warned,
    )
    return "<invalid>"
