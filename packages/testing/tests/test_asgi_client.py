"""The synchronous client with ASGI apps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from io import BytesIO
from typing import Any

import pytest
from asgi_apps import answer, echo, living, read, site, streaming, told
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from werkzeug.datastructures import Headers

from tantalus_testing import (
    ASGIMessageError,
    Client,
    ClientClosedError,
    ForeignRedirectError,
    LifespanError,
    LoopBlockedError,
    NestedClientError,
    NoPlaceInScopeError,
    RedirectLoopError,
    UnansweredError,
)
from tantalus_testing._loop import LoopThread
from tantalus_testing._scope import Receive, Scope, Send

variable: ContextVar[str] = ContextVar("variable", default="unset")


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client(echo)
    yield client
    client.close()


# What a request is in a scope


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"path": "/x"}, {"method": "GET", "path": "/x", "query": "", "body": ""}),
        ({"path": "/x?a=b%20c"}, {"query": "a=b%20c", "raw_path": "/x"}),
        ({"query_string": {"a": "ä"}}, {"query": "a=%C3%A4"}),
        ({"path": "/ä b"}, {"path": "/ä b", "raw_path": "/%C3%A4%20b"}),
        ({"path": "/a%2Fb"}, {"path": "/a/b", "raw_path": "/a%2Fb"}),
        (
            {"path": "/x", "base_url": "https://a.example/r"},
            {"path": "/r/x", "root_path": "/r", "scheme": "https"},
        ),
        ({"json": {"a": 1}, "method": "POST"}, {"method": "POST", "body": '{"a": 1}'}),
        ({"data": {"a": "b c"}, "method": "PUT"}, {"body": "a=b+c"}),
        ({"environ_base": {"REMOTE_PORT": "1"}}, {"client": ["127.0.0.1", 1]}),
        ({"base_url": "http://a.example:81"}, {"server": ["a.example", 81]}),
    ],
)
def test_a_request_has_its_scope(
    client: Client, call: dict[str, Any], expected: dict[str, Any]
) -> None:
    answered = told(client.open(**call))

    assert {key: answered[key] for key in expected} == expected


def test_headers_come_in_lower_case_and_latin_1(client: Client) -> None:
    headers = Headers([("X-Name", "é"), ("X-Many", "a"), ("X-Many", "b")])

    response = client.post("/", headers=headers, data=b"tea", content_type="text/x")

    sent = told(response)["headers"]
    assert sent == {
        "host": "localhost",
        "user-agent": sent["user-agent"],
        "x-name": "é",
        "x-many": "a, b",
        "content-type": "text/x",
        "content-length": "3",
    }


def test_a_file_is_sent(client: Client) -> None:
    files = {"photo": (BytesIO(b"..."), "tea.png")}

    body = told(client.post("/", data=files))["body"]

    assert 'filename="tea.png"' in body


def test_what_a_scope_cannot_tell_is_refused(client: Client) -> None:
    with pytest.raises(NoPlaceInScopeError, match=r"has 'REMOTE_USER'.*as a header"):
        client.get("/", environ_base={"REMOTE_USER": "ada"})


def test_an_answer_is_a_response_as_under_wsgi(client: Client) -> None:
    response = client.get("/")

    assert (response.status, response.status_code) == ("200 OK", 200)
    assert response.mimetype == "application/json"
    assert response.request.path == "/"


def test_a_status_without_a_name_has_one() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, status=299)

    assert Client(app).get("/").status == "299 UNKNOWN"


def test_a_head_request_has_no_body(client: Client) -> None:
    assert client.head("/").data == b""


# Which apps are called so


class App:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"by ASGI")


def plain(scope: Scope, receive: Receive, send: Send) -> Any:
    return answer(send, b"by ASGI")


@pytest.mark.parametrize(
    "app", [App(), plain, App().__call__], ids=["object", "plain", "method"]
)
def test_what_speaks_asgi_is_seen(app: Any) -> None:
    assert Client(app).get("/").text == "by ASGI"


def test_the_protocol_can_be_said() -> None:
    def app(*args: Any) -> Any:
        return plain(*args)

    assert Client(app, protocol="asgi").get("/").text == "by ASGI"
    with pytest.raises(TypeError):
        Client(app).get("/")
    with pytest.raises(ValueError, match="protocol='http' is neither"):
        Client(app, protocol="http")


def test_what_is_written_in_c_is_called_by_wsgi() -> None:
    Client(dict)  # type: ignore[arg-type] # no app, but nobody has to know yet


def test_an_app_of_starlette_is_tested() -> None:
    async def add(request: Request) -> JSONResponse:
        return JSONResponse({"sum": sum(await request.json())})

    def in_a_thread(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.query_params["a"])

    app = Starlette(
        routes=[Route("/add", add, methods=["POST"]), Route("/thread", in_a_thread)]
    )
    client = Client(app)

    assert client.post("/add", json=[1, 2]).json == {"sum": 3}
    assert client.get("/thread?a=b").text == "b"
    assert client.get("/nowhere").status_code == 404


# Cookies and redirects


def test_cookies_and_redirects_are_those_of_the_client() -> None:
    client = Client(site)

    response = client.get("/log-in?ada", follow_redirects=True)

    assert response.text == "user=ada"
    assert [one.status_code for one in response.history] == [302]
    other = client.clone()
    other.get("/log-in?bob")
    assert (client.get("/").text, other.get("/").text) == ("user=ada", "user=bob")


def test_a_redirect_repeats_the_body_where_it_has_to() -> None:
    response = Client(site).post("/again", data=b"tea", follow_redirects=True)

    assert response.text == "POST tea"


@pytest.mark.parametrize(
    ("path", "error"), [("/loop", RedirectLoopError), ("/away", ForeignRedirectError)]
)
def test_a_redirect_that_leads_nowhere_is_told(
    path: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Client(site).get(path, follow_redirects=True)


# Streams


def test_a_stream_is_made_as_it_is_read() -> None:
    events: list[str] = []
    client = Client(streaming(events))

    response = client.get("/")
    parts = iter(response.response)

    assert next(parts) == b"data: 1\r\n\n"
    assert next(parts) == b"data: 2\r\n\n"
    assert events[:2] == ["made 1", "made 2"]
    assert len(events) <= 3  # the next one waits to be taken
    response.close()
    assert events[-1] == "OSError"


def test_a_client_that_is_closed_leaves_its_streams() -> None:
    events: list[str] = []
    client = Client(streaming(events))
    client.get("/")

    client.close()

    assert events[-1] == "OSError"


def test_a_stream_with_an_end_is_read_to_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"a", b"", b"b")
        assert await receive() == {
            "type": "http.request",
            "body": b"",
            "more_body": False,
        }
        assert await receive() == {"type": "http.disconnect"}

    assert Client(app).get("/").text == "ab"
    assert Client(app).get("/", buffered=True).text == "ab"


def test_an_app_that_waits_for_the_client_to_leave_is_told() -> None:
    left = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "more_body": True})
        await read(receive)
        assert await receive() == {"type": "http.disconnect"}
        left.set()

    Client(app).get("/").close()

    assert left.is_set()


def test_a_stream_of_starlette_is_left() -> None:
    async def parts() -> AsyncIterator[str]:
        while True:
            yield "on and on"

    async def index(request: Request) -> StreamingResponse:
        return StreamingResponse(parts())

    response = Client(Starlette(routes=[Route("/", index)])).get("/")

    assert next(iter(response.response)) == b"on and on"
    response.close()


@pytest.mark.usefixtures("no_patience")
def test_an_app_that_never_ends_is_cancelled() -> None:
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        try:
            await asyncio.Event().wait()
        finally:
            events.append("ended")

    Client(app).get("/").close()

    assert events == ["ended"]


# What an app does wrong


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("lost")


async def fails_later(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    raise LookupError("lost")


@pytest.mark.parametrize("app", [fails, fails_later])
def test_an_error_of_the_app_reaches_the_test(app: Any) -> None:
    with pytest.raises(LookupError, match="lost"):
        _ = Client(app).get("/").data


def test_an_error_after_the_client_has_left_reaches_the_test() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await read(receive)
        await receive()
        raise LookupError("while leaving")

    response = Client(app).get("/")

    with pytest.raises(LookupError, match="while leaving"):
        response.close()


START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body"}


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([BODY], "no answer has begun"),
        ([START, START], "the answer has begun"),
        ([START, BODY, BODY], "the answer is complete"),
        ([{"type": "http.response.push"}], "no answer has begun"),
        ([{"type": "http.response.start"}], "the status is no number"),
        ([{**START, "headers": [("a", "b")]}], "a header is no pair of bytes"),
        ([START, {**BODY, "body": "text"}], "the body is no bytes"),
    ],
)
def test_a_message_that_no_server_takes_is_told(messages: Any, problem: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    with pytest.raises(
        ASGIMessageError, match=f"sent .*http.response.*, but {problem}"
    ):
        _ = Client(app).get("/").data


@pytest.mark.parametrize(
    ("messages", "state"),
    [([], "no answer has begun"), ([START], "the answer has begun")],
)
def test_an_app_that_ends_before_its_answer_is_told(messages: Any, state: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    with pytest.raises(UnansweredError, match=f"app .*returned, and {state}"):
        _ = Client(app).get("/").data


# Its lifespan


def test_in_a_block_the_app_has_its_lifespan() -> None:
    events: list[str] = []
    client = Client(living(events))

    with client:
        assert told(client.get("/"))["state"] == {"phase": "startup"}
        with pytest.raises(NestedClientError), client:
            pass
    assert events == ["startup", "shutdown"]
    assert told(client.get("/"))["state"] is None


def test_a_client_that_is_closed_ends_the_lifespan() -> None:
    events: list[str] = []
    client = Client(living(events))
    client.__enter__()

    client.close()

    assert events == ["startup", "shutdown"]
    with pytest.raises(ClientClosedError):
        client.get("/")


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_a_lifespan_that_fails_reaches_the_test(phase: str) -> None:
    client = Client(living([], **{phase: "no database"}))

    with (
        pytest.raises(
            LifespanError, match=f"failed in its {phase}. no database"
        ) as raised,
        client,
    ):
        client.get("/")

    assert isinstance(raised.value.__cause__, LookupError)


@pytest.mark.parametrize("waits", [False, True])
def test_an_app_without_a_lifespan_is_left_alone(waits: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" and waits:
            await receive()
            return
        assert scope["type"] == "http"
        await answer(send, str(scope["state"]).encode())

    with Client(app) as client:
        assert client.get("/").text == "{}"


@pytest.mark.parametrize("error", [None, LookupError("lost")])
@pytest.mark.parametrize("waits", [False, True])
def test_a_lifespan_that_ends_without_a_word(error: Any, waits: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        if waits:
            await receive()
        if error:
            raise error

    client = Client(app)
    client.__enter__()

    if error is None:
        client.close()
    else:
        with pytest.raises(LookupError, match="lost"):
            client.close()


def test_a_lifespan_that_says_something_else_is_told() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.begun"})

    with pytest.raises(ASGIMessageError, match="startup is to be answered"):
        Client(app).__enter__()


def test_contexts_can_be_handed_over() -> None:
    entered: list[str] = []

    class Context:
        def __enter__(self) -> None:
            entered.append("in")

        def __exit__(self, *args: object) -> None:
            entered.append("out")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        scope["extensions"]["werkzeug.debug.preserve_context"](Context())
        await answer(send)

    with Client(app) as client:
        client.get("/")
        assert entered == ["in"]
    assert entered == ["in", "out"]


# The loop


def test_the_app_sees_the_context_variables_of_the_test_and_leaves_its_own() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen = variable.get()
        variable.set("of the app")
        await answer(send, seen.encode())

    client = Client(app)
    token = variable.set("of the test")
    try:
        assert [client.get("/").text, client.get("/").text] == ["of the test"] * 2
    finally:
        variable.reset(token)


def test_it_works_where_a_loop_is_running() -> None:
    async def main() -> int:
        return Client(echo).get("/").status_code

    assert asyncio.run(main()) == 200


def test_a_client_in_an_app_of_such_a_client_is_told_what_to_use() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        Client(echo).get("/")

    with pytest.raises(LoopBlockedError, match="Use AsyncClient here"):
        Client(app).get("/")


async def two() -> int:
    return 2


def test_a_child_process_has_a_loop_of_its_own() -> None:
    thread = LoopThread()
    assert thread.run(two()) == 2
    before = thread._loop

    thread.forget()

    assert thread.run(two()) == 2
    assert thread._loop is not before
