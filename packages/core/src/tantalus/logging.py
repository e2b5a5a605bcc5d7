"""The app's logger: one per app, with a handler only if nobody configured any."""

from __future__ import annotations

import logging
import sys
from typing import Protocol, TextIO

from werkzeug.local import LocalProxy

from ._answers._proxies import request


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
    if request:
        # The server's stream, which PEP 3333 makes part of every environ.
        return request.environ["wsgi.errors"]  # type: ignore[no-any-return]
    return sys.stderr


#: The `wsgi.errors` of the current request, or standard error outside of one. In a
#: dict configuration: `ext://tantalus.logging.wsgi_errors_stream`.
wsgi_errors_stream: TextIO = LocalProxy(_errors_stream)  # type: ignore[assignment]  # stands for one


def has_level_handler(logger: logging.Logger) -> bool:
    """Tell if some handler takes what `logger` lets through, on it or above it."""
    level = logger.getEffectiveLevel()
    current: logging.Logger | None = logger
    while current is not None:
        if any(handler.level <= level for handler in current.handlers):
            return True
        current = current.parent if current.propagate else None
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
    if app.debug and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    return logger
