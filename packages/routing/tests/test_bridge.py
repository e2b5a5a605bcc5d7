from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

import pytest
from server import ask, http_scope, request_messages, serve, websocket_scope
from werkzeug.wrappers import Request, Response

from tantalus_routing import BridgeError, WSGIBridge
from tantalus_routing._protocols import Message, Scope
from tantalus_routing._scope import environ_of

variable: ContextVar[str] = ContextVar("variable", default="unset")


@Request.application
def echo(request: Request) -> Response:
    return Response(request.get_data() or request.method)


def test_a_body_that_came_whole_is_read() -> None:
    assert ask(WSGIBridge(echo), "/", "POST", b"tea").text == "tea"


@pytest.mark.parametrize("count", [2, 10_000])
def test_a_body_in_pieces_is_read_as_one(count: int) -> None:
    pieces = [b"", *(b"%d," % number for number in range(count))]

    assert ask(WSGIBridge(echo), "/", "POST", *pieces).body == b"".join(pieces)


def test_a_body_is_read_line_by_line() -> None:
    def lines(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        return [b"|".join(environ["wsgi.input"])]

    assert ask(WSGIBridge(lines), "/", "POST", b"a\nb", b"c\n").body == b"a\n|bc\n"


def test_a_body_that_ends_early_is_an_error_of_reading() -> None:
    def read(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with pytest.raises(ConnectionResetError, match="in the middle of a body"):
            environ["wsgi.input"].read()
        start("400 BAD", [])
        return []

    messages = [*request_messages(b"a", b"b")[:1], {"type": "http.disconnect"}]
    scope = http_scope("/", "POST")

    assert asyncio.run(serve(WSGIBridge(read), scope, messages)).status == 400


def test_a_client_that_left_before_is_not_answered() -> None:
    scope = http_scope("/")

    answer = asyncio.run(serve(WSGIBridge(echo), scope, [{"type": "http.disconnect"}]))

    assert answer.messages == []


def streamed(*parts: bytes, **headers: str) -> Any:
    """Return an application that gives parts, and the list of what it closed."""
    closed: list[str] = []

    class Parts:
        def __init__(self) -> None:
            self.parts = iter(parts)

        def __iter__(self) -> Iterator[bytes]:
            return self.parts

        def close(self) -> None:
            closed.append("closed")

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [(n.replace("_", "-"), v) for n, v in headers.items()])
        return Parts()

    return app, closed


def test_parts_are_sent_as_they_come_and_the_iterable_is_closed() -> None:
    app, closed = streamed(b"a", b"", b"b")

    answer = ask(WSGIBridge(app))

    assert [m["body"] for m in answer.messages[1:]] == [b"a", b"b", b""]
    assert [m["more_body"] for m in answer.messages[1:]] == [True, True, False]
    assert closed == ["closed"]


def test_an_answer_of_known_length_ends_with_its_last_byte() -> None:
    app, _ = streamed(b"a", b"b", b"", Content_Length="2")

    answer = ask(WSGIBridge(app))

    assert [m["more_body"] for m in answer.messages[1:]] == [True, False]


@pytest.mark.parametrize("length", ["0", "5", "x"])
def test_an_answer_without_its_body_has_an_end(length: str) -> None:
    app, _ = streamed(Content_Length=length)

    answer = ask(WSGIBridge(app), "/", "HEAD")

    assert [m["more_body"] for m in answer.messages[1:]] == [False]


def test_an_answer_longer_than_it_says_is_told() -> None:
    app, closed = streamed(b"abc", Content_Length="2")

    with pytest.raises(BridgeError, match="sends more than its Content-Length says"):
        ask(WSGIBridge(app))
    assert closed == ["closed"]


def test_an_answer_may_be_written() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        write = start("200 OK", [("X-A", "é")])
        write(b"written ")
        return [b"returned"]

    answer = ask(WSGIBridge(app))

    assert (answer.text, answer.headers) == ("written returned", {"x-a": "é"})


def raised(text: str) -> Any:
    """Return what `sys.exc_info()` tells of an error."""
    try:
        raise LookupError(text)
    except LookupError:
        return sys.exc_info()


def test_headers_can_be_replaced_until_they_are_sent() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        start("500 OH", [], raised("early"))
        yield b"sent"
        start("500 OH", [], raised("late"))

    with pytest.raises(LookupError, match="late"):
        ask(WSGIBridge(app))


def twice(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [])
    start("200 OK", [])
    return []


def never(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    return []


def stops(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    raise StopIteration


@pytest.mark.parametrize(
    ("app", "problem"),
    [
        (twice, r"twice.* called start_response\(\) twice"),
        (never, r"did not call start_response\(\)"),
        (stops, "raised StopIteration"),
    ],
)
def test_what_wsgi_forbids_is_told(app: Any, problem: str) -> None:
    with pytest.raises(BridgeError, match=problem):
        ask(WSGIBridge(app))


def test_an_error_of_the_application_is_left_to_the_server() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        ask(WSGIBridge(app))


@pytest.mark.parametrize("raises", [True, False], ids=["told by send", "by receive"])
def test_a_client_that_leaves_ends_the_stream(raises: bool) -> None:
    closed = threading.Event()

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        try:
            while True:
                yield b"on and on"
        finally:
            closed.set()

    async def main() -> None:
        sent = 0
        messages = request_messages(b"", b"", b"")
        left = asyncio.Event()

        async def send(message: Message) -> None:
            nonlocal sent
            sent += 1
            if sent > 5 and raises:
                raise OSError("gone")
            if sent > 5:
                left.set()

        async def receive() -> Message:
            if messages:
                return messages.pop(0)
            await left.wait()
            return {"type": "http.disconnect"}

        scope = http_scope("/", "POST")
        await WSGIBridge(reading(app))(scope, receive, send)

    asyncio.run(main())

    assert closed.wait(60)


def reading(app: Any) -> Any:
    """Return an application that reads the body before it answers."""

    def reads(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        parts: Iterable[bytes] = app(environ, start)
        return parts

    return reads


def test_an_error_of_the_system_is_none_of_the_client() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        raise FileNotFoundError("no page")

    with pytest.raises(FileNotFoundError, match="no page"):
        ask(WSGIBridge(app))


def test_a_body_that_is_cut_off_is_no_error_of_the_server() -> None:
    scope = http_scope("/", "POST")
    messages = [*request_messages(b"a", b"b")[:1], {"type": "http.disconnect"}]

    answer = asyncio.run(serve(WSGIBridge(reading(never)), scope, messages))

    assert answer.messages == []


def test_a_cancelled_request_ends_at_the_next_part_of_its_thread() -> None:
    closed, begun, on = threading.Event(), threading.Event(), threading.Event()

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        begun.set()
        on.wait(60)
        try:
            yield b"too late"
        finally:
            closed.set()

    async def main() -> None:
        task = asyncio.create_task(serve(WSGIBridge(app), http_scope("/")))
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        on.set()
        assert await asyncio.to_thread(closed.wait, 60)

    asyncio.run(main())


def test_context_variables_are_seen_in_the_thread() -> None:
    @Request.application
    def app(request: Request) -> Response:
        return Response(f"{variable.get()} {threading.current_thread().name[:4]}")

    async def main() -> str:
        variable.set("set outside")
        return (await serve(WSGIBridge(app), http_scope("/"))).text

    assert asyncio.run(main()) == "set outside wsgi"


def test_requests_are_answered_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=60)

    @Request.application
    def app(request: Request) -> Response:
        meeting.wait()
        return Response("met")

    async def main() -> list[str]:
        bridge = WSGIBridge(app, threads=3)
        answers = await asyncio.gather(
            *(serve(bridge, http_scope("/")) for _ in range(3))
        )
        return [answer.text for answer in answers]

    assert asyncio.run(main()) == ["met"] * 3


def test_what_is_given_keeps_to_wsgi() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]

    bridge = WSGIBridge(validator(app))

    assert ask(bridge, "/a?b=c", headers=[]).text == "ok"


def test_a_websocket_is_refused() -> None:
    answer = asyncio.run(serve(WSGIBridge(echo), websocket_scope("/")))

    assert answer.status == 400


def test_two_hosts_are_refused() -> None:
    hosts = [(b"host", b"a.example"), (b"host", b"b.example")]

    assert ask(WSGIBridge(echo), headers=hosts).status == 400


def test_there_is_nothing_to_start() -> None:
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    answer = asyncio.run(serve(WSGIBridge(echo), {"type": "lifespan"}, messages))

    assert [message["type"] for message in answer.messages] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_only_a_wsgi_application_needs_a_bridge() -> None:
    with pytest.raises(BridgeError, match="speaks ASGI itself: use it as it is"):
        WSGIBridge(WSGIBridge(echo))  # type: ignore[arg-type] # a mistake
    with pytest.raises(TypeError, match="5, in a bridge, cannot be called"):
        WSGIBridge(5)  # type: ignore[arg-type] # a mistake


# The environ of a scope


def environ(**changes: Any) -> WSGIEnvironment:
    scope: Scope = {**http_scope("/"), **changes}
    return environ_of(scope)


def test_headers_come_in_latin_1_joined_and_without_false_friends() -> None:
    found = environ(
        headers=[
            (b"content-type", b"text/plain"),
            (b"content-length", b"3"),
            (b"x-name", b"\xe9\xff"),
            (b"x-many", b"a"),
            (b"x-many", b"b"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"x_many", b"forged"),
            (b"proxy", b"evil"),
        ]
    )

    assert {key: found[key] for key in found if key.startswith(("HTTP_", "CONT"))} == {
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
        "HTTP_X_NAME": "\xe9\xff",
        "HTTP_X_MANY": "a, b",
        "HTTP_COOKIE": "a=1; b=2",
    }


@pytest.mark.parametrize(
    ("server", "scheme", "name", "port"),
    [
        (("::1", 8000), "http", "::1", "8000"),
        (None, "http", "localhost", "80"),
        (None, "https", "localhost", "443"),
        (("/run/app.sock", None), "http", "localhost", "80"),
    ],
)
def test_the_server_is_where_the_request_came_to(
    server: object, scheme: str, name: str, port: str
) -> None:
    found = environ(server=server, scheme=scheme, client=None)

    assert (found["SERVER_NAME"], found["SERVER_PORT"]) == (name, port)
    assert "REMOTE_ADDR" not in found


def test_paths_are_bytes_in_the_shape_of_text() -> None:
    found = environ(
        path="/r/ä\ufffd", root_path="/r", raw_path=None, query_string=b"a=%C3"
    )

    assert found["SCRIPT_NAME"] == "/r"
    assert found["PATH_INFO"].encode("latin-1").decode() == "/ä\ufffd"
    assert found["REQUEST_URI"] == "/r/%C3%A4%EF%BF%BD?a=%C3"


def test_the_handshake_of_a_websocket_asks_for_an_upgrade() -> None:
    found = environ_of({**websocket_scope("/chat"), "scheme": "wss"})

    assert found["REQUEST_METHOD"] == "GET"
    assert found["HTTP_UPGRADE"] == "websocket"
    assert found["wsgi.url_scheme"] == "https"
