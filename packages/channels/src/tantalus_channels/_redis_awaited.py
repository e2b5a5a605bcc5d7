"""Channels between processes and machines, for programs on an event loop."""

from __future__ import annotations

from asyncio import (
    AbstractEventLoop,
    Task,
    get_running_loop,
    run_coroutine_threadsafe,
    sleep,
    wait,
)
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from ._channel import check_message, check_name
from ._errors import ChannelUnreachable, NoLoop
from ._redis_desk import (
    NAMESPACE,
    SILENCE,
    Desk,
    RedisClient,
    redis_errors,
    redis_module,
)
from ._subscription import LIMIT, PATIENCE, Subscription


class AsyncRedisChannels:
    """Channels that all who reach one Redis server share, without a thread.

    A task listens, on the event loop that first awaits anything here. Threads may
    publish and subscribe, too, while that loop runs.

    Args:
        client: A `redis.asyncio.Redis` of that loop.
        namespace: Begins each name in Redis, for several programs in one server.

    Raises:
        ChannelError: redis-py is not installed.
    """

    def __init__(self, client: RedisClient, *, namespace: str = NAMESPACE) -> None:
        self._errors = redis_errors()
        self._client = client
        self._desk = Desk(namespace)
        self._loop: AbstractEventLoop | None = None
        self._listener: Task[None] | None = None

    @classmethod
    def from_url(cls, url: str, *, namespace: str = NAMESPACE) -> AsyncRedisChannels:
        """Return channels in the server at `url`, `redis://host:port/database`."""
        return cls(redis_module().asyncio.Redis.from_url(url), namespace=namespace)

    def __getitem__(self, name: str) -> AsyncRedisChannel:
        """Return a channel. It is there when somebody uses it."""
        return AsyncRedisChannel(self, check_name(name))

    def close(self) -> None:
        """End all subscriptions, and the task soon."""
        self._desk.close()
        if self._listener is not None and self._loop is not None:
            with suppress(RuntimeError):  # the loop was closed, and the task with it
                self._loop.call_soon_threadsafe(self._listener.cancel)

    async def aclose(self) -> None:
        """End all subscriptions, and wait for the end of the task."""
        self.close()
        if self._listener is not None:
            await wait([self._listener])

    async def atell(self, name: str, message: str) -> None:
        """Publish a message."""
        self._loop = self._loop or get_running_loop()
        try:
            await self._client.publish(self._desk.redis_name(name), message)
        except self._errors as error:
            raise ChannelUnreachable(name, f"Redis: {error}.") from error

    def tell(self, name: str, message: str) -> None:
        """Have the loop publish a message, and wait for that."""
        self._elsewhere(name, self.atell(name, message))

    def enter(self, subscription: Subscription) -> None:
        """Have the loop begin to offer messages."""
        self._elsewhere(subscription.channel, self.aenter(subscription))

    async def aenter(self, subscription: Subscription) -> None:
        """Begin to offer messages; it is confirmed when Redis has confirmed it."""
        self._loop = self._loop or get_running_loop()
        if self._desk.enter(subscription):
            return
        if self._listener is None:
            self._listener = self._loop.create_task(self._listen())
            return
        try:
            await self._client.publish(self._desk.control, "")
        except self._errors as error:
            problem = f"Redis: {error}."
            raise ChannelUnreachable(subscription.channel, problem) from error

    def leave(self, subscription: Subscription) -> None:
        """Offer no more. Redis is told so at the next occasion."""
        self._desk.registry.remove(subscription)

    def _elsewhere(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the loop of the client, for a thread."""
        try:
            here: AbstractEventLoop | None = get_running_loop()
        except RuntimeError:
            here = None
        if self._loop is None or here is not None:
            coroutine.close()
            raise NoLoop(name, is_here=here is not None)
        run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    async def _listen(self) -> None:
        pause = 0.0
        while True:
            await sleep(pause)
            try:
                await self._listen_on(self._client.pubsub())
            except Exception as error:  # whatever it is: all others need this task
                pause = self._desk.fail(error)

    async def _listen_on(self, connection: Any) -> None:
        try:
            await connection.subscribe(self._desk.control)
            while True:
                heard = await connection.get_message(timeout=SILENCE)
                for command, names in self._desk.commands(heard):
                    await getattr(connection, command)(*names)
        finally:
            with suppress(Exception):
                await connection.aclose()


class AsyncRedisChannel:
    """One channel in Redis."""

    def __init__(self, channels: AsyncRedisChannels, name: str) -> None:
        self._channels = channels
        self.name = name

    def publish(self, message: str, /) -> None:
        """Tell all who listen, from a thread."""
        self._channels.tell(self.name, check_message(self.name, message))

    async def apublish(self, message: str, /) -> None:
        """Tell all who listen, in whatever process."""
        await self._channels.atell(self.name, check_message(self.name, message))

    def subscribe(
        self, *, limit: int = LIMIT, idle: float | None = None
    ) -> Subscription:
        """Return what hears the channel."""
        return Subscription(self._channels, self.name, limit, idle)
