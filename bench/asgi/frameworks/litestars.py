"""Litestar."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from litestar import (
    Litestar,
    MediaType,
    Request,
    Response,
    WebSocket,
    get,
    post,
    websocket,
)
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.enums import RequestEncodingType
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.params import Body
from litestar.response import Stream, Template
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig

from scenarios import SECRET_KEY, SITE, fillers

from ..scenarios import ECHOES, NAP, PIECES, SESSION
from . import NotOffered
from .pages import SMALL

TEXT = MediaType.TEXT
# What handlers and options an app has.
Parts = tuple[list[Any], dict[str, Any]]


def build(scenario: str, routes: int) -> Litestar:
    if scenario not in INSTALL:
        raise NotOffered(scenario)
    others = [filler(*each) for each in fillers(routes)]
    middle = len(others) // 2
    handlers, options = INSTALL[scenario]()
    table = [*others[:middle], *handlers, *others[middle:]]
    return Litestar(table, openapi_config=None, **options)


def filler(number: int, dynamic: bool) -> Any:
    if dynamic:

        @get(f"/item{number}/{{name:str}}", media_type=TEXT)
        async def item(name: str) -> str:
            return name

        return item

    @get(f"/page{number}", media_type=TEXT)
    async def page() -> str:
        return "page"

    return page


def nothing() -> Parts:
    return [], {}


def text() -> Parts:
    @get("/hello", media_type=TEXT)
    async def hello() -> str:
        return "Hello, world!"

    return [hello], {}


def text_sync() -> Parts:
    @get("/hello", media_type=TEXT, sync_to_thread=True)
    def hello() -> str:
        return "Hello, world!"

    return [hello], {}


def json() -> Parts:
    @get("/json")
    async def answer() -> dict[str, Any]:
        return {"message": "Hello", "numbers": [1, 2, 3]}

    return [answer], {}


def nap() -> Parts:
    @get("/nap", media_type=TEXT)
    async def hello() -> str:
        await asyncio.sleep(NAP)
        return "Hello, world!"

    return [hello], {}


def variables() -> Parts:
    @get("/user/{user:int}/post/{slug:str}", media_type=TEXT)
    async def show_post(user: int, slug: str) -> str:
        return f"{user} {slug}"

    return [show_post], {}


def query() -> Parts:
    @get("/search", media_type=TEXT)
    async def search(q: str) -> str:
        return q

    return [search], {}


def form() -> Parts:
    @post("/form", media_type=TEXT, status_code=200)
    async def receive(
        data: Annotated[
            dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)
        ],
    ) -> str:
        return f"{data['name']} from {data['city']}"

    return [receive], {}


def json_in_and_out() -> Parts:
    @post("/sum", status_code=200)
    async def add(data: dict[str, Any]) -> dict[str, Any]:
        return {"sum": sum(data["numbers"]), "name": data["name"]}

    return [add], {}


def session() -> Parts:
    secret = hashlib.sha256(SECRET_KEY.encode()).digest()[:16]

    @get("/session", media_type=TEXT)
    async def read(request: Request[Any, Any, Any]) -> str:
        return str(request.session["user_id"])

    @post("/session", media_type=TEXT, status_code=200)
    async def write(request: Request[Any, Any, Any]) -> str:
        request.session.update(SESSION)
        return "written"

    return [read, write], {
        "middleware": [CookieBackendConfig(secret=secret).middleware]
    }


def template() -> Parts:
    @get("/small")
    async def small() -> Template:
        return Template("small.html", context={**SMALL})

    config = TemplateConfig(directory=SITE / "templates", engine=JinjaTemplateEngine)
    return [small], {"template_config": config}


@get("/hello", media_type=TEXT)
async def told_user(request: Request[Any, Any, Any]) -> str:
    return str(request.state.user)


def hooks() -> Parts:
    """Two of each kind are not to be had at one layer: the app, then the router."""

    async def set_user(request: Request[Any, Any, Any]) -> None:
        request.state.user = "Ada"

    async def set_header(response: Response[Any]) -> Response[Any]:
        response.headers["X-After"] = "1"
        return response

    async def pass_on(response: Response[Any]) -> None:
        return None

    return [told_user], {
        "before_request": set_user,
        "after_request": set_header,
        "after_response": pass_on,
    }


def stream() -> Parts:
    async def pieces() -> Any:
        for number in range(PIECES):
            yield f"piece {number}\n"

    @get("/stream", media_type=TEXT)
    async def answer() -> Stream:
        return Stream(pieces())

    return [answer], {}


def static_file() -> Parts:
    return [
        create_static_files_router(path="/static", directories=[SITE / "static"])
    ], {}


def socket() -> Parts:
    @websocket("/echo")
    async def echo(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        for _ in range(ECHOES):
            await socket.send_text(await socket.receive_text())
        await socket.close()

    return [echo], {}


INSTALL: dict[str, Callable[[], Parts]] = {
    "text": text,
    "text, plain view": text_sync,
    "json": json,
    "nap": nap,
    "two variables": variables,
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
    "WebSocket, 10 echoes": socket,
}
