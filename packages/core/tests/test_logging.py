from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tantalus import App, Flask
from tantalus.logging import (
    create_logger,
    default_handler,
    has_level_handler,
    wsgi_errors_stream,
)

NAME = "logged.app"


@pytest.fixture(autouse=True)
def above() -> Iterator[logging.Logger]:
    """Return the logger above the app's, which takes the place of the root."""
    above, logger = logging.getLogger("logged"), logging.getLogger(NAME)
    # Without a parent, not with `propagate = False`: pytest adds handlers to that.
    above.parent = None
    above.setLevel(logging.WARNING)
    yield above
    above.parent = logging.getLogger()
    for each in (above, logger):
        each.handlers.clear()
        each.setLevel(logging.NOTSET)
        each.propagate = True


def test_the_logger_is_named_after_the_app_and_gets_the_default_handler() -> None:
    logger = create_logger(SimpleNamespace(name=NAME, debug=False))

    assert logger is logging.getLogger(NAME)
    assert logger.handlers == [default_handler]
    assert logger.level == logging.NOTSET


def test_debug_mode_logs_everything() -> None:
    logger = create_logger(SimpleNamespace(name=NAME, debug=True))

    assert logger.level == logging.DEBUG


def test_a_level_that_is_set_stays_in_debug_mode() -> None:
    logging.getLogger(NAME).setLevel(logging.ERROR)

    logger = create_logger(SimpleNamespace(name=NAME, debug=True))

    assert logger.level == logging.ERROR


def test_configured_handlers_are_enough(above: logging.Logger) -> None:
    above.addHandler(logging.StreamHandler())

    logger = create_logger(SimpleNamespace(name=NAME, debug=False))

    assert logger.handlers == []


def test_a_handler_counts_if_it_takes_the_level_and_the_record_reaches_it(
    above: logging.Logger,
) -> None:
    logger = logging.getLogger(NAME)
    handler = logging.StreamHandler()
    assert not has_level_handler(logger)

    above.addHandler(handler)
    assert has_level_handler(logger)

    logger.propagate = False
    assert not has_level_handler(logger)

    logger.propagate = True
    handler.setLevel(logging.CRITICAL)
    assert not has_level_handler(logger)

    logger.setLevel(logging.CRITICAL)
    assert has_level_handler(logger)


def test_outside_of_requests_the_log_goes_to_standard_error() -> None:
    stream: Any = wsgi_errors_stream

    assert stream._get_current_object() is sys.stderr


def test_in_a_request_the_log_goes_to_the_stream_of_the_server() -> None:
    app = App(NAME)
    stream = io.StringIO()

    @app.get("/")
    def index() -> str:
        app.logger.error("it happened")
        return ""

    app.test_client().get("/", errors_stream=stream)

    assert "ERROR in test_logging: it happened" in stream.getvalue()


def failing(app_class: type[App], handler: logging.Handler) -> App:
    app = app_class(NAME)
    app.logger.addHandler(handler)
    app.before_request(lambda: str(1 // 0))
    return app


class Records(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record)


BOTH = pytest.mark.parametrize("app_class", [App, Flask], ids=["App", "Flask"])


@BOTH
def test_the_line_of_a_failed_request_is_where_filters_look_for_it(
    app_class: type[App],
) -> None:
    records = Records()
    app = failing(app_class, records)

    @app.after_request
    def fail(response: Any) -> Any:
        raise ValueError("of a hook")

    app.test_client().get("/a/b c")

    assert [
        (record.module, record.filename, record.levelname, record.getMessage())
        for record in records.kept
    ] == [
        ("app", "app.py", "ERROR", "Exception on /a/b c [GET]"),
        (
            "app",
            "app.py",
            "ERROR",
            "Request finalizing failed with an error while handling an error",
        ),
    ]
    assert records.kept[0].funcName == "log_exception"


@BOTH
@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a\nERROR in app: all is lost", "/a\\nERROR in app: all is lost"),
        ("/a\r\n", "/a\\r\\n"),
        ("/\x1b[31m", "/\\x1b[31m"),
        ("/\x00\x7f\x85\x9b", "/\\x00\\x7f\\x85\\x9b"),
        ("/\u2028\u202e\ufeff", "/\\u2028\\u202e\\ufeff"),
        ("/größe/東京/\U0001f600", "/größe/東京/\U0001f600"),
    ],
    ids=["line", "return", "escape", "controls", "unicode", "words"],
)
def test_no_path_makes_a_line_of_its_own_in_the_log(
    app_class: type[App], path: str, shown: str
) -> None:
    records = Records()
    app = failing(app_class, records)

    app.test_client().get("/", environ_overrides={"PATH_INFO": latin(path)})

    assert records.kept[0].getMessage() == f"Exception on {shown} [GET]"


def test_no_method_makes_a_line_of_its_own_in_the_log() -> None:
    records = Records()
    app = failing(App, records)

    app.test_client().open("/a", environ_overrides={"REQUEST_METHOD": "GET\nX"})

    assert records.kept[0].getMessage() == "Exception on /a [GET\\nX]"


def latin(path: str) -> str:
    """Return a path as it stands in the environ."""
    return path.encode().decode("latin-1")
