"""The app's logger: one per app, with a handler only if nobody configured any."""

from __future__ import annotations

import logging
import sys
from typing import Protocol, TextIO

from werkzeug.local import LocalProxy

from .ctx import _cv_app


class LoggedApp(Protocol):
    """What `create_logger()` asks of an app."""

    @property
    def name(self) -> str:
        """Becomes the logger's name."""
        ...

    @property
    def debug(self) -> bool:
        """Turns the level DEBUG on if the logger has none of its own."""
        ...


def _errors_stream() -> TextIO:
    context = _cv_app.get(None)
    handled = None if context is None else context.request_context
    if handled is None:
        return sys.stderr
    # The server's stream, which PEP 3333 makes part of every environ.
    stream: TextIO = handled.request.environ["wsgi.errors"]
    return stream


#: The `wsgi.errors` of the current request, or standard error outside of one. In a
#: dict configuration: `ext://tantalus.logging.wsgi_errors_stream`.
wsgi_errors_stream: TextIO = LocalProxy(_errors_stream)  # type: ignore[assignment]  # stands for one


def has_level_handler(logger: logging.Logger) -> bool:
    """Tell if some handler takes what `logger` lets through, on it or above it."""
    lowest = logger.getEffectiveLevel()
    asked: logging.Logger | None = logger
    while asked is not None:
        for handler in asked.handlers:
            if handler.level <= lowest:
                return True
        asked = asked.parent if asked.propagate else None
    return False


#: Writes to `wsgi_errors_stream`: time, level, module, message.
default_handler = logging.StreamHandler(wsgi_errors_stream)
default_handler.setFormatter(
    logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
)


def create_logger(app: LoggedApp) -> logging.Logger:
    """Return the logger named after `app`, ready to be used.

    It gets the level DEBUG in debug mode if it has none, and `default_handler` if
    nobody else would handle what it logs.
    """
    logger = logging.getLogger(app.name)
    has_own_level = logger.level != logging.NOTSET
    if app.debug and not has_own_level:
        logger.setLevel(logging.DEBUG)
    # Asked last: the level decides which handlers count.
    is_heard = has_level_handler(logger)
    if not is_heard:
        logger.addHandler(default_handler)
    return logger
