from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import greenlet
import pytest
from werkzeug.test import create_environ

from tantalus import (
    App,
    Flask,
    abort,
    after_this_request,
    appcontext_popped,
    appcontext_pushed,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    redirect,
    request,
    session,
    stream_with_context,
    url_for,
)
from tantalus.ctx import AppContext, RequestContext
from tantalus.globals import _cv_request, app_ctx, request_ctx
from tantalus_context import ContextError, carry
from tantalus_sessions import SecureCookieSession


def test_there_is_no_context_outside() -> None:
    assert not has_app_context()
    assert not has_request_context()
    assert not request
    assert not current_app


def test_the_proxies_say_how_to_get_a_context() -> None:
    with pytest.raises(RuntimeError, match=r"outside of application context"):
        current_app.name  # noqa: B018 - read for its error
    with pytest.raises(RuntimeError, match=r"app\.in_context"):
        g.user  # noqa: B018 - idem
    with pytest.raises(RuntimeError, match=r"outside of request context"):
        request.path  # noqa: B018 - idem


def test_an_app_context_has_the_app_and_no_request(app: App) -> None:
    with app.app_context():
        assert current_app == app
        assert has_app_context()
        assert not has_request_context()
        with pytest.raises(RuntimeError, match=r"test_request_context"):
            session["a"]
        with pytest.raises(RuntimeError, match=r"outside of request context"):
            request_ctx.flashes  # noqa: B018 - idem


def test_a_request_context_is_an_app_context_too(app: App) -> None:
    with app.test_request_context("/there") as ctx:
        assert request.path == "/there"
        assert app_ctx == ctx
        assert request_ctx == ctx
        assert current_app == app
        assert has_request_context()


def test_an_app_context_inside_a_request_still_shows_the_request(app: App) -> None:
    with app.test_request_context("/outer"):
        g.value = "outer"
        with app.app_context() as inner:
            assert request.path == "/outer"
            assert request_ctx == inner.request_context
            assert "value" not in g
        assert g.value == "outer"


def test_the_innermost_context_counts(app: App) -> None:
    other = App("other")
    with app.app_context():
        with other.app_context():
            assert current_app == other
        assert current_app == app


def test_requests_inside_an_app_context_do_not_share_g(app: App) -> None:
    seen: list[bool] = []

    @app.route("/")
    def index() -> str:
        seen.append("mark" in g)
        g.mark = True
        return ""

    with app.app_context():
        app.test_client().get("/")
        app.test_client().get("/")
        assert "mark" not in g

    assert seen == [False, False]


@pytest.fixture
def sharing_app() -> Flask:
    """As in Flask 3.1: a request in an app context of its app has no second one."""
    app = Flask("tests")

    @app.route("/")
    def index() -> list[Any]:
        g.count = g.get("count", 0) + 1
        return [g.count, id(app_ctx._get_current_object())]  # type: ignore[attr-defined]  # a proxy

    return app


def test_requests_may_share_the_context_around_them(sharing_app: Flask) -> None:
    told: list[object] = []
    sharing_app.teardown_appcontext(told.append)
    client = sharing_app.test_client()

    with sharing_app.app_context() as outer:
        first, second = client.get("/").get_json(), client.get("/").get_json()
        g_count = g.count
        told_inside = list(told)

    assert [first, second] == [[1, id(outer)], [2, id(outer)]]
    assert g_count == 2
    assert told_inside == []
    assert told == [None]


def test_a_shared_context_is_neither_pushed_nor_popped_again(
    sharing_app: Flask,
) -> None:
    events: list[str] = []

    def pushed(sender: object, **extra: object) -> None:
        events.append("pushed")

    def popped(sender: object, **extra: object) -> None:
        events.append("popped")

    with (
        appcontext_pushed.connected_to(pushed, sharing_app),
        appcontext_popped.connected_to(popped, sharing_app),
        sharing_app.app_context(),
    ):
        sharing_app.test_client().get("/")

    assert events == ["pushed", "popped"]


def test_a_request_shares_no_context_of_another_app(sharing_app: Flask) -> None:
    with App("other").app_context():
        first = sharing_app.test_client().get("/").get_json()[0]
        second = sharing_app.test_client().get("/").get_json()[0]

    assert (first, second) == (1, 1)


def test_a_request_inside_another_shares_its_g(sharing_app: Flask) -> None:
    with sharing_app.test_request_context() as outer:
        answer = sharing_app.test_client().get("/").json

        assert answer == [1, id(outer)]
        assert g.count == 1


def test_the_session_of_a_context_can_be_replaced(app: App) -> None:
    with app.test_request_context() as ctx:
        ctx._session = SecureCookieSession({"a": 1})

        assert session["a"] == 1


def test_popping_runs_teardown_with_the_error(app: App) -> None:
    told: list[BaseException | None] = []
    app.teardown_appcontext(told.append)

    with pytest.raises(ZeroDivisionError), app.app_context():
        raise ZeroDivisionError
    with app.app_context():
        pass

    assert [type(error) for error in told] == [ZeroDivisionError, type(None)]


def test_pop_without_an_argument_takes_the_error_being_handled(app: App) -> None:
    told: list[BaseException | None] = []
    app.teardown_appcontext(told.append)
    ctx = app.app_context()
    ctx.push()

    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        ctx.pop()

    assert [type(error) for error in told] == [ZeroDivisionError]


def test_popping_in_the_wrong_order_names_both(app: App) -> None:
    first, second = app.app_context(), app.app_context()
    first.push()
    second.push()

    with pytest.raises(ContextError):
        first.pop()
    second.pop()


def test_signals_tell_of_push_and_pop(app: App) -> None:
    heard: list[str] = []

    def pushed(sender: Any, **extra: Any) -> None:
        heard.append("pushed")

    def popped(sender: Any, **extra: Any) -> None:
        heard.append("popped")

    appcontext_pushed.connect(pushed, app)
    appcontext_popped.connect(popped, app)

    with app.app_context():
        pass

    assert heard == ["pushed", "popped"]


def test_a_failing_teardown_does_not_hide_the_pop(app: App) -> None:
    heard: list[str] = []

    def popped(sender: Any, **extra: Any) -> None:
        heard.append("popped")

    def fail(error: BaseException | None) -> None:
        raise ZeroDivisionError

    appcontext_popped.connect(popped, app)
    app.teardown_appcontext(fail)
    never_pushed = app.app_context()

    with pytest.raises(ZeroDivisionError), app.app_context():
        pass
    with pytest.raises(ContextError):
        never_pushed.pop()

    assert heard == ["popped"]


def test_a_context_can_be_pushed_again(app: App) -> None:
    torn: list[Any] = []
    app.teardown_request(torn.append)
    ctx = app.test_request_context("/")

    with ctx, ctx:
        assert request.path == "/"
        assert torn == []
    assert torn == [None]
    with ctx:
        assert request.path == "/"
    assert torn == [None, None]


def test_contexts_describe_themselves(app: App) -> None:
    with app.test_request_context("/there?a=1") as ctx:
        assert repr(ctx) == (
            "<RequestContext 'http://localhost/there?a=1' [GET] of tests>"
        )
        assert repr(g) == "<tantalus.g of 'tests'>"
        namespace = ctx.g
    assert repr(app.app_context()) == "<AppContext of tests>"

    assert "object at" in repr(namespace)


def test_g_can_be_replaced(app: App) -> None:
    with app.app_context() as ctx:
        ctx.g = namespace = app.app_ctx_globals_class()
        assert g == namespace


def test_the_url_adapter_is_made_once_and_can_be_replaced(app: App) -> None:
    with app.test_request_context("/") as ctx:
        adapter = ctx.url_adapter
        assert adapter is not None
        assert ctx.url_adapter is adapter
        ctx.url_adapter = None
        assert ctx.url_adapter is None


def test_a_bad_host_leaves_no_adapter_and_answers_400(flask_app: Flask) -> None:
    flask_app.config["TRUSTED_HOSTS"] = ["example.org"]
    ctx = flask_app.test_request_context("/", base_url="http://evil.example")

    with ctx:
        assert ctx.url_adapter is None
        assert request.routing_exception is not None


def test_the_old_name_of_the_request_variable_can_be_read(app: App) -> None:
    assert _cv_request.get(None) is None
    with pytest.raises(LookupError):
        _cv_request.get()
    with app.app_context():
        assert _cv_request.get(None) is None
    with app.test_request_context() as ctx:
        assert _cv_request.get() is ctx


def test_a_session_can_be_looked_at_without_a_trace(app: App) -> None:
    with app.test_request_context() as ctx:
        assert not ctx._session.accessed
        assert ctx.session.accessed


def test_after_this_request_needs_a_request() -> None:
    with pytest.raises(RuntimeError, match=r"'after_this_request' can only be used"):
        after_this_request(lambda response: response)


def test_copying_the_context_needs_a_request() -> None:
    with pytest.raises(RuntimeError, match=r"'copy_current_request_context' can only"):
        copy_current_request_context(lambda: None)


def test_a_copied_context_has_the_request_and_session_elsewhere(app: App) -> None:
    results: list[tuple[str, str]] = []

    with app.test_request_context("/there"):
        session["user"] = "ada"

        @copy_current_request_context
        def work() -> None:
            results.append((request.path, session["user"]))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert results == [("/there", "ada")]


def test_a_copied_context_runs_coroutines(app: App) -> None:
    with app.test_request_context("/there"):

        @copy_current_request_context
        async def work() -> str:
            return request.path

        path: Any = work()

    assert path == "/there"


def test_threads_do_not_see_each_others_context(app: App) -> None:
    def path_of(number: int) -> str:
        with app.test_request_context(f"/{number}"):
            barrier.wait()
            return request.path

    barrier = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(path_of, range(4)))

    assert paths == ["/0", "/1", "/2", "/3"]


def test_tasks_do_not_see_each_others_context(app: App) -> None:
    async def path_of(number: int) -> str:
        with app.test_request_context(f"/{number}"):
            await asyncio.sleep(0)
            return request.path

    async def all_paths() -> list[str]:
        return await asyncio.gather(*map(path_of, range(4)))

    assert asyncio.run(all_paths()) == ["/0", "/1", "/2", "/3"]


def test_greenlets_do_not_see_each_others_context(app: App) -> None:
    def work() -> bool:
        return has_app_context()

    with app.app_context():
        assert greenlet.greenlet(work).switch() is False


def test_a_function_can_be_carried_into_an_executor(app: App) -> None:
    with app.test_request_context("/there"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(carry(lambda: request.path)).result() == "/there"


def test_in_context_gives_each_call_a_context_of_its_own(app: App) -> None:
    torn: list[Any] = []
    app.teardown_appcontext(torn.append)

    @app.in_context
    def job(number: int) -> tuple[str, bool, int]:
        known = "mark" in g
        g.mark = True
        return current_app.name, known, number

    assert [job(1), job(2)] == [("tests", False, 1), ("tests", False, 2)]
    assert torn == [None, None]
    assert job.__name__ == "job"


def streaming_app(app: App, torn: list[Any]) -> App:
    app.teardown_request(torn.append)

    @app.route("/")
    def index() -> Iterator[str]:
        @stream_with_context
        def pieces() -> Iterator[str]:
            yield "a"
            yield request.path
            yield "c"

        return pieces()

    return app


def test_a_stream_has_the_context_until_its_end(app: App) -> None:
    torn: list[Any] = []
    client = streaming_app(app, torn).test_client()

    response = client.get("/")
    assert torn == []
    assert not has_request_context()

    assert response.text == "a/c"
    response.close()
    assert torn == [None]


def test_a_stream_that_is_given_up_leaves_no_context(app: App) -> None:
    torn: list[Any] = []
    response = streaming_app(app, torn).test_client().get("/")
    pieces = response.iter_encoded()

    assert next(pieces) == b"a"
    assert not has_request_context()
    response.close()

    assert len(torn) == 1


def test_a_stream_that_is_dropped_is_torn_down(app: App) -> None:
    torn: list[Any] = []
    environ = app.test_request_context("/").request.environ
    streaming_app(app, torn)

    body = app(environ, lambda *args: lambda data: None)
    assert next(iter(body)) == b"a"
    del body
    gc.collect()

    assert len(torn) == 1
    assert not has_request_context()


def test_streaming_needs_a_request() -> None:
    with pytest.raises(RuntimeError, match=r"'stream_with_context' can only be used"):
        stream_with_context(iter(["a"]))


def fail(kind: type[Exception]) -> Any:
    raise kind


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("OPTIONS", "/"),
        ("DELETE", "/"),
        ("GET", "/nowhere"),
        ("GET", "/folder"),
        ("GET", "/abort"),
        ("GET", "/abort/handled"),
        ("GET", "/abort/returned"),
        ("GET", "/error/handled"),
        ("GET", "/redirect"),
        ("GET", "/static/missing"),
        ("GET", "/error"),
    ],
)
@pytest.mark.parametrize("host", ["localhost", "evil host"])
def test_a_request_leaves_no_reference_cycle(
    app: App, monkeypatch: pytest.MonkeyPatch, method: str, path: str, host: str
) -> None:
    monkeypatch.setattr(app.logger, "disabled", True)
    app.testing = False
    app.add_url_rule("/", "index", lambda: "fine")
    app.add_url_rule("/folder/", "folder", lambda: "fine")
    app.add_url_rule("/abort", "abort", lambda: abort(418))
    app.add_url_rule("/abort/handled", "handled", lambda: abort(403))
    app.add_url_rule("/abort/returned", "returned", lambda: abort(409))
    app.add_url_rule("/error", "error", lambda: fail(KeyError))
    app.add_url_rule("/error/handled", "error_handled", lambda: fail(ValueError))
    app.add_url_rule("/redirect", "redirect", lambda: redirect(url_for("index")))
    app.register_error_handler(403, lambda error: ("refused", 403))
    app.register_error_handler(409, lambda error: error)
    app.register_error_handler(ValueError, lambda error: ("wrong", 500))
    environ = app.test_request_context(path, method=method).request.environ
    environ["HTTP_HOST"] = host
    start_response: Any = lambda *args: None  # noqa: E731 - one line is enough
    list(app(environ.copy(), start_response))
    gc.collect()
    gc.disable()

    try:
        found = []
        for _ in range(5):
            list(app(environ.copy(), start_response))
            found.append(gc.collect())
        assert 0 in found  # what other threads leave, they leave once
    finally:
        gc.enable()


def test_an_error_keeps_its_traceback_for_who_keeps_the_error(app: App) -> None:
    kept: list[Exception] = []
    app.add_url_rule("/", "index", lambda: abort(403))

    @app.errorhandler(403)
    def keep(error: Exception) -> str:
        kept.append(error)
        return "kept"

    app.test_client().get("/")

    assert kept[0].__traceback__ is not None


def test_context_classes_can_be_made_by_hand(app: App) -> None:
    environ = app.test_request_context("/by-hand").request.environ

    with AppContext(app), RequestContext(app, environ):
        assert request.path == "/by-hand"


# --- orders in which contexts may be popped


def test_the_context_that_a_client_shows_is_in_nobodys_way(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "fine")

    with app.test_client() as client:
        with app.app_context():
            assert client.get("/").text == "fine"
        path = request.path

    assert path == "/"


def test_a_context_above_the_one_that_a_client_shows_stays(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "fine")
    context = app.app_context()

    with app.test_client() as client:
        client.get("/")
        context.push()

    assert current_app == app
    context.pop()


def test_a_shared_context_is_torn_down_when_the_client_lets_go(
    sharing_app: Flask,
) -> None:
    events: list[str] = []
    sharing_app.teardown_request(lambda error: events.append("request"))
    sharing_app.teardown_appcontext(lambda error: events.append("app"))

    with sharing_app.test_client() as client:
        with sharing_app.app_context():
            g.user = "ada"
            client.get("/")
        events.append("block")
        assert g.user == "ada"

    assert events == ["request", "block", "request", "app"]


def test_work_of_an_app_may_end_before_the_request_inside_it(app: App) -> None:
    around, inner = app.app_context(), app.test_request_context("/inner")
    around.push()
    inner.push()

    around.pop()
    path = request.path
    inner.pop()

    assert path == "/inner"
    assert not has_app_context()


def test_a_request_may_end_before_the_work_inside_it(app: App) -> None:
    around, inner = app.app_context(), app.test_request_context("/inner")
    above = app.app_context()
    around.push()
    inner.push()
    above.push()

    inner.pop()

    assert not has_request_context()
    with pytest.raises(RuntimeError, match="outside of request context"):
        _ = request.path
    above.pop()
    around.pop()


def test_a_request_may_not_end_before_another_one_inside_it(app: App) -> None:
    outer, inner = app.test_request_context("/a"), app.test_request_context("/b")
    outer.push()
    inner.push()

    with pytest.raises(ContextError):
        outer.pop()
    inner.pop()


def test_a_context_that_is_over_is_shared_with_nobody(sharing_app: Flask) -> None:
    around, inner = sharing_app.app_context(), sharing_app.test_request_context("/a")
    around.push()
    g.user = "ada"
    inner.push()
    around.pop()

    with sharing_app.test_request_context("/b"):
        assert "user" not in g
    inner.pop()


def test_a_debugger_may_enter_the_context_of_a_failed_request_many_times(
    app: App,
) -> None:
    def fail() -> str:
        raise ZeroDivisionError

    app.add_url_rule("/", "index", fail)
    kept: list[AbstractContextManager[object]] = []
    environ = create_environ("/")
    environ["werkzeug.debug.preserve_context"] = kept.append
    with pytest.raises(ZeroDivisionError):
        app(environ, lambda *args: bytes)

    (block,) = kept
    for _ in range(2):
        with block:
            assert request.path == "/"
    assert not request
