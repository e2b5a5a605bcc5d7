from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from driver import GONE, Exchange, ask, body_in, scope_of

from tantalus_http import WSGIFace

T = TypeVar("T")


def program(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("X-Thread", str(threading.get_ident()))])
    return [environ["PATH_INFO"].encode(), environ["wsgi.input"].read()]


class Busy(WSGIFace):
    """Answers nobody."""

    def refuses(self, scope: Any) -> bool:
        return True


class Noted(WSGIFace):
    """Notes when it starts and stops, and runs calls where it stands."""

    body_read_ahead = 2

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__(program)
        self.fails = fails
        self.seen: list[str] = []

    async def run(self, call: Callable[[], T]) -> T:
        self.seen.append("run")
        return call()

    def start(self) -> None:
        self.seen.append("start")
        if self.fails:
            raise KeyError("wrong")

    def stop(self) -> None:
        self.seen.append("stop")


def lifespan(face: WSGIFace, *kinds: str) -> list[Any]:
    messages = [{"type": f"lifespan.{kind}"} for kind in kinds]
    return ask(face, {"type": "lifespan"}, messages).sent


def test_servers_tell_by_the_call_that_it_is_of_asgi_3() -> None:
    assert inspect.iscoroutinefunction(WSGIFace.__call__)


def test_a_request_is_answered_in_a_thread() -> None:
    scope = scope_of("/a", "POST", headers=[(b"content-length", b"3")])

    made = ask(WSGIFace(program), scope, body_in(b"b", b"cd"))

    assert made.body == b"/abcd"
    assert made.headers != [(b"x-thread", str(threading.get_ident()).encode())]


def test_a_client_that_leaves_within_its_body_is_told_400() -> None:
    scope = scope_of("/a", "POST", headers=[(b"content-length", b"3")])

    made = ask(
        WSGIFace(program), scope, [*body_in(b"b", is_complete=False), GONE]
    )  # fmt: skip

    assert made.status == 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_is_too_busy_says_when_to_come_back(method: str) -> None:
    made = ask(Busy(program), scope_of("/a", method))

    assert made.status == 503
    assert dict(made.headers)[b"retry-after"] == b"1"
    assert (b"Service Unavailable" in made.body) is (method == "GET")


def test_a_subclass_has_threads_and_limits_of_its_own() -> None:
    face = Noted()
    scope = scope_of("/a", "POST", headers=[(b"content-length", b"3")])

    made: list[Exchange] = []

    async def failing_to_wait(environ: Any, receive: Any, send: Any) -> None:
        with pytest.raises(RuntimeError, match="has not come as a whole"):
            await face(scope, receive, send)

    made.append(ask(failing_to_wait, scope, body_in(b"bcd")))

    assert face.seen == ["run"]
    assert made[0].received == 0


def test_a_server_may_start_and_stop() -> None:
    face = Noted()

    sent = lifespan(face, "startup", "unheard.of", "shutdown")

    assert sent == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]
    assert face.seen == ["run", "start", "run", "stop"]


def test_nothing_has_to_be_done_at_the_start() -> None:
    assert len(lifespan(WSGIFace(program), "startup", "shutdown")) == 2


def test_an_error_keeps_the_server_from_starting() -> None:
    sent = lifespan(Noted(fails=True), "startup", "shutdown")

    assert sent == [{"type": "lifespan.startup.failed", "message": "KeyError: 'wrong'"}]


def test_a_websocket_is_refused() -> None:
    scope = scope_of(type="websocket")

    made = ask(WSGIFace(program), scope, [{"type": "websocket.connect"}])

    assert made.sent == [{"type": "websocket.close", "code": 1008}]
    assert made.received == 1


def test_a_scope_of_another_type_is_an_error_that_says_what_is_answered() -> None:
    with pytest.raises(ValueError, match=r"type 'mail' is none .* 'lifespan'"):
        ask(WSGIFace(program), {"type": "mail"})
