"""Starlette."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.websockets import WebSocket

from scenarios import SECRET_KEY, SITE, fillers

from ..scenarios import ECHOES, NAP, PIECES, SESSION
from . import NotOffered
from .pages import SMALL

Routes = list[BaseRoute]


def build(scenario: str, routes: int) -> Starlette:
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    others = [filler(*each) for each in fillers(routes)]
    middle = len(others) // 2
    table = [*others[:middle], *INSTALL[scenario](), *others[middle:]]
    return Starlette(routes=table, middleware=MIDDLEWARE.get(scenario, []))


def filler(number: int, dynamic: bool) -> BaseRoute:
    if dynamic:
        return Route(f"/item{number}/{{name}}", item)
    return Route(f"/page{number}", page)


async def item(request: Request) -> Response:
    return PlainTextResponse(request.path_params["name"])


async def page(request: Request) -> Response:
    return PlainTextResponse("page")


def nothing() -> Routes:
    return []


def text() -> Routes:
    async def hello(request: Request) -> Response:
        return PlainTextResponse("Hello, world!")

    return [Route("/hello", hello)]


def text_sync() -> Routes:
    def hello(request: Request) -> Response:
        return PlainTextResponse("Hello, world!")

    return [Route("/hello", hello)]


def json() -> Routes:
    async def answer(request: Request) -> Response:
        return JSONResponse({"message": "Hello", "numbers": [1, 2, 3]})

    return [Route("/json", answer)]


def nap() -> Routes:
    async def hello(request: Request) -> Response:
        await asyncio.sleep(NAP)
        return PlainTextResponse("Hello, world!")

    return [Route("/nap", hello)]


def post() -> Routes:
    async def show_post(request: Request) -> Response:
        values = request.path_params
        return PlainTextResponse(f"{values['user']} {values['slug']}")

    return [Route("/user/{user:int}/post/{slug}", show_post)]


def query() -> Routes:
    async def search(request: Request) -> Response:
        return PlainTextResponse(request.query_params["q"])

    return [Route("/search", search)]


def form() -> Routes:
    async def receive(request: Request) -> Response:
        async with request.form() as sent:
            return PlainTextResponse(f"{sent['name']} from {sent['city']}")

    return [Route("/form", receive, methods=["POST"])]


def json_in_and_out() -> Routes:
    async def add(request: Request) -> Response:
        sent = await request.json()
        return JSONResponse({"sum": sum(sent["numbers"]), "name": sent["name"]})

    return [Route("/sum", add, methods=["POST"])]


def session() -> Routes:
    async def read(request: Request) -> Response:
        return PlainTextResponse(str(request.session["user_id"]))

    async def write(request: Request) -> Response:
        request.session.update(SESSION)
        return PlainTextResponse("written")

    return [Route("/session", read), Route("/session", write, methods=["POST"])]


def template() -> Routes:
    templates = Jinja2Templates(directory=SITE / "templates")

    async def small(request: Request) -> Response:
        return templates.TemplateResponse(request, "small.html", {**SMALL})

    return [Route("/small", small)]


def hooked() -> Routes:
    async def hello(request: Request) -> Response:
        return PlainTextResponse(request.state.user)

    return [Route("/hello", hello)]


def stream() -> Routes:
    async def pieces() -> Any:
        for number in range(PIECES):
            yield f"piece {number}\n"

    async def answer(request: Request) -> Response:
        return StreamingResponse(pieces(), media_type="text/plain")

    return [Route("/stream", answer)]


def static_file() -> Routes:
    return [Mount("/static", StaticFiles(directory=SITE / "static"))]


def websocket() -> Routes:
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        for _ in range(ECHOES):
            await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    return [WebSocketRoute("/echo", echo)]


class SetUser:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["user"] = "Ada"
        await self.app(scope, receive, send)


class PassOn:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


class SetHeader:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_on(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-after", b"1")]
            await send(message)

        await self.app(scope, receive, send_on)


MIDDLEWARE = {
    "session read": [Middleware(SessionMiddleware, secret_key=SECRET_KEY)],
    "session written": [Middleware(SessionMiddleware, secret_key=SECRET_KEY)],
    # Starlette has no hooks; plain ASGI layers are the fast way.
    "3 hooks": [Middleware(SetUser), Middleware(PassOn), Middleware(SetHeader)],
}

INSTALL: dict[str, Callable[[], Routes]] = {
    "text": text,
    "text, plain view": text_sync,
    "json": json,
    "nap": nap,
    "two variables": post,
    "last rule": nothing,
    "query": query,
    "form": form,
    "json in, json out": json_in_and_out,
    "404": nothing,
    "session read": session,
    "session written": session,
    "small template": template,
    "3 hooks": hooked,
    "stream of 10": stream,
    "static file": static_file,
    "WebSocket, 10 echoes": websocket,
}
