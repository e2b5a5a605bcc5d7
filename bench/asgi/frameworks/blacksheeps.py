"""BlackSheep, whose wheel is compiled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import jinja2
from blacksheep import (
    Application,
    FromQuery,
    Request,
    Response,
    Router,
    StreamedContent,
    WebSocket,
    json,
    text,
)
from blacksheep.server.rendering.jinja2 import JinjaRenderer
from blacksheep.server.responses import view
from blacksheep.settings.html import html_settings

from scenarios import SECRET_KEY, SITE, fillers

from ..scenarios import ECHOES, NAP, PIECES, SESSION
from . import NotOffered
from .pages import SMALL


def build(scenario: str, routes: int) -> Application:
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    app = Application(router=Router())
    others = fillers(routes)
    middle = len(others) // 2
    add_fillers(app, others[:middle])
    INSTALL[scenario](app)
    add_fillers(app, others[middle:])
    return app


def add_fillers(app: Application, numbers: list[tuple[int, bool]]) -> None:
    for number, dynamic in numbers:
        if dynamic:
            app.router.add_get(f"/item{number}/{{name}}", item)
        else:
            app.router.add_get(f"/page{number}", page)


async def item(name: str) -> Response:
    return text(name)


async def page() -> Response:
    return text("page")


def nothing(app: Application) -> None:
    """Install nothing."""


def hello_world(app: Application) -> None:
    @app.router.get("/hello")
    async def hello() -> Response:
        return text("Hello, world!")


def dumped(app: Application) -> None:
    @app.router.get("/json")
    async def answer() -> Response:
        return json({"message": "Hello", "numbers": [1, 2, 3]})


def nap(app: Application) -> None:
    @app.router.get("/nap")
    async def hello() -> Response:
        await asyncio.sleep(NAP)
        return text("Hello, world!")


def post(app: Application) -> None:
    @app.router.get("/user/{int:user}/post/{slug}")
    async def show_post(user: int, slug: str) -> Response:
        return text(f"{user} {slug}")


def query(app: Application) -> None:
    @app.router.get("/search")
    async def search(q: FromQuery[str]) -> Response:
        return text(q.value)


def form(app: Application) -> None:
    @app.router.post("/form")
    async def receive(request: Request) -> Response:
        sent: Any = await request.form()
        return text(f"{sent['name']} from {sent['city']}")


def json_in_and_out(app: Application) -> None:
    @app.router.post("/sum")
    async def add(request: Request) -> Response:
        sent = await request.json()
        return json({"sum": sum(sent["numbers"]), "name": sent["name"]})


def session(app: Application) -> None:
    app.use_sessions(SECRET_KEY)

    @app.router.get("/session")
    async def read(request: Request) -> Response:
        return text(str(request.session["user_id"]))

    @app.router.post("/session")
    async def write(request: Request) -> Response:
        request.session.update(SESSION)
        return text("written")


def template(app: Application) -> None:
    # It looks for another ending.
    source = (SITE / "templates/small.html").read_text(encoding="utf-8")
    loader = jinja2.DictLoader({"small.jinja": source})
    html_settings.use(JinjaRenderer(loader))

    @app.router.get("/small")
    async def small() -> Response:
        return view("small", {**SMALL})


def hooks(app: Application) -> None:
    async def set_user(request: Any, handler: Any) -> Any:
        request.scope["user"] = "Ada"
        return await handler(request)

    async def pass_on(request: Any, handler: Any) -> Any:
        return await handler(request)

    async def set_header(request: Any, handler: Any) -> Any:
        response = await handler(request)
        response.add_header(b"x-after", b"1")
        return response

    for middleware in (set_user, pass_on, set_header):
        app.middlewares.append(middleware)

    @app.router.get("/hello")
    async def hello(request: Request) -> Response:
        scope: Any = request.scope
        return text(scope["user"])


def stream(app: Application) -> None:
    async def pieces() -> Any:
        for number in range(PIECES):
            yield f"piece {number}\n".encode()

    @app.router.get("/stream")
    async def answer() -> Response:
        return Response(200, content=StreamedContent(b"text/plain", pieces))


def static_file(app: Application) -> None:
    app.serve_files(SITE / "static", root_path="static", extensions={".txt"})


def websocket(app: Application) -> None:
    @app.router.ws("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        for _ in range(ECHOES):
            await websocket.send_text(await websocket.receive_text())
        await websocket.close()


INSTALL: dict[str, Callable[[Application], None]] = {
    "text": hello_world,
    "json": dumped,
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
    "3 hooks": hooks,
    "stream of 10": stream,
    "static file": static_file,
    "WebSocket, 10 echoes": websocket,
}
