from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from asgi import App, Browser
from awaited import AwaitedStore, TellingStore
from fastapi import FastAPI
from fastapi import Request as FastRequest
from fastapi.responses import PlainTextResponse as FastText
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from tantalus_sessions import (
    ASGISessionMiddleware,
    AsyncStoreSessions,
    CookiePolicy,
    CookieSessions,
    MemoryStore,
    Reason,
    Rejection,
    Session,
    SessionMiddleware,
    SessionStoreError,
    SessionTooLarge,
    SQLiteStore,
    StoredSession,
    StoreSessions,
)
from tantalus_sessions.testing import AsyncFailingStore, Clock, FailingStore, stored

TEXT = [(b"content-type", b"text/plain")]


async def respond(send: Any, text: str, status: int = 200, headers: Any = TEXT) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


async def count(scope: Any, receive: Any, send: Any) -> None:
    session = scope["session"]
    session["n"] = session.get("n", 0) + 1
    await respond(send, str(session["n"]))


async def look(scope: Any, receive: Any, send: Any) -> None:
    await respond(send, str("n" in scope["session"]))


async def ignore(scope: Any, receive: Any, send: Any) -> None:
    await respond(send, "as ever")


async def count_in_starlette(request: Request) -> PlainTextResponse:
    request.session["n"] = request.session.get("n", 0) + 1
    return PlainTextResponse(str(request.session["n"]))


ROUTES = [Route("/", count_in_starlette)]


def bare(**kept: Any) -> App:
    return ASGISessionMiddleware(count, **kept)


def around_starlette(**kept: Any) -> App:
    return ASGISessionMiddleware(Starlette(routes=ROUTES), **kept)


def in_starlette(**kept: Any) -> App:
    return Starlette(
        routes=ROUTES, middleware=[Middleware(ASGISessionMiddleware, **kept)]
    )


def in_fastapi(**kept: Any) -> App:
    app = FastAPI()
    app.add_middleware(ASGISessionMiddleware, **kept)

    @app.get("/", response_class=FastText)
    def index(request: FastRequest) -> str:
        request.session["n"] = request.session.get("n", 0) + 1
        return str(request.session["n"])

    return app


MAKE: dict[str, Callable[..., App]] = {
    "bare": bare,
    "around starlette": around_starlette,
    "in starlette": in_starlette,
    "in fastapi": in_fastapi,
}


@pytest.fixture(params=["cookie", "memory", "sqlite", "awaited", "sessions"])
def kept(request: pytest.FixtureRequest, tmp_path: Any) -> dict[str, Any]:
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "cookie": lambda: {"secret_key": "key"},
        "memory": lambda: {"store": MemoryStore()},
        "sqlite": lambda: {"store": SQLiteStore(tmp_path / "s.db")},
        "awaited": lambda: {"store": AwaitedStore(MemoryStore())},
        "sessions": lambda: {"sessions": StoreSessions(MemoryStore())},
    }
    return ways[request.param]()


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_every_application_counts_its_visits(
    make: Callable[..., App], kept: dict[str, Any]
) -> None:
    browser = Browser(make(**kept))

    assert [browser.get().text for _ in range(3)] == ["1", "2", "3"]
    assert browser.get().headers["Vary"] == "Cookie"
    assert Browser(browser.app).get().text == "1"


def test_what_sets_a_cookie_is_private() -> None:
    answer = Browser(bare(secret_key="key")).get()

    assert answer.headers["Set-Cookie"].startswith("session=")
    assert answer.headers["Cache-Control"] == "private"


@pytest.mark.parametrize(("app", "vary"), [(look, "Cookie"), (ignore, None)])
def test_looking_varies_and_sets_no_cookie(app: App, vary: str | None) -> None:
    headers = Browser(ASGISessionMiddleware(app, secret_key="key")).get().headers

    assert headers.get("Vary") == vary
    assert "Set-Cookie" not in headers
    assert "Cache-Control" not in headers


@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_a_connection_over_tls_gets_a_secure_cookie(scheme: str) -> None:
    answer = Browser(bare(secret_key="key"), scheme=scheme).get()

    assert "; Secure;" in answer.headers["Set-Cookie"]


def test_a_cookie_header_in_parts_is_read() -> None:
    browser = Browser(bare(secret_key="key"))
    browser.get()
    cookie = f"session={browser.cookies['session']}".encode()

    answer = browser.get(headers=[(b"cookie", b"theme=dark"), (b"cookie", cookie)])

    assert answer.text == "2"


def test_what_is_no_connection_of_a_client_is_passed_on() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    middleware = ASGISessionMiddleware(app, secret_key="key")
    asyncio.run(middleware({"type": "lifespan"}, None, None))  # type: ignore[arg-type] # not called

    assert seen == [{"type": "lifespan"}]


@pytest.mark.parametrize(
    ("settings", "number"),
    [({}, 0), ({"secret_key": "k", "store": MemoryStore()}, 2)],
)
def test_exactly_one_way_to_keep_sessions_is_chosen(
    settings: dict[str, Any], number: int
) -> None:
    with pytest.raises(TypeError, match=f"got {number} of 'secret_key', 'store'"):
        ASGISessionMiddleware(count, **settings)


def wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    raise AssertionError("nobody asks")


class WSGIApp:
    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        raise AssertionError("nobody asks")


@pytest.mark.parametrize("app", [wsgi_app, WSGIApp()], ids=["function", "object"])
def test_a_wsgi_application_is_refused_at_set_up(app: Any) -> None:
    with pytest.raises(TypeError, match=r"Wrap it with SessionMiddleware\."):
        ASGISessionMiddleware(app, secret_key="key")


@pytest.mark.parametrize("app", [count, Starlette()], ids=["function", "object"])
def test_an_asgi_application_is_refused_by_the_other_at_set_up(app: Any) -> None:
    with pytest.raises(TypeError, match=r"Wrap it with ASGISessionMiddleware\."):
        SessionMiddleware(app, secret_key="key")


def test_what_hides_its_parameters_may_be_an_application() -> None:
    hidden: Any = dict.update  # as some compiled callables do

    assert ASGISessionMiddleware(hidden, secret_key="key").app is hidden


def test_everything_can_be_chosen() -> None:
    policy = CookiePolicy(name="__Host-s", secure=True)
    app = bare(sessions=CookieSessions("key", cookie=policy))

    assert Browser(app).get().headers["Set-Cookie"].startswith("__Host-s=")


def test_a_store_of_plain_functions_is_asked_beside_the_loop_in_one_hop() -> None:
    store = TellingStore()
    middleware = ASGISessionMiddleware(count, store=store)
    hops = counted(middleware)
    browser = Browser(middleware)

    browser.get()
    first = len(hops)
    browser.get()

    assert store.threads
    assert threading.get_ident() not in store.threads
    assert (first, len(hops)) == (1, 3)  # a write; a read and a write


def test_a_store_that_has_nothing_to_do_costs_no_hop() -> None:
    middleware = ASGISessionMiddleware(look, store=TellingStore())
    hops = counted(middleware)

    Browser(middleware).get()

    assert hops == []


def counted(middleware: ASGISessionMiddleware) -> list[object]:
    """Return a list that gets an entry for each hop to a thread."""
    hops: list[object] = []
    awaited: Any = middleware._awaited
    submit = awaited._threads.submit

    def counting(*call: Any) -> Any:
        hops.append(call)
        return submit(*call)

    awaited._threads.submit = counting
    return hops


def test_a_store_that_is_awaited_is_so_on_the_loop() -> None:
    store = AwaitedStore(MemoryStore())
    browser = Browser(bare(store=store))

    browser.get()
    browser.get()

    assert set(store.threads) == {threading.get_ident()}


def test_sessions_that_do_not_say_whether_they_wait_are_opened_in_a_thread() -> None:
    seen = []

    class Mine:
        cookie = CookiePolicy()

        def open(self, header: str | None, /, *, over_https: bool = False) -> Session:
            seen.append(threading.get_ident())
            return Session()

        def save(self, session: Session, /) -> list[str]:
            seen.append(threading.get_ident())
            return ["a=b"]

    answer = Browser(bare(sessions=Mine())).get()

    assert answer.headers["Set-Cookie"] == "a=b"
    assert threading.get_ident() not in seen


def test_requests_at_once_keep_the_keys_that_each_of_them_changed(
    kept: dict[str, Any],
) -> None:
    if "secret_key" in kept:
        kept = {"store": AwaitedStore(MemoryStore())}
    both_opened = asyncio.Barrier(2)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session = scope["session"]
        if scope["path"] == "/":
            session["n"] = 0
        elif scope["path"] != "/read":
            await both_opened.wait()
            session[scope["path"]] = 1
        await respond(send, ",".join(sorted(session)))

    async def visit() -> str:
        browser = Browser(ASGISessionMiddleware(app, **kept))
        await browser.ask("/")
        await asyncio.gather(browser.ask("/a"), browser.ask("/b"))
        return (await browser.ask("/read")).text

    assert asyncio.run(visit()) == "/a,/b,n"


@pytest.mark.parametrize("awaited", [False, True], ids=["plain", "awaited"])
def test_a_session_is_renewed_and_revoked(awaited: bool) -> None:
    memory = MemoryStore()
    store: Any = AwaitedStore(memory) if awaited else memory

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/login":
            scope["session"].renew()
            scope["session"].user = "ada"
        await respond(send, str(scope["session"].user))

    browser = Browser(ASGISessionMiddleware(app, store=store))
    browser.get("/login")
    before = dict(browser.cookies)
    browser.get("/login")
    old = Browser(browser.app)
    old.cookies = before

    assert old.get().text == "None"
    assert browser.get().text == "ada"
    assert [row.user for row in memory.list_user("ada")] == ["ada"]

    memory.delete(memory.list_user("ada")[0].id)

    assert browser.get().text == "None"


# Stores that fail.


def failing(awaited: bool) -> Any:
    """Return a store that works until it is told not to."""
    if awaited:
        return AsyncFailingStore(AwaitedStore(MemoryStore()))
    return FailingStore(MemoryStore())


KINDS = pytest.mark.parametrize("awaited", [False, True], ids=["plain", "awaited"])


@KINDS
@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_store_that_cannot_read_is_a_503_for_who_looks_and_is_asked_once(
    make: Callable[..., App], awaited: bool, caplog: pytest.LogCaptureFixture
) -> None:
    store = failing(awaited)
    browser = Browser(make(store=store))
    browser.get()
    store.fail_at(None)

    answer = browser.get()

    assert answer.status == 503
    assert "session store does not answer" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert store.calls == 1
    assert caplog.text.count("The session is neither opened nor saved.") == 1


@KINDS
def test_who_needs_no_session_is_answered_while_the_store_fails(awaited: bool) -> None:
    store = failing(awaited)
    store.fail_at(None)
    browser = Browser(ASGISessionMiddleware(ignore, store=store))
    browser.cookies["session"] = "x" * 43

    answer = browser.get()

    assert (answer.status, answer.text) == (200, "as ever")
    assert answer.headers.to_wsgi_list() == [("content-type", "text/plain")]


@KINDS
@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_store_that_cannot_write_is_a_503_for_who_changes(
    make: Callable[..., App], awaited: bool
) -> None:
    store = failing(awaited)
    store.fail_at(None)

    answer = Browser(make(store=store)).get()

    assert answer.status == 503
    assert answer.text.count("session store does not answer") == 1
    assert answer.headers["Content-Length"] == str(len(answer.text))


def broken(app: App) -> Browser:
    """Return a browser with a session, before a store that fails."""
    store = failing(awaited=True)
    store.fail_at(None)
    browser = Browser(ASGISessionMiddleware(app, store=store))
    browser.cookies["session"] = "x" * 43
    return browser


def test_an_application_may_expect_that_the_store_fails() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        session = scope["session"]
        with pytest.raises(SessionStoreError):
            session.get("user")
        assert (session.get("user"), session.user, session.id) == (None, None, None)
        assert dict(session) == {}
        with pytest.raises(SessionStoreError):
            session["user"] = "ada"
        await respond(send, "later", headers=[(b"cache-control", b"public")])

    answer = broken(app).get()

    assert (answer.status, answer.text) == (200, "later")
    assert answer.headers["Vary"] == "Cookie"
    assert answer.headers.getlist("Cache-Control") == ["public", "no-store"]


@pytest.mark.parametrize(
    "look",
    [
        lambda session: session["a"],
        lambda session: "a" in session,
        lambda session: len(session),
        lambda session: list(session),
        lambda session: session.permanent,
        lambda session: session.user,
        lambda session: session.id,
        lambda session: session.clear(),
        lambda session: session.renew(),
        lambda session: setattr(session, "user", "ada"),
        lambda session: setattr(session, "permanent", True),
    ],
)
def test_whatever_is_done_to_a_session_that_could_not_be_opened_is_a_503(
    look: Callable[[Any], object],
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        look(scope["session"])

    assert broken(app).get().status == 503


def test_a_head_request_gets_a_503_without_a_body() -> None:
    answer = broken(look).get(method="HEAD")

    assert (answer.status, answer.text) == (503, "")


def test_an_answer_that_has_begun_ends_with_the_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, "begun")
        scope["session"]["n"] = 1

    with pytest.raises(SessionStoreError):
        broken(app).get()


def test_an_error_of_another_use_of_a_store_is_left_to_the_application() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise SessionStoreError("asked by hand")

    with pytest.raises(SessionStoreError, match="asked by hand"):
        Browser(bare_of(app)).get()


def bare_of(app: App, **settings: Any) -> ASGISessionMiddleware:
    return ASGISessionMiddleware(app, **({"secret_key": "key"} | settings))


def test_a_failing_store_that_is_awaited_works_until_it_is_told_not_to() -> None:
    store = AsyncFailingStore(AwaitedStore(MemoryStore()))
    session = replace(stored(user="ada"), expires_at=4e9)

    async def ask() -> tuple[object, ...]:
        return (
            await store.write(session, expected=None),
            await store.read("a"),
            await store.list_user("ada"),
            await store.delete("a"),
        )

    assert asyncio.run(ask()) == (True, session, [session], True)
    store.fail_at(2)
    with pytest.raises(SessionStoreError, match="failed at call 2"):
        asyncio.run(ask())


@KINDS
def test_a_life_is_extended_where_that_is_due(awaited: bool) -> None:
    clock = Clock()
    memory = MemoryStore(clock=clock)
    sessions: Any = (
        AsyncStoreSessions(AwaitedStore(memory), clock=clock)
        if awaited
        else StoreSessions(memory, clock=clock)
    )
    browser = Browser(ASGISessionMiddleware(stay, sessions=sessions))
    browser.get("/login")
    (before,) = memory.list_user("ada")
    clock.now += 86_400 * 9

    browser.get()

    (after,) = memory.list_user("ada")
    assert after.expires_at - before.expires_at == 86_400 * 9


async def stay(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/login":
        scope["session"].user = "ada"
    await respond(send, "x")


# What cannot be kept.

LARGE = "".join(map(chr, range(256, 3500)))


async def write_too_much(scope: Any, receive: Any, send: Any) -> None:
    scope["session"]["large"] = LARGE
    await respond(send, "x")


def test_a_session_too_large_keeps_the_old_cookie_and_is_told() -> None:
    seen: list[Rejection] = []
    middleware = bare_of(write_too_much)
    middleware.on_rejected(seen.append)

    answer = Browser(middleware).get()

    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    assert [rejection.reason for rejection in seen] == [Reason.TOO_LARGE_TO_SAVE]


def test_a_session_too_large_is_an_error_while_debugging() -> None:
    with pytest.raises(SessionTooLarge):
        Browser(bare_of(write_too_much, debug=True)).get()


def test_a_forged_cookie_is_told_to_observers_of_the_middleware() -> None:
    seen: list[Rejection] = []
    middleware = bare_of(count)
    middleware.on_rejected(seen.append)
    browser = Browser(middleware)
    browser.cookies["session"] = "forged"

    browser.get()

    assert [rejection.reason for rejection in seen] == [Reason.BAD_SIGNATURE]


def test_a_change_after_the_answer_began_is_told_with_the_next_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "tantalus.sessions")
    told: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        scope["session"]["n"] = 1
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        told.append(caplog.text.count("changed after the response started"))
        await send({"type": "http.response.body", "body": b"y"})
        scope["session"]["n"] = 2

    answer = Browser(bare_of(app)).get()

    assert answer.text == "xy"
    assert told == [1]
    assert caplog.text.count("changed after the response started") == 2


@pytest.mark.parametrize("path", ["/read", "/write"])
def test_a_change_while_the_store_is_awaited_is_told(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    opened: list[Session] = []
    clock = Clock()

    class Changed(AwaitedStore):
        """While it writes, another task of the request changes the session."""

        async def write(
            self, session: StoredSession, /, *, expected: int | None
        ) -> bool:
            if expected is not None:
                opened[-1]["late"] = 1
            return await super().write(session, expected=expected)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        opened.append(scope["session"])
        if scope["path"] == "/write":
            scope["session"]["n"] = 1
        await respond(send, "x")

    store = Changed(MemoryStore(clock=clock))
    sessions = AsyncStoreSessions(store, clock=clock)
    browser = Browser(ASGISessionMiddleware(app, sessions=sessions))
    browser.get("/write")
    clock.now += 86_400 * 9  # so that its life is extended

    assert browser.get(path).status == 200
    assert "changed after the response started" in caplog.text


def test_a_stream_that_changes_the_session_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def stream(request: Request) -> StreamingResponse:
        async def parts() -> Any:
            request.session["n"] = 1
            yield "x"

        return StreamingResponse(parts())

    app = Starlette(
        routes=[Route("/", stream)],
        middleware=[Middleware(ASGISessionMiddleware, secret_key="key")],
    )

    assert Browser(app).get().text == "x"
    assert "changed after the response started" in caplog.text


def test_a_change_before_an_error_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["n"] = 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Browser(bare_of(app)).get()

    assert "changed where no response can carry it" in caplog.text


def test_messages_that_are_constants_of_the_application_stay_as_they_are() -> None:
    start: Any = {"type": "http.response.start", "status": 200, "headers": ()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["n"] = 1
        await send({"type": "http.response.debug"})
        await send(start)
        await send({"type": "http.response.body"})

    messages = asyncio.run(Browser(bare_of(app)).connect("http", "/", []))

    assert [message["type"] for message in messages] == [
        "http.response.debug",
        "http.response.start",
        "http.response.body",
    ]
    assert start == {"type": "http.response.start", "status": 200, "headers": ()}


# WebSockets.


def talking(
    at_handshake: Callable[[Session], object], later: Callable[[Session], object]
) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        at_handshake(scope["session"])
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            later(scope["session"])
            n = scope["session"].get("n", 0)
            await send({"type": "websocket.send", "text": f"{message['text']} {n}"})

    return app


def nothing(session: Session) -> None:
    pass


def add(session: Session) -> None:
    session["n"] = session.get("n", 0) + 1


def test_a_handshake_reads_the_session_and_saves_it_with_the_acceptance(
    kept: dict[str, Any],
) -> None:
    async def talk() -> list[Any]:
        browser = Browser(ASGISessionMiddleware(talking(add, nothing), **kept))
        return [await browser.shake_hands("hello", scheme="wss") for _ in range(2)]

    first, second = asyncio.run(talk())

    assert b"session=" in dict(first[0]["headers"])[b"set-cookie"]
    assert [second[0]["type"], second[1]["text"]] == ["websocket.accept", "hello 2"]


def test_a_change_after_the_handshake_is_told_at_once_and_not_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[Rejection] = []
    told: list[int] = []

    def change(session: Session) -> None:
        told.append(len(seen))
        add(session)

    middleware = bare_of(talking(nothing, change))
    middleware.on_rejected(seen.append)
    browser = Browser(middleware)
    asyncio.run(browser.shake_hands("a", "b"))

    assert browser.cookies == {}
    assert told == [0, 1]
    assert {rejection.reason for rejection in seen} == {Reason.CHANGED_TOO_LATE}


def test_a_handshake_that_is_refused_without_a_response_keeps_no_change(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        add(scope["session"])
        await send({"type": "websocket.close", "code": 1008})

    messages = asyncio.run(Browser(bare_of(app)).shake_hands())

    assert [message["type"] for message in messages] == ["websocket.close"]
    assert "changed where no response can carry it" in caplog.text


DENIABLE: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}


def test_a_response_that_denies_a_handshake_carries_the_session() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        add(scope["session"])
        await send({"type": "websocket.http.response.start", "status": 401})
        await send({"type": "websocket.http.response.body"})

    browser = Browser(bare_of(app))
    asyncio.run(browser.shake_hands(**DENIABLE))

    assert "session" in browser.cookies


def test_a_handshake_that_needs_a_session_is_denied_while_the_store_fails() -> None:
    browser = broken(talking(add, nothing))

    denied = asyncio.run(browser.shake_hands(**DENIABLE))
    closed = asyncio.run(browser.shake_hands())

    assert [message["type"] for message in denied] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert denied[0]["status"] == 503
    assert [(message["type"], message["code"]) for message in closed] == [
        ("websocket.close", 1013)
    ]


def test_a_handshake_whose_session_cannot_be_saved_is_refused_to_the_application() -> (
    None
):
    ended = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        add(scope["session"])
        try:
            await send({"type": "websocket.accept"})
        except SessionStoreError:
            ended.append(True)
            raise

    store = failing(awaited=True)
    store.fail_at(None)
    browser = Browser(ASGISessionMiddleware(app, store=store))

    (closed,) = asyncio.run(browser.shake_hands())

    assert (closed["type"], closed["code"]) == ("websocket.close", 1013)
    assert ended == [True]


def test_a_conversation_that_needs_a_session_later_is_closed() -> None:
    messages = asyncio.run(broken(talking(nothing, add)).shake_hands("a"))

    assert [message["type"] for message in messages] == [
        "websocket.accept",
        "websocket.close",
    ]
    assert messages[1]["code"] == 1013


def test_sessions_of_a_store_can_be_revoked_with_await() -> None:
    sessions = AsyncStoreSessions(AwaitedStore(MemoryStore()))

    async def log_in() -> Any:
        session = await sessions.open(None)
        session.user = "ada"
        await sessions.save(session)
        return session

    async def visit() -> tuple[object, ...]:
        first, second, _ = [await log_in() for _ in range(3)]
        return (
            await sessions.revoke(first.id),
            await sessions.revoke(first.id),
            await sessions.revoke_user("ada", keep=second.id),
            [row.id for row in await sessions.list_user("ada")] == [second.id],
        )

    assert asyncio.run(visit()) == (True, False, 1, True)


def test_sessions_of_a_plain_store_can_be_revoked() -> None:
    sessions = StoreSessions(MemoryStore())
    session = sessions.open(None)
    session.user = "ada"
    sessions.save(session)

    assert sessions.revoke_user("ada") == 1
    assert sessions.list_user("ada") == []


class Plain(MemoryStore):
    """Half of it is to be awaited."""

    async def read(self, id: str, /) -> StoredSession | None:  # type: ignore[override] # the mistake
        raise AssertionError("nobody asks")


@pytest.mark.parametrize("make", [StoreSessions, AsyncStoreSessions])
def test_a_store_of_the_other_kind_is_refused_at_set_up(make: Any) -> None:
    with pytest.raises(TypeError, match=r"a store to be awaited|are plain functions"):
        make(Plain())


def test_only_sessions_of_the_store_are_saved() -> None:
    sessions = AsyncStoreSessions(AwaitedStore(MemoryStore()))

    with pytest.raises(TypeError, match="Session is no StoreSession"):
        asyncio.run(sessions.save(Session()))
