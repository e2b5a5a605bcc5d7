"""Call an ASGI app as a server does, once to look at the answer or often to time it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from asking import MOST_CALLS, Answer
from timing import Batch

from .scenarios import EXCHANGES, Exchange, Message, Scope, echoes

# Long enough for the clock, short enough to fit between two disturbances.
SECONDS_OF_A_BATCH = 0.004
PATIENCE = 10.0

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Client:
    """What a client sends, and a server that takes what it is sent.

    After the last of its messages it waits until the answer is complete, and is then
    said to have left, as the specification has it.
    """

    __slots__ = ("_is_over", "_messages", "_waiter")

    def __init__(self, messages: Iterator[Message]) -> None:
        self._messages = messages
        self._is_over = False
        self._waiter: asyncio.Future[None] | None = None

    async def receive(self) -> Message:
        for message in self._messages:
            return message
        if not self._is_over:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._is_over = True
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)


async def messages_of(
    app: Application, exchange: Exchange, cookies: str = ""
) -> list[Message]:
    """Return what an app sends for one request."""
    sent: list[Message] = []
    client = Client(exchange.messages())

    async def send(message: Message) -> None:
        sent.append(message)
        await client.send(message)

    async with asyncio.timeout(PATIENCE):
        await app(exchange.scope(cookies), client.receive, send)
    return sent


async def ask(app: Application, exchange: Exchange, cookies: str = "") -> Answer:
    """Return the answer to one request; that of a WebSocket has status 101."""
    sent = await messages_of(app, exchange, cookies)
    if exchange.is_websocket:
        return answer_of_websocket(sent)
    start, *rest = sent
    body = b"".join(message.get("body", b"") for message in rest)
    return Answer(start["status"], dict(headers_of(start)), body)


def answer_of_websocket(sent: list[Message]) -> Answer:
    accept, *rest = sent
    texts = [message["text"] for message in rest if message.get("text") is not None]
    is_right = accept["type"] == "websocket.accept" and texts == echoes()
    return Answer(101 if is_right else 0, {}, repr(sent).encode())


def headers_of(start: Message) -> Iterator[tuple[str, str]]:
    for name, value in start.get("headers", ()):
        yield name.decode("latin-1").lower(), value.decode("latin-1")


async def log_in(app: Application) -> str:
    """Return the cookies that an app sets when its session is written."""
    start, *_ = await messages_of(app, EXCHANGES["session written"])
    return "; ".join(
        value.partition(";")[0]
        for name, value in headers_of(start)
        if name == "set-cookie"
    )


def batch(
    runner: asyncio.Runner, app: Application, exchange: Exchange, cookies: str
) -> Batch:
    """Return a batch of requests that is about `SECONDS_OF_A_BATCH` long."""

    async def took(calls: int) -> float:
        """Return the seconds of processor time of one request of so many."""
        # Another framework had its turn before, and the caches are full of it. Threads
        # may end with a task, so what begins them is of the same one.
        await serve(app, requests(exchange, cookies, 1 + calls // 4))
        return await serve(app, requests(exchange, cookies, calls)) / calls

    once = min(runner.run(took(5)) for _ in range(5))
    calls = max(1, min(MOST_CALLS, int(SECONDS_OF_A_BATCH / once)))
    return lambda: runner.run(took(calls))


def requests(
    exchange: Exchange, cookies: str, number: int
) -> list[tuple[Scope, Client]]:
    return [
        (exchange.scope(cookies), Client(exchange.messages())) for _ in range(number)
    ]


async def serve(app: Application, asked: list[tuple[Scope, Client]]) -> float:
    """Answer all requests; return the seconds of processor time of all threads.

    The list is empty afterwards, so that letting go of a request is timed as well.
    """
    begin = time.process_time()
    while asked:
        scope, client = asked.pop()
        await app(scope, client.receive, client.send)
    return time.process_time() - begin


async def left_in_cycles(app: Application, exchange: Exchange, cookies: str) -> float:
    """Return how many objects one request leaves that only the collector frees."""
    number = 20
    await serve(app, requests(exchange, cookies, 5))
    gc.collect()
    gc.disable()
    try:
        await serve(app, requests(exchange, cookies, number))
        return gc.collect() / number
    finally:
        gc.enable()


@asynccontextmanager
async def started(app: Application) -> AsyncIterator[None]:
    """Start an app up, and end it, as a server does; it need not take part.

    Raises:
        RuntimeError: It does not start.
    """
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    answers: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    life = asyncio.ensure_future(app(scope, inbox.get, answers.put))
    await inbox.put({"type": "lifespan.startup"})
    answer = asyncio.ensure_future(answers.get())
    await asyncio.wait({life, answer}, timeout=PATIENCE, return_when="FIRST_COMPLETED")
    said = answer.result()["type"] if answer.done() else ""
    answer.cancel()
    if said == "lifespan.startup.failed":
        raise RuntimeError("The app does not start.")
    try:
        yield
    finally:
        if said == "lifespan.startup.complete":
            await inbox.put({"type": "lifespan.shutdown"})
        await asyncio.wait({life}, timeout=PATIENCE)
        life.cancelled() or life.exception()
