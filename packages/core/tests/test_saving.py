from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.datastructures import ResponseCacheControl
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from tantalus import (
    App,
    Blueprint,
    Flask,
    Response,
    copy_current_request_context,
    flash,
    get_flashed_messages,
    send_from_directory,
    session,
)
from tantalus._setup._session_commands import sessions_command
from tantalus.cli import ScriptInfo
from tantalus_sessions import (
    MemoryStore,
    SecureCookieSession,
    SessionStoreError,
    SQLiteStore,
    StoreSessionInterface,
)
from tantalus_sessions.testing import FailingStore

KEY = "a secret for these tests only"
kinds = pytest.mark.parametrize("kind", [App, Flask])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("static", "pages/static"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.css").write_text("a {}")
    return tmp_path


def make(kind: type[App], folder: Path, store: Any = None) -> App:
    """Return an app where `/login` begins a permanent session."""
    app = kind("saving", root_path=str(folder))
    app.secret_key = KEY
    if store is not None:
        app.session_interface = StoreSessionInterface(store)
    pages = Blueprint(
        "pages",
        "pages",
        static_folder="static",
        url_prefix="/pages",
        root_path=str(folder / "pages"),
    )
    app.register_blueprint(pages)

    @app.get("/login")
    def login() -> str:
        session.permanent = True
        session["user"] = "ada"
        return "welcome"

    @app.get("/user")
    def user() -> str:
        return str(session.get("user"))

    @app.get("/change")
    def change() -> str:
        session["n"] = session.get("n", 0) + 1
        return "changed"

    @app.get("/plain")
    def plain() -> str:
        return "plain"

    @app.get("/public")
    def public() -> Response:
        return Response("public", headers={"Cache-Control": "public, max-age=60"})

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["X-Frame-Options"] = "DENY"
        return response

    return app


STATIC = ("/static/a.css", "/pages/static/a.css", "/static/a.css?v=0123456789abcdef")


@kinds
@pytest.mark.parametrize("stored", [False, True], ids=["cookie", "store"])
@pytest.mark.parametrize("path", [*STATIC, "/static/none.css", "/public"])
def test_no_public_answer_and_no_static_file_extends_a_session(
    kind: type[App], stored: bool, path: str, folder: Path
) -> None:
    client = make(kind, folder, MemoryStore() if stored else None).test_client()
    client.get("/login")

    with client.get(path) as response:
        assert "Set-Cookie" not in response.headers
    assert "Set-Cookie" in client.get("/plain").headers


@kinds
@pytest.mark.parametrize("path", STATIC)
def test_a_static_file_for_which_a_hook_reads_the_session_extends_it_neither(
    kind: type[App], path: str, folder: Path
) -> None:
    app = make(kind, folder)
    app.before_request(lambda: session.get("user") and None)
    client = app.test_client()
    client.get("/login")

    with client.get(path) as response:
        assert "Set-Cookie" not in response.headers
        assert response.headers["Vary"] == "Cookie"


def test_a_static_file_does_not_depend_on_a_session_that_was_only_opened(
    folder: Path,
) -> None:
    app = make(App, folder)

    @app.before_request
    def open_for_a_copy() -> None:
        copy_current_request_context(make)

    with app.test_client().get("/static/a.css") as response:
        assert "Vary" not in response.headers


@kinds
def test_what_a_hook_changes_while_a_file_is_sent_is_saved(
    kind: type[App], folder: Path
) -> None:
    app = make(kind, folder)

    @app.before_request
    def count() -> None:
        session["n"] = session.get("n", 0) + 1

    with app.test_client().get("/static/a.css") as response:
        assert "Set-Cookie" in response.headers


def read_in_hook(app: App) -> None:
    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-User"] = str(session.get("user"))
        return response


def handle_with_session(app: App) -> None:
    @app.errorhandler(503)
    def sorry(error: Any) -> tuple[str, int]:
        return f"sorry, {session.get('user')} {get_flashed_messages()}", 503


@kinds
@pytest.mark.parametrize("path", [*STATIC[:2], "/plain", "/none", "/public"])
def test_who_does_not_need_the_session_is_answered_while_the_store_is_down(
    kind: type[App], path: str, folder: Path
) -> None:
    store = FailingStore(MemoryStore())
    client = make(kind, folder, store).test_client()
    client.get("/login")
    store.fail_at(None)

    with client.get(path) as response:
        assert response.status_code == (404 if path == "/none" else 200)
        assert response.headers["X-Frame-Options"] == "DENY"
    assert store.calls <= 1


@kinds
@pytest.mark.parametrize("prepare", [lambda app: None, read_in_hook])
@pytest.mark.parametrize(("path", "fail_at"), [("/user", 1), ("/change", 1)])
def test_a_store_that_is_down_is_asked_once_and_the_503_goes_through_the_hooks(
    kind: type[App],
    prepare: Callable[[App], None],
    path: str,
    fail_at: int,
    folder: Path,
) -> None:
    store = FailingStore(MemoryStore())
    app = make(kind, folder, store)
    prepare(app)
    client = app.test_client()
    client.get("/login")
    store.fail_at(None)

    response = client.get(path)

    assert response.status_code == 503
    assert response.headers["X-Frame-Options"] == "DENY"
    assert store.calls == 1


@kinds
def test_a_change_that_cannot_be_saved_is_a_503_that_goes_through_the_hooks(
    kind: type[App], folder: Path
) -> None:
    store = FailingStore(MemoryStore())
    client = make(kind, folder, store).test_client()
    client.get("/login")
    store.fail_at(2)

    response = client.get("/change")

    assert response.status_code == 503
    assert response.headers["X-Frame-Options"] == "DENY"
    assert store.calls == 2
    store.fail_at(0)
    assert client.get("/user").text == "ada"


def test_a_hook_that_fails_on_the_503_does_not_ask_the_store_again(
    folder: Path,
) -> None:
    store = FailingStore(MemoryStore())
    app = make(App, folder, store)

    @app.after_request
    def fail(response: Response) -> Response:
        assert response.status_code != 503
        return response

    client = app.test_client()
    client.get("/login")
    store.fail_at(2)

    assert client.get("/change").status_code == 500
    assert store.calls == 2


@kinds
def test_the_page_of_the_503_sees_an_empty_session(
    kind: type[App], folder: Path
) -> None:
    store = FailingStore(MemoryStore())
    app = make(kind, folder, store)
    handle_with_session(app)
    client = app.test_client()
    client.get("/login")
    store.fail_at(None)

    response = client.get("/user")

    assert (response.status_code, response.text) == (503, "sorry, None []")
    assert store.calls == 1


class Eager(StoreSessionInterface):
    opens_lazily = False


@kinds
def test_an_interface_that_opens_each_session_fails_only_who_needs_it(
    kind: type[App], folder: Path
) -> None:
    store = FailingStore(MemoryStore())
    app = make(kind, folder, store)
    app.session_interface = Eager(store)
    client = app.test_client()
    client.get("/login")
    store.fail_at(None)

    assert client.get("/plain").status_code == 200
    assert store.calls == 1
    assert client.get("/user").status_code == 503
    assert store.calls == 2


# Who may keep what sets a cookie.


def answer(app: App, respond: Callable[[], Any]) -> Response:
    app.add_url_rule("/answer", "answer", respond)
    with app.test_client().get("/answer") as response:
        return response  # type: ignore[return-value] # the client's own class


def control(said: str | None) -> Callable[[], Response]:
    def respond() -> Response:
        response = Response("x")
        response.set_cookie("theme", "dark")
        if said is not None:
            response.headers["Cache-Control"] = said
        return response

    return respond


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        (None, "private"),
        ("max-age=60", "max-age=60, private"),
        ("no-cache", "no-cache, private"),
        ("private", "private"),
        ("no-store", "no-store"),
        ("public, max-age=60", "public, max-age=60"),
        ("s-maxage=60", "s-maxage=60"),
    ],
)
def test_an_answer_with_a_cookie_is_private_unless_told_otherwise_by_hand(
    said: str | None, becomes: str, folder: Path
) -> None:
    response = answer(make(App, folder), control(said))

    assert response.headers["Cache-Control"] == becomes


def headers_of_a_tuple() -> Any:
    return "x", 200, {"set-cookie": "a=b"}


def change_the_session() -> str:
    session["a"] = 1
    return "x"


@pytest.mark.parametrize("respond", [headers_of_a_tuple, change_the_session])
def test_it_does_not_matter_how_the_cookie_was_set(
    respond: Callable[[], Any], folder: Path
) -> None:
    app = make(App, folder)

    assert answer(app, respond).headers["Cache-Control"] == "private"


@pytest.mark.parametrize("respond", [lambda: "x", lambda: Response("x")])
def test_an_answer_without_a_cookie_is_left_as_it_is(
    respond: Callable[[], Any], folder: Path
) -> None:
    assert "Cache-Control" not in answer(make(App, folder), respond).headers


def test_flask_adds_nothing(folder: Path) -> None:
    assert "Cache-Control" not in answer(make(Flask, folder), control(None)).headers


def test_a_file_that_is_sent_with_a_cookie_is_not_public(folder: Path) -> None:
    def respond() -> Response:
        session["a"] = 1
        return send_from_directory(folder / "static", "a.css", max_age=60)

    response = answer(make(App, folder), respond)

    said: ResponseCacheControl = response.cache_control
    assert (bool(said.public), bool(said.private), said.max_age) == (False, True, 60)


# Interfaces and JSON of others.


class Plain:
    """Has the documented methods, and not our base class."""

    def open_session(self, app: App, request: Any) -> SecureCookieSession:
        return SecureCookieSession({"n": 1})

    def save_session(self, app: App, session: Any, response: Response) -> None:
        response.headers["X-Saved"] = str(dict(session))

    def is_null_session(self, obj: object) -> bool:
        return False

    def make_null_session(self, app: App) -> Any:
        raise NotImplementedError


@kinds
def test_an_interface_without_our_base_class_works(
    kind: type[App], folder: Path
) -> None:
    app = make(kind, folder)
    app.session_interface = Plain()  # type: ignore[assignment] # as Flask allows

    client = app.test_client()

    assert client.get("/plain").headers["X-Saved"] == "{'n': 1}"
    assert client.get("/change").headers["X-Saved"] == "{'n': 2}"
    assert client.get("/none").headers["X-Saved"] == "{'n': 1}"


@kinds
@pytest.mark.parametrize("stored", [False, True], ids=["cookie", "store"])
def test_the_session_is_written_with_the_json_of_the_app(
    kind: type[App], stored: bool, folder: Path
) -> None:
    app = make(kind, folder, MemoryStore() if stored else None)
    app.json.default = lambda value: sorted(value)  # type: ignore[attr-defined] # it has

    @app.get("/put")
    def put() -> str:
        session["letters"] = set("ba")
        flash(set("dc"))  # type: ignore[arg-type] # what JSON makes a list of
        return ""

    @app.get("/take")
    def take() -> Any:
        return [session["letters"], *get_flashed_messages()]

    client = app.test_client()
    assert client.get("/put").status_code == 200

    assert client.get("/take").json == [["a", "b"], ["c", "d"]]


def test_interfaces_of_others_get_bools_and_paths(folder: Path) -> None:
    app = make(App, folder)
    interface = app.session_interface

    with app.test_request_context(base_url="https://localhost/shop"):
        assert interface.get_cookie_secure(app) is True
        assert interface.get_cookie_path(app) == "/shop"
    assert interface.get_cookie_secure(app) is False
    assert interface.get_cookie_path(app) == "/"


def test_the_request_of_another_app_is_not_ours(folder: Path) -> None:
    app = make(App, folder)

    with make(App, folder).test_request_context(base_url="https://localhost/"):
        assert app.current_request() is None


@pytest.mark.parametrize(("kind", "status"), [(App, 500), (Flask, 200)])
def test_a_number_that_is_none_is_an_error_in_app_alone(
    kind: type[App], status: int, folder: Path
) -> None:
    app = make(kind, folder)

    @app.get("/nan")
    def nan() -> str:
        session["score"] = float("nan")
        return "x"

    assert app.test_client().get("/nan").status_code == status


# Several apps with one key, or on one host.


def cookie_of(app: App) -> str:
    header = app.test_client().get("/login").headers["Set-Cookie"]
    return str(header.partition(";")[0])


@pytest.mark.parametrize(
    ("writer", "reader", "user"),
    [
        (App("shop"), App("shop"), "ada"),
        (App("admin"), App("shop"), "None"),
        (Flask("admin"), App("shop"), "ada"),
        (App("shop"), Flask("shop"), "None"),
        (Flask("admin"), Flask("shop"), "ada"),
    ],
    ids=["same", "another", "from flask", "to flask", "flask"],
)
def test_a_cookie_of_one_app_is_nothing_in_another(
    writer: App, reader: App, user: str
) -> None:
    for app in {writer, reader}:
        app.secret_key = KEY
    writer.add_url_rule("/login", "in", lambda: session.update(user="ada") or "")
    reader.add_url_rule("/user", "user", lambda: str(session.get("user")))

    headers = {"Cookie": cookie_of(writer)}
    client = reader.test_client(use_cookies=False)
    assert client.get("/user", headers=headers).text == user


@pytest.mark.parametrize("name", [None, "one"], ids=["names", "one name"])
def test_apps_below_prefixes_of_one_host_have_sessions_of_their_own(
    name: str | None,
) -> None:
    apps = {prefix: App(name or f"app{prefix}") for prefix in ("", "/a", "/b")}
    for prefix, app in apps.items():
        app.secret_key = KEY
        app.add_url_rule("/in", "in", lambda n=prefix: session.update(n=n) or "")
        app.add_url_rule("/me", "me", lambda: str(session.get("n")))
    mounts: Any = {"/a": apps["/a"], "/b": apps["/b"]}
    client = Client(DispatcherMiddleware(apps[""], mounts))

    for prefix in ("/b", "/a", ""):  # as a browser, which sends the longest path first
        client.get(f"{prefix}/in")

    assert [client.get(f"{prefix}/me").text for prefix in apps] == ["", "/a", "/b"]


# The command.


def sweep(app: App) -> Any:
    info = ScriptInfo(create_app=lambda: app)
    return CliRunner().invoke(sessions_command, ["sweep"], obj=info)


def test_expired_sessions_are_swept_by_a_command(tmp_path: Path) -> None:
    now = [1_700_000_000.0]
    store = SQLiteStore(tmp_path / "s.db", clock=lambda: now[0])
    app = make(App, tmp_path, store)
    app.session_interface = StoreSessionInterface(store, clock=lambda: now[0])
    app.test_client().get("/login")
    now[0] += 90 * 86400

    assert sweep(app).output == "Expired sessions removed: 1.\n"
    assert sweep(app).output == "Expired sessions removed: 0.\n"


def test_a_store_that_needs_no_sweeping_says_so(tmp_path: Path) -> None:
    result = sweep(make(App, tmp_path, MemoryStore()))

    assert result.output == "MemoryStore removes expired sessions by itself.\n"
    assert result.exit_code == 0


def test_sessions_in_cookies_cannot_be_swept(tmp_path: Path) -> None:
    result = sweep(make(App, tmp_path))

    assert "there is no store to sweep" in result.output
    assert result.exit_code == 2


def test_a_store_that_fails_ends_the_command_with_its_reason(tmp_path: Path) -> None:
    class Broken(MemoryStore):
        def sweep(self) -> int:
            raise SessionStoreError("the disk is gone")

    result = sweep(make(App, tmp_path, Broken()))

    assert result.output == "Error: Session store: the disk is gone.\n"
    assert result.exit_code == 1
