from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from server import http_scope, serve
from starlette.applications import Starlette
from werkzeug.wrappers import Response

from tantalus_routing import Router
from tantalus_routing._protocols import (
    ASGIApplication,
    Message,
    Receive,
    Scope,
    Send,
)

START: list[Message] = [{"type": "lifespan.startup"}]
LIFE: list[Message] = [*START, {"type": "lifespan.shutdown"}]
COMPLETE = ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.fixture
def events() -> list[str]:
    return []


def living(events: list[str], name: str, **fails: str) -> ASGIApplication:
    """Return an application that tells of its life, and may fail at an end of it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            await receive()
            events.append(f"{name} {phase}")
            if phase in fails:
                message = {"message": fails[phase]} if fails[phase] else {}
                await send({"type": f"lifespan.{phase}.failed", **message})
                raise RuntimeError("as Starlette does")
            scope["state"][name] = phase
            await send({"type": f"lifespan.{phase}.complete"})

    return app


def live(*apps: Any, messages: list[Message] = LIFE) -> list[Message]:
    """Let a router with these applications live, and return what it has said."""
    router = Router()
    for number, app in enumerate(apps):
        router.mount(f"/{number}", app)
    scope: Scope = {"type": "lifespan", "state": {}}
    return asyncio.run(serve(router.asgi_app, scope, messages)).messages


def test_a_router_alone_has_nothing_to_start() -> None:
    assert [message["type"] for message in live()] == COMPLETE


def test_mounted_applications_start_in_order_and_stop_in_the_opposite_one(
    events: list[str],
) -> None:
    said = live(living(events, "a"), Response("by WSGI"), living(events, "b"))

    assert [message["type"] for message in said] == COMPLETE
    assert events == ["a startup", "b startup", "b shutdown", "a shutdown"]


def test_the_program_that_is_being_moved_lives_too_and_once(events: list[str]) -> None:
    router, app = Router(), living(events, "a")
    router.mount("/a", app)
    router.mount("/b", app)
    router.fall_back_to(app)
    scope: Scope = {"type": "lifespan", "state": {}}

    asyncio.run(serve(router.asgi_app, scope, list(LIFE)))

    assert events == ["a startup", "a shutdown"]
    assert scope["state"] == {"a": "shutdown"}


def test_starlette_is_started_and_stopped(events: list[str]) -> None:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> Any:
        events.append("started")
        yield {"pool": 1}
        events.append("stopped")

    said = live(Starlette(lifespan=lifespan))

    assert [message["type"] for message in said] == COMPLETE
    assert events == ["started", "stopped"]


def test_if_one_cannot_start_the_others_are_stopped_and_the_server_is_told(
    events: list[str],
) -> None:
    failing = living(events, "b", startup="no database")
    said = live(living(events, "a"), failing, living(events, "c"))

    assert said == [{"type": "lifespan.startup.failed", "message": "no database"}]
    assert events == ["a startup", "b startup", "a shutdown"]


def test_what_cannot_stop_either_is_told_beside_it(events: list[str]) -> None:
    said = live(living(events, "a", shutdown="stuck"), living(events, "b", startup=""))

    assert said == [{"type": "lifespan.startup.failed", "message": "; stuck"}]


def test_if_some_cannot_stop_the_others_do_and_the_server_is_told(
    events: list[str],
) -> None:
    said = live(
        living(events, "a"),
        living(events, "b", shutdown="stuck"),
        living(events, "c", shutdown=""),
    )

    assert said[1] == {"type": "lifespan.shutdown.failed", "message": "; stuck"}
    assert events[3:] == ["c shutdown", "b shutdown", "a shutdown"]


async def raises(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"


async def ignores(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


@pytest.mark.parametrize("app", [raises, ignores])
def test_an_application_without_a_lifespan_is_left_alone(
    app: ASGIApplication, events: list[str]
) -> None:
    said = live(app, living(events, "a"))

    assert [message["type"] for message in said] == COMPLETE
    assert events == ["a startup", "a shutdown"]


def ending(error: Exception | None, *, waits: bool) -> ASGIApplication:
    """Return an application that ends without saying so."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        if waits:
            await receive()
        if error is not None:
            raise error

    return app


@pytest.mark.parametrize("waits", [False, True], ids=["early", "late"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, {"type": "lifespan.shutdown.complete"}),
        (
            LookupError("lost"),
            {"type": "lifespan.shutdown.failed", "message": "LookupError('lost')"},
        ),
    ],
    ids=["quietly", "with an error"],
)
def test_one_that_ends_without_a_word_has_stopped(
    error: Exception | None, said: Message, waits: bool
) -> None:
    assert live(ending(error, waits=waits))[1] == said


def cancel_when(started: Callable[[asyncio.Event], ASGIApplication]) -> None:
    async def main() -> None:
        ready = asyncio.Event()
        router = Router()
        router.mount("/a", started(ready))
        router.mount("/b", ignores)
        left = list(START)

        async def receive() -> Message:
            if left:
                return left.pop()
            ready.set()
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None: ...

        scope: Scope = {"type": "lifespan", "state": {}}
        task = asyncio.ensure_future(router.asgi_app(scope, receive, send))
        await ready.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_a_server_that_ends_our_lifespan_ends_theirs(events: list[str]) -> None:
    cancel_when(lambda ready: living(events, "a"))

    assert events == ["a startup"]


def test_a_server_that_ends_our_lifespan_ends_one_that_is_starting() -> None:
    def slow(ready: asyncio.Event) -> ASGIApplication:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            ready.set()
            await asyncio.Event().wait()

        return app

    cancel_when(slow)


def test_requests_are_answered_without_a_lifespan(events: list[str]) -> None:
    router = Router()
    router.mount("/a", living(events, "a"))

    assert asyncio.run(serve(router.asgi_app, http_scope("/x"))).status == 404
