from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import create_environ

from tantalus import App, Observer, Response, after_response
from tantalus.ctx import RequestContext
from tantalus.sessions import SecureCookieSessionInterface


class Noting:
    """An observer that notes what it is told."""

    def __init__(self, name: str = "", seen: list[Any] | None = None) -> None:
        self.name = name
        self.seen: list[Any] = [] if seen is None else seen

    def started(self, ctx: RequestContext) -> str:
        self.seen.append(f"{self.name}started {ctx.request.endpoint}")
        return f"token of {ctx.request.path}"

    def finished(
        self,
        ctx: RequestContext,
        token: str,
        response: Response | None,
        error: BaseException | None,
    ) -> None:
        code = None if response is None else response.status_code
        self.seen.append((f"{self.name}finished", token, code, type(error).__name__))

    def sent(self, ctx: RequestContext, token: str) -> None:
        self.seen.append((f"{self.name}sent", token))


def observed_app(*observers: Observer) -> App:
    app = App("observed")
    for observer in observers:
        app.observe(observer)

    @app.get("/")
    def index() -> str:
        return "text"

    @app.get("/error")
    def error() -> str:
        raise LookupError

    @app.get("/awaited")
    async def awaited() -> str:
        return "text"

    @app.get("/awaited-error")
    async def awaited_error() -> str:
        raise LookupError

    return app


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_an_observer_is_told_of_begin_answer_and_end(protocol: str) -> None:
    noting = Noting()
    app = observed_app(noting)

    with app.test_client(protocol=protocol) as client:
        client.get("/", buffered=True)

    assert noting.seen == [
        "started index",
        ("finished", "token of /", 200, "NoneType"),
        ("sent", "token of /"),
    ]


def test_a_request_on_the_loop_is_observed_as_any_other() -> None:
    noting = Noting()

    with observed_app(noting).test_client(protocol="asgi") as client:
        client.get("/awaited", buffered=True)
        client.get("/awaited-error", buffered=True)

    assert noting.seen == [
        "started awaited",
        ("finished", "token of /awaited", 200, "NoneType"),
        ("sent", "token of /awaited"),
        "started awaited_error",
        ("finished", "token of /awaited-error", 500, "LookupError"),
        ("sent", "token of /awaited-error"),
    ]


def test_on_the_loop_an_error_that_is_raised_through_the_server_is_told() -> None:
    noting = Noting()
    app = observed_app(noting)
    app.testing = True

    with app.test_client(protocol="asgi") as client, pytest.raises(LookupError):
        client.get("/awaited-error")

    assert noting.seen[1:] == [
        ("finished", "token of /awaited-error", None, "LookupError"),
    ]


def test_a_stream_is_observed_to_its_last_byte() -> None:
    noting = Noting()
    app = observed_app(noting)

    @app.get("/stream")
    def stream() -> Iterator[str]:
        def pieces() -> Iterator[str]:
            noting.seen.append("piece")
            yield "a"

        return pieces()

    app.test_client().get("/stream", buffered=True)

    assert [one if type(one) is str else one[0] for one in noting.seen] == [
        "started stream", "finished", "piece", "sent"
    ]  # fmt: skip


def test_a_url_that_nothing_answers_is_observed() -> None:
    noting = Noting()

    observed_app(noting).test_client().get("/none", buffered=True)

    assert noting.seen[:2] == [
        "started None",
        ("finished", "token of /none", 404, "NoneType"),
    ]


def test_an_error_that_nobody_handles_is_told_with_the_500() -> None:
    noting = Noting()

    observed_app(noting).test_client().get("/error", buffered=True)

    assert noting.seen == [
        "started error",
        ("finished", "token of /error", 500, "LookupError"),
        ("sent", "token of /error"),
    ]


def test_an_error_that_is_raised_through_the_server_is_told_without_an_answer() -> None:
    noting = Noting()
    app = observed_app(noting)
    app.testing = True

    with pytest.raises(LookupError):
        app.test_client().get("/error")

    assert noting.seen[1:] == [
        ("finished", "token of /error", None, "LookupError"),
    ]


def test_an_error_before_the_request_is_matched_is_observed_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noting = Noting()
    app = observed_app(noting)

    def broken(context: RequestContext) -> None:
        raise LookupError

    monkeypatch.setattr(RequestContext, "match_request", broken)
    app.test_client().get("/", buffered=True)

    assert noting.seen[:2] == [
        "started None",
        ("finished", "token of /", 500, "LookupError"),
    ]


def test_on_the_loop_an_error_before_the_hooks_is_observed_too() -> None:
    class Broken(SecureCookieSessionInterface):
        opens_lazily = False

        def open_session(self, app: Any, request: Any) -> Any:
            raise LookupError("no session")

    noting = Noting()
    app = observed_app(noting)
    app.session_interface = Broken()

    with app.test_client(protocol="asgi") as client:
        client.get("/awaited", buffered=True)

    assert noting.seen[:2] == [
        "started awaited",
        ("finished", "token of /awaited", 500, "LookupError"),
    ]


def test_several_are_told_in_the_order_in_which_they_were_registered() -> None:
    seen: list[Any] = []
    app = observed_app(Noting("a ", seen), Noting("b ", seen))

    app.test_client().get("/", buffered=True)

    assert [one if type(one) is str else one[0] for one in seen] == [
        "a started index",
        "b started index",
        "a finished",
        "b finished",
        "a sent",
        "b sent",
    ]


@pytest.mark.parametrize("others", [[], [Noting()]], ids=["alone", "of two"])
@pytest.mark.parametrize("method", ["started", "finished", "sent"])
@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_an_observer_that_fails_changes_nothing(
    protocol: str, method: str, others: list[Noting], caplog: pytest.LogCaptureFixture
) -> None:
    broken = Noting()

    def fail(*about: Any) -> None:
        raise OSError("no disk")

    setattr(broken, method, fail)
    app = observed_app(broken, *others)

    with app.test_client(protocol=protocol) as client:
        answer = client.get("/awaited", buffered=True)

    assert (answer.text, len(broken.seen)) == ("text", 2)
    assert [len(one.seen) % 3 for one in others] == [0] * len(others)
    assert "no disk" in caplog.text


@pytest.mark.parametrize("method", ["started", "finished"])
def test_an_observer_that_fails_with_a_request_that_failed_changes_nothing(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Noting()

    def fail(*about: Any) -> None:
        raise OSError("no disk")

    setattr(broken, method, fail)

    answer = observed_app(broken).test_client().get("/error", buffered=True)

    assert (answer.status_code, len(broken.seen)) == (500, 2)
    assert "no disk" in caplog.text


class Counting(Observer):
    """An observer that has no interest in the end."""

    def __init__(self) -> None:
        self.begun = 0

    def started(self, ctx: RequestContext) -> None:
        self.begun += 1


def test_what_an_observer_leaves_out_is_not_waited_for() -> None:
    counting, noting = Counting(), Noting()
    alone: Any = observed_app(counting)
    both = observed_app(noting, counting)

    body = alone(create_environ("/"), lambda *start: None)
    both.test_client().get("/", buffered=True)

    assert type(body) is list  # which has no close() to wait for
    assert counting.begun == 2
    assert noting.seen[-1] == ("sent", "token of /")


class Placing(Observer):
    """An observer that notes the threads of the end."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def sent(self, ctx: RequestContext, token: Any) -> None:
        super().sent(ctx, token)
        self.threads.append(threading.get_ident())


@pytest.mark.parametrize("waits", [False, True], ids=["alone", "with work"])
def test_on_the_loop_the_end_is_told_without_a_thread_unless_there_is_work(
    waits: bool,
) -> None:
    placing = Placing()
    app = observed_app(placing)

    @app.get("/thread")
    async def thread() -> str:
        if waits:
            after_response(list)
        return str(threading.get_ident())

    with app.test_client(protocol="asgi") as client:
        of_loop = client.get("/thread", buffered=True).text

    (of_end,) = placing.threads
    assert (str(of_end) == of_loop) == (not waits)


def test_none_is_registered_after_the_first_request() -> None:
    app = observed_app()
    app.test_client().get("/")

    with pytest.raises(AssertionError, match="'observe' can no longer be called"):
        app.observe(Noting())


def test_a_request_has_the_id_that_it_brings_or_a_new_one() -> None:
    app = App("observed")

    with app.test_request_context(headers={"X-Request-ID": "a-1"}) as ctx:
        assert (ctx.request.id, ctx.request.id) == ("a-1", "a-1")
    with app.test_request_context(headers={"X-Request-ID": "a b"}) as ctx:
        assert len(ctx.request.id) == 32
        assert ctx.request.id == ctx.request.id
