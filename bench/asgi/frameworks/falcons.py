"""Falcon's ASGI app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import falcon
import falcon.asgi
import jinja2
from falcon import Request, Response

from scenarios import SITE, fillers

from ..scenarios import ECHOES, NAP, PIECES
from . import NotOffered
from .pages import SMALL

App = falcon.asgi.App[Any, Any]
TEXT = falcon.MEDIA_TEXT


def build(scenario: str, routes: int) -> App:
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    app: App = falcon.asgi.App(middleware=MIDDLEWARE.get(scenario, []))
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


def respond(response: Response, text: str | None) -> None:
    response.content_type = TEXT
    response.text = text


class Item:
    async def on_get(self, request: Request, response: Response, name: str) -> None:
        respond(response, name)


class Page:
    async def on_get(self, request: Request, response: Response) -> None:
        respond(response, "page")


class Hello:
    async def on_get(self, request: Request, response: Response) -> None:
        respond(response, "Hello, world!")


class HelloSync:
    def __init__(self) -> None:
        self.get = falcon.util.wrap_sync_to_async(self.work)

    def work(self, request: Request, response: Response) -> None:
        respond(response, "Hello, world!")

    async def on_get(self, request: Request, response: Response) -> None:
        await self.get(request, response)


class Nap:
    async def on_get(self, request: Request, response: Response) -> None:
        await asyncio.sleep(NAP)
        respond(response, "Hello, world!")


class Media:
    async def on_get(self, request: Request, response: Response) -> None:
        response.media = {"message": "Hello", "numbers": [1, 2, 3]}


class Post:
    async def on_get(
        self, request: Request, response: Response, user: int, slug: str
    ) -> None:
        respond(response, f"{user} {slug}")


class Search:
    async def on_get(self, request: Request, response: Response) -> None:
        respond(response, request.get_param("q"))


class Form:
    async def on_post(self, request: Request, response: Response) -> None:
        sent: Any = await request.get_media()
        respond(response, f"{sent['name']} from {sent['city']}")


class Sum:
    async def on_post(self, request: Request, response: Response) -> None:
        sent: Any = await request.get_media()
        response.media = {"sum": sum(sent["numbers"]), "name": sent["name"]}


class Small:
    def __init__(self) -> None:
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(SITE / "templates"),
            autoescape=True,
            auto_reload=False,
        )

    async def on_get(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_HTML
        response.text = self.environment.get_template("small.html").render(SMALL)


class Stream:
    async def on_get(self, request: Request, response: Response) -> None:
        async def pieces() -> Any:
            for number in range(PIECES):
                yield f"piece {number}\n".encode()

        response.content_type = TEXT
        response.stream = pieces()


class Echo:
    async def on_websocket(self, request: Request, websocket: Any) -> None:
        await websocket.accept()
        for _ in range(ECHOES):
            await websocket.send_text(await websocket.receive_text())
        await websocket.close()


class User:
    async def on_get(self, request: Request, response: Response) -> None:
        respond(response, request.context.user)


class SetUser:
    async def process_request(self, request: Request, response: Response) -> None:
        request.context.user = "Ada"


class PassOn:
    async def process_request(self, request: Request, response: Response) -> None:
        pass


class SetHeader:
    async def process_response(
        self, request: Request, response: Response, resource: Any, succeeded: bool
    ) -> None:
        response.set_header("X-After", "1")


# Falcon calls what they have; their types have nothing in common.
MIDDLEWARE: dict[str, list[Any]] = {"3 hooks": [SetUser(), PassOn(), SetHeader()]}

INSTALL: dict[str, Callable[[App], Any]] = {
    "text": lambda app: app.add_route("/hello", Hello()),
    "text, plain view": lambda app: app.add_route("/hello", HelloSync()),
    "json": lambda app: app.add_route("/json", Media()),
    "nap": lambda app: app.add_route("/nap", Nap()),
    "two variables": lambda app: app.add_route("/user/{user:int}/post/{slug}", Post()),
    "last rule": lambda app: None,
    "query": lambda app: app.add_route("/search", Search()),
    "form": lambda app: app.add_route("/form", Form()),
    "json in, json out": lambda app: app.add_route("/sum", Sum()),
    "404": lambda app: None,
    "small template": lambda app: app.add_route("/small", Small()),
    "3 hooks": lambda app: app.add_route("/hello", User()),
    "stream of 10": lambda app: app.add_route("/stream", Stream()),
    "static file": lambda app: app.add_static_route("/static", SITE / "static"),
    "WebSocket, 10 echoes": lambda app: app.add_route("/echo", Echo()),
}
