"""FastAPI."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request, WebSocket
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware

from scenarios import SECRET_KEY, SITE, fillers

from ..scenarios import ECHOES, NAP, PIECES, SESSION
from . import NotOffered
from .pages import SMALL
from .starlettes import PassOn, SetHeader, SetUser

TEXT = PlainTextResponse


class Numbers(BaseModel):
    name: str
    numbers: list[int]


def build(scenario: str, routes: int) -> FastAPI:
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    app = FastAPI(openapi_url=None)
    others = fillers(routes)
    middle = len(others) // 2
    add_fillers(app, others[:middle])
    INSTALL[scenario](app)
    add_fillers(app, others[middle:])
    return app


def add_fillers(app: FastAPI, numbers: list[tuple[int, bool]]) -> None:
    for number, dynamic in numbers:
        if dynamic:
            app.get(f"/item{number}/{{name}}", response_class=TEXT)(item)
        else:
            app.get(f"/page{number}", response_class=TEXT)(page)


async def item(name: str) -> str:
    return name


async def page() -> str:
    return "page"


def nothing(app: FastAPI) -> None:
    """Install nothing."""


def text(app: FastAPI) -> None:
    @app.get("/hello", response_class=TEXT)
    async def hello() -> str:
        return "Hello, world!"


def text_sync(app: FastAPI) -> None:
    @app.get("/hello", response_class=TEXT)
    def hello() -> str:
        return "Hello, world!"


def json(app: FastAPI) -> None:
    @app.get("/json")
    async def answer() -> Any:
        return {"message": "Hello", "numbers": [1, 2, 3]}


def nap(app: FastAPI) -> None:
    @app.get("/nap", response_class=TEXT)
    async def hello() -> str:
        await asyncio.sleep(NAP)
        return "Hello, world!"


def post(app: FastAPI) -> None:
    @app.get("/user/{user}/post/{slug}", response_class=TEXT)
    async def show_post(user: int, slug: str) -> str:
        return f"{user} {slug}"


def query(app: FastAPI) -> None:
    @app.get("/search", response_class=TEXT)
    async def search(q: str) -> str:
        return q


def form(app: FastAPI) -> None:
    @app.post("/form", response_class=TEXT)
    async def receive(
        name: Annotated[str, Form()], city: Annotated[str, Form()]
    ) -> str:
        return f"{name} from {city}"


def json_in_and_out(app: FastAPI) -> None:
    @app.post("/sum")
    async def add(sent: Numbers) -> Any:
        return {"sum": sum(sent.numbers), "name": sent.name}


def session(app: FastAPI) -> None:
    app.add_middleware(SessionMiddleware, secret_key=SECRET_KEY)

    @app.get("/session", response_class=TEXT)
    async def read(request: Request) -> str:
        return str(request.session["user_id"])

    @app.post("/session", response_class=TEXT)
    async def write(request: Request) -> str:
        request.session.update(SESSION)
        return "written"


def template(app: FastAPI) -> None:
    templates = Jinja2Templates(directory=SITE / "templates")

    @app.get("/small", response_class=HTMLResponse)
    async def small(request: Request) -> Any:
        return templates.TemplateResponse(request, "small.html", {**SMALL})


def hooks(app: FastAPI) -> None:
    app.add_middleware(SetHeader)
    app.add_middleware(PassOn)
    app.add_middleware(SetUser)
    tell_user(app)


def tell_user(app: FastAPI) -> None:
    @app.get("/hello", response_class=TEXT)
    async def hello(request: Request) -> str:
        return str(request.state.user)


def stream(app: FastAPI) -> None:
    async def pieces() -> Any:
        for number in range(PIECES):
            yield f"piece {number}\n"

    @app.get("/stream")
    async def answer() -> Any:
        return StreamingResponse(pieces(), media_type="text/plain")


def static_file(app: FastAPI) -> None:
    app.mount("/static", StaticFiles(directory=SITE / "static"))


def websocket(app: FastAPI) -> None:
    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        for _ in range(ECHOES):
            await websocket.send_text(await websocket.receive_text())
        await websocket.close()


INSTALL: dict[str, Callable[[FastAPI], None]] = {
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
    "3 hooks": hooks,
    "stream of 10": stream,
    "static file": static_file,
    "WebSocket, 10 echoes": websocket,
}
