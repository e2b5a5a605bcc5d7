"""Context variables of other libraries: set by a hook, reset in the teardown."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar, copy_context
from itertools import islice
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wsgi import ClosingIterator

from tantalus import App, Response, g, request, send_file, stream_with_context
from tantalus._request._bodies import continued_body

span: ContextVar[str] = ContextVar("span", default="none")


@pytest.fixture
def resets() -> list[str]:
    return []


@pytest.fixture
def app(resets: list[str]) -> App:
    """An app whose hooks trace: a token made before each request is reset after it."""
    app = App("tests")
    app.config.update(SECRET_KEY="a key that is long enough")

    @app.before_request
    def begin() -> None:
        g.token = span.set(request.path)

    @app.teardown_request
    def end(error: BaseException | None) -> None:
        span.reset(g.token)
        resets.append(f"{request.path} {type(error).__name__}")

    app.add_url_rule("/plain", view_func=plain)
    app.add_url_rule("/error", view_func=fail)
    app.add_url_rule("/stream", view_func=stream)
    app.add_url_rule("/error-in-stream", view_func=failing_stream)
    return app


def plain() -> str:
    return span.get()


def fail() -> str:
    raise KeyError("plain")


def stream() -> Response:
    return Response(stream_with_context(spans()))


def failing_stream() -> Response:
    def pieces() -> Iterator[str]:
        yield span.get()
        raise KeyError("stream")

    return Response(stream_with_context(pieces()))


def spans() -> Iterator[str]:
    yield f"{request.path} in "
    yield span.get()


def serve(app: App, path: str, method: str = "GET", environ: Any = None) -> Any:
    """Call the app as a server does, in the context variables of here."""
    builder = EnvironBuilder(path=path, method=method, environ_overrides=environ)

    def start_response(*args: Any) -> Callable[[bytes], object]:
        return bytes

    return app(builder.get_environ(), start_response)


def consume(body: Any, pieces: int | None = None, close: bool = True) -> bytes:
    """Read a body, to the end if no number is given; note that nothing is left here."""
    text = b""
    try:
        for piece in islice(body, pieces):
            assert span.get() == "none"
            text += piece
    finally:
        if close and hasattr(body, "close"):
            body.close()
    return text


@pytest.mark.parametrize(
    ("path", "method", "ways", "ended"),
    [
        ("/plain", "GET", {}, "/plain NoneType"),
        ("/error", "GET", {}, "/error KeyError"),
        ("/nowhere", "GET", {}, "/nowhere NoneType"),
        ("/stream", "GET", {}, "/stream NoneType"),
        ("/stream", "HEAD", {}, "/stream NoneType"),
        ("/stream", "GET", {"pieces": 0}, "/stream NoneType"),
        ("/stream", "GET", {"pieces": 1}, "/stream GeneratorExit"),
        ("/stream", "GET", {"pieces": 1, "close": False}, "/stream GeneratorExit"),
    ],
    ids=[
        "plain",
        "error",
        "missing page",
        "stream",
        "head",
        "stream not begun",
        "stream closed early",
        "stream abandoned",
    ],
)
def test_a_token_is_valid_to_the_end_and_the_worker_stays_as_it_was(
    app: App,
    resets: list[str],
    path: str,
    method: str,
    ways: dict[str, Any],
    ended: str,
) -> None:
    consume(serve(app, path, method), **ways)
    gc.collect()

    assert resets == [ended]
    assert span.get() == "none"


def test_hooks_view_and_every_piece_of_a_stream_see_the_same(app: App) -> None:
    assert consume(serve(app, "/plain")) == b"/plain"
    assert consume(serve(app, "/stream")) == b"/stream in /stream"


def test_an_error_in_a_stream_ends_it_where_it_was_begun(
    app: App, resets: list[str]
) -> None:
    with pytest.raises(KeyError, match="stream"):
        consume(serve(app, "/error-in-stream"))

    assert resets == ["/error-in-stream KeyError"]


def test_a_stream_that_a_hook_reads_is_torn_down_with_the_request(
    app: App, resets: list[str]
) -> None:
    @app.after_request
    def read(response: Response) -> Response:
        response.get_data()
        return response

    assert consume(serve(app, "/stream")) == b"/stream in /stream"
    assert resets == ["/stream NoneType"]


def test_what_is_set_around_the_app_is_seen_inside(app: App) -> None:
    user: ContextVar[str] = ContextVar("user")
    app.add_url_rule("/user", view_func=lambda: user.get())
    inner = app.wsgi_app

    def middleware(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        token = user.set("ada")
        try:
            return inner(environ, start_response)
        finally:
            user.reset(token)

    app.wsgi_app = middleware  # type: ignore[method-assign] # as documented

    assert app.test_client().get("/user").text == "ada"


def test_what_a_view_sets_is_seen_by_its_body_and_by_nobody_after_it() -> None:
    app = App("tests")
    seen: list[str] = []

    @app.get("/")
    def index() -> Response:
        span.set("view")

        def pieces() -> Iterator[str]:
            yield span.get()
            yield str(bool(request))

        response = Response(pieces())
        response.call_on_close(lambda: seen.append(span.get()))
        return response

    client = app.test_client()

    assert client.get("/", buffered=True).text == "viewFalse"
    assert (seen, span.get()) == (["view"], "none")


def test_a_stream_is_the_same_in_the_block_of_a_client(
    app: App, resets: list[str]
) -> None:
    with app.test_client() as client:
        response = client.get("/stream")
        path = request.path
        text = response.text

    assert (path, text) == ("/stream", "/stream in /stream")
    assert resets == ["/stream NoneType"]
    assert span.get() == "none"


# --- what is handed to the server as it is


class FileWrapper:
    """What a server sends by means of its own."""

    def __init__(self, file: Any, size: int = 8192) -> None:
        self.file = file

    def close(self) -> None:
        self.file.close()


@pytest.mark.parametrize(
    "wrapper",
    [FileWrapper, lambda file, size=0: FileWrapper(file)],
    ids=["class", "function"],
)
def test_a_file_is_left_to_the_server(wrapper: object) -> None:
    app = App("tests")
    app.add_url_rule("/", view_func=lambda: send_file(io.BytesIO(b"x"), "text/plain"))

    body = serve(app, "/", environ={"wsgi.file_wrapper": wrapper})

    assert type(body) is FileWrapper
    body.close()


@pytest.mark.parametrize(
    "environ",
    [{}, {"wsgi.file_wrapper": FileWrapper}, {"wsgi.file_wrapper": lambda file: file}],
    ids=["none", "class", "function"],
)
@pytest.mark.parametrize("kind", [ClosingIterator, iter], ids=["closing", "generator"])
def test_a_stream_goes_on_in_its_variables_with_any_server(
    environ: dict[str, Any], kind: Callable[[Iterator[bytes]], Iterable[bytes]]
) -> None:
    def pieces() -> Iterator[bytes]:
        yield span.get().encode()

    variables = copy_context()
    variables.run(span.set, "request")

    assert list(continued_body(kind(pieces()), variables, environ)) == [b"request"]


def test_pieces_that_are_ready_are_left_as_they_are() -> None:
    body = (b"a", b"b")

    assert continued_body(body, copy_context(), {}) is body


def test_middleware_sees_what_was_noted_of_an_error_that_goes_on_to_it() -> None:
    noted: ContextVar[Exception | None] = ContextVar("noted", default=None)
    app = App("noted")
    app.testing = True
    seen: list[bool] = []

    @app.get("/")
    def fail() -> str:
        error = ZeroDivisionError()
        noted.set(error)
        raise error

    def middleware(environ: Any, start_response: Any) -> Any:
        try:
            return app.wsgi_app(environ, start_response)
        except ZeroDivisionError as error:
            seen.append(noted.get() is error)
            return []

    copy_context().run(middleware, EnvironBuilder("/").get_environ(), print)

    assert seen == [True]
