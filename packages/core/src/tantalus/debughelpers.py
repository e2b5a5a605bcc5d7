"""Errors of debug mode that explain a mistake which production passes over."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from tantalus_http import DebugFilesKeyError
from tantalus_http import explain_missing_files as attach_enctype_error_multidict
from tantalus_templating import Attempt, report

from ._state._app import AppState
from .ctx import _cv_app
from .wrappers import Request

__all__ = [
    "DebugFilesKeyError",
    "FormDataRoutingRedirect",
    "UnexpectedUnicodeError",
    "attach_enctype_error_multidict",
    "explain_template_loading_attempts",
    "explain_unknown_url",
]


class UnexpectedUnicodeError(AssertionError, UnicodeError):
    """Text where bytes are needed, or bytes where text is."""


class FormDataRoutingRedirect(AssertionError):
    """The URL is redirected by its rule, on which browsers drop what was submitted."""

    def __init__(self, request: Request) -> None:
        redirect = request.routing_exception
        if not isinstance(redirect, RequestRedirect):
            raise TypeError(f"{request!r} was not redirected by its rule.")
        text = (
            f"A request was sent to {request.url!r}, but routing redirects it to the"
            f" canonical URL {redirect.new_url!r}."
        )
        if redirect.new_url.partition("?")[0] == f"{request.base_url}/":
            text += " The rule ends with a slash, which the URL lacks."
        super().__init__(
            f"{text} Send the request to the canonical URL, or redirect with 307 or"
            " 308: otherwise browsers drop the form data. Only debug mode raises this."
        )


def explain_unknown_url(app: AppState, request: Request, error: NotFound) -> None:
    """Add the routes that come near to the text of a 404."""
    domain = request.host if app.url_map.host_matching else None
    near = app.url_map.near(request.path, domain)
    if near:
        head = "Routes that come near, shown in debug mode only:"
        text = [error.description or "", "", head, *map(str, near)]
        error.description = "\n".join(text)


def explain_template_loading_attempts(
    app: AppState, template: str, attempts: Sequence[Attempt]
) -> None:
    """Log where a template was looked for, in order, and what seems wrong with that."""
    lines = [report(template, attempts)]
    context = _cv_app.get(None)
    ctx = None if context is None else context.request_context
    blueprint = None if ctx is None else ctx.request.blueprint
    if blueprint is not None and sum(attempt.found for attempt in attempts) != 1:
        lines += [
            "  The template was looked up from an endpoint that belongs to the"
            f" blueprint {blueprint!r}. Is it in the right folder?",
            "  See https://flask.palletsprojects.com/blueprints/#templates",
        ]
    app.logger.info("\n".join(lines))
