from __future__ import annotations

import pytest
from fakes import FakeApp, NoSessions, NullSessions, StoredSessions
from werkzeug.wrappers import Request, Response

from tantalus_testing import Client, CookiesDisabledError, SessionUnavailableError


def show_session(request: Request) -> Response:
    return Response(request.cookies.get("session", "none"))


@pytest.fixture
def app() -> FakeApp:
    return FakeApp({"/": show_session})


def test_a_request_sees_what_the_transaction_wrote(app: FakeApp) -> None:
    client = Client(app)

    with client.session_transaction() as session:
        session["user"] = "ada"

    assert client.get("/").text == '{"user": "ada"}'


def test_a_transaction_sees_what_the_one_before_wrote(app: FakeApp) -> None:
    client = Client(app)

    with client.session_transaction() as session:
        session["user"] = "ada"
    with client.session_transaction() as session:
        assert session == {"user": "ada"}


def test_a_transaction_that_fails_saves_nothing(app: FakeApp) -> None:
    client = Client(app)

    def write_and_fail() -> None:
        with client.session_transaction() as session:
            session["user"] = "ada"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert client.get("/").text == "none"


def test_no_other_context_is_pushed_during_the_transaction(app: FakeApp) -> None:
    client = Client(app)

    with client:
        client.get("/")
        before = list(app.stack)
        with client.session_transaction():
            assert app.stack == before
        assert app.stack == before


def test_a_transaction_can_be_for_another_host(app: FakeApp) -> None:
    client = Client(app)

    with client.session_transaction(base_url="http://shop.example") as session:
        session["user"] = "ada"

    assert client.get("/").text == "none"
    assert client.get("/", base_url="http://shop.example").text == '{"user": "ada"}'


def test_a_session_in_a_store_can_be_loaded_when_touched(app: FakeApp) -> None:
    app.session_interface = StoredSessions()
    client = Client(app)

    with client.session_transaction() as session:
        session["user"] = "ada"
    with client.session_transaction() as session:
        assert session["user"] == "ada"

    assert app.session_interface.store == {"id-0": {"user": "ada"}}
    cookie = client.get_cookie("id")
    assert cookie is not None
    assert cookie.value == "id-0"


def test_a_lazy_session_that_is_not_touched_stays_unsaved(app: FakeApp) -> None:
    app.session_interface = StoredSessions()
    client = Client(app)

    with client.session_transaction():
        pass

    assert client.get_cookie("id") is None


def test_a_null_session_is_not_saved(app: FakeApp) -> None:
    app.session_interface = NullSessions()
    client = Client(app)

    with client.session_transaction() as session:
        assert session == {"null": True}

    assert client.get_cookie("session") is None


def test_a_backend_that_opens_nothing_is_told(app: FakeApp) -> None:
    app.session_interface = NoSessions()

    with (
        pytest.raises(
            SessionUnavailableError,
            match=r"Session backend did not open a session\. "
            r"NoSessions .*secret_key.*tantalus secret",
        ),
        Client(app).session_transaction(),
    ):
        pass


def test_an_app_without_sessions_is_told() -> None:
    def bare(environ: object, start_response: object) -> list[bytes]:
        return []

    with (
        pytest.raises(
            RuntimeError,
            match=r"Cannot open a session of .*bare \(.*test_session\.py:\d+\): "
            r"it has no 'test_request_context'\. Give the client the app object itself",
        ),
        Client(bare).session_transaction(),
    ):
        pass


def test_a_client_without_cookies_is_told(app: FakeApp) -> None:
    with (
        pytest.raises(CookiesDisabledError, match=r"Cookies are disabled\."),
        Client(app, use_cookies=False).session_transaction(),
    ):
        pass
