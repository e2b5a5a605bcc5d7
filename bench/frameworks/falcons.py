"""Falcon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import falcon

from scenarios import JSON_ROWS, SITE, fillers

from . import NotOffered
from .pages import ROWS, SMALL, render

App = falcon.App[Any, Any]
Request = falcon.Request
Response = falcon.Response


def build(scenario: str, routes: int) -> App:
    """Return an app with the routes of a scenario among others."""
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    app: App = falcon.App(middleware=MIDDLEWARE.get(scenario, []))
    others = fillers(routes)
    middle = len(others) // 2
    add_fillers(app, others[:middle])
    INSTALL[scenario](app)
    add_fillers(app, others[middle:])
    return app


def add_fillers(app: App, numbers: list[tuple[int, bool]]) -> None:
    for number, dynamic in numbers:
        if dynamic:
            app.add_route(f"/item{number}/{{name}}", Item())
        else:
            app.add_route(f"/page{number}", Page())


class Item:
    def on_get(self, request: Request, response: Response, name: str) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = name


class Page:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = "page"


class Hello:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = "Hello, world!"


class Media:
    def on_get(self, request: Request, response: Response) -> None:
        response.media = {"message": "Hello", "numbers": [1, 2, 3]}


class Rows:
    def on_get(self, request: Request, response: Response) -> None:
        response.media = {"items": JSON_ROWS}


class Post:
    def on_get(
        self, request: Request, response: Response, user: int, slug: str
    ) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = f"{user} {slug}"


class Search:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = request.get_param("q")


class Form:
    def on_post(self, request: Request, response: Response) -> None:
        form = request.get_media()
        response.content_type = falcon.MEDIA_TEXT
        response.text = f"{form['name']} from {form['city']}"


class Sum:
    def on_post(self, request: Request, response: Response) -> None:
        sent = request.get_media()
        response.media = {"sum": sum(sent["numbers"]), "name": sent["name"]}


class SmallTemplate:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_HTML
        response.text = render("small.html", SMALL)


class LargeTemplate:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_HTML
        response.text = render("rows.html", ROWS)


class Forbidden:
    def on_get(self, request: Request, response: Response) -> None:
        raise falcon.HTTPForbidden


class Broken:
    def on_get(self, request: Request, response: Response) -> None:
        raise ValueError("broken")


class Created:
    def on_get(self, request: Request, response: Response) -> None:
        response.status = falcon.HTTP_201
        response.content_type = falcon.MEDIA_TEXT
        response.text = "Created"


class Header:
    def on_get(self, request: Request, response: Response) -> None:
        response.set_header("X-Token", "abc")
        response.content_type = falcon.MEDIA_TEXT
        response.text = "Hello"


class Counted:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = str(request.context.count)


class Begin:
    def process_request(self, request: Request, response: Response) -> None:
        request.context.count = 1


class Count:
    def process_request(self, request: Request, response: Response) -> None:
        request.context.count += 1


class Before:
    def process_request(self, request: Request, response: Response) -> None:
        pass


class LoadUser:
    def process_request(self, request: Request, response: Response) -> None:
        request.context.user = "Ada"


class ShowUser:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = request.context.user


class After:
    def process_response(
        self, request: Request, response: Response, resource: object, succeeded: bool
    ) -> None:
        pass


class Number:
    def __init__(self, position: str) -> None:
        self.position = position

    def process_response(
        self, request: Request, response: Response, resource: object, succeeded: bool
    ) -> None:
        response.set_header("X-After", self.position)


def load_user(
    request: Request, response: Response, resource: object, params: dict[str, Any]
) -> None:
    request.context.user = "Ada"


def add_header(request: Request, response: Response, resource: object) -> None:
    response.set_header("X-After", "1")


@falcon.before(load_user)
@falcon.after(add_header)
class Cart:
    def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = request.context.user


class Upload:
    def on_post(self, request: Request, response: Response) -> None:
        sizes = {part.name: len(part.stream.read()) for part in request.get_media()}
        response.content_type = falcon.MEDIA_TEXT
        response.text = str(sizes["file"])


def refuse(
    request: Request, response: Response, error: Exception, params: dict[str, Any]
) -> None:
    response.status = falcon.HTTP_403
    response.content_type = falcon.MEDIA_TEXT
    response.text = "Not for you"


def apologise(
    request: Request, response: Response, error: Exception, params: dict[str, Any]
) -> None:
    response.status = falcon.HTTP_500
    response.content_type = falcon.MEDIA_TEXT
    response.text = "Sorry"


def nothing(app: App) -> None:
    """Install nothing: the scenario is about the other routes."""


def route(path: str, resource: Callable[[], object]) -> Callable[[App], None]:
    """Return what installs one route."""
    return lambda app: app.add_route(path, resource())


def abort(app: App) -> None:
    app.add_error_handler(falcon.HTTPForbidden, refuse)
    app.add_route("/forbidden", Forbidden())


def exception(app: App) -> None:
    app.add_error_handler(ValueError, apologise)
    app.add_route("/broken", Broken())


def static_file(app: App) -> None:
    app.add_static_route("/static", str(SITE / "static"))


# Falcon calls what they have; their types have nothing in common.
Middleware = Any
# The last to process a request is the first to process the response.
MIDDLEWARE: dict[str, list[Middleware]] = {
    "7 hooks": [
        *(After(), After(), After(), Number("1")),
        *(LoadUser(), Before(), Before()),
    ],
    "7 busy hooks": [
        *(Number("2"), Number("1"), Number("0"), Number("-1")),
        *(Begin(), Count(), Count()),
    ],
}
INSTALL: dict[str, Callable[[App], None]] = {
    "text": route("/hello", Hello),
    "json": route("/json", Media),
    "dict": route("/dict", Media),
    "two variables": route("/user/{user:int}/post/{slug}", Post),
    "last rule": nothing,
    "query": route("/search", Search),
    "form": route("/form", Form),
    "json in, json out": route("/sum", Sum),
    "json of 50 rows": route("/items", Rows),
    "small template": route("/small", SmallTemplate),
    "template of 100 rows": route("/rows", LargeTemplate),
    "404": nothing,
    "405": route("/hello", Hello),
    "options": route("/hello", Hello),
    "head": route("/hello", Hello),
    "slash redirect": route("/folder/", Hello),
    "abort, handler": abort,
    "exception, handler": exception,
    "tuple": route("/created", Created),
    "header set": route("/header", Header),
    "7 hooks": route("/hello", ShowUser),
    "7 busy hooks": route("/hello", Counted),
    "blueprint hooks": route("/shop/cart", Cart),
    "static file": static_file,
    "upload of 1 MB": route("/upload", Upload),
}
