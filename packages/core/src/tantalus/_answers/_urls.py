"""Building URLs, and the answers that need one."""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import quote

from werkzeug.exceptions import abort as werkzeug_abort
from werkzeug.routing import BuildError, MapAdapter
from werkzeug.sansio.response import Response as SansIOResponse
from werkzeug.utils import redirect as werkzeug_redirect
from werkzeug.wrappers import Response as ResponseBase

from tantalus_routing import endpoint_scopes, script_path

from .._ground._current import NO_APP
from .._state._app import AppState
from .._state._matching import application_root
from ..ctx import AppContext, RequestContext, _cv_app

# A name of this module is found faster than an attribute of another object.
_current = _cv_app.get
_ANCHOR_SAFE = "%!#$&'()*+,/:;=?@"


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: Any,
) -> str:
    """Return the URL of an endpoint of the current app; see `App.url_for`."""
    context = _current(None)
    if context is None:
        raise RuntimeError(NO_APP)
    app = context.app
    build = app.steps.build_url
    url: str = build(app, endpoint, values, _anchor, _method, _scheme, _external)
    return url


def redirect(
    location: str,
    code: int = 302,
    Response: type[ResponseBase] | None = None,  # noqa: N803 - documented name
) -> ResponseBase:
    """Return a response that sends the client to `location`.

    Args:
        code: 301, 302, 303, 305, 307 or 308.
        Response: The class to use outside an app; inside, the app's is used.
    """
    context = _cv_app.get(None)
    if context is not None:
        return context.app.redirect(location, code=code)
    return werkzeug_redirect(location, code=code, Response=Response)


def abort(code: int | SansIOResponse, *args: Any, **kwargs: Any) -> NoReturn:
    """Raise the HTTP error of a status code, or one that answers with a response.

    Raises:
        HTTPException: The error; for a code without a class LookupError.
    """
    context = _cv_app.get(None)
    if context is not None:
        context.app.aborter(code, *args, **kwargs)
    werkzeug_abort(code, *args, **kwargs)


def build_url(
    app: AppState,
    endpoint: str,
    values: dict[str, Any],
    anchor: str | None,
    method: str | None,
    scheme: str | None,
    external: bool | None,
) -> str:
    """Return the URL of `endpoint`; the arguments are those of `App.url_for`."""
    context = _current(None)
    if isinstance(context, RequestContext):
        ctx: RequestContext | None = context
    else:
        ctx = None if context is None else context.request_context
    if ctx is None:
        adapter, external = _adapter_outside(app, context, external)
    else:
        if endpoint.startswith("."):
            endpoint = _resolved(endpoint, ctx.request.blueprint)
        if external is None:
            external = scheme is not None
    if scheme is not None and not external:
        raise ValueError("When specifying '_scheme', '_external' must be True.")
    if app.url_default_functions or app.steps.injects_url_defaults:
        app.inject_url_defaults(endpoint, values)
    if endpoint.endswith("static") and app.config["STATIC_HASH"]:
        # Most programs start without: measured, it takes a millisecond to load.
        from ._files import stamp_static_url  # noqa: PLC0415 - see above

        stamp_static_url(app, endpoint, values)
    try:
        if ctx is None:
            url = adapter.build(
                endpoint, values, method, url_scheme=scheme, force_external=external
            )
        else:
            url = _build_here(app, ctx, endpoint, values, method, scheme, external)
    except BuildError as error:
        values.update(
            _anchor=anchor, _method=method, _scheme=scheme, _external=external
        )
        return app.handle_url_build_error(error, endpoint, values)
    return url if anchor is None else f"{url}#{quote(anchor, safe=_ANCHOR_SAFE)}"


def _resolved(endpoint: str, blueprint: str | None) -> str:
    """Return the full name of a relative endpoint (`.index`)."""
    return endpoint[1:] if blueprint is None else f"{blueprint}{endpoint}"


def _adapter_outside(
    app: AppState, context: AppContext | None, external: bool | None
) -> tuple[MapAdapter, bool]:
    """Return the adapter for work outside a request, and whether to build absolutely.

    Raises:
        RuntimeError: An absolute URL needs a host and none is configured.
    """
    adapter = app.create_url_adapter(None) if context is None else context.url_adapter
    if adapter is not None:
        return adapter, True if external is None else external
    if external or not app.config["PATHS_WITHOUT_REQUEST"]:
        raise RuntimeError(
            "Unable to build URLs outside an active request without 'SERVER_NAME'"
            " configured. Also configure 'APPLICATION_ROOT' and"
            " 'PREFERRED_URL_SCHEME' as needed."
        )
    return app.url_map.bind("", script_name=application_root(app)), False


def _build_here(
    app: AppState,
    ctx: RequestContext,
    endpoint: str,
    values: dict[str, Any],
    method: str | None,
    scheme: str | None,
    external: bool,
) -> str:
    """Return a URL as seen from a request: without an adapter if it is a path."""
    url_map, request = app.url_map, ctx.request
    if not external and app.steps.match_directly and not url_map.host_matching:
        built = url_map.build(endpoint, values, method, request.method)
        domain_part, path, websocket = built
        if not websocket and domain_part == url_map.default_subdomain:
            mounted = request.environ.get("SCRIPT_NAME")
            mount = script_path(request.root_path) if mounted else "/"
            return f"{mount}{path.lstrip('/')}"
    adapter = ctx.url_adapter
    if adapter is None:
        raise RuntimeError(
            "No absolute URL can be built: the host of this request is not valid."
        ) from request.routing_exception
    return adapter.build(
        endpoint, values, method, url_scheme=scheme, force_external=external
    )


def inject_url_defaults(app: AppState, endpoint: str, values: dict[str, Any]) -> None:
    """Let the `url_defaults` functions of app and blueprints add to `values`."""
    for scope in endpoint_scopes(endpoint):
        for function in app.url_default_functions.get(scope, ()):
            function(endpoint, values)


def handle_url_build_error(
    app: AppState, error: BuildError, endpoint: str, values: dict[str, Any]
) -> str:
    """Return the URL that a `url_build_error_handlers` function offers instead.

    Raises:
        BuildError: None of them did; the last error that one of them raised.
    """
    for handler in app.url_build_error_handlers:
        try:
            url: str | None = handler(error, endpoint, values)
        except BuildError as other:
            error = other
        else:
            if url is not None:
                return url
    raise error
