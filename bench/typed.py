"""Read requests into signatures, beside the same reading by hand and by other programs.

Run: `python bench/typed.py [rounds]`. Each is a whole program, called in process from
environ or scope to the last byte; FastAPI and Litestar take part if they are installed.

- A: two variables of the path and one parameter of the query; JSON out.
- B: a JSON body of five fields, in and out.
- C: a header, two dependencies, one of them used twice, and a parameter of the query

All take turns in one run, and only the ratios of one run mean something. By hand is
what a careful program does: a variable or parameter that is no number is answered with
422, a body that is not JSON with 415, a wrong one with 422.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec

from tantalus_typed import (
    ASGIView,
    Binder,
    EnvironRequest,
    Header,
    Operation,
    Path,
    Use,
    WSGIView,
    document,
)
from timing import interleaved

BATCH = 200
VIEWS = 300
BY_ASGI = ("typed, ASGI", "FastAPI", "Litestar")
BODY = b'{"name":"Ada","age":36,"email":"ada@example.org","active":true,"score":9.5}'
Ask = Callable[[], object]


@dataclass
class Person:
    name: str
    age: int
    email: str
    active: bool
    score: float


def show(user: Path[int], post: Path[int], page: int = 1) -> dict[str, int]:
    return {"user": user, "post": post, "page": page}


def create(person: Person) -> Person:
    return person


def settings() -> dict[str, int]:
    return {"limit": 10}


Settings = Annotated[dict[str, int], Use(settings)]


def user(x_token: Header[str], settings: Settings) -> str:
    return x_token + "!"


def me(
    user: Annotated[str, Use(user)], settings: Settings, page: int = 1
) -> dict[str, str | int]:
    return {"user": user, "limit": settings["limit"], "page": page}


# By hand: one WSGI application per case.
ENCODE = msgspec.json.Encoder().encode
DECODE = msgspec.json.Decoder(Person).decode


def page_of(environ: dict[str, Any]) -> int:
    values = parse_qs(environ["QUERY_STRING"]).get("page")
    return int(values[0]) if values else 1


def answered(start: Any, status: str, body: bytes) -> list[bytes]:
    length = str(len(body))
    start(status, [("Content-Type", "application/json"), ("Content-Length", length)])
    return [body]


def show_by_hand(environ: dict[str, Any], start: Any) -> list[bytes]:
    args = environ["wsgiorg.routing_args"][1]
    try:
        found = {
            "user": int(args["user"]),
            "post": int(args["post"]),
            "page": page_of(environ),
        }
    except ValueError:
        return answered(start, "422 Unprocessable Content", b"{}")
    return answered(start, "200 OK", ENCODE(found))


def create_by_hand(environ: dict[str, Any], start: Any) -> list[bytes]:
    if environ["CONTENT_TYPE"].partition(";")[0] != "application/json":
        return answered(start, "415 Unsupported Media Type", b"{}")
    try:
        length = int(environ["CONTENT_LENGTH"])
        person = DECODE(environ["wsgi.input"].read(length))
    except msgspec.DecodeError:
        return answered(start, "422 Unprocessable Content", b"{}")
    return answered(start, "200 OK", ENCODE(person))


def me_by_hand(environ: dict[str, Any], start: Any) -> list[bytes]:
    conf = settings()
    try:
        who = user(environ["HTTP_X_TOKEN"], conf)
        found = {"user": who, "limit": conf["limit"], "page": page_of(environ)}
    except (KeyError, ValueError):
        return answered(start, "422 Unprocessable Content", b"{}")
    return answered(start, "200 OK", ENCODE(found))


ARGS = {"user": "42", "post": "7"}
ENVIRON: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0",
    "HTTP_ACCEPT": "application/json",
    "wsgi.url_scheme": "http",
    "wsgiorg.routing_args": ((), ARGS),
}
CASES: dict[str, dict[str, Any]] = {
    "A": {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/users/42/posts/7",
        "QUERY_STRING": "page=3",
    },
    "B": {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/people",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(BODY)),
    },
    "C": {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/me",
        "QUERY_STRING": "page=3",
        "HTTP_X_TOKEN": "abc",
    },
}
ANSWERS = {
    "A": {"user": 42, "post": 7, "page": 3},
    "B": json.loads(BODY),
    "C": {"user": "abc!", "limit": 10, "page": 3},
}


def by_wsgi(app: Any, case: str) -> Ask:
    environ = {**ENVIRON, **CASES[case]}

    def ask() -> bytes:
        body: bytes = b"".join(
            app({**environ, "wsgi.input": BytesIO(BODY)}, lambda status, headers: None)
        )
        return body

    return ask


def by_asgi(app: Any, case: str, loop: asyncio.AbstractEventLoop) -> Ask:
    environ = CASES[case]
    body = BODY if case == "B" else b""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": "http",
        "path": environ["PATH_INFO"],
        "raw_path": environ["PATH_INFO"].encode(),
        "query_string": environ["QUERY_STRING"].encode(),
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            (b"accept", b"application/json"),
            *([(b"content-type", b"application/json")] if case == "B" else []),
            *([(b"content-length", b"%d" % len(body))] if case == "B" else []),
            *([(b"x-token", b"abc")] if case == "C" else []),
        ],
        "client": ("127.0.0.1", 50123),
        "server": ("127.0.0.1", 8000),
    }

    async def one() -> bytes:
        parts: list[bytes] = []
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            parts.append(message.get("body", b""))

        await app({**scope, "path_params": ARGS, "state": {}}, receive, send)
        return b"".join(parts)

    return lambda: loop.run_until_complete(one())


def waiting(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return an async view with the signature of a plain one."""

    async def wait(*args: Any) -> Any:
        return view(*args)

    wait.__wrapped__ = view  # type: ignore[attr-defined]  # where signatures are found
    wait.__annotations__ = view.__annotations__
    return wait


def fastapi_app() -> Any:
    from fastapi import Depends, FastAPI  # noqa: PLC0415  # where it is installed
    from fastapi import Header as InHeader  # noqa: PLC0415
    from pydantic import BaseModel  # noqa: PLC0415

    app = FastAPI()

    class Model(BaseModel):
        name: str
        age: int
        email: str
        active: bool
        score: float

    async def show(user: int, post: int, page: int = 1) -> Any:
        return {"user": user, "post": post, "page": page}

    async def create(person: Any) -> Any:
        return person

    async def settings() -> dict[str, int]:
        return {"limit": 10}

    async def current(x_token: Any, conf: Any) -> str:
        return f"{x_token}!"

    async def me(user: Any, conf: Any, page: Any = 1) -> Any:
        return {"user": user, "limit": conf["limit"], "page": page}

    create.__annotations__ = {"person": Model, "return": Model}
    show.__annotations__ = {"user": int, "post": int, "page": int}
    conf = Annotated[dict, Depends(settings)]
    current.__annotations__ = {"x_token": Annotated[str, InHeader()], "conf": conf}
    me.__annotations__ = {
        "user": Annotated[str, Depends(current)],
        "conf": conf,
        "page": int,
    }
    app.get("/users/{user}/posts/{post}")(show)
    app.post("/people", status_code=200)(create)
    app.get("/me")(me)
    return app


def litestar_app() -> Any:
    from litestar import Litestar, get, post  # noqa: PLC0415  # where it is installed
    from litestar.di import Provide  # noqa: PLC0415
    from litestar.params import Parameter  # noqa: PLC0415

    async def show(user: int, post: int, page: int = 1) -> Any:
        return {"user": user, "post": post, "page": page}

    async def create(data: Any) -> Any:
        return data

    async def settings() -> dict[str, int]:
        return {"limit": 10}

    async def current(token: Any, conf: Any) -> str:
        return f"{token}!"

    async def me(who: Any, conf: Any, page: Any = 1) -> Any:
        return {"user": who, "limit": conf["limit"], "page": page}

    numbers, anything = dict[str, int], dict[str, Any]
    show.__annotations__ = {"user": int, "post": int, "page": int, "return": numbers}
    create.__annotations__ = {"data": Person, "return": Person}
    settings.__annotations__ = {"return": numbers}
    token = Annotated[str, Parameter(header="X-Token")]
    current.__annotations__ = {"token": token, "conf": numbers, "return": str}
    me.__annotations__ = {"who": str, "conf": numbers, "page": int, "return": anything}
    return Litestar(
        [
            get("/users/{user:int}/posts/{post:int}")(show),
            post("/people", status_code=200)(create),
            get("/me")(me),
        ],
        dependencies={"conf": Provide(settings), "who": Provide(current)},
        openapi_config=None,
    )


def contestants(case: str, loop: asyncio.AbstractEventLoop) -> dict[str, Ask]:
    """Return what answers a case, by names; each has been seen to answer it."""
    view, by_hand = {
        "A": (show, show_by_hand),
        "B": (create, create_by_hand),
        "C": (me, me_by_hand),
    }[case]
    asks = {
        "by hand, WSGI": by_wsgi(by_hand, case),
        "typed, WSGI": by_wsgi(WSGIView(view), case),
        "typed, ASGI": by_asgi(ASGIView(waiting(view)), case, loop),
    }
    if importlib.util.find_spec("fastapi"):
        asks["FastAPI"] = by_asgi(fastapi_app(), case, loop)
    if importlib.util.find_spec("litestar"):
        asks["Litestar"] = by_asgi(litestar_app(), case, loop)
    for name, ask in asks.items():
        answer = ask()
        assert isinstance(answer, bytes)
        assert json.loads(answer) == ANSWERS[case], (name, answer)
    return asks


def batch(ask: Ask) -> Callable[[], float]:
    def run() -> float:
        begin = time.perf_counter()
        for _ in range(BATCH):
            ask()
        return (time.perf_counter() - begin) / BATCH

    return run


def generated(case: str) -> Ask:
    """Return a call of the written-out function alone, on a request that is read."""
    view = {"A": show, "B": create, "C": me}[case]
    environ = {**ENVIRON, **CASES[case], "wsgi.input": BytesIO(BODY)}
    call, request = Binder().bind(view).call, EnvironRequest(environ)
    return lambda: call(request, ARGS)


def main(rounds: int = 30) -> None:
    """Measure, and print microseconds for each, and ratios."""
    loop = asyncio.new_event_loop()
    for case in CASES:
        asks = contestants(case, loop) | {"the function alone": generated(case)}
        figures = interleaved({name: batch(ask) for name, ask in asks.items()}, rounds)
        for name, figure in figures.items():
            beside = "typed, ASGI" if name in BY_ASGI else "by hand, WSGI"
            ratio = figure.best / figures[beside].best
            best = f"{figure.best * 1e6:8.2f} us"
            print(f"{case}  {name:20}{best}{ratio:8.2f} x {beside}")
    loop.close()
    begin = time.perf_counter()
    binder = Binder()
    views = [(show, create, me)[number % 3] for number in range(VIEWS)]
    bound = [binder.bind(view) for view in views]
    middle = time.perf_counter()
    document(
        [
            Operation("GET", f"/{number}/{{user}}/{{post}}", one, f"view{number}")
            for number, one in enumerate(bound)
        ],
        title="bench",
        version="1",
    )
    end = time.perf_counter()
    print(f"{VIEWS} views bound in {(middle - begin) * 1e3:.0f} ms")
    print(f"their document made in {(end - middle) * 1e3:.0f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
