from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tantalus_cli._asgi_debug import DebuggedASGI


async def index(request: Request) -> Response:
    return PlainTextResponse("well")


async def fail(request: Request) -> Response:
    number = 20
    raise ZeroDivisionError(f"on purpose {number}")


async def error_page(request: Request) -> Response:
    return PlainTextResponse("broken, and meant so", 500)


ROUTES = [Route("/", index), Route("/fail", fail), Route("/page", error_page)]
Messages = list[dict[str, Any]]


def ask(app: Any, path: str, query: str = "", **scope: Any) -> Messages:
    """Return what an application sends."""
    sent: Messages = []

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def receive() -> Any:
        return {"type": "http.request"}

    request = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:5000")],
        "server": None,
    }
    asyncio.run(app(request | scope, receive, send))
    return sent


@pytest.fixture(autouse=True)
def without_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WERKZEUG_DEBUG_PIN", "off")


@pytest.fixture(params=["framework", "bare"])
def app(request: pytest.FixtureRequest) -> DebuggedASGI:
    """Around a framework, whose own page comes before the error; and without it."""
    starlette: Any = Starlette(routes=ROUTES)
    if request.param == "bare":
        starlette = starlette.router
    return DebuggedASGI(starlette, "shop.example")


def test_what_is_well_passes_through(app: DebuggedASGI) -> None:
    start, body = ask(app, "/")[:2]

    assert (start["status"], body["body"]) == (200, b"well")


def test_a_page_of_an_error_without_an_error_passes_through(app: DebuggedASGI) -> None:
    start, body = ask(app, "/page")[:2]

    assert (start["status"], body["body"]) == (500, b"broken, and meant so")


def test_an_error_is_shown_in_the_debugger_which_evaluates_what_is_asked(
    app: DebuggedASGI, capsys: pytest.CaptureFixture[str]
) -> None:
    start, body = ask(app, "/fail")
    page = body["body"].decode()
    secret = re.findall('SECRET = "(.+)"', page)[0]
    frame = re.findall(r'id="frame-(\d+)"', page)[-1]
    asked = f"__debugger__=yes&cmd=number*21&frm={frame}&s={secret}"
    _, value = ask(app, "/fail", asked)

    assert start["status"] == 500
    assert "ZeroDivisionError: on purpose 20" in page
    assert 'in <code class="function">_raise' not in page
    assert b"420" in value["body"]
    assert "ZeroDivisionError: on purpose 20" in capsys.readouterr().err


def test_what_the_page_needs_is_there(app: DebuggedASGI) -> None:
    start, body = ask(app, "/any", "__debugger__=yes&cmd=resource&f=debugger.js")

    assert start["status"] == 200
    assert b"function" in body["body"]


def test_what_the_debugger_does_not_have_is_a_404(app: DebuggedASGI) -> None:
    start, body = ask(app, "/fail", "__debugger__=yes&cmd=1&frm=1&s=guessed")

    assert start["status"] == 404
    assert b"something that it does not have" in body["body"]


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("shop.example", 200), ("attacker.example", 400)],
)
def test_the_console_answers_the_hosts_that_are_served(
    host: str, status: int, app: DebuggedASGI
) -> None:
    start, _ = ask(app, "/console", headers=[(b"host", host.encode())])

    assert start["status"] == status


def test_an_error_after_the_answer_began_is_left_to_the_server() -> None:
    async def begin(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(DebuggedASGI(begin, "localhost"), "/")


def test_what_is_no_request_is_left_to_the_server() -> None:
    async def end(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": f"{scope['type']}.close"})
        if scope["path"] == "/fail":
            raise ZeroDivisionError

    app = DebuggedASGI(end, "localhost")

    assert ask(app, "/", type="websocket") == [{"type": "websocket.close"}]
    with pytest.raises(ZeroDivisionError):
        ask(app, "/fail", type="websocket")
