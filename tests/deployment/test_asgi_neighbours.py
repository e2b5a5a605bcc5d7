"""What others have written for ASGI, unmodified, around the app and beside it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from asgiref.testing import ApplicationCommunicator
from asgiref.wsgi import WsgiToAsgi
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from tantalus import App, request, session, stream_with_context, url_for


@pytest.fixture
def app() -> Any:
    app = App("neighbours")
    app.config["SECRET_KEY"] = "a key that is long enough"

    @app.get("/")
    def index() -> str:
        return url_for("index", _external=True)

    @app.post("/echo")
    def echo() -> Any:
        return request.form

    @app.get("/stream")
    def stream() -> Any:
        def parts() -> Iterator[str]:
            for _ in range(3):
                yield request.path * 100

        return stream_with_context(parts())

    @app.get("/count")
    def count() -> str:
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    return app


# They have no types.
communicator: Any = ApplicationCommunicator
as_asgi: Any = WsgiToAsgi


def ask(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
    """Ask an ASGI application with httpx."""

    async def work() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        base = "http://example.org"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **options)

    return asyncio.run(work())


def test_httpx_asks_the_app(app: Any) -> None:
    assert ask(app, "GET", "/").text == "http://example.org/"
    assert ask(app, "POST", "/echo", data={"a": "1"}).json() == {"a": "1"}
    assert ask(app, "GET", "/stream").text == "/stream" * 300
    assert ask(app, "GET", "/nothing").status_code == 404


def test_httpx_keeps_the_session(app: Any) -> None:
    async def work() -> list[str]:
        transport = httpx.ASGITransport(app)
        base = "http://example.org"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return [(await client.get("/count")).text for _ in range(3)]

    assert asyncio.run(work()) == ["1", "2", "3"]


def test_gzip_of_starlette_wraps_the_app(app: Any) -> None:
    app.asgi_app = GZipMiddleware(app.asgi_app, minimum_size=100)

    answer = ask(app, "GET", "/stream", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.text == "/stream" * 300
    assert len(gzip.compress(answer.content)) < len(answer.content)


def test_cors_and_hosts_of_starlette_wrap_the_app(app: Any) -> None:
    origin = "https://front.example"
    cors: Any = CORSMiddleware(app.asgi_app, allow_origins=[origin])
    app.asgi_app = TrustedHostMiddleware(cors, allowed_hosts=["example.org"])

    answer = ask(app, "GET", "/", headers={"Origin": origin})
    refused = ask(app, "GET", "/", headers={"Host": "evil.example"})

    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert refused.status_code == 400


def test_starlette_mounts_the_app_beside_its_own(app: Any) -> None:
    async def own(request: Any) -> PlainTextResponse:
        return PlainTextResponse("own")

    routes = [Route("/own", own), Mount("/shop", app.asgi_app)]
    whole = Starlette(routes=routes)

    assert ask(whole, "GET", "/own").text == "own"
    assert ask(whole, "GET", "/shop/").text == "http://example.org/shop/"
    assert ask(whole, "GET", "/shop/stream").text == "/stream" * 300


def test_asgiref_calls_the_app_by_either_face(app: Any) -> None:
    async def work() -> Any:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [(b"host", b"example.org")],
            "query_string": b"",
        }
        talk: Any = communicator(app, scope)
        await talk.send_input({"type": "http.request"})
        await talk.receive_output()
        return (await talk.receive_output())["body"]

    assert asyncio.run(work()) == b"http://example.org/"
    assert ask(as_asgi(app), "GET", "/").text == "http://example.org/"
