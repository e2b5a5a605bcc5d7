"""Each line of the tables of the page on differences is shown by an app."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from contextvars import ContextVar, Token, copy_context
from datetime import UTC, date, datetime
from io import BytesIO
from logging import Handler, getLogger
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client, create_environ, run_wsgi_app

import tantalus
from tantalus import App, Blueprint, Flask, g, request, session, url_for

flask = pytest.importorskip("flask")

PAGE = (Path(__file__).parent.parent / "docs" / "differences.md").read_text()
KEY = "a key that is long enough"

Show = Callable[[type[App]], object]
ShowModule = Callable[[Any, Any], object]


def table(section: int) -> dict[str, list[str]]:
    """Return the rows of a section by their first cell."""
    lines = re.findall(r"^\| (.+) \|$", PAGE.split("\n## ")[section], re.M)[1:]
    return {name: rest for name, *rest in (line.split(" | ") for line in lines)}


CLASSES, MODULES = table(1), table(2)


def app_of(app_class: type[App], **settings: Any) -> App:
    app = app_class("page", static_folder=None)
    app.config.update({"SECRET_KEY": KEY, **settings})
    app.logger.disabled = True
    return app


def status_of(app_class: type[App], path: str = "/", **options: Any) -> int:
    """Return the status of a POST to a view that reads all it is sent."""
    app = app_of(app_class)

    @app.post("/")
    def read() -> str:
        return f"{len(request.form)}{len(request.get_data())}"

    @app.post("/json")
    def read_json() -> str:
        request.get_json()
        return ""

    return app.test_client().post(path, **options).status_code


def posting(path: str = "/", **options: Any) -> Show:
    return lambda app_class: status_of(app_class, path, **options)


def json(text: str) -> Show:
    return posting("/json", data=text, content_type="application/json")


def form(text: str) -> Show:
    return posting("/", data=text, content_type="application/x-www-form-urlencoded")


def written_date(app_class: type[App]) -> str:
    return app_of(app_class).json.dumps(date(2026, 1, 2)).strip('"')


def host(name: str, trusted: list[str] | None = None) -> Show:
    def show(app_class: type[App]) -> int:
        app = app_of(app_class, TRUSTED_HOSTS=trusted)
        app.add_url_rule("/", "index", lambda: "")
        return app.test_client().get("/", headers={"Host": name}).status_code

    return show


def hooks_see_refused_host(app_class: type[App]) -> str:
    app = app_of(app_class, TRUSTED_HOSTS=["example.org"])
    seen: list[bool] = []
    app.before_request(lambda: seen.append(True))
    assert app.test_client().get("/").status_code == 400
    return "yes" if seen else "no"


def host_taken(app_class: type[App]) -> str:
    app = app_of(app_class)
    app.add_url_rule("/", "index", lambda: request.host)
    return app.test_client().get("/", headers={"Host": "web_app"}).text or "no host"


def starting_with(**settings: Any) -> Show:
    """Show whether the first request is answered with these settings."""

    def show(app_class: type[App]) -> str:
        app = app_of(app_class, **settings)
        app.add_url_rule("/", "index", lambda: "")
        status = app.test_client().get("/").status_code
        return {200: "accepted", 500: "refused"}[status]

    return show


def foreign_form(app_class: type[App]) -> int:
    app = app_of(app_class)
    app.add_url_rule("/", "index", lambda: "", methods=["POST"])
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    return app.test_client().post("/", headers=foreign).status_code


def large_session(app_class: type[App]) -> str:
    app = app_of(app_class)

    @app.get("/<int:size>")
    def write(size: int) -> str:
        session["noise"] = [hash(str(number)) for number in range(size)]
        return ""

    @app.get("/")
    def read() -> str:
        return str(len(session["noise"]))

    client = app.test_client()
    client.get("/1")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.get("/2000")
    sent = "sent, with a warning" if caught else "sent"
    return {"1": "not sent, so the old one stays", "2000": sent}[client.get("/").text]


def repetitive_session(app_class: type[App]) -> str:
    app = app_of(app_class)

    @app.get("/")
    def write() -> str:
        session["text"] = "a" * 100
        return ""

    (cookie,) = app.test_client().get("/").headers.getlist("Set-Cookie")
    return "compressed" if cookie.startswith("session=.") else "as it is"


def cookie(app_class: type[App], scheme: str) -> str:
    app = app_of(app_class)

    @app.get("/")
    def index() -> str:
        session["user"] = "ada"
        return ""

    response = app.test_client().get("/", base_url=f"{scheme}://localhost")
    return response.headers["Set-Cookie"]


def same_site(app_class: type[App]) -> str:
    found = re.search(r"SameSite=(\w+)", cookie(app_class, "https"))
    return found[1] if found else "none"


def secure(scheme: str) -> Show:
    def show(app_class: type[App]) -> str:
        marked = "; Secure" in cookie(app_class, scheme)
        return "secure" if marked else "not secure"

    return show


def path_below_a_mount(app_class: type[App]) -> str:
    app = app_of(app_class)
    app.add_url_rule("/", "index", lambda: session.update(user="ada") or "")

    response = app.test_client().get("/", base_url="http://localhost/shop")
    return response.headers["Set-Cookie"].partition("Path=")[2].partition(";")[0]


def cookie_of_another_app(app_class: type[App]) -> str:
    app = app_class("another", static_folder=None)
    app.config["SECRET_KEY"] = KEY
    app.add_url_rule("/", "index", lambda: session.get("user", "nobody"))

    value = cookie(app_class, "http").partition(";")[0]
    client = app.test_client(use_cookies=False)
    found = client.get("/", headers={"Cookie": value}).text
    return {"ada": "its own", "nobody": "nothing"}[found]


def cache_control(app_class: type[App]) -> str:
    app = app_of(app_class)
    app.add_url_rule("/", "index", lambda: session.update(user="ada") or "")

    return app.test_client().get("/").headers.get("Cache-Control", "none")


def kind_of_error(app_class: type[App]) -> str:
    client = app_of(app_class).test_client()

    return str(client.get("/none", headers={"Accept": "application/json"}).mimetype)


def kept(app_class: type[App], value: Any) -> Any:
    """Return what comes back from the session, or that it is an error."""
    app = app_of(app_class)
    found: list[Any] = []
    app.add_url_rule("/put", "put", lambda: session.update(value=value) or "")

    def get() -> str:
        found.append(session["value"])
        return ""

    app.add_url_rule("/get", "get", get)

    client = app.test_client()
    if client.get("/put").status_code == 500:
        return "an error"
    client.get("/get")
    return found[0]


def datetime_kept(app_class: type[App]) -> str:
    moment = datetime(2024, 1, 2, 3, 4, 5, 678)
    found = kept(app_class, moment)
    without = moment.replace(microsecond=0, tzinfo=UTC)
    return (
        "equal"
        if found == moment
        else ("aware, without microseconds" if found == without else "another")
    )


def nan_kept(app_class: type[App]) -> str:
    return str(kept(app_class, float("nan")))


def escaped(app_class: type[App]) -> str:
    names = ["a.html", "a.html.j2", "a", "a.rss", "a.txt"]
    app = app_of(app_class)
    return " ".join(name for name in names if app.select_jinja_autoescape(name))


def under_prefix(method: str, path: str) -> Show:
    def show(app_class: type[App]) -> str:
        app = app_of(app_class)
        blueprint = Blueprint("news", "page", url_prefix="/news")
        blueprint.add_url_rule("/", "index", lambda: "")
        for code in (404, 405):
            blueprint.register_error_handler(code, lambda e: "the blueprint's handler")
            app.register_error_handler(code, lambda e: "the app's handler")
        app.register_blueprint(blueprint)
        return app.test_client().open(path, method=method).text

    return show


def near_routes(app_class: type[App]) -> str:
    app = app_of(app_class, DEBUG=True)
    app.add_url_rule("/read", "read", lambda: "")
    return "yes" if "/read" in app.test_client().get("/raed").text else "no"


def url_outside(app_class: type[App]) -> str:
    app = app_of(app_class)
    app.add_url_rule("/there", "there")
    with app.app_context():
        try:
            return {"/there": "a path"}[url_for("there")]
        except RuntimeError as error:
            return type(error).__name__


def url_elsewhere(app_class: type[App]) -> str:
    app = app_of(app_class)
    app.add_url_rule("/user/<id>", "user")
    with app.test_request_context():
        try:
            return url_for("user", id="1/delete")
        except LookupError as error:
            return type(error).__name__


def second_view(app_class: type[App]) -> str:
    app = app_of(app_class)
    app.add_url_rule("/", "first", lambda: "never called")
    try:
        app.add_url_rule("/", "second", lambda: "called")
    except ValueError:
        return "refused"
    return app.test_client().get("/").text


def static_url(app_class: type[App], folder: Path) -> str:
    (folder / "style.css").write_text("a { color: red }")
    app = app_class("page", static_folder=folder, static_url_path="/static")
    with app.test_request_context():
        url = url_for("static", filename="style.css")
    kinds = {"": "the path alone", "?": "with a hash of the content"}
    return kinds[url.removeprefix("/static/style.css")[:1]]


def environment(app_class: type[App]) -> str:
    app = app_of(app_class)
    app.config.from_prefixed_env()
    return f"{app.config['FROM']}_…"


def name_of_g(app_class: type[App]) -> str:
    with app_of(app_class).app_context():
        return repr(g).removeprefix("<").split()[0]


def shared_g(app_class: type[App]) -> str:
    app = app_of(app_class)

    def index() -> str:
        g.count = g.get("count", 0) + 1
        return str(g.count)

    app.add_url_rule("/", "index", index)
    with app.app_context():
        texts = [app.test_client().get("/").text for _ in "12"]
    return {"11": "a `g` each", "12": "one `g`"}["".join(texts)]


def own_teardown(app_class: type[App]) -> str:
    app = app_of(app_class)
    torn: list[object] = []
    app.teardown_appcontext(torn.append)
    app.add_url_rule("/", "index", lambda: "")
    with app.app_context():
        app.test_client().get("/")
        app.test_client().get("/")
        count = len(torn)
    return {2: "at the end of each", 0: "when that context ends"}[count]


SHOWN: dict[str, Show] = {
    "requests inside one app context have": shared_g,
    "requests inside one app context run `teardown_appcontext`": own_teardown,
    "a body of 17 million bytes": posting(data=b"x" * 17_000_000),
    "a urlencoded form of 600,000 bytes": form("a=" + "x" * 599_998),
    "a urlencoded form of 1,001 fields": form("&".join(["a=1"] * 1001)),
    "`NaN` in JSON": json("[NaN]"),
    "a number too large for a float in JSON": json("[1e999]"),
    "JSON nested 300 deep": json("[" * 300 + "]" * 300),
    "JSON of 500,001 items": json("[" + "1," * 500_000 + "1]"),
    "a date in JSON": written_date,
    "a form that a page of another site posts": foreign_form,
    "`X-Frame-Options` of an answer": lambda app_class: (
        app_of(app_class).test_client().get("/").headers.get("X-Frame-Options", "none")
    ),
    "`Host: exa mple.org`": host("exa mple.org"),
    "`Host: web_app` is taken for": host_taken,
    "`Host: EXAMPLE.org.` if `TRUSTED_HOSTS` has `example.org`": host(
        "EXAMPLE.org.", ["example.org"]
    ),
    "`before_request` functions see a host that `TRUSTED_HOSTS` refuses": (
        hooks_see_refused_host
    ),
    "`TRUSTED_HOSTS` that is an empty list": starting_with(TRUSTED_HOSTS=[]),
    "a secret key of 5 characters, neither debugging nor testing": starting_with(
        SECRET_KEY="short"
    ),
    "a session cookie with `SameSite=None` that is not `Secure`": starting_with(
        SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_SECURE=False
    ),
    "a session larger than `MAX_COOKIE_SIZE`": large_session,
    "a session whose text has 111 bytes, which compressing halves, is sent": (
        repetitive_session
    ),
    "the session cookie's `SameSite`": same_site,
    "the session cookie, if the request came by https": secure("https"),
    "the session cookie, if the request came by http": secure("http"),
    "what is escaped of `a.html`, `a.html.j2`, `a`, `a.rss`, `a.txt`": escaped,
    "the session cookie of an app that is mounted at `/shop` has the path": (
        path_below_a_mount
    ),
    "in an app, the session cookie of another app with the same key is": (
        cookie_of_another_app
    ),
    "`Cache-Control` of a response that sets a cookie": cache_control,
    "a naive datetime with microseconds comes back from the session": datetime_kept,
    "`NaN` in the session": nan_kept,
    "an unknown URL under a blueprint's prefix": under_prefix("GET", "/news/none"),
    "a wrong method under a blueprint's prefix": under_prefix("DELETE", "/news/"),
    "the 404 of an unknown URL in debug mode names routes that come near": near_routes,
    "an unknown URL for a client that asks for JSON": kind_of_error,
    "`url_for()` outside a request without `SERVER_NAME`": url_outside,
    "`url_for()` with `1/delete` for the `id` of `/user/<id>`": url_elsewhere,
    "a second view on a rule that another one answers": second_view,
    "`from_prefixed_env()` reads": environment,
    "`repr(g)`": name_of_g,
}


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANTALUS_FROM", "TANTALUS")
    monkeypatch.setenv("FLASK_FROM", "FLASK")


@pytest.mark.parametrize("line", SHOWN)
def test_app_and_flask_do_what_the_table_says(line: str) -> None:
    show = SHOWN[line]

    assert [str(show(App)), str(show(Flask))] == CLASSES[line][1:]


@pytest.mark.parametrize("line", SHOWN)
def test_flask_itself_does_what_stands_under_flask(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Blueprint", "g", "request", "session", "url_for"):
        monkeypatch.setitem(globals(), name, getattr(flask, name))

    assert str(SHOWN[line](flask.Flask)) == CLASSES[line][2]


def test_static_urls_are_what_the_table_says(tmp_path: Path) -> None:
    shown = [static_url(app_class, tmp_path) for app_class in (App, Flask)]

    assert shown == CLASSES["the URL of a static file"][1:]


def test_every_line_of_the_table_is_shown() -> None:
    assert {*SHOWN, "the URL of a static file"} == set(CLASSES)


def test_every_difference_is_in_the_table() -> None:
    settings = {
        key
        for key, value in App.default_config.items()
        if value != Flask.default_config[key]
    }
    attributes = {name for name in vars(Flask) if not name.startswith("_")}

    decided_by = {cells[0].strip("`") for cells in CLASSES.values()}
    assert decided_by == settings | attributes - {"default_config"}


def of_module(module: Any, app_class: Any) -> Any:
    app = app_class("page", static_folder=None)
    app.secret_key = KEY
    app.logger.disabled = True
    return app


def stream_of(module: Any, app: Any) -> Any:
    """Return the body of a response that is a stream with context."""

    def pieces() -> Iterator[str]:
        yield module.request.path
        yield module.request.path

    app.add_url_rule("/", "index", lambda: module.stream_with_context(pieces()))
    return app(create_environ("/"), lambda *args: lambda data: None)


def between_pieces(module: Any, app_class: Any) -> str:
    with closing(stream_of(module, of_module(module, app_class))) as body:
        next(iter(body))
        seen = module.has_request_context()
    return "the request's context" if seen else "no context"


def teardowns_of_stream(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    ran: list[object] = []
    app.teardown_request(ran.append)
    with closing(stream_of(module, app)) as body:
        list(body)
    return {1: "once, at its end", 2: "before it and at its end"}[len(ran)]


def teardowns(module: Any, app_class: Any) -> int:
    app = of_module(module, app_class)
    ran: list[str] = []

    def fail(error: object) -> None:
        ran.append("fail")
        raise ZeroDivisionError

    for name in "21":
        app.teardown_request(lambda error, name=name: ran.append(name))
    app.teardown_request(fail)
    app.add_url_rule("/", "index", lambda: "")
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/")
    return len(ran)


def errors_of_teardown(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)

    def fail(error: object) -> None:
        raise ZeroDivisionError

    app.teardown_appcontext(fail)
    app.teardown_appcontext(fail)
    try:
        with app.app_context():
            pass
    except ZeroDivisionError:
        return "the first alone"
    except ExceptionGroup as group:
        return {2: "as a group"}[len(group.exceptions)]
    return "not at all"


def token_of_stream(module: Any, app_class: Any) -> bool:
    app = of_module(module, app_class)
    mine: ContextVar[str] = ContextVar("mine")
    tokens: list[Token[str]] = []
    app.before_request(lambda: tokens.append(mine.set("request")))
    results: list[bool] = []

    def reset(error: object) -> None:
        try:
            mine.reset(tokens[-1])
        except (ValueError, RuntimeError):
            results.append(False)
        else:
            results.append(True)

    app.teardown_request(reset)
    with closing(stream_of(module, app)) as body:
        copy_context().run(list, body)
    return results[-1]


def variable_of_view(module: Any, app_class: Any) -> bool:
    app = of_module(module, app_class)
    mine: ContextVar[str] = ContextVar("mine")

    def index() -> str:
        mine.set("view")
        return ""

    app.add_url_rule("/", "index", index)

    def ask() -> bool:
        app.test_client().get("/")
        return mine in copy_context()

    return copy_context().run(ask)


def storage_of_popped(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    around, inner = app.app_context(), app.test_request_context("/")
    around.push()
    inner.push()
    around.pop()
    seen = bool(module.g)
    inner.pop()
    return {True: "still there", False: "gone"}[seen]


def coroutine_in_coroutine(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.testing = True

    async def index() -> str:
        return "run"

    app.add_url_rule("/", "index", index)

    async def test() -> str:
        return str(app.test_client().get("/").text)

    try:
        return asyncio.run(test())
    except RuntimeError:
        return "a RuntimeError"


def coroutine_hooks(module: Any, app_class: Any) -> bool:
    app = of_module(module, app_class)
    mine: ContextVar[str] = ContextVar("mine", default="none")
    done: list[bool] = []

    async def begin() -> None:
        module.g.token = mine.set("request")

    async def end(error: BaseException | None) -> None:
        try:
            mine.reset(module.g.token)
        except ValueError:
            done.append(False)
        else:
            done.append(mine.get() == "none")

    app.before_request(begin)
    app.teardown_request(end)
    app.add_url_rule("/", "index", lambda: mine.get())
    copy_context().run(app.test_client().get, "/")
    return done[0]


def coroutine_loops(module: Any, app_class: Any) -> bool:
    app = of_module(module, app_class)
    loops: list[asyncio.AbstractEventLoop] = []

    async def index() -> str:
        loops.append(asyncio.get_running_loop())
        return ""

    app.add_url_rule("/", "index", index)
    client = app.test_client()
    client.get("/")
    client.get("/")
    return loops[0] is loops[1]


def asynchronous_generator(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.testing = True

    async def index() -> AsyncIterator[str]:
        yield "its "
        yield "pieces"

    app.add_url_rule("/", "index", index)
    try:
        return str(app.test_client().get("/").text)
    except TypeError:
        return "a TypeError"


def introspection(module: Any, app_class: Any) -> object:
    try:
        return inspect.iscoroutinefunction(module.request)
    except RuntimeError:
        return "RuntimeError"


def popped_signal(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    heard: list[object] = []

    def note(sender: object, **extra: object) -> None:
        heard.append(sender)

    def fail(error: object) -> None:
        raise ZeroDivisionError

    app.teardown_appcontext(fail)
    with (
        module.appcontext_popped.connected_to(note, app),
        pytest.raises(ZeroDivisionError),
        app.app_context(),
    ):
        pass
    return "sent" if heard else "not sent"


def openings(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    opened: list[object] = []
    interface = app.session_interface = type(app.session_interface)()
    original = interface.open_session
    interface.open_session = lambda *args: opened.append(args) or original(*args)  # type: ignore[func-returns-value]  # for its effect
    app.add_url_rule("/", "index", lambda: "")
    Client(app).get("/")
    return f"{len(opened)} times"


def one_text_of_fallbacks(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    letter, whole = of_module(module, app_class), app.session_interface
    letter.secret_key = "d"
    app.config["SECRET_KEY_FALLBACKS"] = "old"
    try:
        signer = whole.get_signing_serializer(app)
    except TypeError:
        return "TypeError"
    forged = whole.get_signing_serializer(letter).dumps({"user": "ada"})
    return "each letter is a key" if signer.loads(forged) else "refused"


def nested_url_defaults(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    outer = module.Blueprint("outer", "page", url_defaults={"d": 1})
    inner = module.Blueprint("inner", "page")
    inner.add_url_rule("/", "index", lambda **values: values)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return "yes" if app.test_client().get("/").json else "no"


def shared_static_place(module: Any, app_class: Any) -> str:
    with TemporaryDirectory() as path:
        Path(path, "static").mkdir()
        Path(path, "shop.css").write_text("a {}")
        app = app_class("page", root_path=path)
        shop = module.Blueprint(
            "shop", "page", static_folder=path, static_url_path="/static"
        )
        app.register_blueprint(shop)
        with app.test_client().get("/static/shop.css") as answer:
            return {200: "found", 404: "404"}[answer.status_code]


def late_auto_reload(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.add_template_filter(str, "text")
    app.config["TEMPLATES_AUTO_RELOAD"] = True
    return "counts" if app.jinja_env.auto_reload else "is ignored"


def application_root(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.config.update(APPLICATION_ROOT="app", SERVER_NAME="example.org")
    app.add_url_rule("/x", "x", lambda: "")
    with app.app_context():
        return str(module.url_for("x", _external=False)).removesuffix("/x")


def logged_line_feed(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    lines: list[str] = []

    class Lines(Handler):
        def emit(self, record: Any) -> None:
            lines.append(record.getMessage())

    app.logger = getLogger("page of differences")
    app.logger.addHandler(Lines())
    app.before_request(lambda: str(1 // 0))
    app.test_client().get("/", environ_overrides={"PATH_INFO": "/a\nb"})
    return "as it is" if "\n" in lines[0] else "escaped"


def handler_of_refused_host(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    app.register_error_handler(400, lambda error: (module.request.url, 400))
    status = app.test_client().get("/").status_code
    return {400: "answer", 500: "fail: 500"}[status]


def undecodable_host(module: Any, app_class: Any) -> int:
    app = of_module(module, app_class)
    app.add_url_rule("/", "index", lambda: "")
    environ = create_environ(headers={"Host": "xn--a"})
    _, status, _ = run_wsgi_app(app, environ)
    return int(status.split()[0])


def row_of_blanks(module: Any, app_class: Any) -> int:
    app = of_module(module, app_class)
    app.add_url_rule("/", "index", lambda: str(len(module.request.cookies)))
    headers = {"Cookie": "a=1;" + 64 * " " + "b=2"}
    status: int = app.test_client().get("/", headers=headers).status_code
    return status


def never_initialised(module: Any, app_class: Any) -> str:
    class Full(HTTPException):
        code = 409

        def __init__(self) -> None:
            """Forget to call that of the base."""

    app = of_module(module, app_class)
    app.before_request(Full)
    status = app.test_client().get("/").status_code
    return {409: "its page", 500: "500"}[status]


def switched_on_options(module: Any, app_class: Any) -> int:
    app = of_module(module, app_class)

    def view() -> str:
        return ""

    view.provide_automatic_options = True  # type: ignore[attr-defined]  # as documented
    app.add_url_rule("/", "index", view)
    status: int = app.test_client().options("/").status_code
    return status


def refused_by_a_second_rule(module: Any, app_class: Any) -> int:
    app = of_module(module, app_class)
    for method in ("GET", "PUT"):
        rule, endpoint = "/<int(max=9):id>", method
        app.add_url_rule(rule, endpoint, lambda id: "", methods=[method])
    status: int = app.test_client().put("/10").status_code
    return status


def signed_ahead(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    interface = app.session_interface
    signer = interface.get_signing_serializer(app)
    ahead = time.time() + 5
    with mock.patch("time.time", return_value=ahead):
        text = signer.dumps({"user": "ada"})
    environ = create_environ(headers={"Cookie": f"session={text}"})
    opened = interface.open_session(app, app.request_class(environ))
    return "accepted" if opened else "refused"


def mixed_keys(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.testing = True

    def put() -> str:
        module.session["cart"] = {1: "tea", "note": "hot"}
        return ""

    app.add_url_rule("/put", "put", put)
    app.add_url_rule("/get", "get", lambda: str(module.session["cart"]))
    client = app.test_client()
    try:
        client.get("/put")
    except TypeError:
        return "TypeError"
    as_text = "{'1': 'tea', 'note': 'hot'}"
    return "saved, the keys as text" if client.get("/get").text == as_text else "lost"


def refreshed(module: Any, app_class: Any, path: str) -> str:
    app = app_class("page", static_folder=str(Path(__file__).parent))
    app.config["SECRET_KEY"] = KEY

    def login() -> str:
        module.session.permanent = True
        return ""

    def public() -> Any:
        return "", 200, {"Cache-Control": "public"}

    app.add_url_rule("/login", "login", login)
    app.add_url_rule("/public", "public", public)
    client = app.test_client()
    client.get("/login")
    with closing(client.get(path)) as response:
        return "each time" if "Set-Cookie" in response.headers else "never"


def refreshed_in_public(module: Any, app_class: Any) -> str:
    return refreshed(module, app_class, "/public")


def refreshed_with_a_file(module: Any, app_class: Any) -> str:
    name = app_class("page", static_folder=str(Path(__file__).parent)).static_url_path
    return refreshed(module, app_class, f"{name}/{Path(__file__).name}")


def flashed(module: Any, app_class: Any, *filters: Any) -> list[list[str]]:
    """Return the messages that pages show which ask for these categories."""
    app = of_module(module, app_class)

    def put() -> str:
        module.flash("one", "error")
        module.flash("two", "err")
        return ""

    def show(number: int) -> Any:
        wanted = filters[number]
        return module.jsonify(module.get_flashed_messages(category_filter=wanted))

    app.add_url_rule("/put", "put", put)
    app.add_url_rule("/<int:number>", "show", show)
    client = app.test_client()
    client.get("/put")
    return [client.get(f"/{number}").json for number in range(len(filters))]


def other_messages(module: Any, app_class: Any) -> str:
    _, then = flashed(module, app_class, ["error"], ["err"])
    return "for the next page" if then == ["two"] else "nowhere"


def filter_of_text(module: Any, app_class: Any) -> str:
    (found,) = flashed(module, app_class, "error")
    return {1: "error", 2: "error, err"}[len(found)]


def contexts(module: Any, app_class: Any) -> str:
    with of_module(module, app_class).test_request_context("/"):
        both = [module.globals.app_ctx, module.globals.request_ctx]
        count = len({id(proxy._get_current_object()) for proxy in both})
    return {1: "one", 2: "two"}[count]


def request_at_the_end(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    seen: list[bool] = []
    app.teardown_appcontext(lambda error: seen.append(module.has_request_context()))
    app.add_url_rule("/", "index", lambda: "")
    app.test_client().get("/")
    return {True: "still there", False: "gone"}[seen[0]]


def patched_class(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.add_url_rule("/", "index", lambda: "view")
    seen = []
    for client in [Client(app), app.test_client()]:
        client.get("/")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app_class, "dispatch_request", lambda self: "patched")
            seen.append(client.get("/").text == "patched")
    return {(False, True): "by the test client", (True, True): "always"}[tuple(seen)]


def asking(method: str = "GET", etag: bool | str = "tag", **headers: str) -> ShowModule:
    """Return what asks for a file, and returns the status."""

    def show(module: Any, app_class: Any) -> int:
        app = of_module(module, app_class)
        app.add_url_rule("/", "index", lambda: module.send_file(__file__, etag=etag))
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        client = app.test_client()
        answer = client.open("/", method=method, headers=names, buffered=True)
        return int(answer.status_code)

    return show


MULTIPART = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n'
CHUNKED = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
ENDS = {"wsgi.input_terminated": True}


def sent(
    posted: bytes, kind: str, read: Callable[[Any], Any], **changes: Any
) -> ShowModule:
    """Return what shows the status of a request, or what a view reads of it if 200.

    Args:
        posted: The body, of this `kind`.
        read: Is given the request of the module.
        changes: Of the environ.
    """

    def show(module: Any, app_class: Any) -> str:
        app = of_module(module, app_class)
        app.config["MAX_CONTENT_LENGTH"] = 100_000
        app.add_url_rule("/", "index", lambda: repr(read(module.request)))
        environ = create_environ(
            input_stream=BytesIO(posted),
            content_type=kind,
            content_length=len(posted),
        )
        pieces, status, _ = run_wsgi_app(app, environ | changes)
        body = b"".join(pieces).decode()
        return body if status.startswith("200") else status[:3]

    return show


def built(rule: str, mount: str = "", **values: Any) -> ShowModule:
    """Show the URL that is built for one rule, or the error."""

    def show(module: Any, app_class: Any) -> str:
        app = of_module(module, app_class)
        app.add_url_rule(rule, "it")
        with app.test_request_context(environ_overrides={"SCRIPT_NAME": mount}):
            try:
                url: str = module.url_for("it", **values)
            except ValueError as error:
                also = isinstance(error, LookupError)
                return "BuildError, which is a ValueError too" if also else "ValueError"
        return url

    return show


def file_at(position: int) -> Callable[[Any, Any], Any]:
    """Return what answers with a file in memory, from a position in it."""

    def answer(module: Any, app_class: Any) -> Any:
        app = of_module(module, app_class)
        file = BytesIO(b"hello world")
        file.seek(position)
        app.add_url_rule(
            "/", "f", lambda: module.send_file(file, mimetype="text/plain")
        )
        return app.test_client().get("/", buffered=True)

    return answer


def told_length(module: Any, app_class: Any) -> int:
    return int(file_at(6)(module, app_class).headers["Content-Length"])


def sent_length(module: Any, app_class: Any) -> int:
    return len(file_at(11)(module, app_class).data)


def unsendable_value(module: Any, app_class: Any) -> str:
    seen = []
    for text in ("東", "\0"):
        try:
            app_class.response_class().headers["X-A"] = text
        except ValueError:
            seen.append("ValueError")
        else:
            seen.append("set")
    assert len(set(seen)) == 1
    return seen[0]


def line_break(module: Any, app_class: Any) -> str:
    seen = []
    for status, name in (("200 OK\nX: 1", "X"), ("200 OK", "X\nX")):
        try:
            app_class.response_class("", status, {name: "1"})(
                create_environ(), lambda *answer: lambda piece: None
            )
        except ValueError:
            seen.append("ValueError")
        else:
            seen.append("sent")
    assert len(set(seen)) == 1
    return seen[0]


def type_of_nothing(module: Any, app_class: Any) -> str:
    app = of_module(module, app_class)
    app.add_url_rule("/", "index", lambda: ("", 204))
    return "sent" if "Content-Type" in app.test_client().get().headers else "not sent"


def told(show: ShowModule, **texts: str) -> ShowModule:
    """Return what shows the same in the words of the page."""

    def tell(module: Any, app_class: Any) -> str:
        shown = str(show(module, app_class))
        return {text: words for words, text in texts.items()}.get(shown, shown).replace(
            "_", " "
        )

    return tell


def read_form(request: Any) -> dict[Any, str]:
    return dict(request.form)


def read_size(request: Any) -> int:
    return len(request.get_data())


def answering(value: object) -> ShowModule:
    """Return what shows how a value is answered as JSON."""

    def show(module: Any, app_class: Any) -> str:
        app = of_module(module, app_class)
        app.add_url_rule("/", "index", lambda: module.jsonify(value))
        answer = app.test_client().get("/")
        if answer.status_code != 200:
            return str(answer.status_code)
        return str(answer.text).strip()

    return show


SHOWN_OF_MODULES: dict[str, ShowModule] = {
    (
        "a chunked body of one byte more than `MAX_CONTENT_LENGTH`, read by"
        " `get_data()`"
    ): told(
        sent(b"x" * 100_001, "", read_size, **CHUNKED, **ENDS),
        cut_at_the_limit="100000",
    ),
    (
        "a body that ends early, if the server ends the input (`wsgi.input_terminated`)"
    ): told(
        sent(b"xyz", "", read_size, CONTENT_LENGTH="50", **ENDS),
        what_came_of_it="3",
    ),
    "a chunked body, if the server does not end the input": told(
        sent(b"3\r\nxyz\r\n", "", read_size, **CHUNKED), no_body="0"
    ),
    "a multipart form with another boundary, or cut off": told(
        sent(MULTIPART, "multipart/form-data; boundary=C", read_form),
        an_empty_form="{}",
    ),
    "a part of a multipart form without a name": told(
        sent(
            MULTIPART.replace(b'; name="a"', b""),
            "multipart/form-data; boundary=B",
            read_form,
        ),
        **{"a field named `None`": "{None: '1'}"},
    ),
    "a urlencoded form with a byte that is not UTF-8": told(
        sent(b"a=1&b=\x80", "application/x-www-form-urlencoded", read_form),
        an_empty_form="{}",
    ),
    "a field of a multipart form with a byte that is not UTF-8": told(
        sent(
            MULTIPART.replace(b"1", b"\x80"),
            "multipart/form-data; boundary=B",
            read_form,
        ),
        the_byte_is_replaced="{'a': '\ufffd'}",
    ),
    "`request.args` of a query string that is not UTF-8": sent(
        b"", "", lambda request: dict(request.args), QUERY_STRING="a=\xff"
    ),
    "`NaN` in a JSON response": answering(float("nan")),
    'a dict with the keys `1` and `"a"` in a JSON response': answering({"a": 2, 1: 1}),
    "JSON nested 100,000 deep in a request": sent(
        b"[" * 100_000, "application/json", lambda request: request.get_json()
    ),
    "between two pieces of a `stream_with_context`, the worker has": between_pieces,
    "for a `stream_with_context` that is sent, teardown functions run": (
        teardowns_of_stream
    ),
    "of three teardown functions, the first of which raises, run": teardowns,
    "the errors of two teardown functions are raised": errors_of_teardown,
    "a token of a `ContextVar`, made before the request, can be reset at the end"
    " of a stream": token_of_stream,
    "what a view sets in a `ContextVar` is there in the thread after the request": (
        variable_of_view
    ),
    "an app context is popped below a request's: `g` of the request is": (
        storage_of_popped
    ),
    "a coroutine view, called by the test client inside a coroutine, is": (
        coroutine_in_coroutine
    ),
    "a context variable that a coroutine hook has set, another one can reset": (
        coroutine_hooks
    ),
    "the second coroutine view runs on the event loop of the first": coroutine_loops,
    "a view that is an asynchronous generator function is answered with": (
        asynchronous_generator
    ),
    "`inspect.iscoroutinefunction(request)` outside a request": introspection,
    "after a `teardown_appcontext` function that raises, `appcontext_popped` is": (
        popped_signal
    ),
    "the session of a request that does not use it is opened": openings,
    "`SECRET_KEY_FALLBACKS` that is one text instead of a list": one_text_of_fallbacks,
    "a parent blueprint's `url_defaults` reach the views of nested ones": (
        nested_url_defaults
    ),
    "the static files of a blueprint without prefix are": shared_static_place,
    "`TEMPLATES_AUTO_RELOAD` that is set after a template filter was registered": (
        late_auto_reload
    ),
    '`APPLICATION_ROOT = "app"` puts before a path': application_root,
    "a line feed in the path of a request that fails stands in the log": (
        logged_line_feed
    ),
    "error handlers that read `request.url` of a request whose host is refused": (
        handler_of_refused_host
    ),
    "`Host: xn--a`, whose Punycode says nothing, is answered with": undecodable_host,
    "a `Cookie` header with 64 blanks in a row is answered with": row_of_blanks,
    "an HTTP error whose class never called `super().__init__()` is answered with": (
        never_initialised
    ),
    "OPTIONS of a view with `provide_automatic_options = True`": switched_on_options,
    "PUT `/10`, where GET and PUT have a rule `/<int(max=9):id>` each": (
        refused_by_a_second_rule
    ),
    "`url_for()` with `x` for the `id` of `/<int:id>`": built("/<int:id>", id="x"),
    "`url_for()` with `a b` for the `kind` of `/<any('a b', c):kind>`": built(
        "/<any('a b', c):kind>", kind="a b"
    ),
    "an absolute `url_for()` below `SCRIPT_NAME=@evil.example`": built(
        "/", "@evil.example", _external=True
    ),
    "a session signed by a clock that is five seconds ahead is": signed_ahead,
    "a session with keys of mixed kinds in a dict is": mixed_keys,
    "the cookie of a permanent session is sent again with `Cache-Control: public`": (
        refreshed_in_public
    ),
    "the cookie of a permanent session is sent again with a static file": (
        refreshed_with_a_file
    ),
    '`get_flashed_messages(category_filter=["error"])` leaves the other messages': (
        other_messages
    ),
    '`get_flashed_messages(category_filter="error")` returns messages of': (
        filter_of_text
    ),
    "the contexts of a request": contexts,
    "when `teardown_appcontext` functions run, `request` is": request_at_the_end,
    "a method of the app's class, patched after the first request, is called": (
        patched_class
    ),
    "`Range: lines=0-3` of a file": asking(Range="lines=0-3"),
    "`Range: bytes=0-1,5-6` of a file": asking(Range="bytes=0-1,5-6"),
    "`Range: bytes=5-2` of a file": asking(Range="bytes=5-2"),
    "`Range: bytes=0-3` of a file, by HEAD": asking("HEAD", Range="bytes=0-3"),
    "`Range: bytes=0-3` of a file that `If-None-Match` says is known": asking(
        Range="bytes=0-3", If_None_Match='"tag"'
    ),
    "`If-Unmodified-Since` of a file that has changed since": asking(
        If_Unmodified_Since="Sun, 06 Nov 1994 08:49:37 GMT"
    ),
    '`If-Match: "tag"` of a file without a tag': asking(etag=False, If_Match='"tag"'),
    "`Range: bytes=0-3` of a file with a weak tag of it in `If-Range`": asking(
        Range="bytes=0-3", If_Range='W/"tag"'
    ),
    "of a `BytesIO` of 11 bytes at position 6, `send_file()` tells a length of": (
        told_length
    ),
    "of a `BytesIO` of 11 bytes at its end, `send_file()` sends": sent_length,
    "a header's value beyond Latin-1, or with a NUL": unsendable_value,
    "a line break in a header's name, or in the status": line_break,
    "the `Content-Type` of a 204, if the program sets none, is": type_of_nothing,
}


@pytest.mark.parametrize("line", SHOWN_OF_MODULES)
def test_both_differ_from_flask_as_the_table_says(line: str) -> None:
    show = SHOWN_OF_MODULES[line]

    assert str(show(tantalus, App)) == MODULES[line][0]
    assert str(show(tantalus, Flask)) == MODULES[line][0]
    assert str(show(flask, flask.Flask)) == MODULES[line][1]


def test_every_line_of_the_second_table_is_shown() -> None:
    assert set(SHOWN_OF_MODULES) == set(MODULES)


@pytest.mark.parametrize(
    ("module", "app_class"), [(tantalus, App), (flask, flask.Flask)]
)
def test_an_app_context_inside_a_request_shows_the_request_in_both(
    module: Any, app_class: Any
) -> None:
    app = of_module(module, app_class)

    with app.test_request_context("/"), app.app_context():
        assert module.has_request_context()
