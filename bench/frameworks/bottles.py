"""Bottle."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import bottle

from scenarios import JSON_ROWS, SITE, fillers

from . import NotOffered
from .pages import ROWS, SMALL

# Bottle has no types.
App = Any

# Bottle remembers a template by the identity of this list.
TEMPLATE_FOLDERS = [str(SITE / "templates")]
TEMPLATE_SETTINGS = {"autoescape": True, "auto_reload": False}


def build(scenario: str, routes: int) -> App:
    """Return an app with the routes of a scenario among others."""
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    app = bottle.Bottle()
    others = fillers(routes)
    middle = len(others) // 2
    add_fillers(app, others[:middle])
    INSTALL[scenario](app)
    add_fillers(app, others[middle:])
    return app


def add_fillers(app: App, numbers: list[tuple[int, bool]]) -> None:
    for number, dynamic in numbers:
        if dynamic:
            app.route(f"/item{number}/<name>", callback=lambda name: name)
        else:
            app.route(f"/page{number}", callback=lambda: "page")


def nothing(app: App) -> None:
    """Install nothing: the scenario is about the other routes."""


def text(app: App) -> None:
    @app.get("/hello")
    def hello() -> str:
        return "Hello, world!"


def dumped(app: App) -> None:
    @app.get("/json")
    def answer() -> str:
        bottle.response.content_type = "application/json"
        return json.dumps({"message": "Hello", "numbers": [1, 2, 3]})


def returned_dict(app: App) -> None:
    @app.get("/dict")
    def answer() -> Any:
        return {"message": "Hello", "numbers": [1, 2, 3]}


def post(app: App) -> None:
    @app.get("/user/<user:int>/post/<slug>", name="show_post")
    def show_post(user: int, slug: str) -> str:
        return f"{user} {slug}"


def query(app: App) -> None:
    @app.get("/search")
    def search() -> Any:
        return bottle.request.query["q"]


def form(app: App) -> None:
    @app.post("/form")
    def receive() -> str:
        forms = bottle.request.forms
        return f"{forms['name']} from {forms['city']}"


def json_in_and_out(app: App) -> None:
    @app.post("/sum")
    def add() -> Any:
        sent = bottle.request.json
        return {"sum": sum(sent["numbers"]), "name": sent["name"]}


def json_of_rows(app: App) -> None:
    @app.get("/items")
    def items() -> Any:
        return {"items": JSON_ROWS}


def link(app: App) -> None:
    post(app)

    @app.get("/link")
    def show_link() -> Any:
        return app.get_url("show_post", user=17, slug="first-words")


def small_template(app: App) -> None:
    @app.get("/small")
    def small() -> Any:
        return render("small.html", SMALL)


def large_template(app: App) -> None:
    @app.get("/rows")
    def rows() -> Any:
        return render("rows.html", ROWS)


def render(name: str, variables: Mapping[str, object]) -> Any:
    return bottle.jinja2_template(
        name,
        template_lookup=TEMPLATE_FOLDERS,
        template_settings=TEMPLATE_SETTINGS,
        **variables,
    )


def away(app: App) -> None:
    post(app)

    @app.get("/away")
    def leave() -> None:
        bottle.redirect(app.get_url("show_post", user=17, slug="first-words"), 302)


def folder(app: App) -> None:
    @app.get("/folder/")
    def contents() -> str:
        return "contents"


def abort(app: App) -> None:
    @app.error(403)
    def refuse(error: Exception) -> str:
        return "Not for you"

    @app.get("/forbidden")
    def forbidden() -> None:
        bottle.abort(403)


def exception(app: App) -> None:
    @app.error(500)
    def apologise(error: Exception) -> str:
        return "Sorry"

    @app.get("/broken")
    def broken() -> None:
        raise ValueError("broken")


def created(app: App) -> None:
    @app.get("/created")
    def create() -> str:
        bottle.response.status = 201
        return "Created"


def header(app: App) -> None:
    @app.get("/header")
    def with_header() -> str:
        bottle.response.set_header("X-Token", "abc")
        return "Hello"


def hooks(app: App) -> None:
    """Install three hooks before and four after: Bottle has no third kind."""

    def load_user() -> None:
        bottle.request.environ["bench.user"] = "Ada"

    for before in (load_user, lambda: None, lambda: None):
        app.add_hook("before_request", before)
    app.add_hook("after_request", lambda: bottle.response.set_header("X-After", "1"))
    for _ in range(3):
        app.add_hook("after_request", lambda: None)

    @app.get("/hello")
    def hello() -> Any:
        return bottle.request.environ["bench.user"]


def busy_hooks(app: App) -> None:

    def begin() -> None:
        bottle.request.environ["bench.count"] = 1

    def count() -> None:
        bottle.request.environ["bench.count"] += 1

    def number(position: str) -> Callable[[], None]:
        return lambda: bottle.response.set_header("X-After", position)

    for before in (begin, count, lambda: count()):
        app.add_hook("before_request", before)
    # The one registered last runs first.
    for position in ("2", "1", "0", "-1"):
        app.add_hook("after_request", number(position))

    @app.get("/hello")
    def hello() -> str:
        return str(bottle.request.environ["bench.count"])


def static_file(app: App) -> None:
    @app.get("/static/<name:path>")
    def send(name: str) -> Any:
        return bottle.static_file(name, root=SITE / "static")


def upload(app: App) -> None:
    @app.post("/upload")
    def receive() -> str:
        return str(len(bottle.request.files["file"].file.read()))


INSTALL: dict[str, Callable[[App], None]] = {
    "text": text,
    "json": dumped,
    "dict": returned_dict,
    "two variables": post,
    "last rule": nothing,
    "query": query,
    "form": form,
    "json in, json out": json_in_and_out,
    "json of 50 rows": json_of_rows,
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
    "static file": static_file,
    "upload of 1 MB": upload,
}
