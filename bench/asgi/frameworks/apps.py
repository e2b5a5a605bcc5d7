"""The app: every view and hook a coroutine function, but where it says otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from scenarios import SECRET_KEY, SITE, fillers
from tantalus import (
    App,
    Response,
    WebSocket,
    g,
    render_template,
    request,
    session,
)

from ..scenarios import ECHOES, NAP, PIECES, SESSION
from . import NotOffered
from .pages import SMALL


def build(scenario: str, routes: int) -> App:
    """Return an app with the routes of a scenario among others."""
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    app = App(
        "bench", static_folder=SITE / "static", template_folder=SITE / "templates"
    )
    app.secret_key = SECRET_KEY
    others = fillers(routes)
    middle = len(others) // 2
    add_fillers(app, others[:middle])
    INSTALL[scenario](app)
    add_fillers(app, others[middle:])
    return app


def add_fillers(app: App, numbers: list[tuple[int, bool]]) -> None:
    for number, dynamic in numbers:
        if dynamic:
            app.add_url_rule(f"/item{number}/<name>", f"item{number}", item)
        else:
            app.add_url_rule(f"/page{number}", f"page{number}", page)


async def item(name: str) -> str:
    return name


async def page() -> str:
    return "page"


def nothing(app: App) -> None:
    """Install nothing: the scenario is about the other routes."""


def text(app: App) -> None:
    @app.get("/hello")
    async def hello() -> str:
        return "Hello, world!"


def text_of_plain_view(app: App) -> None:
    @app.get("/hello")
    def hello() -> str:
        return "Hello, world!"


def json(app: App) -> None:
    @app.get("/json")
    async def answer() -> Any:
        return {"message": "Hello", "numbers": [1, 2, 3]}


def nap(app: App) -> None:
    @app.get("/nap")
    async def hello() -> str:
        await asyncio.sleep(NAP)
        return "Hello, world!"


def post(app: App) -> None:
    @app.get("/user/<int:user>/post/<slug>")
    async def show_post(user: int, slug: str) -> str:
        return f"{user} {slug}"


def query(app: App) -> None:
    @app.get("/search")
    async def search() -> str:
        return request.args["q"]


def form(app: App) -> None:
    @app.post("/form")
    async def receive() -> str:
        return f"{request.form['name']} from {request.form['city']}"


def json_in_and_out(app: App) -> None:
    @app.post("/sum")
    async def add() -> Any:
        sent = request.get_json()
        return {"sum": sum(sent["numbers"]), "name": sent["name"]}


def sessions(app: App) -> None:
    @app.get("/session")
    async def read() -> str:
        return str(session["user_id"])

    @app.post("/session")
    async def write() -> str:
        session.update(SESSION)
        return "written"


def template(app: App) -> None:
    @app.get("/small")
    async def small() -> str:
        return render_template("small.html", **SMALL)


def hooks(app: App) -> None:
    @app.before_request
    async def set_user() -> None:
        g.user = "Ada"

    @app.before_request
    async def pass_on() -> None:
        return None

    @app.after_request
    async def set_header(response: Response) -> Response:
        response.headers["X-After"] = "1"
        return response

    @app.get("/hello")
    async def hello() -> str:
        return str(g.user)


def stream(app: App) -> None:
    @app.get("/stream")
    async def answer() -> Any:
        async def pieces() -> AsyncIterator[str]:
            for number in range(PIECES):
                yield f"piece {number}\n"

        return pieces(), {"Content-Type": "text/plain"}


def echo(app: App) -> None:
    @app.websocket("/echo")
    async def answer(websocket: WebSocket) -> None:
        await websocket.accept()
        for _ in range(ECHOES):
            await websocket.send(await websocket.receive())
        await websocket.close()


INSTALL: dict[str, Callable[[App], None]] = {
    "text": text,
    "text, plain view": text_of_plain_view,
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
    "WebSocket, 10 echoes": echo,
}
