"""Requests that pages of other sites have started: refused, logged or let through.

What is decided is told by `tantalus_http.CrossSiteCheck`; which routes are for
everybody is said with each of them, so no pattern of paths can match more than was
meant.
"""

from __future__ import annotations

from typing import Any

from werkzeug.routing import Rule

import tantalus_http as http

from .._state._app import AppState
from .app import on_one_line

#: What `CROSS_SITE` may be.
MODES = ("refuse", "log", "allow")


def refuse_other_sites(app: AppState, request: Any, rule: Rule) -> None:
    """Raise why a request that matched `rule` is refused, if it is.

    Raises:
        CrossSiteRequest: A page of another site has started it (403).
    """
    mode = app.config["CROSS_SITE"]
    if mode == "allow" or getattr(rule, "cross_site", False):
        return
    check = cross_site_check(app)
    refusal = check.of_request(request, is_websocket=rule.websocket)
    if refusal is not None:
        _refuse(app, refusal, mode, request.method, request.path)


def refuse_websocket(app: AppState, scope: http.ASGIScope, rule: Rule) -> None:
    """Raise why the WebSocket of an ASGI scope is refused, if it is.

    Its handshake is no request that forms or `fetch()` could send, and what a page gets
    to read of it no browser guards. So `CROSS_SITE = "allow"` does not let it through:
    the route says that it is for everybody, or the origin is trusted.

    Raises:
        CrossSiteRequest: A page of another site has started it (403).
    """
    if getattr(rule, "cross_site", False):
        return
    refusal = cross_site_check(app).of_scope(scope)
    if refusal is not None:
        _refuse(app, refusal, app.config["CROSS_SITE"], "WebSocket", scope["path"])


def _refuse(
    app: AppState, refusal: http.CrossSiteRequest, mode: str, method: str, path: str
) -> None:
    if mode != "log":
        raise refusal
    app.logger.warning(
        "%s %s would be refused with 403 by CROSS_SITE = 'refuse': %s",
        on_one_line(method),
        on_one_line(path),
        refusal.description,
    )


def cross_site_check(app: AppState) -> http.CrossSiteCheck:
    """Return the check with the trusted origins that the settings name now.

    Raises:
        ValueError: One of them is no origin.
    """
    listed = app.config["TRUSTED_ORIGINS"]
    known = app.cross_site_check
    if known is None or known[0] != listed:
        if not isinstance(listed, list | tuple | set | frozenset | str):
            raise ValueError(
                f"TRUSTED_ORIGINS is {listed!r}. Set it to a list of origins, such as"
                " ['https://pay.example'], or to an empty one."
            )
        try:
            check = http.CrossSiteCheck(listed)
        except ValueError as error:
            raise ValueError(f"TRUSTED_ORIGINS is wrong: {error}") from error
        # A copy: what is added to the list later is to be seen.
        known = app.cross_site_check = type(listed)(listed), check
    return known[1]
