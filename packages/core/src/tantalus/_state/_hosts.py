"""The host that a request is for: validated, and what stands in for a refused one.

A refused host is answered with 400 by way of error handlers and `after_request` hooks.
What these read of the request must neither be the name that was refused nor a second
error, so the request gets a host of the app's own: `SERVER_NAME`, else the first of the
trusted hosts, else one that leads nowhere (RFC 2606).
"""

from __future__ import annotations

from typing import Protocol

from werkzeug.exceptions import BadHost, SecurityError
from werkzeug.routing import MapAdapter

from tantalus_http import HostCheck

from ..wrappers import Request
from ._app import AppState

_NOWHERE = "host.invalid"
_REFUSALS = (SecurityError, BadHost)


class Matched(Protocol):
    """The context of a request that is matched."""

    app: AppState
    request: Request

    @property
    def known(self) -> tuple[tuple[str, str | None], str, bool] | None:
        """What is found without the environ, where URLs may be matched directly.

        Scheme and `Host` header, path, whether it is the handshake of a WebSocket.
        """
        ...

    @property
    def url_adapter(self) -> MapAdapter | None:
        """The URL map bound to the request; None if its host is not valid."""
        ...


def host_of(app: AppState, request: Request, key: tuple[str, str | None]) -> str:
    """Return the validated host that a request is for.

    Args:
        key: Scheme and `Host` header.

    Raises:
        SecurityError: The host is not one that the app answers for (400).
        BadHost: The host is not one of the DNS, and URLs are built with it (400).
        NoTrustedHosts: The list of trusted hosts is empty, with `STRICT_HOSTS`.
    """
    config, check = app.config, app.host_check
    trusted = config["TRUSTED_HOSTS"]
    if trusted is None:
        trusted = request.trusted_hosts
    else:
        request.trusted_hosts = trusted
    strict = config["STRICT_HOSTS"]
    if check.strict is not strict or (
        trusted is not check.trusted and trusted != check.trusted
    ):
        check = app.host_check = HostCheck(trusted, strict=strict)
    try:
        return check.known[key]  # type: ignore[index]  # None is no key there
    except KeyError:
        bound = app.config["SERVER_NAME"] is None or app.url_map.host_matching
    return check.host_of(request.environ, bound=bound)


def is_refused(request: Request) -> bool:
    """Tell whether the request is answered with 400 because of its host."""
    return isinstance(request.routing_exception, _REFUSALS)


def stand_in(ctx: Matched) -> None:
    """Give a request whose host is refused a host of the app's own; leave others alone.

    URLs are built with it, too.
    """
    app, request = ctx.app, ctx.request
    if not is_refused(request):
        return
    trusted = request.trusted_hosts
    first = trusted if isinstance(trusted, str) else next(iter(trusted or ()), _NOWHERE)
    request.host = app.config["SERVER_NAME"] or first.removeprefix(".")
    ctx.url_adapter = app.url_map.bind(  # type: ignore[misc]  # as what is computed may
        request.host,
        script_name=f"{request.root_path}/",
        url_scheme=request.scheme,
        default_method=request.method,
        path_info=request.path,
    )
