from __future__ import annotations

import asyncio
import builtins
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
from conftest import PATIENCE, RedisServer, StartRedis
from contract import IDLE, ForTasks, ForThreads, Make, afirst_of, first_of
from redis.backoff import NoBackoff
from redis.retry import Retry

from tantalus_channels import (
    AsyncRedisChannels,
    Channel,
    ChannelError,
    Channels,
    ChannelUnreachable,
    Lost,
    RedisChannels,
)
from tantalus_channels import _redis as of_threads
from tantalus_channels import _redis_awaited as of_tasks

ONCE: Any = Retry(NoBackoff(), 0)
BOTH = [RedisChannels, AsyncRedisChannels]


@pytest.fixture
def opened() -> Iterator[list[Any]]:
    channels: list[Any] = []
    yield channels
    for one in channels:
        one.close()


class TestRedisChannels(ForThreads, ForTasks):
    """Channels with a thread that listens."""

    @pytest.fixture(params=[False, True], ids=["bytes", "texts"])
    def make(
        self,
        request: pytest.FixtureRequest,
        redis_server: RedisServer,
        opened: list[Any],
    ) -> Make:
        def make() -> RedisChannels:
            client = redis.Redis(port=redis_server.port, decode_responses=request.param)
            opened.append(RedisChannels(client))
            return opened[-1]  # type: ignore[no-any-return]

        return make


class TestAsyncRedisChannels(ForTasks):
    """Channels with a task that listens."""

    @pytest.fixture
    def make(self, redis_server: RedisServer) -> Make:
        return lambda: AsyncRedisChannels.from_url(redis_server.url)

    @staticmethod
    async def end(channels: Any) -> None:
        await channels.aclose()
        await channels._client.aclose()


class TestAsyncRedisChannelsFromThreads(ForThreads):
    """Channels with a task that listens, asked by threads."""

    @pytest.fixture
    def make(self, redis_server: RedisServer) -> Iterator[Make]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        opened: list[AsyncRedisChannels] = []

        def make() -> AsyncRedisChannels:
            channels = AsyncRedisChannels.from_url(redis_server.url)
            opened.append(channels)
            begin = channels["begin"].apublish("")
            asyncio.run_coroutine_threadsafe(begin, loop).result()
            return channels

        async def end() -> None:
            for channels in opened:
                await channels.aclose()
                await channels._client.aclose()  # type: ignore[attr-defined]

        yield make
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_they_are_what_the_protocols_say(redis_server: RedisServer) -> None:
    channels: Channels = RedisChannels.from_url(redis_server.url)
    channel: Channel = channels["news"]
    others: Channels = AsyncRedisChannels.from_url(redis_server.url)
    other: Channel = others["news"]

    assert (channel.name, other.name) == ("news", "news")


OTHER_PROCESS = """
import sys
from tantalus_channels import RedisChannels

channels = RedisChannels.from_url(sys.argv[1])
with channels["questions"].subscribe() as questions:
    print("ready", flush=True)
    for question in questions:
        channels["answers"].publish(question.upper())
        break
channels.close()
"""


def test_two_processes_hear_each_other(
    redis_server: RedisServer, opened: list[Any]
) -> None:
    channels = RedisChannels.from_url(redis_server.url)
    opened.append(channels)
    command = [sys.executable, "-c", OTHER_PROCESS, redis_server.url]

    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other,
        channels["answers"].subscribe(idle=IDLE) as answers,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        channels["questions"].publish("who?")

        assert first_of(answers, 1) == ["WHO?"]


def test_a_forked_process_has_subscriptions_of_its_own(
    redis_server: RedisServer, opened: list[Any]
) -> None:
    channels = RedisChannels.from_url(redis_server.url)
    opened.append(channels)
    with channels["news"].subscribe(idle=IDLE) as parent:
        pid = os.fork()
        if pid == 0:  # pragma: no cover - the child is measured nowhere
            code = 1
            try:
                with channels["news"].subscribe(idle=IDLE) as child:
                    channels["news"].publish("from the child")
                    code = 0 if first_of(child, 1) == ["from the child"] else 2
            finally:
                os._exit(code)

        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert first_of(parent, 1) == ["from the child"]


def test_two_programs_share_a_server_by_namespaces(
    redis_server: RedisServer, opened: list[Any]
) -> None:
    one = RedisChannels.from_url(redis_server.url, namespace="one")
    other = RedisChannels.from_url(redis_server.url, namespace="other")
    opened += [one, other]
    with one["news"].subscribe(idle=IDLE) as messages:
        other["news"].publish("a")
        one["news"].publish("b")

        assert first_of(messages, 1) == ["b"]


def test_readers_are_told_when_redis_was_killed_and_came_back(
    start_redis: StartRedis, opened: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    server = start_redis()
    channels = RedisChannels(redis.Redis(port=server.port, retry=ONCE))
    opened.append(channels)
    with (
        channels["news"].subscribe(idle=IDLE) as one,
        channels["else"].subscribe(idle=IDLE) as other,
    ):
        channels["news"].publish("before")
        assert first_of(one, 1) == ["before"]
        server.kill()
        with pytest.raises(ChannelUnreachable, match="'news' cannot be reached: Redis"):
            channels["news"].publish("nobody hears this")
        server.start()

        assert first_of(one, 1) == [Lost(None)]
        assert first_of(other, 1) == [Lost(None)]
        channels["news"].publish("after")
        assert first_of(one, 1) == ["after"]
    said = [record.message for record in caplog.records]
    assert said[0].startswith("Redis was lost, and is tried again: ")
    assert said[1] == "Redis is back: subscribers are told that they missed some."


def test_tasks_are_told_when_redis_was_killed_and_came_back(
    start_redis: StartRedis,
) -> None:
    server = start_redis()

    async def work() -> list[list[Any]]:
        client = redis.asyncio.Redis(port=server.port, retry=ONCE)
        channels = AsyncRedisChannels(client)
        async with channels["news"].subscribe(idle=IDLE) as one:
            await channels["news"].apublish("before")
            heard = [await afirst_of(one, 1)]
            server.kill()
            with pytest.raises(ChannelUnreachable):
                await channels["news"].apublish("nobody hears this")
            await asyncio.to_thread(server.start)
            heard.append(await afirst_of(one, 1))
            await channels["news"].apublish("after")
            heard.append(await afirst_of(one, 1))
        await channels.aclose()
        await client.aclose()
        return heard

    assert asyncio.run(work()) == [["before"], [Lost(None)], ["after"]]


def test_a_connection_that_redis_py_mends_by_itself_is_told_too(
    redis_server: RedisServer, opened: list[Any]
) -> None:
    client = redis.Redis(port=redis_server.port)  # its settings try again
    channels = RedisChannels(client)
    opened.append(channels)
    with channels["news"].subscribe(idle=IDLE) as one:
        client.client_kill_filter(_type="pubsub")

        assert first_of(one, 1) == [Lost(None)]
        channels["news"].publish("after")
        assert first_of(one, 1) == ["after"]


class Odd:
    """A client whose first connections fail in a way that nobody expects."""

    def __init__(self, client: Any, fails: int) -> None:
        self._client = client
        self._fails = fails

    def pubsub(self) -> Any:
        self._fails -= 1
        if self._fails >= 0:
            raise RuntimeError("odd")
        return self._client.pubsub()

    def publish(self, channel: Any, message: Any) -> Any:
        return self._client.publish(channel, message)


def test_an_odd_error_does_not_end_the_listening(
    redis_server: RedisServer, opened: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> list[Any]:
        client = redis.asyncio.Redis(port=redis_server.port)
        channels = AsyncRedisChannels(Odd(client, 2))
        async with channels["news"].subscribe(idle=IDLE) as one:
            await channels["news"].apublish("a")
            heard = await afirst_of(one, 1)
        await channels.aclose()
        await client.aclose()
        return heard

    channels = RedisChannels(Odd(redis.Redis(port=redis_server.port), 2))
    opened.append(channels)
    with channels["news"].subscribe(idle=IDLE) as one:
        channels["news"].publish("a")

        assert first_of(one, 1) == ["a"]
    assert asyncio.run(work()) == ["a"]
    assert caplog.text.count("Redis was lost, and is tried again: odd") == 2


def test_a_process_that_was_forked_off_begins_anew(
    redis_server: RedisServer, opened: list[Any]
) -> None:
    channels = RedisChannels.from_url(redis_server.url)
    opened.append(channels)
    with channels["news"].subscribe():
        thread = channels._listener
        channels._pid = -1
        with channels["news"].subscribe():
            other = channels._listener

    assert thread is not None
    assert other is not thread


def test_subscribing_while_redis_is_away_is_an_error(start_redis: StartRedis) -> None:
    server = start_redis()
    channels = RedisChannels(redis.Redis(port=server.port, retry=ONCE))
    with channels["news"].subscribe():
        server.kill()
        with pytest.raises(ChannelUnreachable, match="'else' cannot be reached"):
            channels["else"].subscribe().__enter__()
    channels.close()


def test_subscribing_of_a_task_while_redis_is_away_is_an_error(
    start_redis: StartRedis,
) -> None:
    server = start_redis()

    async def work() -> None:
        channels = AsyncRedisChannels(redis.asyncio.Redis(port=server.port, retry=ONCE))
        async with channels["news"].subscribe():
            server.kill()
            with pytest.raises(ChannelUnreachable, match="'else' cannot be reached"):
                await channels["else"].subscribe().__aenter__()
        await channels.aclose()

    asyncio.run(work())


def test_a_silent_redis_is_asked_and_then_left(
    start_redis: StartRedis,
    opened: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = start_redis()
    channels = RedisChannels(redis.Redis(port=server.port))
    opened.append(channels)
    left = Told("It was silent for 30 seconds.")
    caplog.handler.addFilter(left)
    with channels["news"].subscribe(idle=IDLE) as one:
        with monkeypatch.context() as patch:
            patch.setattr(of_threads, "SILENCE", 0.05)
            channels["news"].publish("This ends the silence that is under way.")
            first_of(one, 1)
            server.pause()
            assert left.is_told.wait(PATIENCE)
        server.go_on()

        assert first_of(one, 1) == [Lost(None)]


class Told:
    """A filter of a log that lets others wait for a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.is_told = threading.Event()

    def filter(self, record: logging.LogRecord) -> bool:
        if self._text in record.getMessage():
            self.is_told.set()
        return True


class Quiet:
    """A client whose connection is silent after each answer, until it is asked."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._connection: Any = None
        self._is_silent = False
        self.asked = threading.Semaphore(0)

    def pubsub(self) -> Any:
        self._connection = self._client.pubsub()
        return self

    def get_message(self, timeout: float) -> Any:
        self._is_silent = not self._is_silent
        return None if self._is_silent else self._connection.get_message(timeout=IDLE)

    def ping(self) -> None:
        self.asked.release()
        self._connection.ping()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection or self._client, name)

    def publish(self, channel: Any, message: Any) -> Any:
        return self._client.publish(channel, message)


def test_a_redis_that_answers_is_kept(
    redis_server: RedisServer, opened: list[Any]
) -> None:
    client = Quiet(redis.Redis(port=redis_server.port))
    channels = RedisChannels(client)
    opened.append(channels)
    with channels["news"].subscribe(idle=IDLE) as one:
        for _ in range(10):
            assert client.asked.acquire(timeout=PATIENCE)
        channels["news"].publish("still here")

        assert first_of(one, 1) == ["still here"]


def test_names_that_nobody_hears_any_more_are_given_up(
    redis_server: RedisServer, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = redis.Redis(port=redis_server.port, decode_responses=True)

    async def work() -> list[Any]:
        channels = AsyncRedisChannels.from_url(redis_server.url, namespace="given up")
        async with channels["left"].subscribe():
            monkeypatch.setattr(of_tasks, "SILENCE", 0.02)
            # This ends the silence that is under way.
            await channels["left"].apublish("")
        while "given up:channel:left" in client.pubsub_channels("given up:channel:*"):
            await asyncio.sleep(0.01)
        await channels.aclose()
        await channels._client.aclose()  # type: ignore[attr-defined]
        return client.pubsub_channels("given up:channel:*")

    assert asyncio.run(work()) == []


def test_what_others_publish_and_is_no_text_is_lost_and_logged(
    redis_server: RedisServer, opened: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    client = redis.Redis(port=redis_server.port)
    channels = RedisChannels(client)
    opened.append(channels)
    with channels["news"].subscribe(idle=IDLE) as one:
        client.publish("tantalus:channel:news", b"\xff")
        client.publish("tantalus:channel:news", "a")

        assert first_of(one, 2) == [Lost(1), "a"]
    assert "A message to channel 'news' is not UTF-8" in caplog.text


def test_a_task_that_was_cancelled_while_it_entered_hears_nothing(
    redis_server: RedisServer, opened: list[Any]
) -> None:
    channels = RedisChannels.from_url(redis_server.url)
    opened.append(channels)
    subscription = channels["news"].subscribe()
    subscription.close()

    channels.enter(subscription)

    assert channels._desk.registry.names() == set()


def test_without_a_loop_a_thread_cannot_use_the_task(redis_server: RedisServer) -> None:
    channel = AsyncRedisChannels.from_url(redis_server.url)["news"]

    with pytest.raises(RuntimeError, match="no event loop has used its channels yet"):
        channel.publish("a")


def test_the_thread_of_the_loop_does_not_wait_for_itself(
    redis_server: RedisServer,
) -> None:
    async def work() -> None:
        channels = AsyncRedisChannels.from_url(redis_server.url)
        channels["news"].publish("a")

    with pytest.raises(RuntimeError, match="the thread of an event loop, which would"):
        asyncio.run(work())


def test_closing_after_the_loop_has_ended_is_no_error(
    redis_server: RedisServer,
) -> None:
    channels = AsyncRedisChannels.from_url(redis_server.url)

    async def work() -> None:
        async with channels["news"].subscribe():
            pass
        await channels._client.aclose()  # type: ignore[attr-defined]

    asyncio.run(work())

    channels.close()


@pytest.mark.parametrize("kind", BOTH)
def test_without_redis_py_the_error_says_what_to_install(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("redis"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(ChannelError, match=r"pip install tantalus-channels\[redis\]"):
        kind(object())


def test_channels_that_were_never_used_are_closed_in_peace(
    redis_server: RedisServer,
) -> None:
    RedisChannels.from_url(redis_server.url).close()
    channels = AsyncRedisChannels.from_url(redis_server.url)
    asyncio.run(channels.aclose())
