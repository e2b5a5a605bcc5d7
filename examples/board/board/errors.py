"""What somebody sees when it did not work: a page, or JSON below `/api`."""

from __future__ import annotations

from tantalus import App, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

TEXTS = {
    404: (
        "There is nothing here",
        "The message may have been deleted, or the address may be mistyped.",
    ),
    413: ("That is too much", "The board takes short messages only."),
    500: (
        "Something broke",
        "The fault is ours, and it has been written down. Please try again later.",
    ),
}


def init_app(app: App) -> None:
    """Handle every error of HTTP; an error in the code arrives here as a 500."""
    app.register_error_handler(HTTPException, show)


def show(error: HTTPException) -> Response:
    """Return the error's own response, with its headers such as `Allow`, reworded."""
    code = error.code or 500
    title, text = TEXTS.get(code, (error.name, error.description or ""))
    response = make_response(error)
    if request.path.startswith("/api/"):
        response.data = jsonify(error=text).data
        response.mimetype = "application/json"
    else:
        response.data = render_template("error.html", title=title, text=text)
        response.mimetype = "text/html"
    return response
