from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import redis
from asgi import Browser
from awaited import AwaitedStore
from conftest import RedisServer, StartRedis
from redis import asyncio as async_redis

from tantalus_sessions import (
    ASGISessionMiddleware,
    AsyncRedisStore,
    AsyncSessionStore,
    MemoryStore,
    RedisStore,
    SessionError,
    SessionStoreError,
)
from tantalus_sessions.testing import NOW, Clock, SessionStoreSuite, stored

_numbers = count()


class TestAsyncRedisStore(SessionStoreSuite):
    @pytest.fixture(autouse=True)
    def server(self, redis_server: RedisServer) -> None:
        self.url = redis_server.patient_url

    def make_store(self, clock: Callable[[], float]) -> AsyncSessionStore:
        namespace = f"a{next(_numbers)}"
        return AsyncRedisStore.from_url(self.url, namespace=namespace, clock=clock)


class TestAsyncRedisStoreOfText(TestAsyncRedisStore):
    """With a client that decodes what Redis answers."""

    def make_store(self, clock: Callable[[], float]) -> AsyncSessionStore:
        client: Any = async_redis.Redis.from_url(self.url, decode_responses=True)
        return AsyncRedisStore(client, namespace=f"a{next(_numbers)}", clock=clock)


class TestAwaitedStore(SessionStoreSuite):
    """Which has nothing to close."""

    def make_store(self, clock: Callable[[], float]) -> AsyncSessionStore:
        return AwaitedStore(MemoryStore(clock=clock))


def test_both_stores_of_redis_read_what_the_other_wrote(
    redis_server: RedisServer,
) -> None:
    namespace = f"a{next(_numbers)}"
    plain = RedisStore.from_url(redis_server.patient_url, namespace=namespace)
    session = replace(stored(user="ada"), expires_at=4e9)
    plain.write(session, expected=None)

    async def read() -> object:
        async with AsyncRedisStore.from_url(
            redis_server.patient_url, namespace=namespace
        ) as store:
            return await store.read("a"), await store.list_user("ada")

    assert asyncio.run(read()) == (session, [session])


def test_a_store_of_a_url_serves_one_event_loop_after_the_other(
    redis_server: RedisServer,
) -> None:
    store = AsyncRedisStore.from_url(
        redis_server.patient_url, namespace=f"a{next(_numbers)}"
    )

    async def look() -> object:
        async with store:
            return await store.read("a")

    assert [asyncio.run(look()) for _ in range(2)] == [None, None]


def test_closing_what_was_not_used_does_nothing(redis_server: RedisServer) -> None:
    asyncio.run(AsyncRedisStore.from_url(redis_server.patient_url).aclose())


def test_a_client_of_another_event_loop_is_an_error_of_the_store(
    redis_server: RedisServer,
) -> None:
    class Foreign(AsyncRedisStore):
        """Whose client says what redis-py says of a loop that is closed."""

    async def fail(name: str) -> object:
        raise RuntimeError("Event loop is closed")

    client: Any = async_redis.Redis.from_url(redis_server.patient_url)
    client.hgetall = fail

    with pytest.raises(SessionStoreError, match="Redis: Event loop is closed"):
        asyncio.run(Foreign(client).read("a"))


@pytest.mark.parametrize("decode", [False, True], ids=["bytes", "text"])
def test_a_damaged_row_is_a_lost_session_and_a_log_line(
    decode: bool, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    raw: Any = redis.Redis(port=redis_server.port)
    client: Any = async_redis.Redis.from_url(
        redis_server.patient_url, decode_responses=decode
    )
    store = AsyncRedisStore(client, namespace=f"a{next(_numbers)}", clock=Clock())
    raw.hset(store._session_key("a"), mapping={"payload": b"\xff"})
    raw.zadd(store._user_key("ada"), {"a": NOW + 60})
    raw.set(store._session_key("b"), "text")

    async def read() -> object:
        async with store:
            return (
                await store.read("a"),
                await store.read("b"),
                await store.list_user("ada"),
            )

    assert asyncio.run(read()) == (None, None, [])
    assert "The stored session a is damaged and lost" in caplog.text
    assert "WRONGTYPE" in caplog.text
    raw.close()


def test_a_redis_that_is_down_is_an_error(start_redis: StartRedis) -> None:
    server = start_redis()
    server.kill()

    async def ask(call: Callable[[AsyncRedisStore], Awaitable[object]]) -> None:
        async with AsyncRedisStore.from_url(server.url) as store:
            await call(store)

    for call in (
        lambda store: store.read("a"),
        lambda store: store.list_user("ada"),
        lambda store: store.write(stored(), expected=None),
        lambda store: store.delete("a"),
    ):
        with pytest.raises(SessionStoreError, match="Redis: "):
            asyncio.run(ask(call))


def test_a_redis_that_is_slow_is_an_error_after_the_timeout(
    start_redis: StartRedis,
) -> None:
    server = start_redis()
    redis.Redis(port=server.port).client_pause(600_000)

    async def ask() -> None:
        async with AsyncRedisStore.from_url(server.url, timeout=0.1) as store:
            await store.read("a")

    with pytest.raises(SessionStoreError, match=r"[Tt]imeout"):
        asyncio.run(ask())


def test_without_redis_py_the_store_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(SessionError, match=r"pip install tantalus-sessions\[redis\]"):
        AsyncRedisStore.from_url("redis://127.0.0.1:1/0")


def test_an_application_counts_its_visits_in_redis(redis_server: RedisServer) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        session = scope["session"]
        session["n"] = session.get("n", 0) + 1
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": str(session["n"]).encode()})

    async def visit() -> list[str]:
        namespace = f"a{next(_numbers)}"
        async with AsyncRedisStore.from_url(
            redis_server.patient_url, namespace=namespace
        ) as store:
            browser = Browser(ASGISessionMiddleware(app, store=store))
            return [(await browser.ask()).text for _ in range(3)]

    assert asyncio.run(visit()) == ["1", "2", "3"]
