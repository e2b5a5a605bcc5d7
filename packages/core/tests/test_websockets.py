from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

import tantalus_testing as testing
from tantalus import (
    App,
    Blueprint,
    Response,
    WebSocket,
    WebSocketClosed,
    after_this_request,
    g,
    request,
    session,
    websocket,
)

KEY = "0123456789abcdef"
HOST = [(b"host", b"localhost")]


def with_client(app: App, do: Callable[[Any], Awaitable[Any]]) -> Any:
    """Return what is done with a client of coroutines."""

    async def work() -> Any:
        async with testing.AsyncClient(app) as client:
            return await do(client)

    return asyncio.run(work())


def talk(app: App, path: str, *messages: str | bytes, **options: Any) -> list[Any]:
    """Return what an app answers to messages, one by one, and how it ended."""

    async def do(client: Any) -> list[Any]:
        answers: list[Any] = []
        async with client.websocket(path, **options) as peer:
            try:
                for message in messages:
                    await peer.send(message)
                    answers.append(await peer.receive())
            except testing.WebSocketClosed as closed:
                answers.append((closed.code, closed.reason))
        return answers

    return with_client(app, do)  # type: ignore[no-any-return]  # that


def refusal(app: App, path: str, **options: Any) -> Any:
    """Return the response by which an app denies a WebSocket."""

    async def do(client: Any) -> Any:
        with pytest.raises(testing.WebSocketDenied) as denied:
            async with client.websocket(path, **options):
                pass
        return denied.value.response

    return with_client(app, do)


@pytest.fixture
def app() -> App:
    app = App("rooms")

    @app.websocket("/echo/<int:number>")
    async def echo(number: int) -> None:
        async for message in websocket:
            await websocket.send(f"{number} {message!r}")

    return app


def test_a_view_has_the_values_of_its_rule_and_the_proxy(app: App) -> None:
    answers = talk(app, "/echo/7", "a", b"b")

    assert answers == ["7 'a'", "7 b'b'"]


def test_a_view_may_take_the_websocket_as_a_parameter(app: App) -> None:
    @app.websocket("/room/<name>")
    async def room(websocket: WebSocket, name: str) -> None:
        await websocket.accept("tea")
        await websocket.send_json({"room": name, "spoken": websocket.subprotocols})

    async def do(client: Any) -> Any:
        async with client.websocket("/room/a", subprotocols=["cake", "tea"]) as peer:
            return peer.subprotocol, await peer.receive_json()

    assert with_client(app, do) == ("tea", {"room": "a", "spoken": ["cake", "tea"]})


@pytest.mark.parametrize(
    "headers", [{}, {"Connection": "keep-alive"}, {"Upgrade": "h2c"}]
)
def test_the_scope_says_that_it_is_one_whatever_the_headers_say(
    app: App, headers: dict[str, str]
) -> None:
    assert talk(app, "/echo/7", "a", headers=headers) == ["7 'a'"]


def test_headers_need_not_be_spelled_as_asgi_has_them(app: App) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"Host", b"localhost"), (b"Origin", b"https://evil.example")]
    scope: Any = {"type": "websocket", "path": "/echo/1", "headers": headers}
    answering: Any = app(scope, receive, send)
    asyncio.run(answering)

    assert [message["type"] for message in sent] == ["websocket.close"]


def test_blueprints_have_them_with_prefix_and_hooks(app: App) -> None:
    shop = Blueprint("shop", __name__)

    @shop.before_request
    def before() -> None:
        g.value = "of the hook"

    @shop.websocket("/<tea>")
    async def tea(tea: str) -> None:
        await websocket.receive()
        await websocket.send(f"{tea}, {g.value}, {request.endpoint}")

    app.register_blueprint(shop, url_prefix="/shop")

    assert talk(app, "/shop/oolong", "?") == ["oolong, of the hook, shop.tea"]


def test_a_hook_may_refuse_it(app: App) -> None:
    @app.before_request
    def before() -> Any:
        return {"error": "Log in."}, 401, {"X-Why": "user"}

    response = refusal(app, "/echo/1")

    assert (response.status_code, response.json) == (401, {"error": "Log in."})
    assert response.headers["X-Why"] == "user"


def plain_none() -> None:
    pass


async def awaited_none() -> None:
    pass


def noting(app: App, shop: Blueprint, seen: list[str]) -> None:
    """Register a hook of each kind, plain ones and coroutine functions."""
    for part, name in ((app, "app"), (shop, "shop")):
        for kind in ("request", "websocket"):

            def before(text: str = f"before {kind}, {name}") -> None:
                seen.append(text)

            async def after(
                response: Response, text: str = f"after {kind}, {name}"
            ) -> Response:
                seen.append(f"{text}: {response.status_code}")
                return response

            def teardown(
                error: BaseException | None, text: str = f"teardown {kind}, {name}"
            ) -> None:
                seen.append(text)

            getattr(part, f"before_{kind}")(before)
            getattr(part, f"after_{kind}")(after)
            getattr(part, f"teardown_{kind}")(teardown)


def test_the_hooks_of_websockets_come_within_those_of_requests(app: App) -> None:
    seen: list[str] = []
    shop = Blueprint("shop", __name__)
    noting(app, shop, seen)

    @shop.websocket("/tea")
    async def tea() -> None:
        @after_this_request
        def after_this(response: Response) -> Response:
            seen.append("after this")
            return response

        await websocket.accept()
        seen.append("accepted")

    app.register_blueprint(shop)

    async def do(client: Any) -> None:
        async with client.websocket("/tea"):
            pass

    with_client(app, do)

    assert seen == [
        "before request, app",
        "before request, shop",
        "before websocket, app",
        "before websocket, shop",
        "after websocket, shop: 101",
        "after websocket, app: 101",
        "after this",
        "after request, shop: 101",
        "after request, app: 101",
        "accepted",
        "teardown websocket, shop",
        "teardown websocket, app",
        "teardown request, shop",
        "teardown request, app",
    ]


def test_requests_have_no_hooks_of_websockets(app: App) -> None:
    seen: list[str] = []
    shop = Blueprint("shop", __name__)
    noting(app, shop, seen)

    @shop.get("/tea")
    async def tea() -> str:
        return "tea"

    app.register_blueprint(shop)

    async def do(client: Any) -> None:
        await client.get("/tea")

    with_client(app, do)
    app.test_client().get("/tea")

    assert seen
    assert not [text for text in seen if "websocket" in text]


def plain_refusal() -> Any:
    return {"error": "Log in."}, 401, {"X-Why": "user"}


async def awaited_refusal() -> Any:
    return {"error": "Log in."}, 401, {"X-Why": "user"}


@pytest.mark.parametrize("hook", [plain_refusal, awaited_refusal])
def test_a_hook_of_websockets_may_refuse_it_and_no_other_is_asked(
    app: App, hook: Any
) -> None:
    seen: list[str] = []
    app.before_websocket(hook)
    app.before_websocket(lambda: seen.append("asked"))

    @app.after_websocket
    def after(response: Response) -> Response:
        response.headers["X-Code"] = str(response.status_code)
        return response

    response = refusal(app, "/echo/1")

    assert (response.status_code, response.json) == (401, {"error": "Log in."})
    assert (response.headers["X-Why"], response.headers["X-Code"]) == ("user", "401")
    assert seen == []


def test_a_hook_of_requests_that_refuses_it_comes_before_those_of_websockets(
    app: App,
) -> None:
    seen: list[str] = []
    app.before_request(plain_refusal)
    app.before_websocket(lambda: seen.append("asked"))

    assert refusal(app, "/echo/1").status_code == 401
    assert seen == []


def test_a_blueprint_has_hooks_for_each_websocket_of_the_app(app: App) -> None:
    seen: list[str] = []
    users = Blueprint("users", __name__)
    users.before_app_websocket(lambda: seen.append("before"))

    @users.after_app_websocket
    def after(response: Response) -> Response:
        seen.append("after")
        return response

    @users.teardown_app_websocket
    def teardown(error: BaseException | None) -> None:
        seen.append("teardown")

    users.before_websocket(lambda: seen.append("of another blueprint"))
    app.register_blueprint(users)

    assert talk(app, "/echo/1", "a") == ["1 'a'"]
    assert seen == ["before", "after", "teardown"]


def test_an_error_of_a_hook_of_websockets_goes_to_the_handlers(app: App) -> None:
    @app.before_websocket
    def before() -> None:
        raise LookupError("tea")

    @app.errorhandler(LookupError)
    def handle(error: LookupError) -> tuple[str, int]:
        return f"No {error.args[0]}.", 418

    assert refusal(app, "/echo/1").status_code == 418


def test_a_url_that_nothing_answers_has_the_hooks_of_the_app(app: App) -> None:
    seen: list[str] = []
    app.before_websocket(lambda: seen.append("before"))

    assert refusal(app, "/none").status_code == 404
    assert seen == ["before"]


def test_a_host_that_is_refused_is_seen_by_no_hook_of_websockets(app: App) -> None:
    seen: list[str] = []
    app.config.update(TRUSTED_HOSTS=["localhost"], STRICT_HOSTS=True)
    app.before_websocket(lambda: seen.append("before"))

    response = refusal(app, "/echo/1", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert seen == []


def test_all_teardown_runs_though_that_of_websockets_raises(app: App) -> None:
    seen: list[Any] = []

    @app.teardown_websocket
    def fail(error: BaseException | None) -> None:
        seen.append("of websockets")
        raise LookupError("no tea")

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        seen.append("of requests")

    with pytest.raises(LookupError, match="no tea"):
        talk(app, "/echo/1", "a")

    assert seen == ["of websockets", "of requests"]


def test_teardown_of_websockets_is_told_the_error_of_the_view(app: App) -> None:
    seen: list[Any] = []

    @app.websocket("/broken")
    async def broken() -> None:
        await websocket.receive()
        raise LookupError("no tea")

    @app.teardown_websocket
    async def teardown(error: BaseException | None) -> None:
        seen.append((type(error).__name__, request.path))

    assert talk(app, "/broken", "a") == [(1011, "")]
    assert seen == [("LookupError", "/broken")]


def test_error_handlers_answer_the_handshake(app: App) -> None:
    @app.websocket("/broken")
    async def broken() -> None:
        raise LookupError("tea")

    @app.errorhandler(LookupError)
    def handle(error: LookupError) -> tuple[str, int]:
        return f"No {error.args[0]}.", 418

    response = refusal(app, "/broken")

    assert (response.status_code, response.text) == (418, "No tea.")


def test_an_error_that_nobody_handles_is_a_500_and_logged(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    @app.websocket("/broken")
    async def broken() -> None:
        raise LookupError("no tea")

    assert refusal(app, "/broken").status_code == 500
    assert "no tea" in caplog.text


def test_an_error_after_it_was_accepted_ends_it_with_1011(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    @app.websocket("/broken")
    async def broken() -> None:
        await websocket.receive()
        raise LookupError("no tea")

    assert talk(app, "/broken", "a") == [(1011, "")]
    assert "no tea" in caplog.text


@pytest.mark.parametrize(("path", "code"), [("/none", 404), ("/echo/x", 404)])
def test_a_url_that_nothing_answers_is_denied(app: App, path: str, code: int) -> None:
    assert refusal(app, path).status_code == code


def test_a_view_that_ends_closes_it(app: App) -> None:
    @app.websocket("/short")
    async def short() -> None:
        await websocket.send("a")

    @app.websocket("/own")
    async def own() -> None:
        await websocket.receive()
        await websocket.close(4001, "no tea")

    async def do(client: Any) -> Any:
        async with client.websocket("/short") as peer:
            first = await peer.receive()
            with pytest.raises(testing.WebSocketClosed) as closed:
                await peer.receive()
        return first, closed.value.code

    assert with_client(app, do) == ("a", 1000)
    assert talk(app, "/own", "a") == [(4001, "no tea")]


def test_a_view_that_neither_accepts_nor_sends_denies_it(app: App) -> None:
    @app.websocket("/nothing")
    async def nothing() -> None:
        pass

    assert refusal(app, "/nothing").status_code == 403


def test_teardown_waits_for_the_end(app: App) -> None:
    seen: list[Any] = []

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        seen.append(("teardown", g.name))

    @app.websocket("/named/<name>")
    async def named(name: str) -> None:
        g.name = name
        try:
            async for message in websocket:
                await websocket.send(f"{g.name} {message!s}")
        finally:
            seen.append("view ends")

    answers = talk(app, "/named/ada", "1", "2")

    assert answers == ["ada 1", "ada 2"]
    assert seen == ["view ends", ("teardown", "ada")]


def test_the_session_is_read_and_written_at_the_handshake() -> None:
    app = App("rooms")
    app.secret_key = KEY

    @app.post("/login")
    def login() -> str:
        session["user"] = "ada"
        return ""

    @app.websocket("/who")
    async def who() -> None:
        session["seen"] = True
        await websocket.send(session["user"])

    @app.get("/seen")
    def seen() -> str:
        return str(session.get("seen"))

    async def do(client: Any) -> Any:
        await client.post("/login")
        async with client.websocket("/who") as peer:
            said = await peer.receive()
        return said, (await client.get("/seen")).text

    assert with_client(app, do) == ("ada", "True")


def test_a_session_that_is_changed_too_late_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App("rooms")
    app.secret_key = KEY

    @app.websocket("/late")
    async def late() -> None:
        await websocket.receive()
        session["late"] = True
        await websocket.send("done")

    assert talk(app, "/late", "a") == ["done"]
    assert "The session was changed in the WebSocket /late after it was" in caplog.text


def test_hooks_after_the_request_see_the_handshake(app: App) -> None:
    @app.after_request
    def after(response: Response) -> Response:
        response.headers["X-Code"] = str(response.status_code)
        return response

    async def do(client: Any) -> Any:
        async with client.websocket("/echo/1") as peer:
            return peer.headers["X-Code"], peer.headers.get("Content-Type")

    assert with_client(app, do) == ("101", None)


ELSEWHERE = {"Origin": "https://evil.example"}


@pytest.mark.parametrize("mode", ["refuse", "allow"])
def test_a_page_of_another_site_is_refused(app: App, mode: str) -> None:
    app.config["CROSS_SITE"] = mode

    assert refusal(app, "/echo/1", headers=ELSEWHERE).status_code == 403
    own = {"Origin": "http://localhost"}
    assert talk(app, "/echo/1", "a", headers=own) == ["1 'a'"]


def test_a_route_may_be_for_the_pages_of_all_sites(app: App) -> None:
    @app.websocket("/open", cross_site=True)
    async def opened() -> None:
        await websocket.send(await websocket.receive())

    assert talk(app, "/open", "a", headers=ELSEWHERE) == ["a"]


def test_limits_are_those_of_the_settings_or_of_the_route(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tantalus_http._websocket.monotonic", lambda: 1_000.0)
    app.config["WEBSOCKET_MAX_SIZE"] = 3

    @app.websocket("/large", max_size=5)
    async def large() -> None:
        async for message in websocket:
            await websocket.send(message)

    @app.websocket("/slow", max_rate=2, max_size=None)
    async def slow() -> None:
        async for message in websocket:
            await websocket.send(message)

    assert talk(app, "/echo/1", "abc", "abcd")[1] == (1009, "More than 3 bytes.")
    assert talk(app, "/large", "abcde", "abcdef")[1] == (1009, "More than 5 bytes.")
    assert talk(app, "/slow", "a" * 9, "b", "c")[2] == (1008, "Too many messages.")


def test_what_comes_from_elsewhere_is_forwarded_until_the_client_leaves(
    app: App,
) -> None:
    seen: list[str] = []

    @app.websocket("/forwarded")
    async def forwarded() -> None:
        async def numbers() -> AsyncIterator[str]:
            try:
                for number in range(3):
                    yield str(number)
                await asyncio.Event().wait()
            finally:
                seen.append("closed")

        await websocket.forward(numbers())

    async def do(client: Any) -> list[Any]:
        async with client.websocket("/forwarded") as peer:
            return [await peer.receive() for _ in range(3)]

    assert with_client(app, do) == ["0", "1", "2"]
    assert seen == ["closed"]


def test_closing_ends_a_view_that_waits_with_an_ordinary_exception(app: App) -> None:
    seen: list[Any] = []

    @app.websocket("/waits")
    async def waits() -> None:
        await websocket.send("ready")
        try:
            await websocket.receive()
        except WebSocketClosed as closed:
            seen.append(closed.code)
            raise

    async def do(client: Any) -> None:
        async with client.websocket("/waits") as peer:
            await peer.receive()

    with_client(app, do)

    assert seen == [1000]


def test_tasks_of_a_view_have_request_and_websocket(app: App) -> None:
    @app.websocket("/tasks/<name>")
    async def tasks(name: str) -> None:
        async def send() -> None:
            await websocket.send(request.path)

        await websocket.receive()
        async with asyncio.TaskGroup() as group:
            group.create_task(send())

    assert talk(app, "/tasks/a", "?") == ["/tasks/a"]


def test_under_wsgi_the_route_answers_426_and_says_why(app: App) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}

    answer = app.test_client().get("/echo/1", headers=upgrade)

    assert answer.status_code == 426
    assert answer.text.startswith("This URL is a WebSocket. The server speaks WSGI")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("hook", [None, plain_none, awaited_none])
def test_a_plain_request_is_told_what_the_url_speaks(
    app: App, method: str, hook: Any
) -> None:
    if hook is not None:
        app.before_request(hook)

    async def do(client: Any) -> Any:
        return await client.open("/echo/1", method=method)

    response = with_client(app, do)

    assert response.status_code == 426
    assert response.headers["Upgrade"] == "websocket"
    assert response.headers["Connection"] == "Upgrade"
    text = response.text
    assert method == "HEAD" or text.startswith("This URL is a WebSocket, and this was")


def test_under_wsgi_a_plain_request_is_answered_as_a_handshake_is(app: App) -> None:
    answer = app.test_client().get("/echo/1")

    assert answer.status_code == 426
    assert answer.text.startswith("This URL is a WebSocket. The server speaks WSGI")
    assert "Upgrade" not in answer.headers


@pytest.mark.parametrize(
    ("version", "upgrade"), [("1.0", None), ("1.1", b"websocket"), ("2", None)]
)
def test_only_a_version_that_has_upgrades_is_offered_one(
    app: App, version: str, upgrade: bytes | None
) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "http_version": version,
        "method": "GET",
        "path": "/echo/1",
        "headers": HOST,
    }
    answering: Any = app(scope, receive, send)
    asyncio.run(answering)

    assert sent[0]["status"] == 426
    assert dict(sent[0]["headers"]).get(b"upgrade") == upgrade


def test_a_server_that_takes_handshakes_for_requests_is_named(app: App) -> None:
    upgrade = {"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket"}

    async def do(client: Any) -> Any:
        return await client.get("/echo/1", headers=upgrade)

    response = with_client(app, do)

    assert (response.status_code, response.headers["Upgrade"]) == (426, "websocket")
    assert "has taken the handshake for a plain request" in response.text


def test_handlers_of_http_errors_answer_plain_requests(app: App) -> None:
    @app.errorhandler(HTTPException)
    def handle(error: HTTPException) -> tuple[str, int]:
        return f"Own {error.code}.", 400

    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answers = [
        app.test_client().get("/echo/1", headers=headers) for headers in ({}, upgrade)
    ]

    assert [answer.text for answer in answers] == ["Own 426.", "Own 426."]


def test_another_method_is_not_allowed(app: App) -> None:
    assert app.test_client().post("/echo/1").status_code == 405


def test_a_subdomain_has_websockets_of_its_own() -> None:
    app = App("rooms", subdomain_matching=True)
    app.config["SERVER_NAME"] = "tea.example"

    @app.websocket("/echo", subdomain="rooms")
    async def echo() -> None:
        await websocket.accept()

    client = app.test_client()

    assert client.get("/echo", base_url="http://rooms.tea.example").status_code == 426
    assert client.get("/echo", base_url="http://tea.example").status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Upgrade": "h2c"}])
def test_a_route_of_an_extension_keeps_the_answer_it_had(
    app: App, headers: dict[str, str]
) -> None:
    app.add_url_rule("/sock", "sock", lambda: "never", websocket=True)
    app.url_map.add(Rule("/old", redirect_to="/sock", websocket=True))
    client = app.test_client()

    assert client.get("/sock", headers=headers).status_code == 400
    assert client.get("/old", headers=headers).status_code == 400


def test_a_handshake_at_a_page_is_no_good_request(app: App) -> None:
    @app.get("/page")
    def page() -> str:
        return "page"

    assert refusal(app, "/page").status_code == 400


def test_what_cannot_be_called_there_refuses_all_of_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Own(App):
        def preprocess_request(self, ctx: Any) -> Any:
            return "Log in.", 401

    app = Own("own")

    @app.websocket("/echo")
    async def echo() -> None:
        await websocket.send("never")

    assert refusal(app, "/echo").status_code == 403
    assert "preprocess_request of the app was replaced" in caplog.text


def test_a_view_for_wsgi_alone_is_not_called(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.add_url_rule("/sock", "sock", lambda: "never", websocket=True)

    assert refusal(app, "/sock").status_code == 500
    assert "was not registered by @app.websocket" in caplog.text


@pytest.mark.parametrize("limit", ["max_size", "max_rate"])
def test_a_limit_that_lets_nothing_in_is_refused(app: App, limit: str) -> None:
    async def view() -> None:
        pass

    options: dict[str, Any] = {limit: 0}
    with pytest.raises(ValueError, match=f"{limit}=0 lets no message in"):
        app.websocket("/none", **options)(view)


def test_a_view_that_cannot_be_awaited_is_refused(app: App) -> None:
    with pytest.raises(TypeError, match=r"is no coroutine function: write it with"):
        app.websocket("/plain")(lambda: None)


def test_outside_of_one_the_proxy_says_so(app: App) -> None:
    with (
        app.test_request_context(),
        pytest.raises(RuntimeError, match="outside of a WebSocket"),
    ):
        _ = websocket.scope


def test_a_server_that_stops_cancels_the_view_and_teardown_is_told(app: App) -> None:
    seen: list[Any] = []

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        seen.append(type(error).__name__)

    @app.websocket("/waits")
    async def waits() -> None:
        await websocket.accept()
        await asyncio.Event().wait()

    async def work() -> None:
        accepted = asyncio.Event()

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            accepted.set()

        scope: Any = {"type": "websocket", "path": "/waits", "headers": HOST}
        task = asyncio.ensure_future(app(scope, receive, send))
        await accepted.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(work())

    assert seen == ["CancelledError"]


def test_a_websocket_lives_on_the_loop(app: App) -> None:
    (rule,) = [
        one for one in app.url_map.iter_rules() if one.rule == "/echo/<int:number>"
    ]

    assert app.life_of(rule) == "loop"
