"""Callables of any kind as views and hooks, and coroutine functions among them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pytest

from tantalus import (
    App,
    Blueprint,
    Response,
    after_this_request,
    g,
    render_template_string,
    request,
)
from tantalus._state import _sync as sync
from tantalus._state._sync import SynchronousCalls, async_to_sync

language: ContextVar[str] = ContextVar("language", default="en")


async def answer() -> str:
    """Say how it was called."""
    return "awaited"


# --- callables without a hash, and equal ones


@dataclass
class Say:
    """A callable without a hash, which passes on what it is called with."""

    text: object = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return args[0] if args else self.text


class Alike:
    """A callable that equals all others of its class."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike)

    def __hash__(self) -> int:
        return 1


SetUp = Callable[[App], object]


@pytest.mark.parametrize(
    "set_up",
    [
        lambda app: app.add_url_rule("/", "say", Say("fine")),
        lambda app: app.before_request(Say("fine")),
        lambda app: app.url_value_preprocessor(Say()),
        lambda app: app.after_request(Say()),
        lambda app: app.teardown_request(Say()),
        lambda app: app.teardown_appcontext(Say()),
        lambda app: app.context_processor(Say({})),
        lambda app: app.register_error_handler(404, Say(("fine", 200))),
        lambda app: app.register_error_handler(ValueError, Say(("fine", 200))),
        lambda app: app.register_error_handler(500, Say(("fine", 200))),
    ],
    ids=[
        "view",
        "before",
        "preprocessor",
        "after",
        "teardown",
        "app teardown",
        "context processor",
        "404",
        "class",
        "500",
    ],
)
@pytest.mark.parametrize("kind", [App, Blueprint], ids=["app", "blueprint"])
def test_a_callable_needs_no_hash(set_up: SetUp, kind: type) -> None:
    app = App("tests")
    if kind is App:
        set_up(app)
    else:
        on_blueprint(app, set_up)
    app.add_url_rule("/template", view_func=lambda: render_template_string("fine"))
    app.add_url_rule("/fail", view_func=fail)

    answers = [app.test_client().get(path) for path in ("/", "/template", "/fail")]

    assert "fine" in {response.text for response in answers}


def on_blueprint(app: App, set_up: SetUp) -> None:
    blueprint = Blueprint("blueprint", "tests")
    blueprint.teardown_appcontext = blueprint.teardown_app_request  # type: ignore[attr-defined] # has none
    set_up(blueprint)  # type: ignore[arg-type] # has the same methods
    app.register_blueprint(blueprint)


def fail() -> str:
    raise ValueError("fail")


def test_equal_callables_are_different_views(app: App) -> None:
    app.add_url_rule("/a", "a", Alike("a"))
    app.add_url_rule("/b", "b", Alike("b"))
    client = app.test_client()

    assert [client.get(path).text for path in ("/a", "/b", "/a")] == ["a", "b", "a"]


def test_an_unhashable_callable_may_be_this_requests_hook(app: App) -> None:
    client = app.test_client()

    @app.get("/")
    def index() -> str:
        after_this_request(Say())
        return "fine"

    assert client.get("/").text == "fine"


class Host:
    """What is asked to make functions synchronous."""

    asked = 0

    def ensure_sync(self, function: Any, /) -> Any:
        self.asked += 1
        return function


def test_what_to_call_is_found_out_once() -> None:
    host = Host()
    calls = SynchronousCalls(host)

    assert calls.of(answer) is answer
    assert calls.of(answer) is answer
    assert host.asked == 1


def test_functions_made_anew_are_not_remembered_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sync, "MOST_REMEMBERED", 2)
    host = Host()
    calls = SynchronousCalls(host)

    functions = [Say(number) for number in range(4)]
    found = [calls.of(function) for function in functions]

    assert all(map(lambda one, other: one is other, found, functions))
    assert len(calls) == 2


# --- coroutine functions


def test_views_and_hooks_may_be_coroutines(app: App) -> None:
    seen: list[str] = []

    async def note(*args: Any) -> None:
        seen.append(request.path)

    app.before_request(note)
    app.teardown_request(note)
    app.add_url_rule("/", "index", answer)

    assert app.test_client().get("/").text == "awaited"
    assert seen == ["/", "/"]


def test_coroutines_need_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asgiref.sync", None)
    monkeypatch.delitem(sys.modules, "tantalus._state._awaiting", raising=False)

    with pytest.raises(RuntimeError, match=r"pip install\s+'tantalus\[async\]'"):
        async_to_sync(answer)


def test_what_runs_a_coroutine_function_keeps_its_name() -> None:
    call = async_to_sync(answer)

    assert (call.__name__, call.__doc__) == ("answer", "Say how it was called.")


def test_a_client_may_call_coroutines_inside_an_asynchronous_test(app: App) -> None:
    @app.before_request
    async def choose() -> None:
        await asyncio.sleep(0)
        g.language = "de"
        language.set("de")

    @app.after_request
    async def note(response: Response) -> Response:
        response.headers["Content-Language"] = language.get()
        return response

    @app.get("/")
    async def index() -> str:
        await asyncio.sleep(0)
        return f"{request.path} {g.language} {language.get()}"

    async def test() -> Any:
        return app.test_client().get("/")

    response = asyncio.run(test())

    assert response.text == "/ de de"
    assert response.headers["Content-Language"] == "de"
    assert language.get() == "en"


def test_errors_of_a_coroutine_inside_an_asynchronous_test_arrive(app: App) -> None:
    @app.get("/")
    async def index() -> str:
        raise ZeroDivisionError

    async def test() -> None:
        app.test_client().get("/")

    with pytest.raises(ZeroDivisionError):
        asyncio.run(test())
