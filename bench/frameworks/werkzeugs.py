"""Werkzeug without a framework: its map, its request and its response."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.utils import redirect, send_from_directory
from werkzeug.wrappers import Request, Response

from scenarios import JSON_ROWS, SITE, fillers

from . import NotOffered
from .pages import ROWS, SMALL, render

View = Callable[..., Response]


def build(scenario: str, routes: int) -> WSGIApplication:
    """Return an app with the routes of a scenario among others."""
    if scenario not in ROUTES:
        raise NotOffered(scenario)
    others = [
        Rule(f"/item{number}/<name>", endpoint=item, methods=["GET"])
        if dynamic
        else Rule(f"/page{number}", endpoint=page, methods=["GET"])
        for number, dynamic in fillers(routes)
    ]
    middle = len(others) // 2
    own = [
        Rule(path, endpoint=view, methods=[method])
        for method, path, view in ROUTES[scenario]
    ]
    return Dispatcher(Map([*others[:middle], *own, *others[middle:]]))


class Dispatcher:
    """Find the view, whose endpoint it is, and call it."""

    def __init__(self, url_map: Map) -> None:
        self.url_map = url_map

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        adapter = self.url_map.bind_to_environ(environ)
        answer: WSGIApplication
        try:
            view, values = adapter.match()
            answer = view(Request(environ), adapter, **values)
        except HTTPException as error:
            answer = error
        return answer(environ, start_response)


def item(request: Request, adapter: MapAdapter, name: str) -> Response:
    return Response(name)


def page(request: Request, adapter: MapAdapter) -> Response:
    return Response("page")


def hello(request: Request, adapter: MapAdapter) -> Response:
    return Response("Hello, world!")


def items(request: Request, adapter: MapAdapter) -> Response:
    content = json.dumps({"items": JSON_ROWS})
    return Response(content, content_type="application/json")


def as_json(request: Request, adapter: MapAdapter) -> Response:
    content = json.dumps({"message": "Hello", "numbers": [1, 2, 3]})
    return Response(content, content_type="application/json")


def show_post(request: Request, adapter: MapAdapter, user: int, slug: str) -> Response:
    return Response(f"{user} {slug}")


def search(request: Request, adapter: MapAdapter) -> Response:
    return Response(request.args["q"])


def form(request: Request, adapter: MapAdapter) -> Response:
    return Response(f"{request.form['name']} from {request.form['city']}")


def add(request: Request, adapter: MapAdapter) -> Response:
    sent: Any = request.get_json()
    content = json.dumps({"sum": sum(sent["numbers"]), "name": sent["name"]})
    return Response(content, content_type="application/json")


def link(request: Request, adapter: MapAdapter) -> Response:
    return Response(adapter.build(show_post, POST))


def small(request: Request, adapter: MapAdapter) -> Response:
    return Response(render("small.html", SMALL), mimetype="text/html")


def rows(request: Request, adapter: MapAdapter) -> Response:
    return Response(render("rows.html", ROWS), mimetype="text/html")


def away(request: Request, adapter: MapAdapter) -> Response:
    return redirect(adapter.build(show_post, POST))


def created(request: Request, adapter: MapAdapter) -> Response:
    return Response("Created", 201)


def header(request: Request, adapter: MapAdapter) -> Response:
    response = Response("Hello")
    response.headers["X-Token"] = "abc"
    return response


def static_file(request: Request, adapter: MapAdapter, name: str) -> Response:
    return send_from_directory(SITE / "static", name, request.environ)


def upload(request: Request, adapter: MapAdapter) -> Response:
    with request:  # closes the file
        return Response(str(len(request.files["file"].read())))


POST = {"user": 17, "slug": "first-words"}
POST_ROUTE = ("GET", "/user/<int:user>/post/<slug>", show_post)
ROUTES: dict[str, list[tuple[str, str, View]]] = {
    "text": [("GET", "/hello", hello)],
    "json": [("GET", "/json", as_json)],
    "dict": [("GET", "/dict", as_json)],
    "two variables": [POST_ROUTE],
    "last rule": [],
    "query": [("GET", "/search", search)],
    "form": [("POST", "/form", form)],
    "json in, json out": [("POST", "/sum", add)],
    "json of 50 rows": [("GET", "/items", items)],
    "url_for": [POST_ROUTE, ("GET", "/link", link)],
    "small template": [("GET", "/small", small)],
    "template of 100 rows": [("GET", "/rows", rows)],
    "404": [],
    "405": [("GET", "/hello", hello)],
    "options": [("GET", "/hello", hello)],
    "head": [("GET", "/hello", hello)],
    "slash redirect": [("GET", "/folder/", hello)],
    "redirect(url_for)": [POST_ROUTE, ("GET", "/away", away)],
    "tuple": [("GET", "/created", created)],
    "header set": [("GET", "/header", header)],
    "static file": [("GET", "/static/<path:name>", static_file)],
    "upload of 1 MB": [("POST", "/upload", upload)],
}
