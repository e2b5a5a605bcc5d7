from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tantalus import App, Blueprint, current_app
from tantalus.gunicorn import post_worker_init


class Opened:
    """An app that notes what it opens and closes."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.app = App("opened")

        @self.app.lifespan
        def pool(app: App) -> Iterator[str]:
            self.seen.append("begin pool")
            yield f"pool of {app.name}"
            self.seen.append("end pool")

        @self.app.lifespan
        async def loop() -> AsyncIterator[Any]:
            self.seen.append("begin loop")
            yield asyncio.get_running_loop()
            self.seen.append("end loop")

        @self.app.get("/")
        def show() -> str:
            value: str = self.app.lifespan[pool]
            return value

        @self.app.get("/awaited")
        async def awaited() -> str:
            return str(self.app.lifespan[loop] is asyncio.get_running_loop())


@pytest.fixture
def opened() -> Iterator[Opened]:
    made = Opened()
    yield made
    made.app.stop()


BEGUN, ENDED = ["begin pool", "begin loop"], ["end loop", "end pool"]


def test_it_begins_once_with_the_first_request(opened: Opened) -> None:
    client = opened.app.test_client()
    early = opened.seen.copy()

    answers = [client.get("/").text, client.get("/").text]

    assert early == []
    assert answers == ["pool of opened"] * 2
    assert opened.seen == BEGUN


def test_a_view_runs_on_the_loop_on_which_it_was_opened(opened: Opened) -> None:
    assert opened.app.test_client().get("/awaited").text == "True"


def test_closing_the_client_ends_it_and_the_next_request_begins_anew(
    opened: Opened,
) -> None:
    client = opened.app.test_client()
    client.get("/")
    client.close()

    assert opened.app.test_client().get("/").text == "pool of opened"

    assert opened.seen == BEGUN + ENDED + BEGUN


def test_a_block_with_the_client_begins_and_ends_it(opened: Opened) -> None:
    with opened.app.test_client():
        begun = opened.seen.copy()

    assert (begun, opened.seen) == (BEGUN, BEGUN + ENDED)


def test_a_block_with_a_client_does_not_end_what_had_begun_before(
    opened: Opened,
) -> None:
    opened.app.start()

    with opened.app.test_client() as client:
        client.get("/")

    assert opened.seen == BEGUN


def test_a_server_of_asgi_says_when_it_begins_and_ends(opened: Opened) -> None:
    with opened.app.test_client(protocol="asgi") as client:
        begun = opened.seen.copy()
        answer = client.get("/awaited").text

    assert (begun, answer) == (BEGUN, "True")
    assert opened.seen == BEGUN + ENDED


def talk(app: App, *said: str) -> list[dict[str, Any]]:
    """Return what an app answers to a server of ASGI that says this of its life."""
    messages = [{"type": f"lifespan.{kind}"} for kind in said]
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    asyncio.run(app.asgi_app({"type": "lifespan"}, receive, send))  # type: ignore[arg-type]
    return answers


def test_a_server_of_asgi_does_not_begin_if_something_cannot_be_opened() -> None:
    app = App("broken")

    @app.lifespan
    def broken() -> Iterator[None]:
        raise OSError("no disk")
        yield

    assert talk(app, "startup") == [
        {"type": "lifespan.startup.failed", "message": "OSError: no disk"}
    ]


def test_an_error_at_the_end_keeps_no_server_of_asgi_from_ending(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App("broken")
    seen: list[str] = []

    @app.lifespan
    def first() -> Iterator[None]:
        yield
        seen.append("first")

    @app.lifespan
    def broken() -> Iterator[None]:
        yield
        raise OSError("no disk")

    answers = talk(app, "startup", "shutdown")

    assert [answer["type"] for answer in answers] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert seen == ["first"]
    assert "no disk" in caplog.text


def test_a_request_is_answered_with_500_if_something_cannot_be_opened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App("broken")
    tries: list[int] = []

    @app.lifespan
    def broken() -> Iterator[None]:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no disk")
        yield

    @app.get("/")
    def index() -> str:
        return "open"

    client = app.test_client()

    assert [client.get("/").status_code for _ in range(3)] == [500, 200, 200]
    assert "no disk" in caplog.text
    app.stop()


def test_a_blueprint_opens_with_its_app_and_once() -> None:
    app, shop = App("shop"), Blueprint("shop", __name__)
    begun: list[str] = []

    @shop.lifespan
    def stock() -> Iterator[str]:
        begun.append("stock")
        yield "tea"

    @shop.get("/")
    def index() -> str:
        value: str = current_app.lifespan[stock]
        return value

    app.register_blueprint(shop, url_prefix="/a")
    app.register_blueprint(shop, url_prefix="/b", name="other")

    with app.test_client() as client:
        assert [client.get("/a/").text, client.get("/b/").text] == ["tea", "tea"]
    assert begun == ["stock"]


def test_a_job_has_it_open_in_a_block(opened: Opened) -> None:
    with opened.app.running():
        begun = opened.seen.copy()
        with opened.app.running():
            pass
        inside = opened.seen.copy()

    assert begun == inside == BEGUN
    assert opened.seen == BEGUN + ENDED


def test_a_worker_of_gunicorn_begins_it_before_its_first_request(
    opened: Opened,
) -> None:
    post_worker_init(SimpleNamespace(wsgi=opened.app))

    assert opened.seen == BEGUN


@pytest.mark.parametrize("wsgi", [App("none"), App("wrapped").wsgi_app, object()])
def test_a_worker_of_gunicorn_with_nothing_to_open_begins_nothing(wsgi: Any) -> None:
    post_worker_init(SimpleNamespace(wsgi=wsgi))


def test_it_is_set_up_before_the_first_request(opened: Opened) -> None:
    opened.app.test_client().get("/")

    with pytest.raises(AssertionError, match="setup method 'lifespan' can no longer"):

        @opened.app.lifespan
        def late() -> Iterator[None]:
            yield


def test_what_an_app_has_opened_outlives_it(opened: Opened) -> None:
    app = App("short-lived")
    app.lifespan(opened.app.lifespan.functions[0])
    lifespan = app.lifespan
    app.start()
    del app
    gc.collect()

    lifespan.stop()

    assert opened.seen == ["begin pool", "end pool"]


def test_settings_are_refused_before_anything_is_opened(opened: Opened) -> None:
    opened.app.config["SECRET_KEY"] = "short"

    with pytest.raises(RuntimeError, match="The secret key has 5 characters"):
        opened.app.start()

    assert opened.seen == []


@pytest.fixture
def sigterm() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("sigterm")
def test_a_signal_ends_the_program_in_order_where_somebody_asked_for_it() -> None:
    app = App("stopping")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app.stop_on_sigterm()

    with pytest.raises(SystemExit) as ended:
        signal.raise_signal(signal.SIGTERM)

    assert ended.value.code == 143
    assert app.is_draining


@pytest.mark.usefixtures("sigterm")
def test_what_handled_the_signal_before_goes_on_doing_so() -> None:
    app = App("stopping")
    seen: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    app.stop_on_sigterm()

    signal.raise_signal(signal.SIGTERM)

    assert (seen, app.is_draining) == ([signal.SIGTERM], True)
