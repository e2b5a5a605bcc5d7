"""Views on bare WSGI and ASGI servers, and in frameworks with a current request."""

from __future__ import annotations

import asyncio
import threading
from io import BytesIO
from typing import Annotated, Any

import pytest
from asking import environ_of, multipart
from flask import Flask, Response, request
from flask import Request as FlaskRequest
from serving import ask_asgi, ask_wsgi
from shop import Order

from tantalus_typed import (
    Answer,
    ASGIView,
    Binder,
    Cookie,
    EnvironRequest,
    File,
    Form,
    Header,
    Path,
    RequestError,
    SetupError,
    TooLarge,
    Typed,
    Use,
    WSGIView,
)
from tantalus_typed._asgi import read_body
from tantalus_typed._environ import phrase_of


def plain(user: Path[int], order: Order | None = None, page: int = 1) -> list[Any]:
    return [user, order, page]


async def waiting(
    user: Path[int], order: Order | None = None, page: int = 1
) -> list[Any]:
    await asyncio.sleep(0)
    return [user, order, page]


BODY = b'{"name": "a"}'
ANSWER = [7, {"name": "a", "items": []}, 2]
ROUTED: dict[str, Any] = {"wsgiorg.routing_args": ((), {"user": "7"})}


def test_a_view_is_a_wsgi_application() -> None:
    answer = ask_wsgi(WSGIView(plain), "/", "page=2", BODY, **ROUTED)

    assert answer == (200, "application/json", ANSWER)


@pytest.mark.parametrize("view", [plain, waiting])
def test_a_view_is_an_asgi_application(view: Any) -> None:
    answer = ask_asgi(ASGIView(view), "/", "page=2", BODY, path_params={"user": "7"})

    assert answer == (200, "application/json", ANSWER)


def test_errors_of_requests_are_answered_by_both() -> None:
    by_wsgi = ask_wsgi(WSGIView(plain), "/", "page=x", BODY, **ROUTED)
    by_asgi = ask_asgi(ASGIView(plain), "/", "page=x", BODY, path_params={"user": "7"})

    assert by_wsgi == by_asgi
    assert by_wsgi[:2] == (422, "application/problem+json")


def failing(page: int) -> list[int]:
    raise ValueError("of the program")


@pytest.mark.parametrize(
    ("view", "ask"), [(WSGIView(failing), ask_wsgi), (ASGIView(failing), ask_asgi)]
)
def test_errors_of_the_program_go_to_the_server(view: Any, ask: Any) -> None:
    with pytest.raises(ValueError, match="of the program"):
        ask(view, "/", "page=1")


def unsaid(kind: str) -> Any:
    return {
        "none": None,
        "text": "é",
        "bytes": b"b",
        "data": {"a": 1},
        "answer": Answer(b"x", 299, {"Content-Type": "x/y"}),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("none", (204, "", b"")),
        ("text", (200, "text/plain; charset=utf-8", "é".encode())),
        ("bytes", (200, "text/plain; charset=utf-8", b"b")),
        ("data", (200, "application/json", {"a": 1})),
        ("answer", (299, "x/y", b"x")),
    ],
)
def test_results_without_an_annotation_are_answered_by_what_they_are(
    kind: str, answer: object
) -> None:
    assert ask_wsgi(WSGIView(unsaid), "/", f"kind={kind}") == answer
    assert ask_asgi(ASGIView(unsaid), "/", f"kind={kind}") == answer


def test_wsgi_does_not_await() -> None:
    with pytest.raises(SetupError, match="waiting is async: a WSGIView does not await"):
        WSGIView(waiting)


def thread() -> str:
    return threading.current_thread().name


def both(a: Annotated[str, Use(thread)]) -> list[str]:
    return [a, threading.current_thread().name]


def test_a_plain_view_runs_in_one_thread_with_its_dependencies() -> None:
    _, _, (dependency, view) = ask_asgi(ASGIView(both))

    assert dependency == view != threading.current_thread().name


def test_a_body_that_is_too_large_is_refused() -> None:
    by_wsgi = ask_wsgi(WSGIView(plain, max_body=5), "/", "", BODY, **ROUTED)
    by_asgi = ask_asgi(ASGIView(plain, max_body=5), "/", "", BODY)

    assert by_wsgi == by_asgi
    assert by_wsgi[0] == 413


def headers(
    x_one: Header[str], cookie: Header[str], a: Cookie[str], b: Cookie[str] = ""
) -> list[str]:
    return [x_one, cookie, a, b]


def test_headers_that_are_repeated_are_joined() -> None:
    sent = [
        (b"x-one", b"1"),
        (b"X-One", b"2"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
    ]

    _, _, answer = ask_asgi(ASGIView(headers), headers=sent)

    assert answer == ["1,2", "a=1;b=2", "1", "2"]


def profile(name: Form[str], photo: File[bytes]) -> list[Any]:
    return [name, photo.decode()]


def test_forms_are_read_by_both() -> None:
    body, kind = multipart(("name", b"Ada", None), ("photo", b"GIF", "a.gif"))

    assert ask_wsgi(WSGIView(profile), "/", "", body, kind)[2] == ["Ada", "GIF"]
    assert ask_asgi(ASGIView(profile), "/", "", body, kind)[2] == ["Ada", "GIF"]


def test_a_body_is_read_once() -> None:
    source = EnvironRequest(environ_of(body=b"abc"))

    assert (source.get_data(), source.get_data()) == (b"abc", b"abc")


def test_a_request_that_holds_no_form_has_an_empty_one() -> None:
    source = EnvironRequest(environ_of(body=b"abc"))

    assert (source.form, source.files) == ({}, {})


@pytest.mark.parametrize("length", ["", "-1", "x", "٣"])
def test_a_length_that_is_none_is_an_empty_body(length: str) -> None:
    source = EnvironRequest({**environ_of(body=b"abc"), "CONTENT_LENGTH": length})

    assert source.get_data() == b""


def test_the_limit_of_a_body_can_be_set() -> None:
    source = EnvironRequest(environ_of(body=b"abc"), max_body=2)

    with pytest.raises(TooLarge, match="more than 2 bytes"):
        source.get_data()


def test_cookies_are_read_by_name() -> None:
    source = EnvironRequest(environ_of(headers={"cookie": 'a=1; b="2"; a=3; c; d="'}))

    assert source.cookies == {"a": "1", "b": "2", "c": "", "d": '"'}


@pytest.fixture
def flask() -> Flask:
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=1000, TESTING=True)
    typed = Typed(lambda: request, Response)

    @app.post("/<user>")
    @typed
    def show(user: Path[int], order: Order, page: int = 1) -> list[Any]:
        return [user, order, page]

    @app.post("/form")
    @typed
    def form(name: Form[str], photo: File[bytes], a: Cookie[str]) -> list[Any]:
        return [name, photo.decode(), a]

    return app


def test_a_view_of_flask_is_called_by_its_name(flask: Flask) -> None:
    answer = ask_wsgi(flask, "/7", "page=2", BODY)

    assert answer == (200, "application/json", ANSWER)
    bound = getattr(flask.view_functions["show"], "bound")  # noqa: B009  # of Typed
    assert bound.plan.places == {"path", "body", "query"}


def test_a_form_of_flask_is_read(flask: Flask) -> None:
    body, kind = multipart(("name", b"Ada", None), ("photo", b"GIF", "a.gif"))

    answer = ask_wsgi(flask, "/form", "", body, kind, HTTP_COOKIE="a=1")

    assert answer == (200, "application/json", ["Ada", "GIF", "1"])


def test_limits_of_flask_are_flasks(flask: Flask) -> None:
    assert ask_wsgi(flask, "/7", "", b" " * 2000)[0] == 413


def test_flask_finds_nothing_at_a_path_that_does_not_convert(flask: Flask) -> None:
    status, kind, document = ask_wsgi(flask, "/x", "", BODY)

    assert (status, kind) == (404, "application/problem+json")
    assert document["errors"] == [
        {"in": "path", "parameter": "user", "detail": "Expected a whole number."}
    ]


def test_an_async_view_of_a_framework_is_awaited() -> None:
    sources = [environ_of("page=2", BODY), environ_of("page=x")]
    typed = Typed(lambda: EnvironRequest(sources.pop(0)), Answer)
    endpoint = typed(waiting)

    answers = [asyncio.run(endpoint(user="7")) for _ in range(2)]

    assert [one.status for one in answers] == [200, 422]


def test_a_binder_of_yours_binds_the_view_of_a_server() -> None:
    binder = Binder(respond=Answer)
    app = WSGIView(both, binder=binder)

    with binder.overriding({thread: lambda: "other"}):
        assert ask_wsgi(app)[2][0] == "other"


def test_a_body_that_is_cut_off_is_refused() -> None:
    environ = {**environ_of(body=b"abc"), "CONTENT_LENGTH": "4"}

    with pytest.raises(RequestError, match="shorter than its Content-Length"):
        EnvironRequest(environ).get_data()


def test_a_client_that_leaves_is_no_end_of_a_body() -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"{}", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    with pytest.raises(RequestError, match="The client left"):
        asyncio.run(read_body(receive, 100))


def test_a_body_without_a_length_is_read_where_the_server_ends_it() -> None:
    environ = {**environ_of(body=b"abc"), "CONTENT_LENGTH": ""}
    environ["wsgi.input_terminated"] = True

    assert EnvironRequest(dict(environ)).get_data() == b"abc"
    environ["wsgi.input"] = BytesIO(b"abc")
    with pytest.raises(TooLarge):
        EnvironRequest(environ, max_body=2).get_data()


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_not_http_is_refused(kind: str) -> None:
    async def nothing(*args: Any) -> Any:
        return {}

    with pytest.raises(RuntimeError, match=f"answers http, not {kind}"):
        asyncio.run(ASGIView(plain)({"type": kind}, nothing, nothing))


def test_an_answer_without_a_body_has_no_length() -> None:
    sent: list[Any] = []

    body = Answer(b"", 204, {"X-A": "b"})({}, lambda *args: sent.extend(args))  # type: ignore[arg-type]

    assert (list(body), sent) == ([b""], ["204 No Content", [("X-A", "b")]])


def test_a_status_that_has_no_name_is_sent_too() -> None:
    assert phrase_of(299) == "Unknown"


def test_what_a_proxy_stands_for_is_looked_up_once() -> None:
    app = Flask("shop")
    typed = Typed(
        lambda: request, Response, provide={FlaskRequest: lambda request: request}
    )

    @app.get("/")
    @typed
    def view(request: FlaskRequest, page: int = 1) -> list[str]:
        return [type(request).__name__] * page

    assert app.test_client().get("/?page=2").json == ["Request", "Request"]
