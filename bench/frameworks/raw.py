"""No framework: functions that speak WSGI, found by their path in a dictionary.

It is the floor: what no framework can be faster than by much.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from scenarios import JSON_ROWS, fillers

from . import NotOffered

TEXT = ("Content-Type", "text/plain; charset=utf-8")
JSON = ("Content-Type", "application/json")


def build(scenario: str, routes: int) -> WSGIApplication:
    """Return an app with the route of a scenario among others."""
    if scenario not in VIEWS:
        raise NotOffered(scenario)
    views: dict[str, WSGIApplication] = {
        f"/page{number}": hello for number, _ in fillers(routes)
    }
    path, view = VIEWS[scenario]
    views[path] = view

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = views.get(environ["PATH_INFO"], not_found)
        return found(environ, start_response)

    return app


def answer(
    start_response: StartResponse,
    body: bytes,
    *headers: tuple[str, str],
    status: str = "200 OK",
) -> Iterable[bytes]:
    start_response(status, [*headers, ("Content-Length", str(len(body)))])
    return [body]


def hello(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return answer(start_response, b"Hello, world!", TEXT)


def head(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [TEXT, ("Content-Length", "13")])
    return []


def as_json(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps({"message": "Hello", "numbers": [1, 2, 3]}).encode()
    return answer(start_response, body, JSON)


def search(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    found = parse_qs(environ["QUERY_STRING"])["q"][0]
    return answer(start_response, found.encode(), TEXT)


def form(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    sent = parse_qs(content(environ).decode())
    body = f"{sent['name'][0]} from {sent['city'][0]}".encode()
    return answer(start_response, body, TEXT)


def add(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    sent = json.loads(content(environ))
    found = {"sum": sum(sent["numbers"]), "name": sent["name"]}
    return answer(start_response, json.dumps(found).encode(), JSON)


def content(environ: WSGIEnvironment) -> bytes:
    length = int(environ["CONTENT_LENGTH"])
    sent: bytes = environ["wsgi.input"].read(length)
    return sent


def created(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return answer(start_response, b"Created", TEXT, status="201 CREATED")


def rows(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps({"items": JSON_ROWS}).encode()
    return answer(start_response, body, JSON)


def header(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return answer(start_response, b"Hello", TEXT, ("X-Token", "abc"))


def not_found(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    return answer(start_response, b"Not Found", TEXT, status="404 NOT FOUND")


VIEWS: dict[str, tuple[str, WSGIApplication]] = {
    "text": ("/hello", hello),
    "json": ("/json", as_json),
    "dict": ("/dict", as_json),
    "query": ("/search", search),
    "form": ("/form", form),
    "json in, json out": ("/sum", add),
    "json of 50 rows": ("/items", rows),
    "404": ("/hello", hello),
    "head": ("/hello", head),
    "tuple": ("/created", created),
    "header set": ("/header", header),
    "session ignored": ("/hello", hello),
}
