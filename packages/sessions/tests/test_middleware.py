from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

import bottle  # type: ignore[import-untyped] # it has no types
import falcon
import pytest
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from tantalus_sessions import (
    CookiePolicy,
    CookieSessions,
    MemoryStore,
    Reason,
    Rejection,
    Session,
    SessionMiddleware,
    SessionStoreError,
    SessionTooLarge,
    StoredSession,
)
from tantalus_sessions.testing import FailingStore

App = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]
TEXT = [("Content-Type", "text/plain")]


def count(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    session = environ["tantalus.session"]
    session["n"] = session.get("n", 0) + 1
    start_response("200 OK", TEXT)
    return [str(session["n"]).encode()]


def count_after_starting(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    session = environ["tantalus.session"]
    session["n"] = session.get("n", 0) + 1
    return [str(session["n"]).encode()]


def count_in_a_generator(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterator[bytes]:
    yield from count(environ, start_response)


def count_and_write(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    session = environ["tantalus.session"]
    session["n"] = session.get("n", 0) + 1
    write = start_response("200 OK", TEXT)
    write(str(session["n"]).encode())
    write(b"")
    return []


def bottle_app() -> App:
    app = bottle.Bottle()

    @app.get("/")  # type: ignore[untyped-decorator] # it has no types
    def index() -> str:
        session = bottle.request.environ["tantalus.session"]
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    return app  # type: ignore[no-any-return] # Bottle is untyped


class Counter:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        session = request.env["tantalus.session"]
        session["n"] = session.get("n", 0) + 1
        response.text = str(session["n"])


def falcon_app() -> Any:
    app = falcon.App()
    app.add_route("/", Counter())
    return app


APPS: dict[str, Any] = {
    "bare": count,
    "after starting": count_after_starting,
    "generator": count_in_a_generator,
    "write": count_and_write,
    "bottle": bottle_app(),
    "falcon": falcon_app(),
}


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
@pytest.mark.parametrize("kind", ["cookie", "store"])
def test_every_application_counts_its_visits(app: App, kind: str) -> None:
    kept: dict[str, Any] = {
        "cookie": {"secret_key": "key"},
        "store": {"store": MemoryStore()},
    }
    client = Client(SessionMiddleware(app, **kept[kind]))

    assert [client.get("/").text for _ in range(3)] == ["1", "2", "3"]
    assert client.get("/").headers["Vary"] == "Cookie"
    assert Client(client.application).get("/").text == "1"


def test_the_middleware_keeps_to_wsgi() -> None:
    app = validator(SessionMiddleware(validator(count), secret_key="key"))
    environ = EnvironBuilder().get_environ()
    environ["wsgi.errors"], environ["wsgi.input"] = io.StringIO(), io.BytesIO()

    body, status, _ = run_wsgi_app(app, environ, buffered=True)

    assert (b"".join(body), status) == (b"1", "200 OK")


def look(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    return [str("n" in environ["tantalus.session"]).encode()]


def ignore(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    return [b"x"]


@pytest.mark.parametrize(("app", "vary"), [(look, "Cookie"), (ignore, None)])
def test_looking_varies_and_sets_no_cookie(app: App, vary: str | None) -> None:
    response = Client(SessionMiddleware(app, secret_key="key")).get("/")

    assert response.headers.get("Vary") == vary
    assert "Set-Cookie" not in response.headers


def test_a_request_by_https_gets_a_secure_cookie() -> None:
    client = Client(SessionMiddleware(count, secret_key="key"))

    response = client.get("/", base_url="https://localhost")

    assert "; Secure;" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("settings", "number"),
    [({}, 0), ({"secret_key": "k", "store": MemoryStore()}, 2)],
)
def test_exactly_one_way_to_keep_sessions_is_chosen(
    settings: dict[str, Any], number: int
) -> None:
    with pytest.raises(TypeError, match=f"got {number} of 'secret_key', 'store'"):
        SessionMiddleware(count, **settings)


def test_an_empty_key_is_refused_at_set_up() -> None:
    with pytest.raises(ValueError, match="secret key is empty"):
        SessionMiddleware(count, secret_key="")


class Down:
    """Fails from the `calls`th call on."""

    cookie = CookiePolicy()

    def __init__(self, *calls: str) -> None:
        self.calls = calls

    def open(self, header: str | None, /, *, over_https: bool = False) -> Session:
        self._maybe_fail("open")
        return Session()

    def save(self, session: Session, /) -> list[str]:
        self._maybe_fail("save")
        return []

    def _maybe_fail(self, call: str) -> None:
        if call in self.calls:
            raise SessionStoreError("down")


@pytest.mark.parametrize("call", ["open", "save"])
@pytest.mark.parametrize("app", [count, count_in_a_generator])
def test_a_store_that_fails_is_answered_with_a_503(call: str, app: App) -> None:
    client = Client(SessionMiddleware(app, sessions=Down(call)))

    response = client.get("/")

    assert response.status_code == 503
    assert "session store does not answer" in response.text


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_a_store_that_cannot_read_is_a_503_for_who_looks_and_is_asked_once(
    app: App,
) -> None:
    store = FailingStore(MemoryStore())
    client = Client(SessionMiddleware(app, store=store))
    client.get("/")
    store.fail_at(None)

    response = client.get("/")

    assert response.status_code == 503
    assert response.text.count("session store does not answer") == 1
    assert response.headers["Cache-Control"] == "no-store"
    assert store.calls == 1


def broken(app: App) -> Client:
    """Return a client with a session, before a store that fails."""
    store = FailingStore(MemoryStore())
    store.fail_at(None)
    client = Client(SessionMiddleware(app, store=store))
    client.set_cookie("session", "x" * 43)
    return client


def test_who_needs_no_session_is_answered_while_the_store_fails() -> None:
    response = broken(ignore).get("/")

    assert (response.status_code, response.text) == (200, "x")
    assert response.headers.to_wsgi_list() == TEXT


def test_an_application_may_expect_that_the_store_fails() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with pytest.raises(SessionStoreError):
            environ["tantalus.session"].get("user")
        start_response("200 OK", TEXT)
        return [str(environ["tantalus.session"].get("user")).encode()]

    response = broken(app).get("/")

    assert (response.status_code, response.text) == (200, "None")
    assert response.headers["Vary"] == "Cookie"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_body_that_has_begun_ends_with_the_error() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", TEXT)
        yield b"begun"
        environ["tantalus.session"]["n"] = 1

    with pytest.raises(SessionStoreError):
        broken(app).get("/", buffered=True)


def test_an_error_of_another_use_of_a_store_is_left_to_the_application() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise SessionStoreError("asked by hand")

    with pytest.raises(SessionStoreError, match="asked by hand"):
        Client(SessionMiddleware(app, secret_key="key")).get("/")


@pytest.mark.parametrize("call", ["open", "save"])
def test_a_store_that_fails_is_logged_once(
    call: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Burning(MemoryStore):
        def read(self, id: str, /) -> StoredSession | None:
            if call == "open":
                raise SessionStoreError("on fire")
            return None

        def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
            raise SessionStoreError("on fire")

    client = Client(SessionMiddleware(count, store=Burning()))
    client.set_cookie("session", "x" * 43)

    client.get("/").close()

    failures = [
        record.message for record in caplog.records if record.levelname == "ERROR"
    ]
    assert failures == [
        "Session store: on fire. The session is neither opened nor saved."
    ]
    assert "changed after" not in caplog.text


def test_sessions_of_ones_own_need_not_be_observable() -> None:
    middleware = SessionMiddleware(count, sessions=Down())

    assert middleware.on_rejected(print) is print


LARGE = "".join(map(chr, range(256, 3500)))


def write_too_much(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    environ["tantalus.session"]["large"] = LARGE
    start_response("200 OK", TEXT)
    return [b"x"]


def test_a_session_too_large_keeps_the_old_cookie_and_is_told() -> None:
    seen: list[Rejection] = []
    middleware = SessionMiddleware(write_too_much, secret_key="key")
    middleware.on_rejected(seen.append)

    response = Client(middleware).get("/")

    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert [rejection.reason for rejection in seen] == [Reason.TOO_LARGE_TO_SAVE]


def test_a_session_too_large_is_an_error_while_debugging() -> None:
    middleware = SessionMiddleware(write_too_much, secret_key="key", debug=True)

    with pytest.raises(SessionTooLarge):
        Client(middleware).get("/")


def test_a_forged_cookie_is_told_to_observers_of_the_middleware() -> None:
    seen: list[Rejection] = []
    middleware = SessionMiddleware(count, secret_key="key")
    middleware.on_rejected(seen.append)

    client = Client(middleware, use_cookies=False)
    client.get("/", headers={"Cookie": "session=forged"})

    assert [rejection.reason for rejection in seen] == [Reason.BAD_SIGNATURE]


def change_too_late(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterator[bytes]:
    start_response("200 OK", TEXT)
    yield b"first"
    environ["tantalus.session"]["n"] = 1


def test_a_change_after_the_response_started_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "tantalus.sessions")
    seen: list[Rejection] = []
    middleware = SessionMiddleware(change_too_late, secret_key="key")
    middleware.on_rejected(seen.append)

    response = Client(middleware).get("/", buffered=True)

    assert response.text == "first"
    assert seen == [Rejection(Reason.CHANGED_TOO_LATE, "session")]
    assert "changed after the response started" in caplog.text


def fail_late(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterator[bytes]:
    start_response("200 OK", TEXT)
    yield b"first"
    try:
        raise OSError("broken")
    except OSError:
        start_response("500 Oops", TEXT, sys.exc_info())


def test_an_error_after_the_start_reaches_the_server() -> None:
    with pytest.raises(OSError, match="broken"):
        run_wsgi_app(
            SessionMiddleware(fail_late, secret_key="key"),
            EnvironBuilder().get_environ(),
            buffered=True,
        )


def start_twice(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    try:
        raise OSError("broken")
    except OSError:
        start_response("500 Oops", TEXT, sys.exc_info())
    return [b"an error page"]


def test_an_error_before_the_start_replaces_status_and_headers() -> None:
    response = Client(SessionMiddleware(start_twice, secret_key="key")).get("/")

    assert (response.status, response.text) == ("500 Oops", "an error page")


class Body:
    closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"", b"x"])

    def close(self) -> None:
        self.closed = True


def test_the_body_of_the_application_is_closed() -> None:
    body = Body()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Body:
        start_response("200 OK", TEXT)
        return body

    response = Client(SessionMiddleware(app, secret_key="key")).get("/", buffered=True)

    assert response.text == "x"
    assert body.closed


def test_an_empty_body_still_sends_the_cookie() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["tantalus.session"]["n"] = 1
        start_response("204 No Content", [])
        return []

    client = Client(SessionMiddleware(app, secret_key="key"))
    response = client.get("/", buffered=True)

    assert response.status_code == 204
    assert response.headers["Set-Cookie"].startswith("session=")


def test_everything_can_be_chosen() -> None:
    sessions = CookieSessions("key", cookie=CookiePolicy(name="__Host-s", secure=True))

    response = Client(SessionMiddleware(count, sessions=sessions)).get("/")

    assert response.headers["Set-Cookie"].startswith("__Host-s=")


def write_after_a_failure(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    environ["tantalus.session"]["n"] = 1
    write = start_response("200 OK", TEXT)
    write(b"secret")
    start_response("200 OK", TEXT)
    write(b"secret")
    return [b"secret"]


def test_a_store_that_fails_while_the_application_writes_is_a_503() -> None:
    failing = FailingStore(MemoryStore())
    failing.fail_at(None)
    app = SessionMiddleware(write_after_a_failure, store=failing)

    response = Client(app).get("/")

    assert response.status_code == 503
    assert b"secret" not in response.data
    assert b"try again later" in response.data


@pytest.mark.parametrize(
    ("cache_control", "refreshed"),
    [
        ("public, max-age=60", False),
        ("s-maxage=60", False),
        ("max-age=60", True),
        ("public, private", True),
    ],
)
def test_a_public_response_does_not_extend_a_life(
    cache_control: str, refreshed: bool
) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/login":
            environ["tantalus.session"].permanent = True
        start_response("200 OK", [*TEXT, ("Cache-Control", cache_control)])
        return [b""]

    client = Client(SessionMiddleware(app, secret_key="key"))
    assert "Set-Cookie" in client.get("/login").headers

    assert ("Set-Cookie" in client.get("/").headers) is refreshed
