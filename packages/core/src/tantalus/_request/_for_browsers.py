"""What browsers are told with each answer: who may read it, and what not to do."""

from __future__ import annotations

from functools import cache
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.routing import Rule

import tantalus_http as http

from .._state._app import AppState
from ..wrappers import Request, Response


def tell_browsers(own: Any, request: Request, response: Response) -> None:
    """Add to the headers of an answer what the setting `SECURITY_HEADERS` says."""
    if own is True:
        own = usual_headers()
    if own.has_nonce:
        nonce, status = _nonce_of(request, response), response.status_code
        own.add_to(response.headers, request.scheme == "https", nonce, status)
    else:
        own.add_to(response.headers, request.scheme == "https")


def tell_who_may_read(app: AppState, request: Any, response: Response) -> None:
    """Add to the headers of an answer which other origins may read it (CORS)."""
    policy = None if is_preflight(request) else cors_policy(app, request.url_rule)
    if policy is not None:
        if not isinstance(response.headers, Headers):  # a program's own dict
            response.headers = Headers(response.headers)
        trusted = cross_site_check(app).trusted
        policy.add_to(response.headers, request.headers.get("Origin"), trusted)


def _nonce_of(request: Any, response: Response) -> str | None:
    """Return the nonce of an answer, None if none of its scripts has it."""
    if isinstance(response.response, list) or response.direct_passthrough:
        nonce: str | None = vars(request).get("csp_nonce")
        return nonce
    # A template that is still to be sent may ask for it.
    return request.csp_nonce  # type: ignore[no-any-return]  # of any class


@cache
def usual_headers() -> http.SecurityHeaders:
    """Return what an app says by itself: nothing that a browser would not forget."""
    return http.SecurityHeaders(hsts=None)


@cache
def _for_trusted() -> http.CrossOrigin:
    return http.CrossOrigin()


def cors_policy(app: AppState, rule: Rule | None) -> http.CrossOrigin | None:
    """Return who may read the answers of a rule, as it or the app says."""
    said: Any = getattr(rule, "cors", None)
    if said is None:
        said = app.config["CORS"]
    if said is True:
        return _for_trusted()
    return said or None


def is_preflight(request: Any) -> bool:
    """Tell whether a browser asks if a page may send what it is about to."""
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


def cross_site_check(app: AppState) -> http.CrossSiteCheck:
    """Return the check with the trusted origins that the settings name now.

    Raises:
        ValueError: One of them is no origin.
    """
    listed = app.config["TRUSTED_ORIGINS"]
    known = app.cross_site_check
    if known is None or (known[0] is not listed and known[0] != listed):
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
