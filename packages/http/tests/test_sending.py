from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any

import pytest
from driver import Exchange, ask, body_in, scope_of
from test_bridge import Body

from tantalus_http import Request, Response, prepare_response, send_file


def answering(response: Response) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await response.send_asgi(Request.from_scope(scope), receive, send)

    return app


class Pieces:
    """An asynchronous iterator that notes what happens to it."""

    def __init__(self, *pieces: str | bytes, before_last: Any = None) -> None:
        self._pieces = pieces
        self._before_last = before_last
        self.seen: list[str] = []

    async def __call__(self) -> AsyncIterator[str | bytes]:
        try:
            for number, piece in enumerate(self._pieces, 1):
                if number == len(self._pieces) and self._before_last is not None:
                    await self._before_last()
                yield piece
                self.seen.append(f"sent {number}")
        except asyncio.CancelledError:
            self.seen.append("cancelled")
            raise
        finally:
            self.seen.append("closed")


def redirect() -> Response:
    return Response("moved", 302, {"Location": "/ä"})


def no_content() -> Response:
    return Response(status=204)


def several() -> Response:
    return Response(["a", b"b"], headers={"X-A": "1"})


def cookies() -> Response:
    response = Response("text")
    response.set_cookie("a", "1")
    response.set_cookie("b", "ö")
    return response


def unchanged() -> Response:
    return Response("text", 304, {"ETag": '"x"'})


def nothing() -> Response:
    return Response()


def stream() -> Response:
    return Response(part for part in ("a", "b"))


def ending() -> Response:
    response = Response("text")
    response.call_on_close(list)
    return response


class OwnWay(Response):
    def get_wsgi_headers(self, environ: Any) -> Any:
        headers = super().get_wsgi_headers(environ)
        headers["X-Path"] = environ["PATH_INFO"]
        return headers


def own_way() -> Response:
    return OwnWay("text")


MADE = [
    redirect, no_content, several, cookies, unchanged, nothing, stream, ending, own_way
]  # fmt: skip


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_response_is_the_same_as_under_wsgi(
    make: Callable[[], Response], method: str
) -> None:
    started: list[Any] = []
    environ = Request.from_scope(scope_of("/a", method)).environ
    parts = make()(environ, lambda *start: started.extend(start))  # type: ignore[arg-type]
    body = b"".join(parts)

    made = ask(answering(make()), scope_of("/a", method))

    status, headers = started
    assert made.status == int(status[:3])
    assert made.headers == [
        (name.lower().encode(), value.encode("latin1")) for name, value in headers
    ]
    assert made.body == body


@pytest.mark.parametrize("make", [cookies, no_content, several, redirect])
def test_what_is_whole_is_sent_in_two_messages_without_a_thread(
    make: Callable[[], Response],
) -> None:
    async def work() -> Exchange:
        async def run(call: Callable[[], Any]) -> Any:
            raise AssertionError

        exchange = Exchange()
        request = Request.from_scope(scope_of())
        await make().send_asgi(request, exchange.receive, exchange.send, run)
        return exchange

    made = asyncio.run(work())

    assert len(made.sent) == 2
    assert made.received == 0


def test_an_iterator_runs_in_a_thread() -> None:
    body = Body(b"a", b"b")

    made = ask(answering(Response(body)))

    assert made.body == b"ab"
    assert body.seen == ["a", "b", "closed"]
    assert threading.get_ident() not in body.threads


def test_what_http_cannot_carry_is_an_error_before_anything_is_sent() -> None:
    class Careless(Response):
        def get_wsgi_headers(self, environ: Any) -> Any:
            headers = super().get_wsgi_headers(environ)
            headers._list.append(("X-A", "1\r\nX-B: 2"))
            return headers

    pieces = Pieces("a")

    for body in ("text", pieces()):
        with pytest.raises(ValueError, match="Header 'X-A' has"):
            ask(answering(Careless(body)))
    assert pieces.seen == []


# Asynchronous iterators.


def test_pieces_are_sent_as_they_are_made() -> None:
    pieces = Pieces("a", "ö".encode(), "c")

    made = ask(answering(Response(pieces(), 201, {"X-A": "1"})))

    assert made.status == 201
    assert (b"x-a", b"1") in made.headers
    assert [message["body"] for message in made.sent[1:]] == [
        b"a", "ö".encode(), b"c", b""
    ]  # fmt: skip
    assert pieces.seen == ["sent 1", "sent 2", "sent 3", "closed"]


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)]
)
def test_where_there_is_no_body_no_piece_is_made(method: str, status: int) -> None:
    pieces = Pieces("a")

    made = ask(answering(Response(pieces(), status)), scope_of("/", method))

    assert (made.status, made.body) == (status, b"")
    assert pieces.seen == []


def test_what_is_to_be_done_at_the_end_is_done_in_a_thread() -> None:
    done: list[Any] = []
    response = Response(Pieces("a")())
    response.call_on_close(lambda: done.append(threading.get_ident()))

    ask(answering(response))

    assert len(done) == 1
    assert done != [threading.get_ident()]


def test_what_never_waits_is_called_where_the_answer_was_sent() -> None:
    class Quick:
        is_nonblocking = True

        def __call__(self) -> None:
            done.append(threading.get_ident())

    done: list[int] = []
    response = Response(Pieces("a")())
    response.call_on_close(Quick())

    ask(answering(response))

    assert done == [threading.get_ident()]


def test_an_error_of_an_iterator_is_raised_whatever_waits_for_the_end() -> None:
    class Failing:
        is_nonblocking = True

        def __aiter__(self) -> Failing:
            return self

        async def __anext__(self) -> bytes:
            raise StopAsyncIteration

        async def aclose(self) -> None:
            raise OSError("no disk")

        def __call__(self) -> None:
            done.append(True)

    done: list[bool] = []
    failing: Any = Failing()
    response = Response(failing)
    response.call_on_close(failing)

    with pytest.raises(OSError, match="no disk"):
        ask(answering(response))
    assert done == [True]


def test_an_iterator_that_cannot_be_closed_need_not_be() -> None:
    class Bare:
        def __init__(self) -> None:
            self.left = [b"a", b"b"]

        def __aiter__(self) -> Bare:
            return self

        async def __anext__(self) -> bytes:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop(0)

    assert ask(answering(Response(Bare()))).body == b"ab"


@pytest.mark.usefixtures("at_once")
def test_a_client_that_leaves_stops_the_iterator_where_it_waits() -> None:
    async def work() -> tuple[list[str], bool]:
        exchange = Exchange(body_in())

        async def wait() -> None:
            exchange.leave()
            await asyncio.Event().wait()

        pieces = Pieces("a", "b", before_last=wait)
        app = answering(Response(pieces()))
        task = asyncio.create_task(app(scope_of(), exchange.receive, exchange.send))
        await task
        return pieces.seen, bool(task.cancelling())

    assert asyncio.run(work()) == (["sent 1", "cancelled", "closed"], False)


def test_a_server_that_cannot_send_stops_the_iterator() -> None:
    async def work() -> list[str]:
        exchange, pieces = Exchange(body_in(), fails_after=2), Pieces("a", "b", "c")
        app = answering(Response(pieces()))
        await app(scope_of(), exchange.receive, exchange.send)
        return pieces.seen

    assert asyncio.run(work()) == ["sent 1", "closed"]


def test_a_task_that_the_server_cancels_is_cancelled() -> None:
    async def work() -> list[str]:
        exchange, waiting = Exchange(body_in()), asyncio.Event()

        async def wait() -> None:
            waiting.set()
            await asyncio.Event().wait()

        pieces = Pieces("a", "b", before_last=wait)
        app = answering(Response(pieces()))
        task = asyncio.create_task(app(scope_of(), exchange.receive, exchange.send))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pieces.seen

    assert asyncio.run(work()) == ["sent 1", "cancelled", "closed"]


def test_an_error_of_the_iterator_is_the_servers() -> None:
    async def fail() -> None:
        raise OSError("The disk is broken.")

    pieces = Pieces("a", "b", before_last=fail)

    with pytest.raises(OSError, match="disk is broken"):
        ask(answering(Response(pieces())))
    assert pieces.seen == ["sent 1", "closed"]


@pytest.mark.usefixtures("at_once")
def test_an_iterator_that_never_waits_lets_others_have_their_turn() -> None:
    async def work() -> list[str]:
        exchange, seen = Exchange(body_in()), []
        exchange.send = never_waiting  # type: ignore[method-assign]

        async def endless() -> AsyncIterator[str]:
            try:
                while True:
                    yield "a"
            finally:
                seen.append("closed")

        asyncio.get_running_loop().call_later(0.01, exchange.leave)
        app = answering(Response(endless()))
        await app(scope_of(), exchange.receive, exchange.send)
        return seen

    assert asyncio.run(work()) == ["closed"]


async def never_waiting(message: Any) -> None:
    pass


def test_a_whole_response_for_a_client_that_has_left_is_dropped() -> None:
    async def work() -> int:
        exchange = Exchange(fails_after=1)
        app = answering(Response("a"))
        await app(scope_of(), exchange.receive, exchange.send)
        return len(exchange.sent)

    assert asyncio.run(work()) == 1


# In two steps.


def test_a_response_is_made_ready_before_it_is_sent() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        response = Response("a", headers={"X-A": "1"})
        prepared = prepare_response(response, Request.from_scope(scope))
        response.headers["X-A"] = "2"
        assert prepared is not None
        await prepared.send(receive, send)

    made = ask(app)

    assert (made.body, dict(made.headers)[b"x-a"]) == (b"a", b"1")


def test_what_a_thread_has_to_make_cannot_be_made_ready() -> None:
    request = Request.from_scope(scope_of())

    assert prepare_response(Response(iter("a")), request) is None


def test_a_file_of_a_request_on_a_scope_is_sent_in_blocks() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request.from_scope(scope)
        file = BytesIO(b"x" * 300_000)
        response = send_file(file, request.environ, download_name="a.bin")
        await response.send_asgi(request, receive, send)

    made = ask(app)

    sizes = [len(message["body"]) for message in made.sent[1:]]
    assert sizes == [262_144, 37_856, 0]


@pytest.mark.parametrize("fails_after", [None, 0, 1])
def test_what_waits_for_the_end_is_called_after_the_last_byte(
    fails_after: int | None,
) -> None:
    async def work() -> tuple[int, list[Any]]:
        exchange = Exchange(fails_after=fails_after)
        seen: list[Any] = []
        response = Response("text")
        response.call_on_close(lambda: seen.append(len(exchange.sent)))
        request = Request.from_scope(scope_of())
        await response.send_asgi(request, exchange.receive, exchange.send)
        return len(exchange.sent), seen

    sent, seen = asyncio.run(work())

    assert seen == [sent]
    assert sent == (2 if fails_after is None else fails_after)
