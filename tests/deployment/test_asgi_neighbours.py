"""What others have written for ASGI, unmodified, around the app and beside it.

All of it with plain views, which run in workers, and with coroutine functions.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import sentry_sdk
from a2wsgi import ASGIMiddleware, WSGIMiddleware
from asgi_lifespan import LifespanManager
from asgiref.testing import ApplicationCommunicator
from asgiref.wsgi import WsgiToAsgi
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tantalus import App, request, session, stream_with_context, url_for

View = Callable[..., Any]


def index() -> str:
    return url_for("index", _external=True)


def echo() -> Any:
    return request.form


def stream() -> Any:
    def parts() -> Iterator[str]:
        for _ in range(3):
            yield request.path * 100

    return stream_with_context(parts())


async def async_stream() -> Any:
    async def parts() -> AsyncIterator[str]:
        for _ in range(3):
            await asyncio.sleep(0)
            yield request.path * 100

    return stream_with_context(parts())


def count() -> str:
    session["count"] = session.get("count", 0) + 1
    return str(session["count"])


def span() -> str:
    return format(trace.get_current_span().get_span_context().span_id, "x")


def broken() -> str:
    raise ZeroDivisionError("broken")


def awaited(view: View) -> View:
    """Return a coroutine function that does what a plain view does."""

    async def coroutine_view() -> Any:
        await asyncio.sleep(0)
        return view()

    return coroutine_view


@pytest.fixture(params=["plain", "coroutine"])
def app(request: pytest.FixtureRequest) -> Any:
    app = App("neighbours")
    app.config["SECRET_KEY"] = "a key that is long enough"
    is_plain = request.param == "plain"
    for name, view in {
        "index": index,
        "echo": echo,
        "count": count,
        "span": span,
        "broken": broken,
    }.items():
        path = "/" if name == "index" else f"/{name}"
        methods = ["POST"] if name == "echo" else ["GET"]
        app.add_url_rule(
            path, name, view if is_plain else awaited(view), methods=methods
        )
    app.add_url_rule("/stream", "stream", stream if is_plain else async_stream)
    return app


# These have no types.
communicator: Any = ApplicationCommunicator
as_asgi: Any = WsgiToAsgi
# Its types are narrower than those of Starlette.
as_wsgi: Any = ASGIMiddleware


def ask(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
    """Ask an ASGI application with httpx."""

    async def work() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        base = "http://example.org"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **options)

    return asyncio.run(work())


def ask_by_wsgi(app: Any, path: str) -> httpx.Response:
    """Ask a WSGI application with httpx."""
    transport = httpx.WSGITransport(app)
    with httpx.Client(transport=transport, base_url="http://example.org") as client:
        return client.get(path)


def starlette_app() -> Starlette:
    async def own(request: Any) -> PlainTextResponse:
        return PlainTextResponse(f"own {request.url.path}")

    return Starlette(routes=[Route("/own", own)])


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


def test_httpx_asks_many_things_at_once(app: Any) -> None:
    async def work() -> list[str]:
        transport = httpx.ASGITransport(app)
        base = "http://example.org"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            paths = ["/", "/stream", "/count"] * 10
            answers = await asyncio.gather(*(client.get(path) for path in paths))
            return [answer.text for answer in answers]

    expected = ["http://example.org/", "/stream" * 300, "1"]
    assert asyncio.run(work()) == expected * 10


def test_the_client_of_starlette_calls_the_app(app: Any) -> None:
    with TestClient(app, base_url="http://example.org") as client:
        assert client.get("/").text == "http://example.org/"
        assert client.post("/echo", data={"a": "1"}).json() == {"a": "1"}
        assert client.get("/stream").text == "/stream" * 300
        assert [client.get("/count").text for _ in range(3)] == ["1", "2", "3"]
        assert client.get("/broken").status_code == 500


def test_asgi_lifespan_starts_and_stops_the_app(app: Any) -> None:
    async def work() -> str:
        async with LifespanManager(app) as manager:
            transport = httpx.ASGITransport(manager.app)
            base = "http://example.org"
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return (await client.get("/")).text

    assert asyncio.run(work()) == "http://example.org/"


def test_gzip_of_starlette_wraps_the_app(app: Any) -> None:
    app.asgi_app = GZipMiddleware(app.asgi_app, minimum_size=100)

    answer = ask(app, "GET", "/stream", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.text == "/stream" * 300
    assert len(gzip.compress(answer.content)) < len(answer.content)


def test_cors_and_hosts_of_starlette_wrap_the_app(app: Any) -> None:
    origin = "https://front.example"
    cors: Any = CORSMiddleware(
        app.asgi_app, allow_origins=[origin], allow_methods=["POST"]
    )
    app.asgi_app = TrustedHostMiddleware(cors, allowed_hosts=["example.org"])

    answer = ask(app, "GET", "/", headers={"Origin": origin})
    preflight = ask(
        app,
        "OPTIONS",
        "/echo",
        headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
    )
    refused = ask(app, "GET", "/", headers={"Host": "evil.example"})

    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert refused.status_code == 400


def test_a_function_of_starlette_stands_around_each_request(app: Any) -> None:
    async def tag(request: Any, call_next: Any) -> Any:
        answer = await call_next(request)
        answer.headers["X-Path"] = request.url.path
        return answer

    app.asgi_app = BaseHTTPMiddleware(app.asgi_app, dispatch=tag)

    assert ask(app, "GET", "/stream").text == "/stream" * 300
    assert ask(app, "GET", "/count").headers["X-Path"] == "/count"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def traced(app: Any, spans: InMemorySpanExporter) -> Any:
    """Return the app in the middleware of OpenTelemetry, which tells `spans`."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return OpenTelemetryMiddleware(app, tracer_provider=provider)


def span_of_request(spans: InMemorySpanExporter) -> ReadableSpan:
    (found,) = (each for each in spans.get_finished_spans() if each.parent is None)
    return found


def test_opentelemetry_traces_the_app(app: Any, spans: InMemorySpanExporter) -> None:
    app.asgi_app = traced(app.asgi_app, spans)

    seen_by_view = ask(app, "GET", "/span").text

    found = span_of_request(spans)
    assert found.context is not None
    assert seen_by_view == format(found.context.span_id, "x")
    assert (found.attributes or {})["http.status_code"] == 200


def test_opentelemetry_sees_what_fails(app: Any, spans: InMemorySpanExporter) -> None:
    app.asgi_app = traced(app.asgi_app, spans)

    assert ask(app, "GET", "/broken").status_code == 500

    found = span_of_request(spans)
    assert (found.attributes or {})["http.status_code"] == 500
    assert not found.status.is_ok


def test_no_span_is_left_for_the_next_request(
    app: Any, spans: InMemorySpanExporter
) -> None:
    app.asgi_app = traced(app.asgi_app, spans)
    ask(app, "GET", "/stream")

    async def twice() -> list[str]:
        transport = httpx.ASGITransport(app)
        base = "http://example.org"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return [(await client.get("/span")).text for _ in range(2)]

    first, second = asyncio.run(twice())
    assert first != second


@pytest.fixture
def events() -> Iterator[list[Any]]:
    """Have Sentry tell of errors and transactions, and send none."""
    told: list[Any] = []

    def keep(event: Any, hint: Any) -> None:
        told.append(event)

    sentry_sdk.init(
        "https://key@sentry.example/1",
        before_send=keep,
        before_send_transaction=keep,
        traces_sample_rate=1.0,
        default_integrations=False,
        auto_enabling_integrations=False,
    )
    yield told
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_sentry_sees_what_the_app_lets_out(app: Any, events: list[Any]) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.asgi_app = SentryAsgiMiddleware(app.asgi_app)

    with pytest.raises(ZeroDivisionError):
        ask(app, "GET", "/broken")

    (told,) = (event for event in events if "exception" in event)
    assert told["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert told["request"]["url"] == "http://example.org/broken"


def test_sentry_times_the_requests_of_the_app(app: Any, events: list[Any]) -> None:
    app.asgi_app = SentryAsgiMiddleware(app.asgi_app)

    assert ask(app, "GET", "/stream").text == "/stream" * 300
    assert ask(app, "GET", "/nothing").status_code == 404

    statuses = [event["contexts"]["response"]["status_code"] for event in events]
    assert statuses == [200, 404]


def test_starlette_mounts_the_app_beside_its_own(app: Any) -> None:
    whole = starlette_app()
    whole.routes.append(Mount("/shop", app.asgi_app))

    assert ask(whole, "GET", "/own").text == "own /own"
    assert ask(whole, "GET", "/shop/").text == "http://example.org/shop/"
    assert ask(whole, "GET", "/shop/stream").text == "/stream" * 300


@pytest.mark.parametrize("bridge", [as_asgi, WSGIMiddleware], ids=["asgiref", "a2wsgi"])
def test_starlette_mounts_the_app_by_its_other_face(app: Any, bridge: Any) -> None:
    whole = starlette_app()
    whole.routes.append(Mount("/shop", bridge(app.wsgi_app)))

    assert ask(whole, "GET", "/own").text == "own /own"
    assert ask(whole, "GET", "/shop/").text == "http://example.org/shop/"
    assert ask(whole, "GET", "/shop/stream").text == "/stream" * 300
    assert ask(whole, "POST", "/shop/echo", data={"a": "1"}).json() == {"a": "1"}


def test_a2wsgi_serves_the_app_by_wsgi(app: Any) -> None:
    by_wsgi = as_wsgi(app.asgi_app)

    assert ask_by_wsgi(by_wsgi, "/").text == "http://example.org/"
    assert ask_by_wsgi(by_wsgi, "/stream").text == "/stream" * 300


def test_the_app_mounts_starlette_for_servers_of_wsgi(app: Any) -> None:
    beside = as_wsgi(starlette_app())
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/star": beside})

    assert ask_by_wsgi(app, "/star/own").text == "own /star/own"
    assert ask_by_wsgi(app, "/").text == "http://example.org/"
    assert ask(app, "GET", "/star/own").text == "own /star/own"
    assert ask(app, "GET", "/").text == "http://example.org/"


def dispatching(app: Any, beside: Any) -> Callable[..., Awaitable[None]]:
    """Return what the documentation of Starlette shows of mounting, for any app."""
    return Starlette(routes=[Mount("/star", beside), Mount("/", app)])


def test_starlette_stands_beside_the_app_on_the_same_loop(app: Any) -> None:
    app.asgi_app = dispatching(app.asgi_app, starlette_app())

    assert ask(app, "GET", "/star/own").text == "own /star/own"
    assert ask(app, "GET", "/").text == "http://example.org/"


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
