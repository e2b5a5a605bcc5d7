from __future__ import annotations

import asyncio
import gc
import inspect
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from contextvars import ContextVar
from io import BytesIO
from typing import Any

import pytest
from conftest import make_app
from driver import GONE, Exchange, ask, body_in, scope_of
from werkzeug.middleware.proxy_fix import ProxyFix

from tantalus import (
    App,
    Flask,
    Response,
    abort,
    g,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)
from tantalus.globals import _cv_app
from tantalus.signals import request_tearing_down

LENGTH = b"content-length"


@pytest.fixture(scope="module", autouse=True)
def workers_go_home() -> Iterator[None]:
    """Have no thread of these apps end while another test counts threads."""
    yield
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "tantalus worker":
            thread.join(1)


REST = 65_536


def posted(size: int | bytes, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    length = str(size).encode() if isinstance(size, int) else size
    return scope_of("/", "POST", headers=[(LENGTH, length), *headers])


def test_the_app_is_what_servers_of_both_protocols_call() -> None:
    app: Any = make_app()
    app.get("/")(lambda: "hello")
    started: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
    }

    def start_response(status: str, headers: Any) -> None:
        started.append(status)

    async def of_asgi_2(scope: Any, receive: Any, send: Any) -> None:
        await app(scope)(receive, send)

    assert list(app(environ, start_response)) == [b"hello"]
    assert started == ["200 OK"]
    assert ask(app).body == b"hello"
    assert ask(app.asgi_app).body == b"hello"
    assert ask(of_asgi_2).body == b"hello"


def test_servers_tell_by_the_call_that_it_is_of_asgi_3(app: App) -> None:
    assert inspect.iscoroutinefunction(type(app.asgi_app).__call__)
    assert app.asgi_app is app.asgi_app


def test_a_program_that_no_server_of_asgi_runs_loads_nothing_for_it() -> None:
    code = """
import sys, tantalus
app = tantalus.App("x")
app.get("/")(lambda: "x")
list(app.test_client().get("/").response)
print("tantalus._asgi" in sys.modules, "tantalus_http._bridge" in sys.modules)
import subprocess
"""
    bare = "import sys, tantalus; print('asyncio' in sys.modules)"

    assert printed(code) == "False False"
    assert printed(bare) == "False"


def printed(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_middleware_wraps_either_face(app: App) -> None:
    app.get("/")(lambda: request.headers["X-Inner"] + request.headers["X-Outer"])
    inner, outer = app.wsgi_app, app.asgi_app

    def wsgi_middleware(environ: Any, start_response: Any) -> Any:
        return inner({**environ, "HTTP_X_INNER": "a"}, start_response)

    async def asgi_middleware(scope: Any, receive: Any, send: Any) -> None:
        headers = [*scope["headers"], (b"x-outer", b"b")]
        await outer({**scope, "headers": headers}, receive, send)

    app.wsgi_app = wsgi_middleware  # type: ignore[method-assign]
    app.asgi_app = asgi_middleware

    assert ask(app).body == b"ab"


class Life:
    """An app that notes each step of a request and the thread that it runs in."""

    def __init__(self, kind: type[App] = App) -> None:
        self.app = kind("life")
        self.app.config["SECRET_KEY"] = "a key that is long enough"
        self.seen: list[str] = []
        self.threads: set[int] = set()
        self.app.before_request(lambda: self.note("before"))
        self.app.after_request(self._after)
        self.app.teardown_request(lambda error: self.note("teardown"))
        self.app.teardown_appcontext(lambda error: self.note("end"))

    def note(self, step: str) -> None:
        self.seen.append(step)
        self.threads.add(threading.get_ident())

    def _after(self, response: Response) -> Response:
        self.note("after")
        return response


def test_all_of_a_request_runs_in_one_thread_that_is_not_the_loops() -> None:
    life = Life()

    @life.app.get("/")
    def view() -> Iterator[str]:
        g.connection = sqlite3.connect(":memory:")
        life.note("view")

        @stream_with_context
        def rows() -> Iterator[str]:
            for (number,) in g.connection.execute("values (1), (2)"):
                life.note("row")
                yield str(number)
            g.connection.close()

        return rows()

    made = ask(life.app)

    assert made.body == b"12"
    assert life.seen == [
        "before", "view", "after", "row", "row", "teardown", "end"
    ]  # fmt: skip
    assert len(life.threads) == 1
    assert threading.get_ident() not in life.threads


def test_requests_run_side_by_side(app: App) -> None:
    together = threading.Barrier(5, timeout=60)

    @app.get("/<int:number>")
    def view(number: int) -> str:
        g.number = number
        together.wait()
        return f"{g.number} {request.path}"

    async def work() -> list[bytes]:
        exchanges = [Exchange() for _ in range(5)]
        await asyncio.gather(
            *(
                app(scope_of(f"/{number}"), made.receive, made.send)
                for number, made in enumerate(exchanges)
            )
        )
        return [made.body for made in exchanges]

    assert asyncio.run(work()) == [f"{n} /{n}".encode() for n in range(5)]


def test_variables_go_in_and_do_not_come_out(app: App) -> None:
    variable: ContextVar[str] = ContextVar("variable")

    @app.get("/")
    def view() -> str:
        seen = variable.get()
        variable.set("the view's")
        return seen

    async def work() -> tuple[bytes, str, Any]:
        variable.set("the server's")
        exchange = Exchange()
        await app(scope_of(), exchange.receive, exchange.send)
        return exchange.body, variable.get(), _cv_app.get(None)

    assert asyncio.run(work()) == (b"the server's", "the server's", None)


def test_coroutine_functions_answer_too(app: App) -> None:
    @app.get("/")
    async def view() -> str:
        await asyncio.sleep(0)
        return request.args["a"]

    assert ask(app, scope_of(query=b"a=1")).body == b"1"


def test_a_session_is_kept(app: App) -> None:
    @app.get("/")
    def view() -> str:
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    first = ask(app)
    cookie = dict(first.headers)[b"set-cookie"].partition(b";")[0]

    assert ask(app, scope_of(headers=[(b"cookie", cookie)])).body == b"2"


@pytest.mark.parametrize("root", ["/app", "/app/"])
def test_the_app_may_be_mounted(app: App, root: str) -> None:
    app.get("/a")(lambda: url_for("static", filename="x", _external=True))
    app.config["STATIC_HASH"] = False

    made = ask(app, scope_of("/app/a", root_path=root))

    assert made.body == b"http://example.org/app/static/x"


@pytest.mark.parametrize(
    ("path", "location"),
    [("/app", b"/app/"), ("/app/dir", b"/app/dir/")],
    ids=["mount", "folder"],
)
def test_a_redirect_leads_to_below_the_mount(
    app: App, path: str, location: bytes
) -> None:
    app.add_url_rule("/", "home", lambda: "home")
    app.add_url_rule("/dir/", "dir", lambda: "dir")

    made = ask(app, scope_of(path, root_path="/app"))

    assert made.status == 308
    assert dict(made.headers)[b"location"] == b"http://example.org" + location


def test_slashes_that_are_escaped_are_slashes(app: App) -> None:
    app.get("/<path:rest>")(lambda rest: f"{rest} {request.environ['RAW_URI']}")

    made = ask(app, scope_of("/a/b", raw_path=b"/a%2Fb"))

    assert made.body == b"a/b /a%2Fb"


def test_proxies_are_believed_as_under_wsgi(app: App) -> None:
    app.get("/")(lambda: request.host_url)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_host=1, x_proto=1)  # type: ignore[method-assign]
    headers = [(b"x-forwarded-host", b"shop.example"), (b"x-forwarded-proto", b"https")]

    assert ask(app, scope_of(headers=headers)).body == b"https://shop.example/"


@pytest.mark.parametrize(
    "headers",
    [[(b"host", b"evil.example")], [(b"host", b"\xff")]],
    ids=["two", "bytes"],
)
def test_what_is_no_host_is_refused(
    app: App, headers: list[tuple[bytes, bytes]]
) -> None:
    app.get("/")(lambda: "hello")

    assert ask(app, scope_of(headers=headers)).status == 400


def test_headers_that_would_pass_for_others_are_not_seen(app: App) -> None:
    app.get("/")(lambda: str(sorted(name for name, _ in request.headers)))

    made = ask(app, scope_of(headers=[(b"x_user", b"a"), (b"proxy", b"b")]))

    assert made.body == b"['Host']"


# Bodies.


def test_a_small_body_is_there_before_the_view_runs(app: App) -> None:
    app.post("/")(lambda: request.form)
    form = (b"content-type", b"application/x-www-form-urlencoded")

    made = ask(app, posted(7, form), body_in(b"a=1", b"&b=2"))

    assert made.body == b'{"a":"1","b":"2"}\n'
    assert made.received == 2


@pytest.mark.parametrize("length", [None, 300_000], ids=["chunked", "announced"])
def test_a_large_body_is_read_by_the_view_while_it_comes(
    app: App, length: int | None
) -> None:
    asked = []

    @app.post("/")
    def view() -> str:
        asked.append(exchange.received)
        size = 0
        while piece := request.stream.read(100_000):
            size += len(piece)
        return str(size)

    exchange = Exchange(body_in(*[b"x" * 1_000] * 300))
    scope = posted(300_000)
    if length is None:
        scope["headers"] = [
            scope["headers"][0],
            (b"transfer-encoding", b"chunked"),
        ]
    asyncio.run(serve(app, scope, exchange))

    assert exchange.body == b"300000"
    assert asked == [0 if length else 66]


async def serve(app: Any, scope: Any, exchange: Exchange) -> None:
    await app(scope, exchange.receive, exchange.send)


def test_ten_thousand_pieces_are_one_body(app: App) -> None:
    app.post("/")(lambda: str(len(request.get_data())))

    assert ask(app, posted(20_000), body_in(*[b"ab"] * 10_000)).body == b"20000"


def test_an_announced_body_that_is_too_long_is_refused_unread(app: App) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.post("/")(lambda: request.get_data())

    made = ask(app, posted(100_001), body_in(b"x" * 100_001))

    assert (made.status, made.received) == (413, 0)


def test_a_body_that_turns_out_too_long_is_refused(app: App) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.post("/")(lambda: request.get_data())
    scope = scope_of("/", "POST", headers=[(b"transfer-encoding", b"chunked")])

    made = ask(app, scope, body_in(*[b"x" * 50_000] * 100))

    assert made.status == 413
    assert made.received < 5


def test_a_body_that_ends_early_is_a_400(app: App) -> None:
    app.post("/")(lambda: request.get_data())

    assert ask(app, posted(9), body_in(b"abc")).status == 400


def test_a_client_that_leaves_within_a_small_body_starts_nothing() -> None:
    life = Life()

    made = ask(life.app, posted(9), [*body_in(b"abc", is_complete=False), GONE])

    assert made.status == 400
    assert life.seen == []


def test_a_client_that_leaves_within_a_large_body_is_an_error_of_the_view() -> None:
    life = Life()
    life.app.post("/")(lambda: request.get_data())

    made = ask(
        life.app,
        posted(300_000),
        [*body_in(b"x" * 70_000, is_complete=False), GONE],
    )

    assert made.status == 400
    assert life.seen == ["before", "after", "teardown", "end"]


# Answers, and clients that leave.


def test_a_file_is_sent_in_blocks(app: App) -> None:
    app.get("/")(lambda: send_file(BytesIO(b"x" * 600_000), download_name="a.bin"))

    made = ask(app)

    assert len(made.body) == 600_000
    assert [len(message["body"]) for message in made.sent[1:]] == [
        262_144, 262_144, 75_712, 0
    ]  # fmt: skip


def test_a_stream_is_made_as_it_is_sent() -> None:
    life, sent = Life(), []

    @life.app.get("/")
    def view() -> Iterator[str]:
        def parts() -> Iterator[str]:
            for part in "abc":
                sent.append(len(exchange.sent))
                yield part

        return parts()

    exchange = Exchange()
    asyncio.run(serve(life.app, scope_of(), exchange))

    assert exchange.body == b"abc"
    assert sent == [0, 2, 3]
    assert life.seen == ["before", "after", "teardown", "end"]


@pytest.mark.parametrize("taken", range(6))
@pytest.mark.parametrize("kind", [App, Flask])
def test_a_client_may_leave_at_any_moment(kind: type[App], taken: int) -> None:
    life = Life(kind)

    @life.app.get("/")
    def view() -> Iterator[str]:
        @stream_with_context
        def parts() -> Iterator[str]:
            try:
                for part in "abc":
                    life.note(f"{part} {request.path}")
                    yield part
            finally:
                life.note("closed")

        return parts()

    exchange = Exchange(fails_after=taken)
    asyncio.run(serve(life.app, scope_of(), exchange))

    made = max(1, min(taken, 3))
    assert life.seen == [
        "before", "after", *[f"{part} /" for part in "abc"[:made]],
        "closed", "teardown", "end",
    ]  # fmt: skip
    assert len(life.threads) == 1


def test_an_endless_stream_ends_with_its_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tantalus_http._messages.WATCH_AFTER", 0)
    life = Life()

    @life.app.get("/")
    def view() -> Iterator[str]:
        def parts() -> Iterator[str]:
            try:
                while True:
                    loop.call_soon_threadsafe(exchange.leave)
                    yield "x"
            finally:
                life.note("closed")

        return stream_with_context(parts())

    exchange, loop = Exchange(), asyncio.new_event_loop()
    with closing(loop):
        loop.run_until_complete(serve(life.app, scope_of(), exchange))

    assert life.seen == ["before", "after", "closed", "teardown", "end"]


def test_a_view_runs_to_its_end_without_its_client() -> None:
    life, exchange = Life(), Exchange(fails_after=0)
    life.app.get("/")(lambda: "hello")

    asyncio.run(serve(life.app, scope_of(), exchange))

    assert life.seen == ["before", "after", "teardown", "end"]


def test_a_server_that_cancels_lets_the_request_end_once() -> None:
    life, in_view, go_on = Life(), threading.Event(), threading.Event()
    ended = threading.Event()
    life.app.teardown_appcontext(lambda error: ended.set())

    @life.app.get("/")
    def view() -> str:
        in_view.set()
        go_on.wait(60)
        return "hello"

    async def work() -> None:
        exchange = Exchange()
        task = asyncio.create_task(serve(life.app, scope_of(), exchange))
        await asyncio.to_thread(in_view.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await asyncio.to_thread(ended.wait)
        assert exchange.sent == []

    asyncio.run(work())

    assert life.seen[:3] == ["before", "after", "teardown"]


def failing() -> Any:
    raise KeyError("wrong")


@pytest.mark.parametrize("hook", ["before_request", "view"])
def test_an_error_is_answered_and_logged_once(
    hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    life = Life()
    if hook == "view":
        life.app.get("/")(failing)
    else:
        life.app.get("/")(lambda: "hello")
        life.app.before_request(failing)

    made = ask(life.app)

    assert made.status == 500
    assert life.seen[-2:] == ["teardown", "end"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_an_error_of_a_teardown_function_is_the_servers() -> None:
    life = Life()
    life.app.get("/")(lambda: "hello")
    life.app.teardown_request(lambda error: failing())

    with pytest.raises(KeyError, match="wrong"):
        ask(life.app)
    assert life.seen == ["before", "after", "teardown", "end"]


def test_an_error_within_a_stream_is_the_servers() -> None:
    life = Life()

    @life.app.get("/")
    def view() -> Iterator[str]:
        yield "a"
        failing()

    with pytest.raises(KeyError, match="wrong"):
        ask(life.app)
    assert life.seen == ["before", "after", "teardown", "end"]


def test_signals_are_sent_in_the_thread_of_the_request() -> None:
    life = Life()
    life.app.get("/")(lambda: abort(404))

    def tearing_down(sender: object, exc: object) -> None:
        life.note("signal")

    with request_tearing_down.connected_to(tearing_down, life.app):
        ask(life.app)

    assert life.seen == ["before", "after", "teardown", "signal", "end"]
    assert len(life.threads) == 1


# Too many requests.


@pytest.fixture
def busy() -> Iterator[tuple[App, threading.Event, threading.Event]]:
    """An app with one thread and no queue, what says that it works, what ends it."""
    app = make_app()
    app.config.update(WORKER_THREADS=1, WORKER_QUEUE=0)
    begun, go_on = threading.Event(), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        begun.set()
        go_on.wait(60)
        return "slow"

    @app.get("/file")
    def file() -> Response:
        return send_file(BytesIO(b"x" * 600_000), download_name="a.bin")

    yield app, begun, go_on
    go_on.set()


def test_what_no_thread_has_time_for_is_told_to_come_back(
    busy: tuple[App, threading.Event, threading.Event],
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, begun, go_on = busy

    async def work() -> tuple[Exchange, Exchange, Exchange]:
        slow, refused, head = Exchange(), Exchange(), Exchange()
        task = asyncio.create_task(serve(app, scope_of("/slow"), slow))
        await asyncio.to_thread(begun.wait)
        await serve(app, scope_of("/slow"), refused)
        await serve(app, scope_of("/slow", "HEAD"), head)
        go_on.set()
        await task
        return slow, refused, head

    slow, refused, head = asyncio.run(work())

    assert slow.body == b"slow"
    assert refused.status == 503
    assert dict(refused.headers)[b"retry-after"] == b"1"
    assert b"Service Unavailable" in refused.body
    assert (head.status, head.body) == (503, b"")
    assert [record.getMessage() for record in caplog.records] == [
        f"{method} /slow was refused with 503: all WORKER_THREADS are busy and"
        " WORKER_QUEUE requests wait."
        for method in ("GET", "HEAD")
    ]


def test_an_answer_that_has_begun_waits_for_a_thread(
    busy: tuple[App, threading.Event, threading.Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, begun, go_on = busy
    monkeypatch.setattr("tantalus._asgi._face._PAUSE", 0)

    class Slowed(Exchange):
        """Has another request take the thread when the file has begun."""

        async def send(self, message: Any) -> None:
            await super().send(message)
            if len(self.sent) == 2:
                tasks.append(
                    asyncio.create_task(serve(app, scope_of("/slow"), Exchange()))
                )
                await asyncio.to_thread(begun.wait)
                asyncio.get_running_loop().call_soon(go_on.set)

    tasks: list[asyncio.Task[None]] = []
    exchange = Slowed()

    async def work() -> None:
        await serve(app, scope_of("/file"), exchange)
        await asyncio.gather(*tasks)

    asyncio.run(work())

    assert len(exchange.body) == 600_000


@pytest.mark.parametrize("value", ["16M", "5", b"5", [5]])
@pytest.mark.parametrize(
    "name", ["MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS"]
)
def test_a_limit_that_is_no_number_is_refused(name: str, value: object) -> None:
    app = App("limited")
    app.config[name] = value

    with pytest.raises(ValueError, match=rf"{name} is .*\. Set it to a number, or to"):
        app.check_settings()


@pytest.mark.parametrize("value", [None, 0, 16_000_000, 16e6])
def test_a_limit_that_is_a_number_or_none_is_taken(value: object) -> None:
    app = App("limited")
    app.config.update(MAX_CONTENT_LENGTH=value, MAX_FORM_PARTS=value)

    app.check_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKER_THREADS", 0),
        ("WORKER_THREADS", "40"),
        ("WORKER_QUEUE", -1),
        ("WORKER_QUEUE", None),
        ("BODY_READ_AHEAD", 1.5),
        ("BODY_READ_AHEAD", True),
        ("SESSION_COMPRESS_FROM", None),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    app: App, name: str, value: object
) -> None:
    app.config[name] = value

    with pytest.raises(ValueError, match=f"{name} is {value!r}. Set it to a whole"):
        app.check_settings()


# Other scopes.


def lifespan(app: App, *kinds: str) -> list[Any]:
    messages = [{"type": f"lifespan.{kind}"} for kind in kinds]
    return ask(app, {"type": "lifespan"}, messages).sent


def test_a_server_may_start_and_stop(app: App) -> None:
    app.get("/")(lambda: "hello")
    ask(app)

    assert lifespan(app, "startup", "shutdown") == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]
    assert ask(app).body == b"hello"


def test_a_server_may_stop_before_any_request(app: App) -> None:
    sent = lifespan(app, "startup", "unheard.of", "shutdown")

    assert sent[-1] == {"type": "lifespan.shutdown.complete"}


def test_settings_that_are_refused_keep_the_server_from_starting() -> None:
    app = App("tests")
    app.config["SECRET_KEY"] = "short"

    (failed,) = lifespan(app, "startup")

    assert failed["type"] == "lifespan.startup.failed"
    assert failed["message"].startswith("RuntimeError: The secret key has 5 characters")


def test_a_websocket_that_no_route_has_is_refused(app: App) -> None:
    made = ask(app, scope_of(type="websocket"), [{"type": "websocket.connect"}])

    assert made.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    assert made.received == 1


def test_a_scope_of_another_type_is_an_error_that_says_what_is_answered(
    app: App,
) -> None:
    with pytest.raises(ValueError, match=r"type 'mail' is none .* 'lifespan'"):
        ask(app, {"type": "mail"})


# Coroutine functions, on the loop of the server.


def chunked() -> dict[str, Any]:
    return scope_of("/", "POST", headers=[(b"transfer-encoding", b"chunked")])


LARGE = [b"a=" + b"x" * 49_998, b"y" * 50_000, b"z" * 50_000]


def test_a_coroutine_view_runs_on_the_loop_of_the_server(app: App) -> None:
    seen = []

    @app.get("/")
    async def view() -> str:
        seen.append((asyncio.get_running_loop(), threading.get_ident()))
        await asyncio.sleep(0)
        return request.path

    async def work() -> tuple[bytes, Any]:
        exchange = Exchange()
        await serve(app, scope_of(), exchange)
        return exchange.body, asyncio.get_running_loop()

    body, loop = asyncio.run(work())

    assert body == b"/"
    assert seen == [(loop, threading.get_ident())]


def test_a_coroutine_view_loads_a_large_body(app: App) -> None:
    @app.post("/")
    async def view() -> str:
        await request.load()
        return str(len(request.get_data()))

    assert ask(app, chunked(), body_in(*LARGE)).body == b"150000"


def test_a_coroutine_view_takes_a_large_body_in_pieces(app: App) -> None:
    @app.post("/")
    async def view() -> list[int]:
        return [len(piece) async for piece in request.chunks()]

    assert ask(app, chunked(), body_in(*LARGE)).body == b"[50000,50000,50000]\n"


def test_a_coroutine_view_that_forgets_to_load_is_told_to(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    @app.post("/")
    async def view() -> str:
        return request.form["a"]

    app.config["TESTING"] = False

    made = ask(
        app,
        chunked()
        | {
            "headers": [
                *chunked()["headers"],
                (b"content-type", b"application/x-www-form-urlencoded"),
            ]
        },
        body_in(*LARGE),
    )

    assert made.status == 500
    assert "call 'await request.load()' first" in caplog.text


def test_a_body_that_is_too_long_is_not_loaded(app: App) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000

    @app.post("/")
    async def view() -> str:
        await request.load()
        return "loaded"

    assert ask(app, chunked(), body_in(*LARGE)).status == 413
    assert ask(app, posted(100_001), body_in(*LARGE)).status == 413


def test_an_asynchronous_generator_is_a_stream(app: App) -> None:
    life = Life()

    @life.app.get("/")
    async def view() -> Any:
        async def parts() -> AsyncIterator[str]:
            for part in "ab":
                await asyncio.sleep(0)
                life.seen.append(part)
                yield f"{part}{request.path}"

        return stream_with_context(parts())

    assert ask(life.app).body == b"a/b/"
    assert life.seen == ["before", "after", "a", "b", "teardown", "end"]


def test_coroutine_views_wait_side_by_side(app: App) -> None:
    waiting = []

    @app.get("/<int:number>")
    async def view(number: int) -> str:
        waiting.append(number)
        while len(waiting) < 20:
            await asyncio.sleep(0)
        return str(number)

    async def work() -> list[bytes]:
        exchanges = [Exchange() for _ in range(20)]
        scopes = [scope_of(f"/{number}") for number in range(20)]
        calls = map(serve, [app] * 20, scopes, exchanges)
        await asyncio.gather(*calls)
        return [made.body for made in exchanges]

    assert asyncio.run(work()) == [str(number).encode() for number in range(20)]


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_a_client_that_leaves_ends_an_asynchronous_generator(taken: int) -> None:
    life = Life()

    @life.app.get("/")
    async def view() -> Any:
        async def parts() -> AsyncIterator[str]:
            try:
                while True:
                    await asyncio.sleep(0)
                    yield request.path
            finally:
                life.seen.append("closed")

        return stream_with_context(parts())

    exchange = Exchange(fails_after=taken)
    asyncio.run(serve(life.app, scope_of(), exchange))

    assert life.seen == ["before", "after", "closed", "teardown", "end"]
    assert len(exchange.sent) == taken
