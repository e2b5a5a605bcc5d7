"""Callables of any kind as views and hooks, and coroutine functions among them."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pytest

from tantalus import (
    App,
    Blueprint,
    Response,
    after_this_request,
    appcontext_popped,
    appcontext_tearing_down,
    copy_current_request_context,
    current_app,
    g,
    render_template_string,
    request,
    session,
    stream_with_context,
)
from tantalus._state import _sync as sync
from tantalus._state._sync import SynchronousCalls, async_to_sync
from tantalus_context import carry, own_loop, run_elsewhere

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


def test_all_coroutines_of_a_process_run_on_one_loop(app: App) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def note(*args: Any) -> None:
        loops.append(asyncio.get_running_loop())

    app.before_request(note)
    app.teardown_request(note)

    @app.get("/")
    async def index() -> str:
        await note()
        return "fine"

    client = app.test_client()
    client.get("/")
    client.get("/")

    assert set(loops) == {own_loop()}
    assert len(loops) == 6


def test_a_task_may_outlive_the_view_that_began_it(app: App) -> None:
    tasks: list[asyncio.Task[str]] = []

    async def later(flag: asyncio.Event) -> str:
        await flag.wait()
        return request.path

    @app.get("/begin")
    async def begin() -> str:
        app.extensions["flag"] = flag = asyncio.Event()
        tasks.append(asyncio.create_task(later(flag)))
        return "begun"

    @app.get("/end")
    async def end() -> str:
        app.extensions["flag"].set()
        return await tasks.pop()

    client = app.test_client()
    client.get("/begin")

    assert client.get("/end").text == "/begin"


Hook = Callable[..., Any]


def register_span(app: App, kind: str) -> list[str]:
    """Have hooks set a variable, and reset it in the teardown; return what is seen."""
    seen: list[str] = []

    def begin() -> None:
        g.token = language.set("de")

    def see(*args: Any) -> Any:
        seen.append(language.get())
        return args[0] if args else None

    def end(error: BaseException | None) -> None:
        language.reset(g.token)
        seen.append(language.get())

    make = in_coroutine if kind == "coroutines" else (lambda function: function)
    app.before_request(make(begin))
    app.before_request(see)
    app.before_request(in_coroutine(see))
    app.after_request(see)
    app.after_request(in_coroutine(see))
    app.teardown_request(make(end))
    return seen


def in_coroutine(function: Hook) -> Hook:
    async def awaited(*args: Any) -> Any:
        await asyncio.sleep(0)
        return function(*args)

    return awaited


@pytest.mark.parametrize("kind", ["functions", "coroutines"])
@pytest.mark.parametrize("view", ["/plain", "/awaited", "/fail"])
def test_what_a_hook_sets_is_seen_by_all_and_reset_by_another_hook(
    app: App, kind: str, view: str
) -> None:
    seen = register_span(app, kind)

    @app.get("/plain")
    def plain() -> str:
        return language.get()

    @app.get("/awaited")
    async def awaited() -> str:
        await asyncio.sleep(0)
        return language.get()

    @app.get("/fail")
    async def broken() -> str:
        raise ValueError

    app.register_error_handler(ValueError, in_coroutine(lambda e: language.get()))

    assert app.test_client().get(view).text == "de"
    assert seen == ["de"] * 4 + ["en"]
    assert language.get() == "en"


def test_what_a_coroutine_changes_of_g_and_session_is_there_afterwards(
    app: App,
) -> None:
    app.secret_key = "0" * 32

    @app.before_request
    async def begin() -> None:
        g.user = session["user"] = "ada"

    @app.get("/")
    async def index() -> str:
        return f"{g.user} {session['user']} {current_app.name}"

    response = app.test_client().get("/")

    assert response.text == "ada ada tests"
    assert "session=" in response.headers["Set-Cookie"]


def test_copies_of_a_context_share_no_variables(app: App) -> None:
    async def change() -> str:
        language.set("fr")
        return language.get()

    @app.get("/")
    def index() -> str:
        before = app.ensure_sync(answer)()
        with ThreadPoolExecutor(1) as pool:
            inside = pool.submit(carry(app.ensure_sync(change))).result()
        return f"{before} {inside} {language.get()}"

    assert app.test_client().get("/").text == "awaited fr en"


def test_ensure_sync_may_be_used_where_no_context_is(app: App) -> None:
    assert app.ensure_sync(answer)() == "awaited"


def test_a_subclass_may_run_coroutines_in_a_way_of_its_own() -> None:
    calls: list[str] = []

    class Own(App):
        def async_to_sync(self, func: Any) -> Any:
            calls.append(func.__name__)
            return super().async_to_sync(func)

    app = Own("tests")
    app.add_url_rule("/", view_func=answer)

    assert app.test_client().get("/").text == "awaited"
    assert calls == ["answer"]


def test_requests_with_coroutines_leave_nothing_behind(app: App) -> None:
    register_span(app, "coroutines")
    app.add_url_rule("/", view_func=answer)
    client = app.test_client()
    client.get("/")
    threads = threading.active_count()
    gc.collect()
    gc.disable()
    try:
        for _ in range(500):
            client.get("/")
        collected = gc.collect()
    finally:
        gc.enable()

    assert collected < 400
    assert threading.active_count() <= threads  # some of others may end


# --- asynchronous streams as bodies


async def letters(log: list[str] | None = None) -> AsyncIterator[str]:
    try:
        for letter in "äb":
            await asyncio.sleep(0)
            yield letter
    finally:
        if log is not None:
            log.append("closed")


class Stream:
    """An asynchronous stream that is no generator."""

    def __aiter__(self) -> AsyncIterator[str]:
        return letters()


@pytest.mark.parametrize(
    "make",
    [
        letters,
        Stream,
        lambda: (letters(), 200),
        lambda: (letters(), {"X-Kind": "tuple"}),
        lambda: Response(letters()),
        lambda: (Response(letters()), 200),
    ],
    ids=["generator", "iterable", "status", "headers", "response", "response in tuple"],
)
@pytest.mark.parametrize("kind", ["plain", "awaited"])
def test_a_view_may_return_an_asynchronous_stream(
    app: App, make: Callable[[], Any], kind: str
) -> None:
    async def awaited() -> Any:
        return make()

    app.add_url_rule("/", "index", make if kind == "plain" else awaited)

    response = app.test_client().get("/")

    assert (response.status_code, response.text) == (200, "äb")
    assert response.mimetype == "text/html"


def test_an_asynchronous_generator_function_is_a_view(app: App) -> None:
    @app.get("/")
    async def index() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    assert app.test_client().get("/").text == "ab"


def test_an_asynchronous_stream_is_closed_with_the_response(app: App) -> None:
    log: list[str] = []
    app.add_url_rule("/", view_func=lambda: letters(log))

    response = app.test_client().get("/")
    first = next(response.iter_encoded())
    response.close()

    assert (first, log) == ("ä".encode(), ["closed"])


@pytest.mark.parametrize("kind", ["stream", "decorator"])
def test_an_asynchronous_stream_may_keep_the_context(app: App, kind: str) -> None:
    torn: list[str] = []
    tokens = [language.set("en")]

    async def text() -> AsyncIterator[str]:
        tokens.append(language.set("fr"))
        yield request.path
        yield g.user
        language.reset(tokens.pop())

    @app.teardown_request
    async def note(error: BaseException | None) -> None:
        torn.append(f"{request.path} {error} {language.get()}")

    @app.get("/here")
    async def index() -> Any:
        g.user = "ada"
        if kind == "stream":
            return stream_with_context(text())
        return stream_with_context(text)()

    response = app.test_client().get("/here")

    assert response.text == "/hereada"
    assert torn == ["/here None en"]
    language.reset(tokens.pop())


# --- contexts in asynchronous code


def note_teardown(app: App, kind: str) -> list[str]:
    """Note what a teardown function of a kind sees."""
    seen: list[str] = []

    def note(error: BaseException | None) -> None:
        seen.append(f"{current_app.name} {g.get('user')} {error}")

    app.teardown_appcontext(in_coroutine(note) if kind == "coroutine" else note)
    return seen


@pytest.mark.parametrize("kind", ["function", "coroutine"])
@pytest.mark.parametrize("where", ["own loop", "other loop"])
def test_in_context_decorates_coroutine_functions(
    app: App, kind: str, where: str
) -> None:
    seen = note_teardown(app, kind)

    @app.in_context
    async def job(user: str) -> str:
        """Do some work."""
        g.user = user
        await asyncio.sleep(0)
        return f"{current_app.name} {g.user}"

    async def both() -> list[str]:
        return list(await asyncio.gather(job("ada"), job("bob")))

    run: Any = run_elsewhere if where == "own loop" else (lambda f: asyncio.run(f()))

    assert asyncio.iscoroutinefunction(job)
    assert job.__doc__ == "Do some work."
    assert run(both) == ["tests ada", "tests bob"]
    assert sorted(seen) == ["tests ada None", "tests bob None"]


def test_an_error_in_an_asynchronous_context_is_told_and_goes_on(app: App) -> None:
    seen = note_teardown(app, "coroutine")

    @app.in_context
    async def job() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        asyncio.run(job())

    assert seen == ["tests None wrong"]


def test_the_end_of_an_asynchronous_context_is_signalled(app: App) -> None:
    seen: list[str] = []

    def plain(sender: Any) -> None:
        seen.append("plain")

    async def awaited(sender: Any) -> None:
        seen.append("awaited")

    async def work() -> None:
        async with app.app_context():
            seen.append("work")

    with (
        appcontext_popped.connected_to(plain, app),
        appcontext_popped.connected_to(awaited, app),
    ):
        run_elsewhere(work)

    assert (seen[0], sorted(seen[1:])) == ("work", ["awaited", "plain"])


def test_receivers_of_the_teardown_may_be_coroutine_functions(app: App) -> None:
    seen: list[str] = []

    async def note(sender: Any, exc: BaseException | None) -> None:
        seen.append(current_app.name)

    async def work() -> None:
        context = app.app_context()
        await context.apush()
        await context.apop(None)

    with appcontext_tearing_down.connected_to(note, app):
        run_elsewhere(work)

    assert seen == ["tests"]


def test_a_copied_context_is_awaited_where_a_loop_runs(app: App) -> None:
    seen = note_teardown(app, "coroutine")

    @app.get("/there")
    async def index() -> Any:
        @copy_current_request_context
        async def path(user: str) -> str:
            g.user = user
            await asyncio.sleep(0)
            return f"{request.path} {g.user}"

        work: list[Any] = [path(user) for user in ("ada", "bob")]
        return await asyncio.gather(*map(asyncio.create_task, work))

    response = app.test_client().get("/there")

    assert response.json == ["/there ada", "/there bob"]
    assert sorted(seen) == ["tests None None", "tests ada None", "tests bob None"]


def test_a_context_without_anything_to_await_ends_where_it_is(app: App) -> None:
    threads = []

    @app.teardown_appcontext
    def end(error: Any) -> None:
        threads.append(threading.get_ident())

    async def work() -> None:
        async with app.app_context():
            assert app.name == current_app.name

    asyncio.run(work())

    assert threads == [threading.get_ident()]
