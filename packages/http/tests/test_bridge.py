from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from driver import Exchange, ask, body_in, scope_of

from tantalus_http import Response, answer_by_wsgi, environ_of, read_ahead, send_file
from tantalus_http._blocks import BLOCK

PLAIN = [("Content-Type", "text/plain")]


def bridged(app: WSGIApplication) -> Any:
    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        body = await read_ahead(receive, 4, scope=scope)
        await answer_by_wsgi(app, environ_of(scope, body), receive, send)

    return asgi


def saying(*parts: bytes, status: str = "200 OK") -> WSGIApplication:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start(status, PLAIN)
        return list(parts)

    return app


class Body:
    """A body that notes what happens to it, and in which thread."""

    def __init__(self, *parts: bytes, before_each: Callable[[], object] = bool) -> None:
        self._parts = iter(parts)
        self._before_each = before_each
        self.seen: list[str] = []
        self.threads: set[int] = set()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.threads.add(threading.get_ident())
        self._before_each()
        part = next(self._parts)
        self.seen.append(part.decode())
        return part

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.seen.append("closed")

    def app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.threads.add(threading.get_ident())
        start("200 OK", PLAIN)
        return self


def test_a_list_is_sent_in_two_messages() -> None:
    made = ask(bridged(saying(b"hello ", b"world", status="201 CREATED")))

    assert made.sent == [
        {
            "type": "http.response.start",
            "status": 201,
            "headers": [(b"content-type", b"text/plain")],
        },
        {"type": "http.response.body", "body": b"hello world"},
    ]


def test_parts_are_made_and_closed_in_one_thread_that_is_not_the_loops() -> None:
    body = Body(b"a", b"", b"b")

    made = ask(bridged(body.app))

    assert [message["body"] for message in made.sent[1:]] == [b"a", b"b", b""]
    assert [message.get("more_body") for message in made.sent[1:]] == [True, True, None]
    assert body.seen == ["a", "", "b", "closed"]
    assert len(body.threads) == 1
    assert threading.get_ident() not in body.threads


def test_a_part_is_made_when_the_one_before_was_sent() -> None:
    sent: list[int] = []

    async def work() -> None:
        exchange = Exchange(body_in())
        body = Body(
            b"a", b"b", b"c", before_each=lambda: sent.append(len(exchange.sent))
        )
        await bridged(body.app)(scope_of(), exchange.receive, exchange.send)

    asyncio.run(work())

    assert sent == [0, 2, 3, 4]


def test_a_body_without_parts_is_sent_as_a_whole() -> None:
    body = Body()

    made = ask(bridged(body.app))

    assert [message["type"] for message in made.sent] == [
        "http.response.start",
        "http.response.body",
    ]
    assert body.seen == ["closed"]


def test_the_application_may_start_with_its_first_part() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("200 OK", PLAIN)
        yield b"late"

    assert ask(bridged(app)).body == b"late"


def test_what_is_written_comes_first() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        write = start("200 OK", PLAIN)
        write(b"one ")
        return [b"two"]

    assert ask(bridged(app)).body == b"one two"


def test_the_application_sees_the_variables_of_the_task_and_keeps_its_own() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="none")
    seen = []

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        seen.append(variable.get())
        variable.set("the app's")
        start("200 OK", PLAIN)
        yield b"part"
        seen.append(variable.get())

    async def work() -> str:
        variable.set("the task's")
        exchange = Exchange(body_in())
        await bridged(app)(scope_of(), exchange.receive, exchange.send)
        return variable.get()

    assert asyncio.run(work()) == "the task's"
    assert seen == ["the task's", "the app's"]


def test_the_body_of_the_request_is_read_while_it_comes() -> None:
    def echo(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("200 OK", PLAIN)
        while piece := environ["wsgi.input"].read(3):
            yield piece

    scope = scope_of("/", "POST", headers=[(b"content-length", b"10")])

    assert ask(bridged(echo), scope, body_in(b"abcd", b"efg", b"hij")).body == (
        b"abcdefghij"
    )


def test_a_function_of_another_pool_runs_it() -> None:
    calls = []

    async def run(call: Callable[[], Any]) -> Any:
        calls.append(call)
        return call()

    async def work() -> Exchange:
        made = Exchange()
        environ = environ_of(scope_of())
        await answer_by_wsgi(saying(b"ok"), environ, made.receive, made.send, run)
        return made

    assert asyncio.run(work()).body == b"ok"
    assert len(calls) == 1


# What goes wrong.


def test_an_error_before_the_answer_is_the_servers() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        raise KeyError("wrong")

    with pytest.raises(KeyError, match="wrong"):
        ask(bridged(app))


def test_an_error_within_the_answer_closes_it() -> None:
    def fail() -> None:
        if body.seen:
            raise KeyError("wrong")

    body = Body(b"a", b"b", before_each=fail)

    with pytest.raises(KeyError, match="wrong"):
        ask(bridged(body.app))
    assert body.seen == ["a", "closed"]


def told(error: Exception) -> Any:
    """Return an error as `start_response()` is told of it."""
    return type(error), error, error.__traceback__


def test_an_error_may_take_the_place_of_an_answer_that_has_not_begun() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", PLAIN)
        try:
            raise KeyError("wrong")
        except KeyError as error:
            start("500 BAD", PLAIN, told(error))
        return [b"sorry"]

    made = ask(bridged(app))

    assert (made.status, made.body) == (500, b"sorry")


def test_an_error_after_the_begin_is_raised_again() -> None:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        start("200 OK", PLAIN)
        yield b"begun"
        start("500 BAD", PLAIN, told(KeyError("wrong")))

    with pytest.raises(KeyError, match="wrong"):
        ask(bridged(app))


def twice(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", PLAIN)
    start("201 OK", PLAIN)
    return []


def never(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    return [b"hello"]


def late(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
    yield b"hello"


def split(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("X-A", "1\r\nX-B: 2")])
    return []


@pytest.mark.parametrize(
    ("app", "error", "text"),
    [
        (twice, RuntimeError, "called twice"),
        (never, RuntimeError, "without calling start_response"),
        (late, RuntimeError, "without calling start_response"),
        (split, ValueError, "Header 'X-A' has"),
        (saying(status="fine"), ValueError, "'fine' does not begin with a number"),
        (saying(status="20"), ValueError, "'20' does not begin"),
        (saying(status="2000 OK"), ValueError, "'2000 OK' does not begin"),
    ],
)
def test_an_application_that_breaks_the_rules_is_told_which(
    app: WSGIApplication, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        ask(bridged(app))


@pytest.mark.usefixtures("at_once")
def test_a_client_that_leaves_ends_the_stream_which_is_closed_once() -> None:
    async def work() -> list[str]:
        exchange, gone = Exchange(body_in()), threading.Event()
        loop = asyncio.get_running_loop()

        def turn(count: int) -> None:
            loop.call_soon(turn, count - 1) if count else gone.set()

        def leave() -> None:
            if len(body.seen) == 2:
                loop.call_soon_threadsafe(exchange.leave)
                loop.call_soon_threadsafe(turn, 50)
                gone.wait()

        body = Body(*[b"x"] * 100, before_each=leave)
        await bridged(body.app)(scope_of(), exchange.receive, exchange.send)
        return body.seen

    assert asyncio.run(work()) == ["x", "x", "x", "closed"]


@pytest.mark.parametrize("taken", [0, 1, 2, 3])
def test_a_server_that_cannot_send_ends_the_stream(taken: int) -> None:
    async def work() -> list[str]:
        exchange, body = Exchange(body_in(), fails_after=taken), Body(*[b"x"] * 9)
        await bridged(body.app)(scope_of(), exchange.receive, exchange.send)
        return body.seen

    assert asyncio.run(work()) == ["x"] * max(taken, 1) + ["closed"]


@pytest.mark.usefixtures("at_once")
def test_an_endless_stream_of_nothing_ends_with_its_client() -> None:
    class Endless(Body):
        def __next__(self) -> bytes:
            self.seen.append("x")
            if len(self.seen) == 1:
                return b"x"
            loop.call_soon_threadsafe(exchange.leave)
            return b""

    loop = asyncio.new_event_loop()
    exchange, body = Exchange(body_in()), Endless()

    async def work() -> list[str]:
        await bridged(body.app)(scope_of(), exchange.receive, exchange.send)
        return body.seen

    with closing(loop):
        assert loop.run_until_complete(work())[-1] == "closed"


def test_a_whole_answer_for_a_client_that_has_left_is_dropped() -> None:
    async def work() -> Exchange:
        exchange = Exchange(body_in(), fails_after=0)
        await bridged(saying(b"hello"))(scope_of(), exchange.receive, exchange.send)
        return exchange

    assert asyncio.run(work()).sent == []


def test_a_task_that_is_cancelled_lets_the_stream_end_after_its_step() -> None:
    async def work() -> list[str]:
        exchange, closed = Exchange(body_in()), threading.Event()
        in_step, go_on = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def wait() -> None:
            if body.seen:
                loop.call_soon_threadsafe(in_step.set)
                go_on.wait()

        class Told(Body):
            def close(self) -> None:
                super().close()
                closed.set()

        body = Told(*[b"x"] * 9, before_each=wait)
        app = bridged(body.app)
        task = asyncio.create_task(app(scope_of(), exchange.receive, exchange.send))
        await in_step.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await asyncio.to_thread(closed.wait)
        return body.seen

    assert asyncio.run(work()) == ["x", "x", "closed"]


# Files.


class File(BytesIO):
    """A file that notes how it is read."""

    def __init__(self, size: int) -> None:
        super().__init__(b"x" * size)
        self.sizes: list[int | None] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.sizes.append(size)
        return super().read(size)

    def serve(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", PLAIN)
        made: Iterable[bytes] = environ["wsgi.file_wrapper"](self, 8_192)
        return made


@pytest.mark.parametrize(
    ("size", "parts"),
    [(0, [0]), (10, [10]), (BLOCK, [BLOCK, 0]), (BLOCK + 1, [BLOCK, 1, 0])],
    ids=["empty", "small", "a block", "large"],
)
def test_a_file_is_sent_in_large_blocks_and_closed(size: int, parts: list[int]) -> None:
    file = File(size)

    made = ask(bridged(file.serve))

    assert [len(message["body"]) for message in made.sent[1:]] == parts
    assert file.closed
    assert set(file.sizes) == {BLOCK}


class BrokenFile(File):
    """A file of which only the first block can be read, if it is large."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() or len(self.getvalue()) < BLOCK:
            raise OSError("The disk is broken.")
        return super().read(size)


@pytest.mark.parametrize("size", [10, BLOCK * 3], ids=["at once", "later"])
def test_a_file_that_cannot_be_read_is_an_error_and_closed(size: int) -> None:
    file = BrokenFile(size)

    with pytest.raises(OSError, match="disk is broken"):
        ask(bridged(file.serve))
    assert file.closed


@pytest.mark.parametrize("taken", [0, 1, 2, 3])
def test_a_client_that_leaves_ends_a_file_which_is_closed(taken: int) -> None:
    async def work() -> File:
        file, exchange = File(BLOCK * 9), Exchange(body_in(), fails_after=taken)
        await bridged(file.serve)(scope_of(), exchange.receive, exchange.send)
        return file

    file = asyncio.run(work())

    assert file.closed
    assert len(file.sizes) <= max(taken, 1)


def test_a_file_of_the_disk_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * (BLOCK + 5))

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return send_file(path, environ)(environ, start)

    whole = ask(bridged(app))
    part = ask(bridged(app), scope_of(headers=[(b"range", b"bytes=0-9")]))
    nothing = ask(bridged(app), scope_of("/", "HEAD"))

    assert len(whole.body) == BLOCK + 5
    assert (part.status, part.body) == (206, b"x" * 10)
    assert (nothing.status, nothing.body) == (200, b"")
    assert (b"content-length", str(BLOCK + 5).encode()) in nothing.headers


def test_names_of_headers_are_not_remembered_without_end() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        response = Response("x")
        for number in range(600):
            response.headers[f"X-{number}"] = "1"
        await answer_by_wsgi(response, environ_of(scope), receive, send)

    assert (b"x-599", b"1") in ask(app).headers
