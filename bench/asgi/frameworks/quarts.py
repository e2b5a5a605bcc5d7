"""Quart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from quart import Quart, g, render_template, request, session, websocket

from scenarios import SECRET_KEY, SITE, fillers

from ..scenarios import ECHOES, NAP, PIECES, SESSION
from . import NotOffered
from .pages import SMALL


def build(scenario: str, routes: int) -> Quart:
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    app = Quart(
        "bench",
        static_folder=str(SITE / "static"),
        template_folder=str(SITE / "templates"),
    )
    app.secret_key = SECRET_KEY
    others = fillers(routes)
    middle = len(others) // 2
    add_fillers(app, others[:middle])
    INSTALL[scenario](app)
    add_fillers(app, others[middle:])
    return app


def add_fillers(app: Quart, numbers: list[tuple[int, bool]]) -> None:
    for number, dynamic in numbers:
        if dynamic:
            app.add_url_rule(f"/item{number}/<name>", f"item{number}", item)
        else:
            app.add_url_rule(f"/page{number}", f"page{number}", page)


async def item(name: str) -> str:
    return name


async def page() -> str:
    return "page"


def nothing(app: Quart) -> None:
    """Install nothing."""


def text(app: Quart) -> None:
    @app.get("/hello")
    async def hello() -> str:
        return "Hello, world!"


def text_sync(app: Quart) -> None:
    @app.get("/hello")
    def hello() -> str:
        return "Hello, world!"


def json(app: Quart) -> None:
    @app.get("/json")
    async def answer() -> Any:
        return {"message": "Hello", "numbers": [1, 2, 3]}


def nap(app: Quart) -> None:
    @app.get("/nap")
    async def hello() -> str:
        await asyncio.sleep(NAP)
        return "Hello, world!"


def post(app: Quart) -> None:
    @app.get("/user/<int:user>/post/<slug>")
    async def show_post(user: int, slug: str) -> str:
        return f"{user} {slug}"


def query(app: Quart) -> None:
    @app.get("/search")
    async def search() -> Any:
        return request.args["q"]


def form(app: Quart) -> None:
    @app.post("/form")
    async def receive() -> str:
        sent = await request.form
        return f"{sent['name']} from {sent['city']}"


def json_in_and_out(app: Quart) -> None:
    @app.post("/sum")
    async def add() -> Any:
        sent = await request.get_json()
        return {"sum": sum(sent["numbers"]), "name": sent["name"]}


def sessions(app: Quart) -> None:
    @app.get("/session")
    async def read() -> str:
        return str(session["user_id"])

    @app.post("/session")
    async def write() -> str:
        session.update(SESSION)
        return "written"


def template(app: Quart) -> None:
    @app.get("/small")
    async def small() -> Any:
        return await render_template("small.html", **SMALL)


def hooks(app: Quart) -> None:
    @app.before_request
    async def set_user() -> None:
        g.user = "Ada"

    @app.before_request
    async def pass_on() -> None:
        return None

    @app.after_request
    async def set_header(response: Any) -> Any:
        response.headers["X-After"] = "1"
        return response

    @app.get("/hello")
    async def hello() -> str:
        return str(g.user)


def stream(app: Quart) -> None:
    @app.get("/stream")
    async def answer() -> Any:
        async def pieces() -> Any:
            for number in range(PIECES):
                yield f"piece {number}\n"

        return pieces(), {"Content-Type": "text/plain"}


def socket(app: Quart) -> None:
    @app.websocket("/echo")
    async def echo() -> None:
        for _ in range(ECHOES):
            await websocket.send(await websocket.receive())


INSTALL: dict[str, Callable[[Quart], None]] = {
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
    "session read": sessions,
    "session written": sessions,
    "small template": template,
    "3 hooks": hooks,
    "stream of 10": stream,
    "static file": nothing,
    "WebSocket, 10 echoes": socket,
}
