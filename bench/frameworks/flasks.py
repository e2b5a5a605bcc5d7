"""Flask, and Tantalus, whose names are the same."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from scenarios import JSON_ROWS, SECRET_KEY, SITE, fillers

from . import NotOffered
from .pages import ROWS, SMALL

# The app is Flask's or ours, which have no type in common.
AnyApp = Any


def build(scenario: str, routes: int, package: str, class_name: str) -> AnyApp:
    """Return an app of this class with the routes of a scenario among others."""
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    names = import_module(package)
    app = getattr(names, class_name)(
        "bench", static_folder=SITE / "static", template_folder=SITE / "templates"
    )
    app.secret_key = SECRET_KEY
    others = fillers(routes)
    middle = len(others) // 2
    add_fillers(app, others[:middle])
    INSTALL[scenario](names, app)
    add_fillers(app, others[middle:])
    return app


def add_fillers(app: AnyApp, numbers: list[tuple[int, bool]]) -> None:
    for number, dynamic in numbers:
        if dynamic:
            app.add_url_rule(f"/item{number}/<name>", f"item{number}", item)
        else:
            app.add_url_rule(f"/page{number}", f"page{number}", page)


def item(name: str) -> str:
    return name


def page() -> str:
    return "page"


def nothing(names: ModuleType, app: AnyApp) -> None:
    """Install nothing: the scenario is about the other routes."""


def text(names: ModuleType, app: AnyApp) -> None:
    @app.get("/hello")
    def hello() -> str:
        return "Hello, world!"


def coroutine_view(names: ModuleType, app: AnyApp) -> None:
    """Have a view awaited: by what Flask takes for it, asgiref, and by our own."""

    @app.get("/awaited")
    async def hello() -> str:
        return "Hello, world!"


def json(names: ModuleType, app: AnyApp) -> None:
    jsonify = names.jsonify

    @app.get("/json")
    def answer() -> Any:
        return jsonify(message="Hello", numbers=[1, 2, 3])


def returned_dict(names: ModuleType, app: AnyApp) -> None:
    @app.get("/dict")
    def answer() -> Any:
        return {"message": "Hello", "numbers": [1, 2, 3]}


def post(names: ModuleType, app: AnyApp) -> None:
    @app.get("/user/<int:user>/post/<slug>")
    def show_post(user: int, slug: str) -> str:
        return f"{user} {slug}"


def query(names: ModuleType, app: AnyApp) -> None:
    request = names.request

    @app.get("/search")
    def search() -> Any:
        return request.args["q"]


def form(names: ModuleType, app: AnyApp) -> None:
    request = names.request

    @app.post("/form")
    def receive() -> str:
        return f"{request.form['name']} from {request.form['city']}"


def json_in_and_out(names: ModuleType, app: AnyApp) -> None:
    request = names.request

    @app.post("/sum")
    def add() -> Any:
        sent = request.get_json()
        return {"sum": sum(sent["numbers"]), "name": sent["name"]}


def json_of_rows(names: ModuleType, app: AnyApp) -> None:
    @app.get("/items")
    def items() -> Any:
        return {"items": JSON_ROWS}


def json_of_rows_by_orjson(names: ModuleType, app: AnyApp) -> None:
    """Flask gets what one writes for it to have its JSON by orjson."""
    if names.__name__ == "flask":
        app.json = flask_by_orjson(names, app)
    else:
        app.json = import_module("tantalus.json.fast").FastJSONProvider(app)
    json_of_rows(names, app)


def flask_by_orjson(names: ModuleType, app: AnyApp) -> Any:
    orjson: Any = import_module("orjson")
    base: Any = names.json.provider.DefaultJSONProvider

    class Provider(base):  # type: ignore[misc]  # Flask's
        def dumps(self, obj: Any, **kwargs: Any) -> str:
            text: bytes = orjson.dumps(obj, self.default, orjson.OPT_SORT_KEYS)
            return text.decode()

    return Provider(app)


def link(names: ModuleType, app: AnyApp) -> None:
    url_for = names.url_for
    post(names, app)

    @app.get("/link")
    def show_link() -> Any:
        return url_for("show_post", user=17, slug="first-words")


def small_template(names: ModuleType, app: AnyApp) -> None:
    render_template = names.render_template

    @app.get("/small")
    def small() -> Any:
        return render_template("small.html", **SMALL)


def large_template(names: ModuleType, app: AnyApp) -> None:
    render_template = names.render_template

    @app.get("/rows")
    def rows() -> Any:
        return render_template("rows.html", **ROWS)


def folder(names: ModuleType, app: AnyApp) -> None:
    @app.get("/folder/")
    def contents() -> str:
        return "contents"


def away(names: ModuleType, app: AnyApp) -> None:
    redirect, url_for = names.redirect, names.url_for
    post(names, app)

    @app.get("/away")
    def leave() -> Any:
        return redirect(url_for("show_post", user=17, slug="first-words"))


def abort(names: ModuleType, app: AnyApp) -> None:
    stop = names.abort

    @app.errorhandler(403)
    def refuse(error: Exception) -> tuple[str, int]:
        return "Not for you", 403

    @app.get("/forbidden")
    def forbidden() -> str:
        stop(403)
        return "never"


def exception(names: ModuleType, app: AnyApp) -> None:
    @app.errorhandler(ValueError)
    def apologise(error: ValueError) -> tuple[str, int]:
        return "Sorry", 500

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("broken")


def created(names: ModuleType, app: AnyApp) -> None:
    @app.get("/created")
    def create() -> tuple[str, int]:
        return "Created", 201


def header(names: ModuleType, app: AnyApp) -> None:
    make_response = names.make_response

    @app.get("/header")
    def with_header() -> Any:
        response = make_response("Hello")
        response.headers["X-Token"] = "abc"
        return response


def hooks(names: ModuleType, app: AnyApp) -> None:
    """Install three before, three after, and one at the end; two have work to do."""
    g = names.g

    def load_user() -> None:
        g.user = "Ada"

    def add_header(response: Any) -> Any:
        response.headers["X-After"] = "1"
        return response

    for before in (load_user, lambda: None, lambda: None):
        app.before_request(before)
    for after in (add_header, lambda response: response, lambda response: response):
        app.after_request(after)
    app.teardown_request(lambda error: None)

    @app.get("/hello")
    def hello() -> Any:
        return g.user


def busy_hooks(names: ModuleType, app: AnyApp) -> None:
    """Install as many, which keep a number for the request and set a header thrice."""
    g = names.g

    def begin() -> None:
        g.count = 1

    def count() -> None:
        g.count += 1

    def number(position: str) -> Callable[[Any], Any]:
        def add_header(response: Any) -> Any:
            response.headers["X-After"] = position
            return response

        return add_header

    for before in (begin, count, lambda: count()):
        app.before_request(before)
    # The one registered last runs first.
    for position in ("2", "1", "0"):
        app.after_request(number(position))
    app.teardown_request(lambda error: None)

    @app.get("/hello")
    def hello() -> str:
        return str(g.count)


def blueprint_hooks(names: ModuleType, app: AnyApp) -> None:
    g = names.g
    shop = names.Blueprint("shop", "bench", url_prefix="/shop")

    @shop.before_request
    def load_user() -> None:
        g.user = "Ada"

    @shop.after_request
    def add_header(response: Any) -> Any:
        response.headers["X-After"] = "1"
        return response

    @shop.get("/cart")
    def cart() -> Any:
        return g.user

    app.register_blueprint(shop)


def session(names: ModuleType, app: AnyApp) -> None:
    current = names.session

    @app.get("/session")
    def read() -> str:
        return str(current["user_id"])

    @app.post("/session")
    def write() -> str:
        current["user_id"] += 1
        return "written"


def upload(names: ModuleType, app: AnyApp) -> None:
    request = names.request

    @app.post("/upload")
    def receive() -> str:
        return str(len(request.files["file"].read()))


INSTALL: dict[str, Callable[[ModuleType, AnyApp], None]] = {
    "text": text,
    "coroutine view": coroutine_view,
    "json": json,
    "dict": returned_dict,
    "two variables": post,
    "last rule": nothing,
    "query": query,
    "form": form,
    "json in, json out": json_in_and_out,
    "json of 50 rows": json_of_rows,
    "50 rows, orjson": json_of_rows_by_orjson,
    "url_for": link,
    "small template": small_template,
    "template of 100 rows": large_template,
    "404": nothing,
    "405": text,
    "options": text,
    "head": text,
    "slash redirect": folder,
    "redirect(url_for)": away,
    "abort, handler": abort,
    "exception, handler": exception,
    "tuple": created,
    "header set": header,
    "7 hooks": hooks,
    "7 busy hooks": busy_hooks,
    "blueprint hooks": blueprint_hooks,
    "session ignored": text,
    "session read": session,
    "session read, other users": session,
    "session written": session,
    "static file": nothing,
    "upload of 1 MB": upload,
}
