"""Requests that pages of other sites have started: refused, logged or let through.

What is decided is told by `tantalus_http.CrossSiteCheck`; which routes are for
everybody is said with each of them, so no pattern of paths can match more than was
meant.
"""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import Forbidden
from werkzeug.routing import Rule

import tantalus_http as http

from .._state._app import AppState
from .._state._hosts import is_refused
from .._state._matching import rule_for
from ..ctx import RequestContext
from ..wrappers import Request, Response
from ._for_browsers import cors_policy, cross_site_check, is_preflight
from .app import on_one_line

#: What `CROSS_SITE` may be.
MODES = ("refuse", "log", "allow")


def judge_origin(app: AppState, ctx: RequestContext) -> Response | None:
    """Refuse a request, or answer a preflight, by where it comes from.

    Returns:
        The answer to a preflight; None for what goes on.

    Raises:
        CrossSiteRequest: A page of another site has started it (403).
        Forbidden: A preflight asks for what is not allowed (403).
    """
    request = ctx.request
    method, rule = request.method, request.url_rule
    if method == "OPTIONS":
        return _answer_preflight(app, ctx) if is_preflight(request) else None
    # A WebSocket is a GET, and looked at closer.
    is_plain = method != "GET" and type(request) is Request
    if rule is None or (is_plain and http.is_own_request(request.environ)):
        return None
    mode = app.config["CROSS_SITE"]
    if mode == "allow":
        return None
    check = cross_site_check(app)
    refusal = check.of_request(request, is_websocket=rule.websocket)
    if refusal is not None and not _may_send(app, request, rule, refusal):
        _refuse(app, refusal, mode, method, request.path)
    return None


def _answer_preflight(app: AppState, ctx: RequestContext) -> Response | None:
    """Answer for the route that the request to come will have, if it has a policy."""
    request, rule = ctx.request, ctx.request.url_rule
    is_answered = rule is not None and not getattr(rule, "provide_automatic_options", 0)
    if is_answered or is_refused(request):
        return None
    method = request.headers["Access-Control-Request-Method"]
    coming = rule_for(ctx, method.upper())
    policy = None if coming is None else cors_policy(app, coming)
    if policy is None:
        return None
    origin = request.headers["Origin"]
    asked = request.headers.get("Access-Control-Request-Headers")
    why = policy.refuses_preflight(origin, asked, cross_site_check(app).trusted)
    if why is not None:
        raise Forbidden(why)
    response = app.response_class(status=204)
    policy.allow_preflight(response.headers, origin, method)
    return response


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


def _may_send(
    app: AppState, request: Any, rule: Rule, refusal: http.CrossSiteRequest
) -> bool:
    """Tell whether a route lets the page of another site send this nevertheless."""
    if getattr(rule, "cross_site", False):
        return True
    policy = None if rule.websocket else cors_policy(app, rule)
    trusted = cross_site_check(app).trusted
    return policy is not None and policy.may_send(
        refusal.origin, _has_credentials(request), trusted
    )


def _has_credentials(request: Any) -> bool:
    """Tell whether a browser may have sent something in the name of a visitor.

    A token that a script has added is not known to the browser.
    """
    password = request.headers.get("Authorization", "bearer").lower()
    return "Cookie" in request.headers or not password.startswith("bearer")


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
