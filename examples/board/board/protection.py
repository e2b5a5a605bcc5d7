"""What the board refuses, and what it tells browsers to refuse.

A form on another site could post here in the name of somebody who is logged in.
Three things prevent it: only POST and DELETE change anything, the session cookie is
`SameSite=Lax`, and requests that a browser says come from another site are refused.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tantalus import App, Response, abort, request

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
    " img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def init_app(app: App) -> None:
    app.before_request(refuse_other_sites)
    app.after_request(add_headers)


def refuse_other_sites() -> None:
    """Let only the board's own pages, and programs, change anything."""
    if request.method not in SAFE_METHODS and not from_this_site():
        abort(403, "This form stands on another site, and only the board's own count.")


def from_this_site() -> bool:
    """Return whether the request comes from our own pages, or from no page at all.

    Browsers say so in `Sec-Fetch-Site`, and where that is missing, in `Origin`.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def add_headers(response: Response) -> Response:
    """Allow no scripts but ours, no frames, and no guesses at the type of a file."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
