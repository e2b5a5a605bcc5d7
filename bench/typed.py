"""What typed views cost, beside the same by hand and in other frameworks.

    python bench/typed.py [rounds]

Three requests, as `WSGI` or `ASGI` calls in this process, from environ or scope to the
last byte:

- A: two variables of the path and a parameter of the query, a dict out
- B: JSON of five fields, in and out
- C: a header, two dependencies, one of them used twice, and a parameter of the query

All take turns in one run, and only the ratios of one run mean something; those that a
budget is for are printed with it at the end, with what setting up costs. Views by hand
are what a program writes without the help: `request.args.get(…, type=int)`, and a
library of models. FastAPI and Litestar take part where they are installed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from types import FunctionType
from typing import Annotated, Any

import flask
import msgspec
import pydantic

import tantalus
from tantalus_typed import Header, Path, Typed, Use
from timing import Figure, interleaved

BATCH = 200
WARM = 200
VIEWS = 300
BODY = b'{"name":"Ada","age":36,"email":"ada@example.org","active":true,"score":9.5}'
Ask = Callable[[], object]
KEY = "a key that is long enough"


@dataclass
class Person:
    name: str
    age: int
    email: str
    active: bool
    score: float


class Struct(msgspec.Struct):
    name: str
    age: int
    email: str
    active: bool
    score: float


class Model(pydantic.BaseModel):
    name: str
    age: int
    email: str
    active: bool
    score: float


# Typed views.


def show(user: int, post: int, page: int = 1) -> dict[str, int]:
    return {"user": user, "post": post, "page": page}


def create_of(kind: Any) -> Callable[..., Any]:
    def create(person: Any) -> Any:
        return person

    create.__annotations__ = {"person": kind, "return": kind}
    return create


def settings() -> dict[str, int]:
    return {"limit": 10}


Settings = Annotated[dict[str, int], Use(settings)]


def user(x_token: Header[str], settings: Settings) -> str:
    return x_token + "!"


def me(
    user: Annotated[str, Use(user)], settings: Settings, page: int = 1
) -> dict[str, str | int]:
    return {"user": user, "limit": settings["limit"], "page": page}


async def settings_waited() -> dict[str, int]:
    return {"limit": 10}


SettingsWaited = Annotated[dict[str, int], Use(settings_waited)]


async def user_waited(x_token: Header[str], settings: SettingsWaited) -> str:
    return x_token + "!"


async def me_waited(
    user: Annotated[str, Use(user_waited)], settings: SettingsWaited, page: int = 1
) -> dict[str, str | int]:
    return {"user": user, "limit": settings["limit"], "page": page}


def waiting(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return an async view with the signature of a plain one."""

    async def wait(*args: Any, **named: Any) -> Any:
        return view(*args, **named)

    wait.__wrapped__ = view  # type: ignore[attr-defined]  # where signatures are found
    wait.__annotations__ = view.__annotations__
    wait.__name__ = view.__name__
    return wait


SHOW, CREATE, ME = "/users/<int:user>/posts/<int:post>", "/people", "/me"


def routes_beside(app: Any) -> None:
    """Add routes that are there in any program."""
    for number in range(20):
        app.add_url_rule(f"/page{number}/<x>", f"page{number}", lambda x: x)


def typed_app(kind: Any, *, is_async: bool = False) -> Any:
    app = tantalus.App("typed", typed=True)
    app.secret_key = KEY
    routes_beside(app)
    change = waiting if is_async else lambda view: view
    app.get(SHOW)(change(show))
    app.post(CREATE)(change(create_of(kind)))
    app.get(ME)(me_waited if is_async else me)
    return app


def typed_flask() -> Any:
    app = flask.Flask("typed")
    typed = Typed(lambda: flask.request, flask.Response)

    def show(user: Path[int], post: Path[int], page: int = 1) -> dict[str, int]:
        return {"user": user, "post": post, "page": page}

    app.get(SHOW)(typed(show))
    app.post(CREATE)(typed(create_of(Person)))
    return app


# By hand.


def by_hand(package: Any, app: Any, read: Callable[[bytes], Any], write: Any) -> Any:
    """Return an app of views that read the request themselves."""
    request, response = package.request, package.Response

    def show(user: int, post: int) -> Any:
        page = request.args.get("page", 1, type=int)
        return {"user": user, "post": post, "page": page}

    def create() -> Any:
        text = write(read(request.get_data()))
        return response(text, mimetype="application/json")

    def me() -> Any:
        conf = settings()
        name = user(request.headers["X-Token"], conf)
        page = request.args.get("page", 1, type=int)
        return {"user": name, "limit": conf["limit"], "page": page}

    routes_beside(app)
    app.get(SHOW)(show)
    app.post(CREATE)(create)
    app.get(ME)(me)
    return app


def app_by_hand(read: Callable[[bytes], Any], write: Any) -> Any:
    app = tantalus.App("hand")
    app.secret_key = KEY
    return by_hand(tantalus, app, read, write)


READ = msgspec.json.Decoder(Person).decode
WRITE = msgspec.json.Encoder().encode


def flask_by_hand() -> Any:
    app = flask.Flask("hand")
    return by_hand(flask, app, Model.model_validate_json, Model.model_dump_json)


# Others.


def fastapi_app() -> Any:
    from fastapi import Depends, FastAPI  # noqa: PLC0415  # where it is installed
    from fastapi import Header as InHeader  # noqa: PLC0415

    app = FastAPI()

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
    show.__annotations__ = {
        "user": int,
        "post": int,
        "page": int,
        "return": dict[str, int],
    }
    conf = Annotated[dict, Depends(settings)]
    current.__annotations__ = {"x_token": Annotated[str, InHeader()], "conf": conf}
    me.__annotations__ = {
        "user": Annotated[str, Depends(current)],
        "conf": conf,
        "page": int,
        "return": dict[str, str | int],
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
    create.__annotations__ = {"data": Struct, "return": Struct}
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


# Requests.

ENVIRON: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0",
    "HTTP_ACCEPT": "application/json",
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
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
            (b"user-agent", ENVIRON["HTTP_USER_AGENT"].encode()),
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

        await app({**scope, "state": {}}, receive, send)
        return b"".join(parts)

    return lambda: loop.run_until_complete(one())


@dataclass
class Contestant:
    """An app, and whether it is called by ASGI."""

    app: Any
    by_asgi: bool = False
    cases: str = "ABC"


def contestants() -> dict[str, Contestant]:
    found = {
        "typed, dataclass": Contestant(typed_app(Person)),
        "typed, Struct": Contestant(typed_app(Struct)),
        "typed, pydantic": Contestant(typed_app(Model)),
        "by hand, msgspec": Contestant(app_by_hand(READ, WRITE)),
        "by hand, pydantic": Contestant(
            app_by_hand(Model.model_validate_json, Model.model_dump_json)
        ),
        "typed, async, ASGI": Contestant(typed_app(Person, is_async=True), True),
        "Flask by hand, pydantic": Contestant(flask_by_hand()),
        "Flask with the binder": Contestant(typed_flask(), cases="AB"),
    }
    if importlib.util.find_spec("fastapi"):
        found["FastAPI, async"] = Contestant(fastapi_app(), by_asgi=True)
    if importlib.util.find_spec("litestar"):
        found["Litestar, async"] = Contestant(litestar_app(), by_asgi=True)
    return found


def batch(ask: Ask) -> Callable[[], float]:
    """Return what tells the seconds of a call, once some have been made.

    The interpreter fits code that apps share to the app that it has run for last, so
    the first calls cost more for those whose turn is after another framework's.
    """

    def run() -> float:
        for _ in range(WARM):
            ask()
        begin = time.perf_counter()
        for _ in range(BATCH):
            ask()
        return (time.perf_counter() - begin) / BATCH

    return run


def measured(case: str, rounds: int) -> dict[str, Figure]:
    """Return what a request costs each; each has been seen to answer it."""
    loop = asyncio.new_event_loop()
    asks: dict[str, Ask] = {}
    for name, one in contestants().items():
        if case in one.cases:
            make = by_asgi(one.app, case, loop) if one.by_asgi else None
            asks[name] = make or by_wsgi(one.app, case)
            answer = asks[name]()
            assert isinstance(answer, bytes)
            assert json.loads(answer) == ANSWERS[case], (name, answer)
    figures = interleaved({name: batch(ask) for name, ask in asks.items()}, rounds)
    loop.close()
    return figures


# Ratios that a budget is for: who, beside whom, by cases, at most or at least.
BUDGETS: list[tuple[str, str, dict[str, float], str]] = [
    ("typed, dataclass", "by hand, msgspec", {"A": 1.0, "B": 1.05}, "at most"),
    ("FastAPI, async", "typed, dataclass", {"A": 10, "B": 8, "C": 14}, "at least"),
    ("Litestar, async", "typed, dataclass", {"A": 4, "B": 5, "C": 6}, "at least"),
    (
        "Flask with the binder",
        "Flask by hand, pydantic",
        {"A": 0.85, "B": 0.85},
        "at most",
    ),
]


# Those that are all called by ASGI, and wait; no budget is for these.
BY_ASGI = ("FastAPI, async", "Litestar, async")


def told(figures: dict[str, dict[str, Figure]]) -> Iterator[str]:
    """Yield a line for each ratio that a budget is for."""
    for one, other, limits, kind in BUDGETS:
        for case, limit in limits.items():
            if one in figures[case]:
                ratio = figures[case][one].best / figures[case][other].best
                kept = ratio <= limit if kind == "at most" else ratio >= limit
                verdict = "ok" if kept else "MISSED"
                yield (
                    f"{case}  {one} / {other}: {ratio:.2f}, {kind} {limit}  {verdict}"
                )
    for one in BY_ASGI:
        for case in CASES:
            if one in figures[case]:
                beside = figures[case]["typed, async, ASGI"].best
                ratio = figures[case][one].best / beside
                yield f"{case}  {one} / typed, async, ASGI: {ratio:.2f}"


def seconds(prepare: Callable[[], Callable[[], object]], rounds: int = 9) -> float:
    """Return the least time that a call took, without what is prepared for each.

    It is that of the processor: nothing is waited for.
    """
    best = float("inf")
    for _ in range(rounds):
        call = prepare()
        begin = time.process_time()
        call()
        best = min(best, time.process_time() - begin)
    return best


def copy_of(view: Any, suffix: str = "", **kinds: Any) -> Any:
    """Return another function that does the same, as views of a program are others.

    Args:
        view: The function.
        suffix: Is added to the names of its parameters.
        kinds: Other annotations.
    """
    code = view.__code__
    taken = code.co_varnames[: code.co_argcount]
    named = {name: f"{name}{suffix}" for name in taken}
    names = tuple(named.get(name, name) for name in code.co_varnames)
    made = FunctionType(
        code.replace(co_varnames=names),
        view.__globals__,
        view.__name__,
        view.__defaults__,
        view.__closure__,
    )
    said = {**view.__annotations__, **kinds}
    made.__annotations__ = {named.get(name, name): one for name, one in said.items()}
    return made


def suffixes(alike: bool) -> list[str]:
    """Return what the names of parameters end with, by three views."""
    return ["" if alike else str(number) for number in range(0, VIEWS, 3)]


def many_views(alike: bool) -> Callable[[], Any]:
    """Return what makes an app with as many typed views as a large program has.

    Args:
        alike: Whether one in three has the same parameters, or none has a name or a
            model of another.
    """
    create, ends = create_of(Person), suffixes(alike)
    kinds = [
        Person if alike else type(f"Person{end}", (), {"__annotations__": FIELDS})
        for end in ends
    ]
    kinds = [dataclass(kind) for kind in kinds]

    def register() -> Any:
        app = tantalus.App("many", typed=True)
        app.secret_key = KEY
        for number, (end, kind) in enumerate(zip(ends, kinds, strict=True)):
            made = copy_of(create, end, **{"person": kind, "return": kind})
            rule = SHOW.replace(">", f"{end}>")
            app.get(f"/{number}{rule}", endpoint=f"show{number}")(copy_of(show, end))
            app.post(f"/{number}/people", endpoint=f"create{number}")(made)
            app.get(f"/{number}/me", endpoint=f"me{number}")(copy_of(me, end))
        return app

    return register


FIELDS = {"name": str, "age": int, "email": str, "active": bool, "score": float}


def many_of_fastapi(alike: bool) -> Callable[[], Any]:
    """Return what makes the same of FastAPI."""
    from fastapi import FastAPI  # noqa: PLC0415  # where it is installed

    few, ends = fastapi_app(), suffixes(alike)
    kinds = [
        Model if alike else pydantic.create_model(f"Model{end}", __base__=Model)
        for end in ends
    ]

    def register() -> Any:
        app = FastAPI()
        for number, (end, kind) in enumerate(zip(ends, kinds, strict=True)):
            for route in few.routes[-3:]:
                said = {"person": kind, "return": kind}
                is_create = "person" in route.endpoint.__annotations__
                made = copy_of(route.endpoint, end, **(said if is_create else {}))
                path = f"/{number}{route.path.replace('}', end + '}')}"
                app.add_api_route(path, made, methods=route.methods)
        return app

    return register


def bound(alike: bool) -> Callable[[], object]:
    """Return what registers the views, and ends the set-up."""
    register = many_views(alike)
    return lambda: register().check_settings()


def set_up() -> Iterator[str]:
    """Yield lines about what is done once: binding, and the document."""
    has_fastapi = importlib.util.find_spec("fastapi")
    for alike, what in ((True, "one in three alike"), (False, "no two alike")):
        rules = seconds(partial(many_views, alike))
        ours = seconds(partial(bound, alike))
        yield (
            f"{VIEWS} views, {what}: registered in {rules * 1e3:.0f} ms, bound in"
            f" {(ours - rules) * 1e3:.0f} ms more"
        )
        if has_fastapi:
            theirs = seconds(partial(many_of_fastapi, alike))
            ratio = theirs / ours
            yield f"  FastAPI: {theirs * 1e3:.0f} ms, {ratio:.1f} x both, at least 12"
    app = many_views(alike=True)()
    document_of = seconds(lambda: app.openapi)
    yield f"their document made in {document_of * 1e3:.0f} ms"
    if has_fastapi:
        theirs_app = many_of_fastapi(alike=True)()

        def openapi() -> None:
            theirs_app.openapi_schema = None
            theirs_app.openapi()

        made = seconds(lambda: openapi)
        yield f"  FastAPI: {made * 1e3:.0f} ms, {made / document_of:.1f} x, at least 5"


def untyped(rounds: int) -> str:
    """Return what typed views cost those that are not."""
    apps = {name: tantalus.App(name) for name in ("none", "some")}
    for app in apps.values():
        app.secret_key = KEY
        routes_beside(app)
        app.get("/people")(lambda: "Hello")
    apps["some"].get(ME)(me_marked)
    case = {**CASES["B"], "REQUEST_METHOD": "GET"}
    asks: dict[str, Ask] = {}
    for name, app in apps.items():
        environ = {**ENVIRON, **case}
        asks[name] = by_environ(app, environ)
        assert asks[name]() == b"Hello"
    figures = interleaved({name: batch(ask) for name, ask in asks.items()}, rounds)
    ratio = figures["some"].best / figures["none"].best
    return f"an untyped view beside typed ones / without any: {ratio:.2f}"


def me_marked(user: Annotated[str, Use(user)]) -> str:
    return user


def by_environ(app: Any, environ: dict[str, Any]) -> Ask:
    return lambda: b"".join(app(dict(environ), lambda status, headers: None))


def main(rounds: int = 30) -> None:
    """Measure, and print microseconds for each, and ratios."""
    figures = {case: measured(case, rounds) for case in CASES}
    for case, row in figures.items():
        for name, figure in row.items():
            print(f"{case}  {name:26}{figure.best * 1e6:8.2f} us")
    print(*told(figures), sep="\n")
    print(untyped(rounds))
    print(*set_up(), sep="\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
