"""The session at the end of a request, and who may keep what sets a cookie."""

from __future__ import annotations

import tantalus_http as http
from tantalus_sessions import SessionStoreError

from .._state._app import AppState
from ..ctx import RequestContext
from ..wrappers import Response

#: What a response without cookies is made of.
WITHOUT_COOKIES = frozenset({str, dict, list})


def save_session(
    app: AppState, ctx: RequestContext, response: Response
) -> SessionStoreError | None:
    """Save the session if it was opened, or if its life has to be extended.

    Returns:
        Why what the request changed is not kept. That a life is not extended is no
        such reason: it is logged.
    """
    session, interface = ctx._opened, app.session_interface
    if session is None:
        if not app.steps.opens_lazily or not interface.refresh_due(app, ctx.request):
            return None
        if _is_static(ctx):
            return None
        try:
            session = ctx.open_session()
        except SessionStoreError:  # which the store's keeper has logged
            return None
    if ctx.session_is_lost or interface.is_null_session(session):
        return None
    if app.steps.opens_lazily and not session.modified and _is_static(ctx):
        # What shared caches keep for all is not to carry the cookie of one.
        if session.accessed:
            response.vary.add("Cookie")
        return None
    try:
        interface.save_session(app, session, response)
    except SessionStoreError as error:
        ctx.session_is_lost = True
        return error
    return None


def keep_private(app: AppState, response: Response) -> None:
    """Let no shared cache keep an answer with a cookie, unless told to by hand."""
    if (
        http.has_header(response.headers, "set-cookie")
        and app.config["PRIVATE_WITH_COOKIES"]
    ):
        http.make_private(response)


def _is_static(ctx: RequestContext) -> bool:
    """Tell whether a static file is asked for, of the app or of a blueprint."""
    rule = ctx.request.url_rule
    if rule is None or not rule.endpoint.endswith("static"):
        return False
    return rule.endpoint == "static" or rule.endpoint.endswith(".static")  # type: ignore[no-any-return]  # of any type
