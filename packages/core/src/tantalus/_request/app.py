"""The lines in the log about requests that failed.

A record names the file it was made in. Filters and formats were written for Flask's,
where that is `app`: for their sake this file has that name.
"""

from __future__ import annotations

from types import TracebackType

from .._state._app import AppState
from ..ctx import RequestContext

ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
)


def log_exception(app: AppState, ctx: RequestContext, exc_info: ExcInfo) -> None:
    """Log the error that ended a request."""
    request = ctx.request
    path, method = on_one_line(request.path), on_one_line(request.method)
    app.logger.error(f"Exception on {path} [{method}]", exc_info=exc_info)


def log_failed_finish(app: AppState) -> None:
    """Log the error of a hook that kept the answer to another error from its end."""
    app.logger.exception(
        "Request finalizing failed with an error while handling an error"
    )


def on_one_line(text: str) -> str:
    """Return what a client sent, with all that is not printable escaped.

    Otherwise a line feed in a path would begin a line of the client's own in the log,
    and other control characters would change the terminal that shows it.
    """
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable()
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
