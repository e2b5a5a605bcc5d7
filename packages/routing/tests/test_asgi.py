from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from server import (
    ask,
    http_scope,
    request_messages,
    serve,
    websocket_scope,
)
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from werkzeug.exceptions import BadHost, Conflict, NotFound
from werkzeug.wrappers import Request, Response

from tantalus_routing import (
    ASGIViewError,
    BridgeError,
    FallbackTaken,
    MountedRule,
    ProtocolMismatch,
    ProtocolUnknown,
    RouteGroup,
    Router,
    UnknownScope,
    ViewMissing,
    ViewResultError,
)
from tantalus_routing._protocols import Receive, Scope, Send


async def show(scope: Scope, receive: Receive, send: Send, **args: Any) -> str:
    return f"{scope.get('method')} {args}"


async def where(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what a mounted application sees."""
    text = f"{scope['root_path']} {scope['path']} {scope.get('raw_path')}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


def router(**options: Any) -> Router:
    app = Router(**options)
    app.add_url_rule("/show/<int:id>", "show", show)
    app.add_url_rule("/docs/", "docs", show)
    return app


# Views


def test_a_view_that_returns_text_has_answered() -> None:
    answer = ask(router().asgi_app, "/show/3")

    assert (answer.status, answer.text) == (200, "GET {'id': 3}")
    assert answer.headers == {
        "content-type": "text/html; charset=utf-8",
        "content-length": "13",
    }


def test_any_asgi_application_is_a_view() -> None:
    app = Router()
    app.add_url_rule("/where", "where", where)
    app.add_url_rule("/json", "json", JSONResponse({"a": 1}))

    assert ask(app.asgi_app, "/where").text == " /where b'/where'"
    assert ask(app.asgi_app, "/json").text == '{"a":1}'


ANSWERS = {
    "bytes": b"seen",
    "werkzeug": Response("seen"),
    "stream": Response(iter(["se", "en"])),
    "starlette": JSONResponse("seen"),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_view_returns_whatever_can_be_sent(answer: Any) -> None:
    app = Router()

    @app.get("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> Any:
        return answer

    assert ask(app.asgi_app, "/").text.strip('"') == "seen"


def test_a_view_reads_the_body_itself() -> None:
    app = Router()

    @app.post("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> JSONResponse:
        request = StarletteRequest(scope, receive)
        return JSONResponse([await request.json(), request.path_params])

    assert ask(app.asgi_app, "/", "POST", b"[1", b"]").text == "[[1],{}]"


def test_the_arguments_are_in_the_scope_too() -> None:
    app = Router()

    @app.get("/<int:id>")
    async def index(scope: Scope, receive: Receive, send: Send, id: int) -> str:
        return str(scope["path_params"])

    assert ask(app.asgi_app, "/3").text == "{'id': 3}"


def test_the_arguments_of_an_outer_router_are_kept() -> None:
    app = Router()

    @app.get("/<int:id>")
    async def index(scope: Scope, receive: Receive, send: Send, id: int) -> str:
        return str(scope["path_params"])

    outer = Starlette()
    outer.mount("/{shop}", app.asgi_app)

    assert ask(outer, "/tea/3").text == "{'shop': 'tea', 'id': 3}"


def test_groups_are_served_as_they_are_by_wsgi() -> None:
    posts = RouteGroup("posts", prefix="/posts")
    posts.get("/<int:id>")(show)
    app = Router()
    app.include(posts, defaults={"lang": "en"})

    assert ask(app.asgi_app, "/posts/3").text == "GET {'id': 3, 'lang': 'en'}"


@pytest.mark.parametrize("answer", [3, {"a": 1}], ids=["number", "dict"])
def test_a_view_that_returns_what_nobody_can_send_is_told(answer: Any) -> None:
    app = Router()

    @app.get("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> Any:
        return answer

    with pytest.raises(
        ASGIViewError, match=r"Rule '/'.*index.* returned (int|dict)\. Return nothing"
    ):
        ask(app.asgi_app, "/")


def test_an_error_of_a_view_is_left_to_the_server() -> None:
    app = Router()

    @app.get("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        ask(app.asgi_app, "/")


def test_an_http_error_of_a_view_is_the_answer() -> None:
    app = Router()

    @app.get("/<kind>")
    async def index(scope: Scope, receive: Receive, send: Send, kind: str) -> None:
        raise Conflict(response=Response("seen")) if kind == "own" else Conflict()

    assert ask(app.asgi_app, "/plain").status == 409
    assert ask(app.asgi_app, "/own").text == "seen"


# What a view has to be, said at set-up


def wsgi_view(request: Request, id: int) -> str:
    return ""


async def without_argument(scope: Scope, receive: Receive, send: Send) -> None: ...


async def generator(scope: Scope, receive: Receive, send: Send, id: int) -> Any:
    yield b""


async def taken(
    scope: Scope, receive: Receive, send: Send, id: int, *, x: int
) -> None: ...


@pytest.mark.parametrize("view", [wsgi_view, without_argument, generator, taken])
def test_a_view_that_asgi_cannot_call_is_told_at_set_up(view: Any) -> None:
    early, late = Router(), Router()
    early.add_url_rule("/<int:id>", "view", view)
    _ = late.asgi_app
    problem = r"'/<int:id>'.* (called as view\(scope, receive, send, id=\)|generator)"

    with pytest.raises(ASGIViewError, match=problem):
        _ = early.asgi_app
    with pytest.raises(ASGIViewError, match=problem):
        late.add_url_rule("/<int:id>", "view", view)


def test_a_variable_that_would_be_passed_twice_is_told_at_set_up() -> None:
    app = Router()
    app.add_url_rule("/<send>", "show", show)

    with pytest.raises(ASGIViewError, match=r"view\(scope, receive, send, send=\)"):
        _ = app.asgi_app


def test_a_view_that_gives_nothing_to_await_is_told_when_it_is_called() -> None:
    app = Router()
    app.add_url_rule("/", "index", lambda scope, receive, send: "text")

    with pytest.raises(ASGIViewError, match="is no coroutine function"):
        ask(app.asgi_app, "/")


def test_a_rule_without_a_view_is_told_when_it_is_reached() -> None:
    app = Router()
    app.add_url_rule("/", "index")

    with pytest.raises(ViewMissing, match="Rule '/'"):
        ask(app.asgi_app, "/")


def test_a_view_that_is_awaited_is_no_view_of_a_wsgi_server() -> None:
    app = Router()

    @app.get("/")
    async def index(request: Request) -> str:
        return ""

    with pytest.raises(ViewResultError, match=r"returned coroutine.*router\.asgi_app"):
        app.dispatch(Request({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}))


def test_the_application_is_an_object_that_servers_take_for_asgi_3() -> None:
    app = router()

    assert app.asgi_app is app.asgi_app
    assert asyncio.iscoroutinefunction(type(app.asgi_app).__call__)


# Without a match


@pytest.mark.parametrize("path", ["/nowhere", "", "*", "/show/\ufffd", "/show/3\n"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert ask(router().asgi_app, path, raw_path=b"/").status == 404


def test_a_wrong_method_is_told_the_right_ones() -> None:
    answer = ask(router().asgi_app, "/show/3", "POST")

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_head_has_the_length_and_no_body() -> None:
    answer = ask(router().asgi_app, "/show/3", "HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "14"


def test_options_are_answered_without_the_view() -> None:
    app = router()
    app.add_url_rule("/show/<int:id>", "change", show, methods=["put"])
    app.add_url_rule("/own", "own", show, methods=["OPTIONS"])

    answer = ask(app.asgi_app, "/show/3", "OPTIONS")

    assert sorted(answer.headers["allow"].split(", ")) == [
        "GET",
        "HEAD",
        "OPTIONS",
        "PUT",
    ]
    assert ask(app.asgi_app, "/own", "OPTIONS").text == "OPTIONS {}"


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("", "/docs"),
        ("/app", "/app/docs"),
        ("/app/", "/app/docs"),
        ("app", "/app/docs"),
        ("/app", "/docs"),
    ],
)
def test_a_missing_slash_is_added_below_the_root(root: str, path: str) -> None:
    answer = ask(router().asgi_app, f"{path}?a=b%20c", root_path=root)

    below = "/app" if root else ""
    assert answer.status == 308
    assert answer.headers["location"] == f"http://h.example{below}/docs/?a=b%20c"


def test_the_root_itself_is_the_empty_path_of_the_application() -> None:
    app = Router()
    app.add_url_rule("/", "index", show)

    answer = ask(app.asgi_app, "/app", root_path="/app")

    assert answer.status == 308
    assert answer.headers["location"] == "http://h.example/app/"
    assert ask(app.asgi_app, "/app/", root_path="/app").status == 200
    assert ask(app.asgi_app, "/", root_path="/").status == 200


def test_quoted_slashes_are_slashes_and_the_raw_path_tells() -> None:
    app = Router()

    @app.get("/<path:name>")
    async def index(scope: Scope, receive: Receive, send: Send, name: str) -> str:
        return f"{name} {scope['raw_path'].decode()}"

    assert ask(app.asgi_app, "/a/b", raw_path=b"/a%2Fb").text == "a/b /a%2Fb"


def test_a_redirect_without_a_usable_host_is_refused() -> None:
    hosts = [(b"host", b"a.example"), (b"host", b"b.example")]

    assert ask(router().asgi_app, "/docs", headers=hosts).status == 400
    assert ask(router().asgi_app, "/show/3", headers=hosts).status == 200


# Hosts


def test_rules_have_subdomains_where_the_server_has_a_name() -> None:
    app = Router(server_name="h.example")
    app.add_url_rule("/", "home", show)
    app.add_url_rule("/", "user", show, subdomain="<user>")

    def at(host: bytes) -> str:
        answer = ask(app.asgi_app, "/", headers=[(b"host", host)])
        return answer.text if answer.status == 200 else str(answer.status)

    assert at(b"h.example") == "GET {}"
    assert at(b"ada.h.example") == "GET {'user': 'ada'}"
    assert at(b"foreign.example") == "404"
    assert at(b"") == "400"


def test_rules_have_hosts_where_these_are_matched() -> None:
    app = Router(host_matching=True)
    app.add_url_rule("/", "home", show, host="a.example")

    assert ask(app.asgi_app, "/", headers=[(b"host", b"a.example")]).status == 200
    assert ask(app.asgi_app, "/", headers=[(b"host", b"b.example")]).status == 404


def test_urls_are_built_as_seen_from_a_scope() -> None:
    app = router()
    scope = http_scope("/app/docs/", root_path="/app", scheme="https")

    adapter = app.bind_scope(scope)

    assert adapter.build("show", {"id": 3}) == "/app/show/3"
    assert adapter.build("show", {"id": 3}, force_external=True) == (
        "https://h.example/app/show/3"
    )


def test_nobody_binds_to_two_hosts() -> None:
    hosts = [(b"host", b"a.example"), (b"host", b"a.example")]

    with pytest.raises(BadHost):
        router().bind_scope(http_scope(headers=hosts))


# WebSockets


async def echo(scope: Scope, receive: Receive, send: Send, room: str) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    message = await receive()
    await send({"type": "websocket.send", "text": f"{room} {message['text']}"})
    await send({"type": "websocket.close", "code": 1000})


def chat() -> Router:
    app = router()
    app.websocket("/chat/<room>")(echo)
    return app


def connect(app: Router, path: str, **changes: Any) -> list[Any]:
    messages = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "hi"},
    ]
    scope = websocket_scope(path, **changes)
    return asyncio.run(serve(app.asgi_app, scope, messages)).messages


def test_a_websocket_is_a_view_too() -> None:
    messages = connect(chat(), "/chat/tea")

    assert messages[1] == {"type": "websocket.send", "text": "tea hi"}
    assert [message["type"] for message in messages] == [
        "websocket.accept",
        "websocket.send",
        "websocket.close",
    ]


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/show/3", 400), ("/docs", 308)]
)
def test_a_websocket_without_a_route_is_refused_as_a_request_is(
    path: str, status: int
) -> None:
    app = chat()
    app.websocket("/docs/")(without_argument)

    start, body = connect(app, path)

    assert start["type"] == "websocket.http.response.start"
    assert start["status"] == status
    assert body["type"] == "websocket.http.response.body"


def test_a_websocket_is_closed_where_the_server_knows_no_denial() -> None:
    assert connect(chat(), "/nowhere", denial=False) == [
        {"type": "websocket.close", "code": 1008, "reason": ""}
    ]


def test_a_request_for_a_websocket_is_refused() -> None:
    assert ask(chat().asgi_app, "/chat/tea").status == 400


def test_a_view_denies_a_websocket_by_a_response() -> None:
    app = Router()

    @app.websocket("/<kind>")
    async def view(scope: Scope, receive: Receive, send: Send, kind: str) -> Any:
        await receive()
        if kind == "raised":
            raise NotFound
        return "text" if kind == "text" else Response("no", 403)

    assert connect(app, "/raised")[0]["status"] == 404
    assert connect(app, "/returned")[0]["status"] == 403
    with pytest.raises(ASGIViewError, match="returned str to a WebSocket"):
        connect(app, "/text")


def test_websockets_are_matched_at_their_hosts() -> None:
    app = Router(server_name="h.example")
    app.websocket("/chat/<room>", subdomain="ws")(echo)

    assert connect(app, "/chat/x")[0]["status"] == 404
    accepted = connect(app, "/chat/x", headers=[(b"host", b"ws.h.example")])
    assert accepted[0]["type"] == "websocket.accept"


def test_a_scope_of_another_type_is_refused() -> None:
    with pytest.raises(UnknownScope, match=r"of the type 'carrier\.pigeon'"):
        asyncio.run(serve(router().asgi_app, {"type": "carrier.pigeon"}))


# Other applications


def test_an_asgi_application_is_mounted_below_a_prefix() -> None:
    app = router()
    app.mount("/ä/", where)

    assert (
        ask(app.asgi_app, "/ä/b", raw_path=b"/%C3%A4/b").text == "/ä /ä/b b'/%C3%A4/b'"
    )
    assert ask(app.asgi_app, "/ä", raw_path=b"/x").text == "/ä /ä b'/x'"
    assert ask(app.asgi_app, "/show/3").status == 200


@pytest.mark.parametrize("path", ["/app/sub/b", "/sub/b"], ids=["whole", "without"])
def test_a_mounted_application_finds_its_root_whatever_the_server_sends(
    path: str,
) -> None:
    app = router()
    app.mount("/sub", where)

    answer = ask(app.asgi_app, path, root_path="/app/", raw_path=b"/r")

    assert answer.text == "/app/sub /app/sub/b b'/r'"


def test_routers_and_starlette_are_mounted_in_each_other() -> None:
    inner = Router()
    inner.add_url_rule("/<int:id>", "show", show)
    middle = Starlette()
    middle.mount("/inner", inner.asgi_app)
    outer = Router()
    outer.mount("/middle", middle)

    assert ask(outer.asgi_app, "/middle/inner/3").text == "GET {'id': 3}"
    assert ask(outer.asgi_app, "/middle/inner/x").status == 404


def test_a_wsgi_application_is_mounted_too() -> None:
    app = router()
    app.mount(
        "/old", Request.application(lambda r: Response(f"{r.root_path} {r.path}"))
    )

    assert ask(app.asgi_app, "/old/ä", raw_path=b"/x").text == "/old /ä"


def test_what_has_no_route_goes_to_the_program_that_is_being_moved() -> None:
    @Request.application
    def flask(request: Request) -> Response:
        return Response(f"old {request.method} {request.root_path} {request.path}")

    app = router()
    app.fall_back_to(flask)

    assert ask(app.asgi_app, "/show/3").text == "GET {'id': 3}"
    assert ask(app.asgi_app, "/show/3", "DELETE").text == "old DELETE  /show/3"
    assert ask(app.asgi_app, "/r/x", root_path="/r").text == "old GET /r /x"
    assert ask(app.asgi_app, "/docs").status == 308


def test_a_program_is_moved_route_by_route_from_starlette() -> None:
    async def old(request: StarletteRequest) -> JSONResponse:
        return JSONResponse(request.url.path)

    app = router()
    app.fall_back_to(Starlette(routes=[Route("/old", old)]))

    assert ask(app.asgi_app, "/old").text == '"/old"'
    assert ask(app.asgi_app, "/nowhere").status == 404
    assert ask(app.asgi_app, "/show/3").status == 200
    assert connect(app, "/nowhere", denial=False)[0]["type"] == "websocket.close"


def test_an_error_of_the_new_program_is_not_looked_up_in_the_old_one() -> None:
    app = Router()
    app.fall_back_to(where)

    @app.get("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> None:
        raise NotFound

    assert ask(app.asgi_app, "/").status == 404


def test_a_router_falls_back_to_one_program() -> None:
    app = Router()
    app.fall_back_to(where)

    with pytest.raises(FallbackTaken, match=r"falls back to .*where.* already"):
        app.fall_back_to(show)


def test_routes_under_a_mounted_application_are_refused() -> None:
    app = router()
    app.mount("/sub", where)

    with pytest.raises(MountedRule):
        app.add_url_rule("/sub/x", "x", show)


# Which protocol an application speaks


class Both:
    """Like an app with two faces."""

    wsgi_app = asgi_app = None

    def __call__(self, *args: Any) -> Any:
        if len(args) == 2:
            return Response("by WSGI")(*args)
        return JSONResponse("by ASGI")(*args)


def test_an_application_with_two_faces_shows_the_fitting_one() -> None:
    app = Router()
    app.mount("/both", Both())

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/both"}
    assert b"".join(app(environ, lambda *args: lambda part: None)) == b"by WSGI"
    assert ask(app.asgi_app, "/both").text == '"by ASGI"'


def legacy(*args: Any) -> Any:
    return Response("legacy")(*args)


def test_an_application_that_shows_no_protocol_is_told_of() -> None:
    with pytest.raises(
        ProtocolUnknown,
        match=r"lambda.*, mounted at '/x', .* neither two arguments nor three\. Pass",
    ):
        Router().mount("/x", lambda environ: environ)
    with pytest.raises(ProtocolUnknown, match="'http' is neither"):
        Router().mount("/x", legacy, protocol="http")


async def anything(*args: Any) -> None: ...


def test_what_can_be_called_as_both_speaks_wsgi() -> None:
    app = Router()
    app.mount("/wsgi", legacy)
    app.mount("/asgi", lambda *args: anything(*args))

    assert ask(app.asgi_app, "/wsgi").text == "legacy"
    with pytest.raises(BridgeError, match="made a coroutine, as ASGI ones do"):
        ask(app.asgi_app, "/asgi")


def test_the_protocol_of_an_application_can_be_said() -> None:
    app = Router()
    app.mount("/wsgi", legacy, protocol="wsgi")
    app.mount("/asgi", lambda *args: where(*args), protocol="asgi")

    assert ask(app.asgi_app, "/wsgi").text == "legacy"
    assert ask(app.asgi_app, "/asgi").text == "/asgi /asgi b'/asgi'"


def test_what_is_written_in_c_is_believed_to_take_anything() -> None:
    app = Router()
    app.add_url_rule("/<id>", "view", getattr)

    assert callable(app.asgi_app)


def test_a_plain_callable_with_three_arguments_speaks_asgi() -> None:
    app = Router()
    app.mount("/x", lambda scope, receive, send: where(scope, receive, send))

    assert ask(app.asgi_app, "/x").status == 200


@pytest.mark.parametrize("path", ["/sub", "/nowhere"], ids=["mounted", "fallback"])
def test_an_asgi_application_has_no_answer_for_a_wsgi_server(path: str) -> None:
    app = Router()
    app.mount("/sub", where)
    app.fall_back_to(where)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path}

    with pytest.raises(ProtocolMismatch, match=r"speaks ASGI.*Serve router\.asgi_app"):
        app(environ, lambda *args: lambda part: None)


def test_a_wsgi_server_has_the_program_that_is_being_moved_too() -> None:
    app = Router()
    app.fall_back_to(Response("old"))

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/x"}
    assert b"".join(app(environ, lambda *args: lambda part: None)) == b"old"


# Leaving and ending


def test_cancelling_passes_through() -> None:
    app = Router()
    seen: list[str] = []

    @app.get("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def main() -> None:
        task = asyncio.create_task(serve(app.asgi_app, http_scope("/")))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert seen == ["cancelled"]


def test_a_client_that_leaves_is_the_business_of_the_view() -> None:
    app = Router()

    @app.get("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> str:
        return str([(await receive())["type"] for _ in range(2)])

    messages = [*request_messages(b""), {"type": "http.disconnect"}]
    answer = asyncio.run(serve(app.asgi_app, http_scope("/"), messages))

    assert answer.text == "['http.request', 'http.disconnect']"


def test_a_werkzeug_stream_is_read_in_a_thread_and_closed() -> None:
    closed: list[str] = []

    def parts() -> Iterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            closed.append("closed")

    app = Router()

    @app.get("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> Response:
        return Response(parts())

    answer = ask(app.asgi_app, "/")

    assert [part["body"] for part in answer.messages[1:]] == [b"a", b"b", b""]
    assert closed == ["closed"]


def test_a_view_that_has_read_the_body_returns_a_stream() -> None:
    app = Router()

    @app.post("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> Response:
        return Response(iter([(await receive())["body"], b"!"]))

    assert ask(app.asgi_app, "/", "POST", b"tea").text == "tea!"


def test_a_stream_goes_on_while_nobody_reads_the_body() -> None:
    app = Router()

    @app.post("/")
    async def index(scope: Scope, receive: Receive, send: Send) -> Response:
        return Response(iter(["a", "b", "c", "d"]))

    assert ask(app.asgi_app, "/", "POST", b"un", b"read").text == "abcd"


def test_a_location_is_made_whole_where_the_response_asks_for_it() -> None:
    class Whole(Response):
        autocorrect_location_header = True

    app = Router()

    @app.get("/a/b")
    async def index(scope: Scope, receive: Receive, send: Send) -> Response:
        return Whole(status=303, headers={"Location": "c"})

    assert ask(app.asgi_app, "/a/b").headers["location"] == "http://h.example/a/c"
