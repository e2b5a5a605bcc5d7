"""One app, built on either framework, of all that both document; notes what runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException

# The two frameworks are compared as users see them: by the names of a module.
Framework = ModuleType
App = Any

ATTRIBUTES = (
    "method",
    "path",
    "full_path",
    "script_root",
    "url",
    "base_url",
    "host",
    "host_url",
    "remote_addr",
    "is_secure",
    "endpoint",
    "blueprint",
    "blueprints",
    "view_args",
    "content_length",
    "mimetype",
    "query_string",
)
SIGNALS = (
    "appcontext_pushed",
    "request_started",
    "before_render_template",
    "template_rendered",
    "got_request_exception",
    "message_flashed",
    "request_finished",
    "request_tearing_down",
    "appcontext_tearing_down",
    "appcontext_popped",
)


@dataclass
class Subject:
    """An app, and what happened in it since it was last asked."""

    app: App
    events: list[str] = field(default_factory=list)
    receivers: list[Callable[..., None]] = field(default_factory=list)


class OwnError(Exception):
    """Raised by a view, and handled."""


class OwnStatus(HTTPException):
    """An HTTP error with a page and headers of its own."""

    code = 507
    description = "Full"

    def get_headers(self, *args: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args), ("X-Own", "1")]


class UnhandledError(Exception):
    """Raised by a view, and not handled."""


def build(framework: Framework, configure: Callable[[App, Framework], None]) -> Subject:
    """Return the app on `framework`, with the settings that `configure` makes."""
    app = framework.Flask("subject", root_path=str(Path(__file__).parent))
    subject = Subject(app)
    app.config.update(SECRET_KEY="a key for both", SERVER_NAME=None)
    app.logger.disabled = True
    configure(app, framework)
    add_views(app, framework)
    add_blueprints(app, framework)
    return subject


def add_views(  # noqa: C901, PLR0915 - a list of views, short ones
    app: App, framework: Framework
) -> None:
    """Add views that return, raise and read all kinds of things."""
    f = framework
    request, session = f.request, f.session
    shared = f.Response("shared", 409, {"Location": "/ö"})
    every = ["GET", "POST", "PUT", "DELETE", "PATCH"]

    def route(rule: str, **options: Any) -> Callable[..., Any]:
        options.setdefault("methods", every)
        return app.route(rule, **options)  # type: ignore[no-any-return]  # either app

    route("/", endpoint="index")(lambda: "hello")
    route("/get", endpoint="get", methods=["GET"])(lambda: "got")
    route("/post", endpoint="post", methods=["POST"])(lambda: "posted")
    route("/options", endpoint="options", methods=["OPTIONS"])(lambda: "mine")
    route("/bytes", endpoint="bytes")(lambda: b"\x00\xff")
    route("/json", endpoint="json")(lambda: {"b": 1, "a": [True, None, "ö"]})
    route("/list", endpoint="list")(lambda: [1, {"a": "<"}])
    route("/jsonify", endpoint="jsonify")(lambda: f.jsonify(1, 2))
    route("/empty", endpoint="empty")(lambda: "")
    route("/status", endpoint="status")(lambda: ("made", 201))
    route("/text-status", endpoint="text-status")(lambda: ("made", "299 Own"))
    route("/headers", endpoint="headers")(lambda: ("x", {"X-A": "1", "Vary": "A"}))
    route("/triple", endpoint="triple")(lambda: ("x", 202, [("X-A", "1")]))
    route("/no-content", endpoint="no-content")(lambda: ("", 204))
    route("/not-modified", endpoint="not-modified")(lambda: ("x", 304))
    route("/iterator", endpoint="iterator")(lambda: iter(["a", "b"]))
    route("/generator", endpoint="generator")(lambda: (str(n) for n in range(3)))
    route("/none", endpoint="none")(lambda: None)
    route("/number", endpoint="number")(lambda: 3)
    route("/tuple", endpoint="tuple")(lambda: ("a", 1, {}, 2))
    route("/dict-status", endpoint="dict-status")(lambda: ({"a": 1}, 201))
    route("/response", endpoint="response")(lambda: f.Response("own", 203))
    route("/wsgi", endpoint="wsgi")(lambda: wsgi)
    route("/u/<int:n>", endpoint="int")(lambda n: str(n))
    route("/u/<name>", endpoint="name")(lambda name: name)
    route("/two/<a>/<float:b>", endpoint="two")(lambda a, b: f"{a} {b}")
    route("/p/<path:rest>", endpoint="path")(lambda rest: rest)
    route("/any/<any(a, b):which>", endpoint="any")(lambda which: which)
    route("/uuid/<uuid:id>", endpoint="uuid")(lambda id: str(id))
    route("/slash/", endpoint="slash")(lambda: "slash")
    route("/loose", endpoint="loose", strict_slashes=False)(lambda: "loose")
    route("/defaults", endpoint="defaults", defaults={"n": 1})(lambda n: str(n))
    route("/defaults/<int:n>", endpoint="defaults")(app.view_functions["defaults"])
    route("/moved", endpoint="moved", redirect_to="/json")(lambda: "never")
    route("/args", endpoint="args")(lambda: dict(request.args.lists()))
    route("/arg", endpoint="arg")(lambda: request.args["a"])
    route("/form", endpoint="form")(lambda: dict(request.form.lists()))
    route("/field", endpoint="field")(lambda: request.form["a"])
    route("/file", endpoint="file")(lambda: request.files["f"].read())
    route("/data", endpoint="data")(lambda: request.get_data())
    route("/read-json", endpoint="read-json")(lambda: {"got": request.get_json()})
    route("/silent", endpoint="silent")(lambda: {"got": request.get_json(silent=True)})
    route("/json-data", endpoint="json-data")(
        lambda: [request.get_json(silent=True), request.get_data(as_text=True)]
    )
    route("/data-form", endpoint="data-form")(
        lambda: [request.get_data(True, True), dict(request.form.lists())]
    )
    route("/uncached", endpoint="uncached")(
        lambda: request.get_data(cache=False) + request.get_data() + request.data
    )
    route("/stream-data", endpoint="stream-data")(
        lambda: request.stream.read(2) + b"|" + request.get_data()
    )
    route("/values", endpoint="values")(lambda: dict(request.values.lists()))
    route("/cookies", endpoint="cookies")(lambda: dict(request.cookies))
    route("/abort", endpoint="abort")(lambda: f.abort(403))
    route("/abort-text", endpoint="abort-text")(lambda: f.abort(404, "no <such>"))
    route("/abort-response", endpoint="abort-response")(
        lambda: f.abort(f.Response("abort", 418))
    )
    route("/teapot", endpoint="teapot")(lambda: f.abort(418))
    route("/retry", endpoint="retry")(lambda: f.abort(503, retry_after=7))
    route("/redirect", endpoint="redirect")(lambda: f.redirect(f.url_for("index")))
    route("/redirect-far", endpoint="redirect-far")(
        lambda: f.redirect("http://other.org/ö", 307)
    )
    route("/to", endpoint="to")(lambda: f.redirect(request.args["u"]))
    route("/odd nöme/<name>/", endpoint="odd")(lambda name: name)
    route("/abort-basic", endpoint="abort-basic")(
        lambda: f.abort(401, www_authenticate=WWWAuthenticate("basic", {"realm": "x"}))
    )
    route("/abort-range", endpoint="abort-range")(lambda: f.abort(416, 10))
    route("/abort-methods", endpoint="abort-methods")(lambda: f.abort(405, ["B", "A"]))
    route("/abort-shared", endpoint="abort-shared")(lambda: f.abort(shared))
    route("/sent/<path:name>", endpoint="sent")(
        lambda name: f.send_from_directory("static", name, max_age=60)
    )
    route("/sent-as/<path:name>", endpoint="sent-as")(
        lambda name: f.send_file(
            f"static/{name}", as_attachment=True, download_name="ö.txt", etag=False
        )
    )
    route("/url", endpoint="url")(
        lambda: " ".join(
            [
                f.url_for("int", n=3, a="x y", b=[1, 2], _anchor="ö"),
                f.url_for("static", filename="a b.css"),
                f.url_for("index", _external=True, _scheme="https"),
                f.url_for("inner_page.view", lang="en"),
            ]
        )
    )
    route("/url-missing", endpoint="url-missing")(lambda: f.url_for("int"))
    route("/request", endpoint="request")(
        lambda: {name: str(getattr(request, name)) for name in ATTRIBUTES}
    )

    @route("/abort-own")
    def abort_own() -> Any:
        raise OwnStatus

    @route("/session")
    def read_session() -> Any:
        return {"session": dict(session), "new": session.new}

    @route("/session/in")
    def look_into_session() -> str:
        return str("user" in session)

    @route("/session/write")
    def write_session() -> str:
        session["user"] = "ada"
        session["n"] = session.get("n", 0) + 1
        return "written"

    @route("/session/permanent")
    def permanent_session() -> str:
        session.permanent = True
        return "permanent"

    @route("/session/clear")
    def clear_session() -> str:
        session.clear()
        return "cleared"

    @route("/flash")
    def flash() -> str:
        f.flash("one")
        f.flash("two", "error")
        return "flashed"

    @route("/flashed")
    def flashed() -> Any:
        return f.get_flashed_messages(with_categories=True)

    @route("/template")
    def template() -> str:
        return f.render_template_string(  # type: ignore[no-any-return]  # either
            "{{ request.path }} {{ a }} {{ g.mark }} {{ config.TESTING }}", a="<"
        )

    @route("/stream")
    def stream() -> Any:
        def pieces() -> Iterator[str]:
            yield request.path
            yield "end"

        return f.Response(f.stream_with_context(pieces()))

    @route("/stream-template")
    def stream_template() -> Any:
        return f.stream_template_string("{% for n in [1, 2] %}{{ n }}{% endfor %}")

    @route("/after-this")
    def after_this() -> str:
        def add(response: Any) -> Any:
            response.headers["X-After-This"] = "1"
            return response

        f.after_this_request(add)
        return "after"

    @route("/send")
    def send() -> Any:
        return f.send_file(BytesIO(b"0123456789"), "text/plain", etag="tag")

    @route("/cookie")
    def set_cookie() -> Any:
        response = f.make_response("cookie")
        response.set_cookie("a", "b c", max_age=7, samesite="Lax")
        return response

    @route("/raise")
    def raise_handled() -> str:
        raise OwnError("handled")

    @route("/fail")
    def fail() -> str:
        raise UnhandledError("unhandled")

    app.register_error_handler(OwnError, lambda error: (f"own {error}", 409))


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """A WSGI application that a view returns."""
    start_response("202 ACCEPTED", [("X-Path", environ["PATH_INFO"])])
    return [b"wsgi"]


def add_blueprints(app: App, framework: Framework) -> None:
    """Add a blueprint in a blueprint, with handlers and a URL default."""
    f = framework
    outer = f.Blueprint("outer", "subject", url_prefix="/outer")
    inner = f.Blueprint("inner", "subject", url_prefix="/inner")
    page = f.Blueprint("inner_page", "subject", url_prefix="/<lang>/page")
    outer.add_url_rule("/", "view", lambda: f.url_for(".view"))
    outer.add_url_rule("/abort", "abort", lambda: f.abort(403))
    outer.register_error_handler(403, lambda error: ("outer 403", 403))
    inner.add_url_rule("/", "view", lambda: f.request.blueprint)
    inner.add_url_rule("/abort", "abort", lambda: f.abort(403))
    inner.add_url_rule("/missing", "missing", lambda: f.abort(404))
    inner.register_error_handler(404, lambda error: ("inner 404", 404))
    page.add_url_rule("/", "view", lambda lang: f"page in {lang}")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.register_blueprint(page)


def note_everything(subject: Subject, framework: Framework) -> None:
    """Let hooks and signals of all kinds note in `events` when they run."""
    app, events = subject.app, subject.events

    def noting(name: str, result: Any = None) -> Callable[..., Any]:
        def note(*args: Any, **kwargs: Any) -> Any:
            events.append(name)
            return result

        return note

    def noting_response(name: str) -> Callable[[Any], Any]:
        def note(response: Any) -> Any:
            events.append(f"{name} {response.status_code}")
            return response

        return note

    for key in (None, "outer", "outer.inner"):
        name = key or "app"
        app.url_value_preprocessors[key].append(noting(f"values {name}"))
        app.before_request_funcs[key].append(noting(f"before {name}"))
        app.after_request_funcs[key].append(noting_response(f"after {name} 1"))
        app.after_request_funcs[key].append(noting_response(f"after {name} 2"))
        app.teardown_request_funcs[key].append(noting(f"teardown {name}"))
    app.teardown_appcontext_funcs.append(noting("teardown context"))
    for name in SIGNALS:
        receiver = noting(f"signal {name}")
        subject.receivers.append(receiver)
        getattr(framework, name).connect(receiver, app)
