"""Requests that live on the event loop, because their view is awaited."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from contextvars import ContextVar, Token
from io import BytesIO
from typing import Any

import pytest
from conftest import make_app
from driver import GONE, Exchange, ask, body_in, scope_of
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as Foreign

from tantalus import (
    App,
    Blueprint,
    Flask,
    Request,
    Response,
    abort,
    after_this_request,
    copy_current_request_context,
    current_app,
    g,
    nonblocking,
    render_template_string,
    request,
    send_file,
    session,
    stream_template_string,
    stream_with_context,
)
from tantalus._asgi._lives import Lives
from tantalus.globals import _cv_app
from tantalus.signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    got_request_exception,
    request_finished,
    request_started,
    request_tearing_down,
)
from tantalus_sessions import (
    MemoryStore,
    SecureCookieSessionInterface,
    SessionStoreError,
    StoreSessionInterface,
)

HERE = threading.get_ident


@pytest.fixture(scope="module", autouse=True)
def workers_go_home() -> Iterator[None]:
    """Have no thread of these apps end while another test counts threads."""
    yield
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "tantalus worker":
            thread.join(1)


@pytest.fixture(autouse=True)
def streams_are_watched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tantalus_http._messages.WATCH_AFTER", 0)


class Life:
    """An app that notes each step of a request, and whether it runs on the loop."""

    def __init__(self, app: App | None = None) -> None:
        self.app = app or make_app()
        self.seen: list[str] = []
        self.loop = HERE()
        self.count = 0

    def note(self, step: str) -> None:
        self.seen.append(step if HERE() == self.loop else f"{step} in a worker")
        if _cv_app.get(None) is None:
            self.seen.append("without a context")

    def plain(self, step: str, answer: Any = None) -> Callable[..., Any]:
        def hook(*args: Any, **kwargs: Any) -> Any:
            self.note(step)
            return args[0] if step.startswith("after") else answer

        return self.named(hook)

    def coroutine(self, step: str, answer: Any = None) -> Callable[..., Any]:
        async def hook(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(0)
            self.note(step)
            return args[0] if step.startswith("after") else answer

        return self.named(hook)

    def named(self, hook: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that may be a view beside others."""
        self.count += 1
        hook.__name__ = f"hook_{self.count}"
        return hook

    def ask(self, *args: Any) -> Exchange:
        made = ask(self.app, *args)
        assert _cv_app.get(None) is None
        return made


@pytest.fixture
def life() -> Iterator[Life]:
    life = Life()
    yield life
    face: Any = life.app.asgi_app
    face.stop()


# Where code runs.


def test_a_coroutine_view_runs_on_the_loop_with_coroutine_hooks(life: Life) -> None:
    app = life.app
    app.url_value_preprocessor(nonblocking(life.plain("values")))
    app.before_request(life.coroutine("before"))
    app.after_request(life.coroutine("after"))
    app.teardown_request(life.coroutine("teardown"))
    app.teardown_appcontext(life.coroutine("end"))
    app.get("/")(life.coroutine("view", "hello"))

    made = life.ask()

    assert (made.status, made.body) == (200, b"hello")
    assert life.seen == ["values", "before", "view", "after", "teardown", "end"]


def test_plain_hooks_around_it_run_in_a_worker_in_their_order(life: Life) -> None:
    app = life.app
    app.url_value_preprocessor(life.plain("values"))
    app.before_request(life.plain("before 1"))
    app.before_request(life.plain("before 2"))
    app.after_request(life.plain("after"))
    app.teardown_request(life.plain("teardown"))
    app.teardown_appcontext(life.plain("end"))
    app.get("/")(life.coroutine("view", "hello"))

    assert life.ask().body == b"hello"
    assert life.seen == [
        "values in a worker", "before 1 in a worker", "before 2 in a worker", "view",
        "after in a worker", "teardown in a worker", "end in a worker",
    ]  # fmt: skip


def test_hooks_of_both_kinds_run_in_their_order_each_where_it_belongs(
    life: Life,
) -> None:
    app = life.app
    kinds = [life.plain, life.coroutine, life.plain, life.plain]
    for number, kind in enumerate(kinds):
        app.before_request(kind(f"before {number}"))
        app.after_request(kind(f"after {number}"))
        app.teardown_request(kind(f"teardown {number}"))
        app.teardown_appcontext(kind(f"end {number}"))
    app.url_value_preprocessor(life.plain("values"))
    app.get("/")(life.coroutine("view", "hello"))

    assert life.ask().body == b"hello"
    places = [" in a worker", "", " in a worker", " in a worker"]
    up = [f" {number}{place}" for number, place in enumerate(places)]
    assert life.seen == [
        "values in a worker",
        *[f"before{end}" for end in up],
        "view",
        *[f"after{end}" for end in reversed(up)],
        *[f"teardown{end}" for end in reversed(up)],
        *[f"end{end}" for end in reversed(up)],
    ]


def test_a_row_of_plain_hooks_is_one_hop(life: Life) -> None:
    hops = []
    app: Any = life.app
    begin = app.asgi_app.begin

    async def counted(*args: Any) -> Any:
        hops.append(args)
        return await begin(*args)

    app.asgi_app.begin = counted
    for number in range(5):
        app.before_request(life.plain(f"before {number}"))
        app.after_request(life.plain(f"after {number}"))
        app.teardown_request(life.plain(f"teardown {number}"))
    app.get("/")(life.coroutine("view", "hello"))

    assert life.ask().body == b"hello"
    assert len(hops) == 3


@pytest.mark.parametrize("kinds", ["pp", "cp", "pc", "cc", "pcp"])
def test_the_first_hook_that_answers_is_the_last(life: Life, kinds: str) -> None:
    for number, kind in enumerate(kinds):
        make = life.plain if kind == "p" else life.coroutine
        is_last = number == len(kinds) - 1
        hook = make(f"before {number}", "answer" if is_last else None)
        life.app.before_request(hook)
    never = life.coroutine("never", "never")
    life.app.before_request(never)
    life.app.get("/")(life.coroutine("view", "view"))

    assert life.ask().body == b"answer"
    assert [step[:8] for step in life.seen] == [
        f"before {number}" for number in range(len(kinds))
    ]


def test_what_says_that_it_never_waits_runs_on_the_loop(life: Life) -> None:
    app = life.app
    app.before_request(nonblocking(life.plain("before")))
    app.after_request(nonblocking(life.plain("after")))
    app.teardown_request(nonblocking(life.plain("teardown")))
    app.errorhandler(404)(nonblocking(life.plain("handler", ("none", 404))))
    app.get("/")(nonblocking(life.plain("view", "hello")))

    assert life.ask().body == b"hello"
    assert life.ask(scope_of("/none")).body == b"none"
    assert life.seen == [
        "before", "view", "after", "teardown",
        "before", "handler", "after", "teardown",
    ]  # fmt: skip


def test_a_view_that_is_an_asynchronous_generator_runs_on_the_loop(life: Life) -> None:
    @life.app.get("/")
    async def view() -> AsyncIterator[str]:
        life.seen.append(f"made on the loop: {HERE() == life.loop}")
        yield "a"
        await asyncio.sleep(0)
        yield "b"

    assert life.ask().body == b"ab"
    assert life.seen == ["made on the loop: True"]


def test_where_no_rule_matches_nothing_plain_runs_on_the_loop(life: Life) -> None:
    life.app.get("/")(life.coroutine("view", "hello"))
    life.app.errorhandler(404)(life.plain("handler", ("none", 404)))

    assert life.ask(scope_of("/none")).body == b"none"
    assert life.seen == ["handler in a worker"]


@pytest.mark.parametrize(
    "register", ["before_request", "after_request", "teardown_request"]
)
def test_where_no_rule_matches_a_plain_hook_makes_it_live_in_a_worker(
    life: Life, register: str
) -> None:
    life.app.before_request(life.coroutine("before"))
    is_last = register == "after_request"
    getattr(life.app, register)(life.plain("after" if is_last else "hook"))

    assert life.ask(scope_of("/none")).status == 404
    assert life.seen[0] == "before"
    assert life.seen[1] == f"{'after' if is_last else 'hook'} in a worker"


def test_where_no_rule_matches_and_nothing_waits_no_worker_is_asked() -> None:
    app: Any = make_app()
    app.get("/dir/")(lambda: "plain")
    app.asgi_app.begin = None  # which would ask a worker

    assert ask(app, scope_of("/none")).status == 404
    assert ask(app, scope_of("/dir")).status == 308
    assert ask(app, scope_of("/dir/", "POST")).status == 405


@pytest.mark.parametrize("automatic", [True, False])
def test_options_are_answered_with_or_without_the_view(
    life: Life, automatic: bool
) -> None:
    life.app.add_url_rule(
        "/",
        view_func=life.coroutine("view", "hello"),
        methods=["GET", "OPTIONS"] if not automatic else ["GET"],
    )

    made = life.ask(scope_of("/", "OPTIONS"))

    assert life.seen == ([] if automatic else ["view"])
    assert (b"allow" in dict(made.headers)) is automatic


# What cannot be awaited lives in a worker, as under WSGI.


class OwnDispatch(App):
    def dispatch_request(self) -> Any:
        return super().dispatch_request()


class OwnSync(App):
    def ensure_sync(self, func: Any) -> Any:
        return super().ensure_sync(func)


class OwnWSGI(App):
    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        return super().wsgi_app(environ, start_response)


@pytest.mark.parametrize("kind", [OwnDispatch, OwnSync, OwnWSGI])
def test_an_app_with_a_step_of_its_own_lives_in_a_worker(kind: type[App]) -> None:
    life = Life(kind("own"))
    life.app.before_request(life.plain("before"))
    life.app.get("/")(life.coroutine("view", "hello"))
    life.app.get("/plain")(life.plain("plain", "hello"))

    assert life.ask().body == b"hello"
    assert life.ask(scope_of("/plain")).body == b"hello"
    assert life.seen == [
        "before in a worker", "view", "before in a worker", "plain in a worker"
    ]  # fmt: skip


def test_an_app_whose_wsgi_face_is_wrapped_lives_in_a_worker(life: Life) -> None:
    life.app.get("/")(life.coroutine("view", "hello"))
    life.app.before_request(life.plain("before"))
    assert life.ask().body == b"hello"
    inner = life.app.wsgi_app

    def wrapped(environ: Any, start_response: Any) -> Any:
        life.note("wrapper")
        return inner(environ, start_response)

    life.app.wsgi_app = wrapped  # type: ignore[method-assign]
    life.seen.clear()

    assert life.ask().body == b"hello"
    assert life.seen[:1] == ["without a context"] or life.seen[0].startswith("wrapper")
    assert life.seen[-2:] == ["before in a worker", "view"]


def test_a_request_class_of_ones_own_lives_on_the_loop(life: Life) -> None:
    class Own(life.app.request_class):  # type: ignore[name-defined,misc]
        @property
        def cookies(self) -> Any:
            return {"a": "1"}

    life.app.request_class = Own

    @life.app.get("/")
    async def view() -> str:
        life.note("view")
        return str(request.cookies["a"])

    assert life.ask().body == b"1"
    assert life.seen == ["view"]


def test_a_converter_that_may_wait_is_asked_in_a_worker(life: Life) -> None:
    class Looked(BaseConverter):
        def to_python(self, value: str) -> str:
            life.note("converter")
            return value.upper()

    class Quick(Looked):
        is_nonblocking = True

    life.app.url_map.converters["looked"] = Looked
    life.app.get("/<looked:name>")(life.coroutine("view", "hello"))
    quick = Life()
    quick.app.url_map.converters["quick"] = Quick

    @quick.app.get("/<quick:name>")
    async def view(name: str) -> str:
        return name

    assert life.ask(scope_of("/a")).body == b"hello"
    assert life.seen == ["converter in a worker", "view"]
    life.seen.clear()
    assert quick.ask(scope_of("/a")).body == b"A"
    assert life.seen == ["converter", "without a context"]


def test_an_error_of_matching_is_answered_as_under_wsgi(life: Life) -> None:
    class Broken(BaseConverter):
        is_nonblocking = True

        def to_python(self, value: str) -> str:
            raise KeyError(value)

    life.app.url_map.converters["broken"] = Broken
    life.app.config["PROPAGATE_EXCEPTIONS"] = False
    life.app.get("/<broken:name>")(life.coroutine("view", "hello"))

    assert life.ask(scope_of("/a")).status == 500


# Requests.


def test_a_view_reads_its_request_from_the_scope(life: Life) -> None:
    @life.app.post("/<int:number>")
    async def view(number: int) -> dict[str, Any]:
        return {
            "number": number,
            "args": request.args,
            "form": request.form,
            "host": request.host,
            "agent": request.headers["User-Agent"],
        }

    headers = [
        (b"content-length", b"3"),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"user-agent", b"me"),
    ]
    made = life.ask(scope_of("/5", "POST", b"a=1", headers), body_in(b"b=", b"2"))

    assert made.body == (
        b'{"agent":"me","args":{"a":"1"},"form":{"b":"2"},"host":"example.org",'
        b'"number":5}\n'
    )


def test_no_environ_is_made_for_who_does_not_ask(life: Life) -> None:
    @life.app.get("/")
    async def view() -> str:
        return str("environ" in vars(request))

    life.ask()  # the host is new, and looked at closely

    assert life.ask().body == b"False"


@pytest.mark.parametrize(
    "more",
    [
        {"headers": [(b"Host", b"example.org")]},
        {"headers": [(b"host", b"example.org"), (b"upgrade", b"websocket")]},
        {"root_path": "/app", "path": "/app/"},
        {"http_version": "2"},
    ],
    ids=["spelled otherwise", "upgrade", "mounted", "HTTP/2"],
)
def test_requests_that_need_a_closer_look_get_it(
    life: Life, more: dict[str, Any]
) -> None:
    @life.app.get("/")
    async def view() -> str:
        life.note("view")
        return request.url

    made = life.ask({**scope_of(), **more}, body_in())

    assert made.body == b"http://example.org" + more.get("path", "/").encode()
    assert life.seen == ["view"]


def test_a_path_without_its_slash_is_redirected(life: Life) -> None:
    life.app.get("/")(life.coroutine("view", "hello"))

    made = life.ask(scope_of(""))

    assert (made.status, life.seen) == (308, [])


def test_two_hosts_are_refused_and_no_hook_sees_it(life: Life) -> None:
    life.app.before_request(life.coroutine("before"))
    life.app.get("/")(life.coroutine("view", "hello"))

    assert life.ask(scope_of(headers=[(b"host", b"evil.example")])).status == 400
    assert life.seen == []


def test_a_client_that_leaves_within_a_small_body_starts_nothing(life: Life) -> None:
    life.app.post("/")(life.coroutine("view", "hello"))
    scope = scope_of("/", "POST", headers=[(b"content-length", b"9")])

    made = life.ask(scope, [*body_in(b"abc", is_complete=False), GONE])

    assert (made.status, life.seen) == (400, [])


def test_a_large_body_is_loaded_or_it_is_said_how(life: Life) -> None:
    @life.app.post("/<how>")
    async def view(how: str) -> str:
        if how == "load":
            await request.load()
        if how == "chunks":
            return str(sum([len(piece) async for piece in request.chunks()]))
        return str(len(request.get_data()))

    def asked(how: str) -> Exchange:
        headers = [(b"content-length", b"300000")]
        scope = scope_of(f"/{how}", "POST", headers=headers)
        return life.ask(scope, body_in(*[b"x" * 1_000] * 300))

    assert asked("load").body == asked("chunks").body == b"300000"
    with pytest.raises(RuntimeError, match=r"await request\.load\(\)"):
        asked("forgotten")


def test_a_typed_view_reads_its_parameters_on_the_loop_too(life: Life) -> None:
    @life.app.get("/", typed=True)
    async def view(number: int) -> dict[str, int]:
        life.note("view")
        return {"number": number + 1}

    assert life.ask(scope_of(query=b"number=1")).body == b'{"number":2}'
    assert life.ask(scope_of(query=b"number=x")).status == 422
    assert life.seen == ["view"]


# Errors.


@pytest.mark.parametrize("make", ["plain", "coroutine"])
def test_errors_are_given_to_handlers_of_both_kinds(life: Life, make: str) -> None:
    kind = getattr(life, make)
    place = "" if make == "coroutine" else " in a worker"

    @life.app.get("/<error>")
    async def view(error: str) -> str:
        if error == "key":
            raise KeyError(error)
        if error == "missing":
            abort(404)
        raise OSError(error)

    life.app.config["PROPAGATE_EXCEPTIONS"] = False
    life.app.errorhandler(KeyError)(kind("key", ("key", 409)))
    life.app.errorhandler(404)(kind("missing", ("missing", 404)))
    life.app.errorhandler(500)(kind("broken", ("broken", 500)))

    made = [life.ask(scope_of(path)) for path in ("/key", "/missing", "/other")]

    assert [(one.status, one.body) for one in made] == [
        (409, b"key"), (404, b"missing"), (500, b"broken")
    ]  # fmt: skip
    assert life.seen == [f"{step}{place}" for step in ("key", "missing", "broken")]


def test_an_error_is_logged_once(life: Life, caplog: pytest.LogCaptureFixture) -> None:
    life.app.config["PROPAGATE_EXCEPTIONS"] = False

    @life.app.get("/")
    async def view() -> str:
        raise OSError("broken")

    assert life.ask().status == 500
    logged = [record for record in caplog.records if record.name == "tests"]
    assert [record.getMessage() for record in logged] == ["Exception on / [GET]"]


def test_an_error_that_is_propagated_is_the_servers(life: Life) -> None:
    @life.app.get("/")
    async def view() -> str:
        raise OSError("broken")

    life.app.teardown_request(life.coroutine("teardown"))

    with pytest.raises(OSError, match="broken"):
        life.ask()
    assert life.seen == ["teardown"]


def test_an_error_of_a_hook_after_an_error_is_logged(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    life.app.config["PROPAGATE_EXCEPTIONS"] = False

    @life.app.get("/")
    async def view() -> str:
        raise OSError("broken")

    @life.app.after_request
    async def after(response: Response) -> Response:
        raise KeyError("after")

    assert life.ask().status == 500
    assert "Request finalizing failed" in caplog.text


def test_an_answer_that_is_none_is_explained(life: Life) -> None:
    life.app.get("/")(life.coroutine("view"))

    with pytest.raises(TypeError, match="ended without a return statement"):
        life.ask()


def test_errors_of_teardown_functions_are_raised_together(life: Life) -> None:
    async def fails(error: Any) -> None:
        raise KeyError("a coroutine")

    def fails_too(error: Any) -> None:
        raise OSError("a plain one")

    life.app.teardown_request(life.coroutine("teardown"))
    life.app.teardown_request(fails)
    life.app.teardown_request(fails_too)
    life.app.get("/")(life.coroutine("view", "hello"))

    with pytest.raises(ExceptionGroup) as raised:
        life.ask()
    assert [type(error) for error in raised.value.exceptions] == [OSError, KeyError]
    assert life.seen == ["view", "teardown"]


def test_an_error_of_a_hook_is_an_error_like_others(life: Life) -> None:
    @life.app.after_request
    async def after(response: Response) -> Response:
        raise KeyError("after")

    life.app.get("/")(life.coroutine("view", "hello"))

    with pytest.raises(KeyError, match="after"):
        life.ask()


def test_a_hook_may_answer_where_no_rule_matches(life: Life) -> None:
    life.app.before_request(life.coroutine("before", "answer"))

    assert life.ask(scope_of("/none")).body == b"answer"


def test_a_function_that_fails_at_the_end_keeps_no_upload_open(life: Life) -> None:
    class Own(Request):
        def close(self) -> None:
            super().close()
            life.note("closed")
            raise OSError("not closed")

    life.app.request_class = Own
    life.app.get("/")(life.coroutine("view", "hello"))
    life.app.teardown_request(life.coroutine("teardown"))

    with pytest.raises(OSError, match="not closed"):
        life.ask()
    assert life.seen == ["view", "teardown", "closed"]


# Variables and contexts.


variable: ContextVar[str] = ContextVar("variable", default="default")


@pytest.mark.parametrize("make", ["plain", "coroutine"])
def test_variables_that_a_hook_sets_are_seen_and_may_be_reset(
    life: Life, make: str
) -> None:
    tokens: list[Token[str]] = []
    seen = []

    def set_it() -> None:
        tokens.append(variable.set("set"))

    def reset_it(error: Any) -> None:
        seen.append(variable.get())
        variable.reset(tokens.pop())

    async def awaited_set_it() -> None:
        set_it()

    async def awaited_reset_it(error: Any) -> None:
        reset_it(error)

    is_plain = make == "plain"
    life.app.before_request(set_it if is_plain else awaited_set_it)
    life.app.teardown_request(reset_it if is_plain else awaited_reset_it)

    @life.app.get("/")
    async def view() -> str:
        seen.append(variable.get())
        variable.set("the view's")
        return "hello"

    async def work() -> str:
        made = Exchange()
        await life.app(scope_of(), made.receive, made.send)
        return variable.get()

    assert asyncio.run(work()) == "default"
    assert seen == ["set", "the view's"]


def test_nothing_is_current_when_the_first_message_is_sent(life: Life) -> None:
    current = []

    async def work() -> None:
        made = Exchange()

        async def send(message: Any) -> None:
            current.append(_cv_app.get(None))

        await life.app(scope_of(), made.receive, send)

    life.app.get("/")(life.coroutine("view", "hello"))
    asyncio.run(work())

    assert current == [None, None]


def test_tasks_of_a_view_see_its_request_and_no_other(life: Life) -> None:
    @life.app.get("/<int:number>")
    async def view(number: int) -> str:
        g.number = number

        async def step() -> str:
            await asyncio.sleep(0)
            in_thread = await asyncio.to_thread(lambda: request.path)
            return f"{g.number}{request.path}{in_thread}{current_app.name}"

        task = asyncio.create_task(step())
        steps = await asyncio.gather(step(), task, step())
        assert len(set(steps)) == 1
        return steps[0]

    async def work() -> list[bytes]:
        exchanges = [Exchange() for _ in range(100)]
        app: Any = life.app
        await asyncio.gather(
            *(
                app(scope_of(f"/{number}"), made.receive, made.send)
                for number, made in enumerate(exchanges)
            )
        )
        return [made.body for made in exchanges]

    assert asyncio.run(work()) == [f"{n}/{n}/{n}tests".encode() for n in range(100)]


def test_a_copied_context_serves_coroutines_and_threads(life: Life) -> None:
    life.app.teardown_request(life.plain("teardown"))

    @life.app.get("/")
    async def view() -> str:
        session["a"] = "1"

        @copy_current_request_context
        async def in_task() -> str:
            life.note("task")
            return f"{request.path}{session['a']}{'here' in g}"

        @copy_current_request_context
        def in_thread() -> str:
            return f"{request.path}{session['a']}{'here' in g}"

        g.here = True
        one = await asyncio.create_task(in_task())
        return one + await asyncio.to_thread(in_thread)

    assert life.ask().body == b"/1False/1False"
    assert life.seen == ["task", *["teardown in a worker"] * 3]


def test_a_coroutine_function_cannot_be_run_to_its_end_on_the_loop(
    life: Life,
) -> None:
    @life.app.get("/")
    async def view() -> Any:
        return current_app.ensure_sync(view)()

    with pytest.raises(RuntimeError, match=r"would wait for itself\. Await it"):
        life.ask()


def test_a_plain_hook_may_run_coroutine_functions_to_their_end(life: Life) -> None:
    @life.app.before_request
    def before() -> None:
        current_app.ensure_sync(life.coroutine("from a hook"))()

    life.app.get("/")(life.coroutine("view", "hello"))

    assert life.ask().body == b"hello"
    assert life.seen == ["from a hook", "view"]


def test_a_request_within_work_of_the_app_shares_its_g() -> None:
    app = Flask("tests")
    life = Life(app)
    app.teardown_request(life.coroutine("teardown"))
    app.teardown_appcontext(life.coroutine("end"))

    @app.get("/")
    async def view() -> str:
        return str(g.number)

    async def work() -> bytes:
        made = Exchange()
        async with app.app_context():
            g.number = 5
            await app(scope_of(), made.receive, made.send)
            assert g.number == 5
            assert life.seen == ["teardown"]
        return made.body

    assert asyncio.run(work()) == b"5"
    assert life.seen == ["teardown", "end"]


def test_a_request_leaves_nothing_to_the_garbage_collector(life: Life) -> None:
    @life.app.get("/")
    async def view() -> str:
        return str(len(request.environ))

    @life.app.get("/error")
    async def error() -> str:
        abort(404)

    life.app.teardown_request(life.coroutine("teardown"))

    async def work() -> list[int]:
        app: Any = life.app
        found = []
        gc.disable()
        for _ in range(6):
            for path in ("/", "/error", "/none") * 3:
                made = Exchange()
                await app(scope_of(path), made.receive, made.send)
            found.append(gc.collect())
        return found[1:]  # the first requests make what lasts

    try:
        # What other threads leave, they leave once.
        assert 0 in asyncio.run(work())
    finally:
        gc.enable()


# Sessions.


def cookie_of(made: Exchange) -> tuple[bytes, bytes]:
    return b"cookie", dict(made.headers)[b"set-cookie"].partition(b";")[0]


@pytest.fixture(params=["cookie", "store", "eager"])
def session_app(request: pytest.FixtureRequest) -> Life:
    life = Life()
    kind = request.param
    if kind == "cookie":
        return life

    if kind == "store":

        class Noted(StoreSessionInterface):
            opens_lazily = True

            def open_session(self, app: Any, request: Any) -> Any:
                life.seen.append(f"open {HERE() == life.loop}")
                return super().open_session(app, request)

            def save_session(self, app: Any, session: Any, response: Any) -> None:
                life.seen.append(f"save {HERE() == life.loop}")
                super().save_session(app, session, response)

        life.app.session_interface = Noted(MemoryStore())
    else:

        class Eager(SecureCookieSessionInterface):
            opens_lazily = False
            blocks = False

        life.app.session_interface = Eager()
    return life


def test_sessions_are_kept(session_app: Life) -> None:
    life = session_app

    @life.app.get("/")
    async def view() -> str:
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    first = life.ask()
    second = life.ask(scope_of(headers=[cookie_of(first)]))

    assert (first.body, second.body) == (b"1", b"2")


def test_a_store_is_asked_in_workers_and_only_if_there_is_something_to_ask() -> None:
    life = Life()

    class Store(MemoryStore):
        def read(self, *args: Any, **kwargs: Any) -> Any:
            life.note("read")
            return super().read(*args, **kwargs)

        def write(self, *args: Any, **kwargs: Any) -> Any:
            life.note("write")
            return super().write(*args, **kwargs)

    life.app.session_interface = StoreSessionInterface(Store())

    @life.app.get("/<what>")
    async def view(what: str) -> str:
        if what == "set":
            session["a"] = 1
        return str(session.get("a")) if what == "get" else what

    first = life.ask(scope_of("/set"))
    assert "write in a worker" in life.seen
    assert all(step.endswith("in a worker") for step in life.seen)
    life.seen.clear()
    life.ask(scope_of("/none"))
    assert life.seen == []
    assert life.ask(scope_of("/get", headers=[cookie_of(first)])).body == b"1"
    assert set(life.seen) <= {"read in a worker", "write in a worker"}


def test_a_store_that_fails_is_told_by_the_answer() -> None:
    class Broken(MemoryStore):
        def write(self, *args: Any, **kwargs: Any) -> Any:
            raise SessionStoreError("broken")

    life = Life()
    life.app.session_interface = StoreSessionInterface(Broken())
    life.app.after_request(life.plain("after"))

    @life.app.get("/")
    async def view() -> str:
        session["a"] = 1
        return "hello"

    assert life.ask().status == 503
    assert life.seen == ["after in a worker"] * 2


# Answers.


def test_functions_for_this_request_come_before_other_hooks(life: Life) -> None:
    @life.app.get("/")
    async def view() -> str:
        after_this_request(life.coroutine("after this"))
        after_this_request(life.plain("after that"))
        return "hello"

    life.app.after_request(life.coroutine("after"))

    assert life.ask().body == b"hello"
    assert life.seen == ["after this", "after that in a worker", "after"]
    face: Any = life.app.asgi_app
    assert len(face.lives._known) == 1  # nothing that belongs to one request


def application(environ: Any, start_response: Any) -> Any:
    place = "loop" if HERE() == environ["asgi.scope"]["loop"] else "worker"
    start_response("201 CREATED", [("Content-Type", "text/plain")])
    return [place.encode()]


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ("text", 200, b"text"),
        (b"bytes", 200, b"bytes"),
        ({"a": 1}, 200, b'{"a":1}\n'),
        (["a"], 200, b'["a"]\n'),
        (("text", 202, {"X-A": "1"}), 202, b"text"),
        (Response("text", 203), 203, b"text"),
        (application, 201, b"worker"),
        ((application, 202), 202, b"worker"),
    ],
    ids=["text", "bytes", "dict", "list", "tuple", "response", "wsgi", "wsgi, status"],
)
def test_a_view_may_return_whatever_a_view_may(
    life: Life, answer: Any, status: int, body: bytes
) -> None:
    life.app.get("/")(life.coroutine("view", answer))

    made = life.ask(scope_of(loop=life.loop))

    assert (made.status, made.body) == (status, body)


def test_a_response_of_a_class_that_makes_its_headers_sees_the_request(
    life: Life,
) -> None:
    class Own(Response):
        def get_wsgi_headers(self, environ: Any) -> Any:
            headers = super().get_wsgi_headers(environ)
            headers["X-Path"] = request.path
            life.note("headers")
            return headers

    life.app.teardown_request(life.coroutine("teardown"))
    life.app.get("/")(life.coroutine("view", Own("text")))

    assert dict(life.ask().headers)[b"x-path"] == b"/"
    assert life.seen == ["view", "headers in a worker", "teardown"]


def test_a_response_of_a_foreign_class_is_answered_by_wsgi(life: Life) -> None:
    class Writing(Foreign):
        def __call__(self, environ: Any, start_response: Any) -> Any:
            write = start_response("200 OK", [("Content-Type", "text/plain")])
            write(b"written ")
            return [b"and returned"]

    life.app.response_class = Writing  # type: ignore[assignment]
    life.app.get("/")(life.coroutine("view", Writing("text")))

    assert life.ask().body == b"written and returned"


def test_a_file_is_read_in_a_worker_in_blocks(life: Life) -> None:
    class File(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            life.seen.append(f"read {HERE() == life.loop}")
            return super().read(size)

    @life.app.get("/")
    async def view() -> Response:
        return send_file(File(b"x" * 600_000), download_name="a.bin")

    made = life.ask()

    assert len(made.body) == 600_000
    assert set(life.seen) == {"read False"}
    assert max(len(message["body"]) for message in made.sent[1:]) == 262_144


def test_templates_are_rendered_and_streamed(life: Life) -> None:
    @life.app.get("/text")
    async def text() -> str:
        return render_template_string("{{ request.path }}{{ a }}", a=1)

    @life.app.get("/stream")
    async def stream() -> Iterator[str]:
        return stream_template_string("{{ request.path }}{{ a }}", a=1)

    life.app.teardown_request(life.coroutine("teardown"))

    assert life.ask(scope_of("/text")).body == b"/text1"
    assert life.ask(scope_of("/stream")).body == b"/stream1"
    assert life.seen == ["teardown", "teardown"]


# Streams.


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
@pytest.mark.parametrize("held", [False, True], ids=["not held", "held"])
def test_a_stream_sees_what_the_view_set_and_is_torn_down_at_its_end(
    life: Life, kind: str, held: bool
) -> None:
    def plain() -> Iterator[str]:
        for part in "ab":
            life.seen.append(f"{part} {HERE() == life.loop}")
            yield f"{part}{request.path if held else ''}{variable.get()} "

    async def awaited() -> AsyncIterator[str]:
        for part in plain():
            await asyncio.sleep(0)
            yield part

    life.app.teardown_request(life.coroutine("teardown"))

    @life.app.get("/")
    async def view() -> Any:
        variable.set("set")
        stream: Any = plain() if kind == "plain" else awaited()
        return stream_with_context(stream) if held else stream

    made = life.ask()

    path = "/" if held else ""
    assert made.body == f"a{path}set b{path}set ".encode()
    on_loop = str(kind == "coroutine")
    parts = [f"a {on_loop}", f"b {on_loop}"]
    assert life.seen == [*parts, "teardown"] if held else ["teardown", *parts]


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
@pytest.mark.parametrize("teardown", ["plain", "coroutine"])
def test_a_client_that_leaves_ends_the_stream_and_teardown_runs_once(
    life: Life, kind: str, teardown: str
) -> None:
    ended = []

    def plain() -> Iterator[str]:
        try:
            while True:
                yield "a"
        finally:
            ended.append(request.path)

    async def awaited() -> AsyncIterator[str]:
        try:
            while True:
                await asyncio.sleep(0)
                yield "a"
        finally:
            ended.append(request.path)

    @life.app.get("/")
    async def view() -> Any:
        return stream_with_context(plain() if kind == "plain" else awaited())

    life.app.teardown_request(getattr(life, teardown)("teardown"))

    async def work() -> None:
        made = Exchange()
        app: Any = life.app
        task = asyncio.create_task(app(scope_of(), made.receive, made.send))
        while len(made.sent) < 5:
            await asyncio.sleep(0)
        made.leave()
        await task

    asyncio.run(work())

    assert ended == ["/"]
    assert [step[:8] for step in life.seen] == ["teardown"]


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_an_error_of_a_stream_is_the_servers_and_teardown_is_told(
    life: Life, kind: str
) -> None:
    def plain() -> Iterator[str]:
        yield "a"
        raise OSError("broken")

    async def awaited() -> AsyncIterator[str]:
        yield "a"
        raise OSError("broken")

    @life.app.get("/")
    async def view() -> Any:
        return stream_with_context(plain() if kind == "plain" else awaited())

    told: list[Any] = []

    @life.app.teardown_request
    async def teardown(error: Any) -> None:
        told.append(type(error))

    with pytest.raises(OSError, match="broken"):
        life.ask()
    assert told == [OSError]


def test_a_stream_that_is_never_sent_lets_go_of_its_context(life: Life) -> None:
    @life.app.get("/")
    async def view() -> Any:
        return stream_with_context(iter("ab"))

    @life.app.after_request
    async def after(response: Response) -> Response:
        return Response("instead")

    life.app.teardown_request(life.coroutine("teardown"))
    life.app.teardown_request(life.plain("teardown"))

    assert life.ask().body == b"instead"
    assert life.seen == ["teardown in a worker", "teardown"]


def test_a_stream_that_is_dropped_on_the_loop_is_torn_down_in_a_worker(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    class Careless(Response):
        def get_wsgi_headers(self, environ: Any) -> Any:
            headers = super().get_wsgi_headers(environ)
            headers._list.append(("X-A", "1\r\nX-B: 2"))
            return headers

    async def parts() -> AsyncIterator[str]:
        yield "a"

    @life.app.get("/")
    async def view() -> Response:
        return Careless(stream_with_context(parts()))

    ended = threading.Event()

    @life.app.teardown_appcontext
    def end(error: Any) -> None:
        life.note(f"end of {request.path}")
        ended.set()
        raise OSError("not ended")

    async def work() -> None:
        made = Exchange()
        app: Any = life.app
        with pytest.raises(ValueError, match="Header 'X-A' has"):
            await app(scope_of(), made.receive, made.send)
        gc.collect()
        await asyncio.to_thread(ended.wait, 60)
        while not caplog.records:
            await asyncio.sleep(0)

    asyncio.run(work())

    assert life.seen == ["end of / in a worker"]
    assert "The teardown of a request failed" in caplog.text


class Letters:
    def __init__(self) -> None:
        self.left = iter("ab")

    def __aiter__(self) -> Letters:
        return self

    async def __anext__(self) -> str:
        for letter in self.left:
            return letter
        raise StopAsyncIteration


def test_a_stream_that_cannot_be_closed_need_not_be(life: Life) -> None:
    @life.app.after_request
    async def after(response: Response) -> Response:
        response.response = Letters()  # type: ignore[assignment]  # sent as one
        return response

    life.app.get("/")(life.coroutine("view", "hello"))

    made = life.ask()

    assert made.body == b"ab"


def test_a_stream_whose_sending_is_cancelled_before_it_begins_is_closed(
    life: Life,
) -> None:
    app: Any = life.app
    run, calls = app.asgi_app.run, []

    async def cancelled_at_first(call: Any) -> Any:
        calls.append(call)
        if len(calls) == 1:
            raise asyncio.CancelledError
        return await run(call)

    @life.app.get("/")
    async def view() -> Any:
        app.asgi_app.run = cancelled_at_first
        return stream_with_context(iter("ab"))

    app.teardown_request(life.coroutine("teardown"))

    async def work() -> None:
        made = Exchange()
        with pytest.raises(asyncio.CancelledError):
            await app(scope_of(), made.receive, made.send)

    asyncio.run(work())

    assert life.seen == ["teardown"]


# Signals.


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_signals_are_sent_in_the_order_of_wsgi(life: Life, kind: str) -> None:
    app = life.app
    app.config["PROPAGATE_EXCEPTIONS"] = False
    signals = {
        "pushed": appcontext_pushed,
        "started": request_started,
        "exception": got_request_exception,
        "finished": request_finished,
        "request down": request_tearing_down,
        "app down": appcontext_tearing_down,
        "popped": appcontext_popped,
    }
    connected = ExitStack()
    for name, signal in signals.items():

        def plain(sender: Any, name: str = name, **values: Any) -> None:
            life.seen.append(name)

        async def awaited(sender: Any, name: str = name, **values: Any) -> None:
            await asyncio.sleep(0)
            life.seen.append(name)

        receiver: Any = plain if kind == "plain" else awaited
        connected.enter_context(signal.connected_to(receiver, app))

    @app.get("/")
    async def view() -> str:
        raise OSError("broken")

    @app.get("/plain")
    def plain_view() -> str:
        raise OSError("broken")

    with connected:
        assert life.ask().status == 500
        on_loop = life.seen.copy()
        life.seen.clear()
        assert life.ask(scope_of("/plain")).status == 500

    assert on_loop == life.seen == list(signals)


def test_a_context_that_a_stream_holds_is_popped_when_the_view_has_answered(
    life: Life,
) -> None:
    def popped(sender: Any, **values: Any) -> None:
        life.seen.append("popped")

    async def parts() -> AsyncIterator[str]:
        life.seen.append("part")
        yield "a"

    @life.app.get("/")
    async def view() -> Any:
        return stream_with_context(parts())

    @life.app.get("/plain")
    def plain() -> Any:
        return stream_with_context(parts())

    life.app.teardown_request(life.coroutine("teardown"))
    seen = []
    with appcontext_popped.connected_to(popped, life.app):
        for path in ("/", "/plain"):
            assert life.ask(scope_of(path)).body == b"a"
            seen.append(life.seen.copy())
            life.seen.clear()

    assert seen == [["popped", "part", "teardown"]] * 2


def test_copies_of_a_context_tell_of_themselves_where_they_are(life: Life) -> None:
    def pushed(sender: Any, **values: Any) -> None:
        life.note("pushed")

    @life.app.get("/")
    async def view() -> str:
        return await asyncio.to_thread(
            copy_current_request_context(lambda: request.path)
        )

    with appcontext_pushed.connected_to(pushed, life.app):
        assert life.ask().body == b"/"
    assert life.seen == ["pushed in a worker", "pushed in a worker"]


def test_a_receiver_that_fails_at_the_end_is_told_with_the_others(life: Life) -> None:
    def receiver(sender: Any, **values: Any) -> None:
        raise OSError("a receiver")

    async def fails(error: Any) -> None:
        raise KeyError("a function")

    life.app.teardown_request(fails)
    life.app.get("/")(life.coroutine("view", "hello"))

    with (
        request_tearing_down.connected_to(receiver, life.app),
        pytest.raises(ExceptionGroup) as raised,
    ):
        life.ask()
    assert [type(error) for error in raised.value.exceptions] == [KeyError, OSError]


# Asking for a life.


def asked_app() -> tuple[App, Life]:
    app = make_app()
    life = Life(app)
    outer, inner = Blueprint("outer", "tests"), Blueprint("inner", "tests")
    outer.runs_on = "worker"
    inner.get("/inner")(life.coroutine("view", "hello"))
    outer.get("/outer")(life.coroutine("view", "hello"))
    outer.get("/marked")(nonblocking(life.plain("view", "hello")))
    outer.get("/loop", runs_on="loop")(life.coroutine("view", "hello"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.get("/plain")(life.plain("view", "hello"))
    app.get("/coroutine")(life.coroutine("view", "hello"))
    app.get("/worker", runs_on="worker")(life.coroutine("view", "hello"))
    app.before_request(life.plain("before"))
    return app, life


@pytest.mark.parametrize(
    ("path", "of_app", "life_of"),
    [
        ("/plain", None, "worker"),
        ("/plain", "loop", "loop"),
        ("/coroutine", None, "loop"),
        ("/coroutine", "worker", "worker"),
        ("/worker", None, "worker"),
        ("/outer", None, "worker"),
        ("/outer", "loop", "worker"),
        ("/inner", "loop", "worker"),
        ("/marked", None, "loop"),
        ("/loop", None, "loop"),
    ],
)
def test_a_life_may_be_asked_for_and_what_is_nearest_counts(
    path: str, of_app: Any, life_of: str
) -> None:
    app, life = asked_app()
    app.runs_on = of_app
    rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == path)

    assert life.ask(scope_of(path)).body == b"hello"
    assert app.life_of(rule) == life_of
    view = "view" if life_of == "loop" or path not in {"/plain"} else "view in a worker"
    assert life.seen == ["before in a worker", view]


def test_a_route_that_asks_for_what_cannot_be_is_refused(app: App) -> None:
    with pytest.raises(ValueError, match=r"asks for runs_on='moon'\. Say 'loop' or"):
        app.get("/", runs_on="moon")(lambda: "hello")
    with pytest.raises(ValueError, match=r"cannot be cancelled\. Write the view"):
        app.get("/", cancel_on_disconnect=True)(lambda: "hello")


def test_an_app_that_nobody_awaits_says_worker_of_all(app: App) -> None:
    own = OwnDispatch("own")

    async def view() -> str:
        return "hello"

    own.get("/")(view)
    own.add_url_rule("/none", "none")
    lives = {rule.rule: own.life_of(rule) for rule in own.url_map.iter_rules()}

    assert set(lives.values()) == {"worker"}


def test_converters_that_may_wait_make_it_worker_of_all(app: App) -> None:
    class Looked(BaseConverter):
        def to_python(self, value: str) -> str:
            return value.upper()

    app.url_map.converters["looked"] = Looked

    @app.get("/")
    async def view() -> str:
        return "hello"

    assert {app.life_of(rule) for rule in app.url_map.iter_rules()} == {"worker"}


def test_where_functions_belong_is_not_remembered_without_end(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tantalus._asgi._lives.MOST_REMEMBERED", 1)

    @app.get("/")
    async def view() -> str:
        return "hello"

    for number in range(3):
        app.before_request(nonblocking(lambda number=number: None))
    lives = Lives(app)

    assert [lives.stays(hook) for hook in app.before_request_funcs[None]] == [True] * 3
    assert ask(app).body == b"hello"


def test_an_endpoint_without_a_view_is_complained_of_as_under_wsgi(app: App) -> None:
    app.add_url_rule("/", "none")

    with pytest.raises(KeyError, match="none"):
        ask(app)


# Clients that leave.


def leaving_while_it_waits(life: Life, **options: Any) -> list[str]:
    """Return what a view sees whose client leaves while it waits."""

    async def work() -> None:
        made = Exchange()

        async def view() -> str:
            try:
                made.leave()
                for _ in range(100):  # in which all others have their turns
                    await asyncio.sleep(0)
                life.note("done")
            except asyncio.CancelledError:
                life.note("cancelled")
                raise
            return "hello"

        app: Any = life.app
        app.add_url_rule("/", view_func=view, **options)
        task = asyncio.create_task(app(scope_of(), made.receive, made.send))
        await task
        assert not task.cancelling()

    @life.app.teardown_request
    async def teardown(error: Any) -> None:
        life.note(f"teardown {type(error).__name__}")

    asyncio.run(work())
    return life.seen


def test_a_view_is_not_cancelled_by_a_client_that_leaves(life: Life) -> None:
    assert leaving_while_it_waits(life) == ["done", "teardown NoneType"]


def test_a_view_that_asks_for_it_is_cancelled(life: Life) -> None:
    seen = leaving_while_it_waits(life, cancel_on_disconnect=True)

    assert seen == ["cancelled", "teardown CancelledError"]


def test_a_view_that_asks_for_it_and_is_quicker_answers(life: Life) -> None:
    @life.app.post("/", cancel_on_disconnect=True)
    async def view() -> str:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return request.get_data(as_text=True)

    scope = scope_of("/", "POST", headers=[(b"content-length", b"1")])

    assert life.ask(scope, body_in(b"a")).body == b"a"


@pytest.mark.parametrize("where", ["before", "handler", "after", "teardown"])
@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_a_server_may_cancel_wherever_the_request_is(
    life: Life, where: str, kind: str
) -> None:
    begun, go = threading.Event(), threading.Event()

    def plain(*args: Any) -> Any:
        begun.set()
        assert go.wait(60)
        life.note("hook ended")
        return args[0] if where == "after" else None

    async def awaited(*args: Any) -> Any:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            life.note("hook ended")

    hook: Any = plain if kind == "plain" else awaited
    app: Any = life.app
    if where == "handler":
        app.errorhandler(KeyError)(hook)
    else:
        getattr(app, f"{where}_request")(hook)

    @life.app.get("/")
    async def view() -> str:
        if where == "handler":
            raise KeyError
        return "hello"

    app.teardown_appcontext(life.coroutine("end"))

    async def work() -> None:
        made = Exchange()
        task = asyncio.create_task(app(scope_of(), made.receive, made.send))
        while not begun.is_set():
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert _cv_app.get(None) is None

    asyncio.run(work())

    ended = "hook ended" if kind == "coroutine" else "hook ended in a worker"
    assert life.seen == [ended, "end"]


def test_a_coroutine_that_is_thrown_away_is_torn_down_all_the_same(life: Life) -> None:
    @life.app.get("/")
    async def view() -> None:
        await asyncio.Event().wait()

    life.app.teardown_request(life.plain("teardown"))

    async def work() -> Any:
        made = Exchange()
        app: Any = life.app
        call = app(scope_of(), made.receive, made.send)
        call.send(None)
        return call

    asyncio.run(work()).close()

    assert life.seen == ["teardown"]


def test_hops_wait_for_a_worker_if_all_are_busy(life: Life) -> None:
    life.app.config.update(WORKER_THREADS=1, WORKER_QUEUE=0)
    life.app.before_request(life.plain("before"))
    life.app.get("/")(life.coroutine("view", "hello"))

    async def work() -> list[bytes]:
        exchanges = [Exchange() for _ in range(5)]
        app: Any = life.app
        calls = (app(scope_of(), one.receive, one.send) for one in exchanges)
        await asyncio.gather(*calls)
        return [one.body for one in exchanges]

    assert asyncio.run(work()) == [b"hello"] * 5


# Without a server.


def test_a_client_for_coroutines_calls_the_app_on_the_loop(life: Life) -> None:
    @life.app.get("/")
    async def view() -> str:
        life.note("view")
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    async def work() -> list[str]:
        client = life.app.async_client()
        return [(await client.get("/")).text for _ in range(2)]

    assert asyncio.run(work()) == ["1", "2"]
    assert life.seen == ["view", "view"]


def test_the_plain_client_may_be_used_where_a_loop_runs(life: Life) -> None:
    life.app.get("/")(life.coroutine("view", "hello"))

    async def work() -> str:
        return life.app.test_client().get("/").text

    assert asyncio.run(work()) == "hello"


def test_a_decorated_coroutine_function_is_awaited_in_a_context(life: Life) -> None:
    @life.app.in_context
    async def job() -> str:
        await asyncio.sleep(0)
        return current_app.name

    assert asyncio.run(job()) == "tests"
