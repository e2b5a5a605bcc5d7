"""Channels between processes and machines, for programs with threads."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from ._channel import check_message, check_name
from ._errors import ChannelUnreachable
from ._redis_desk import (
    NAMESPACE,
    SILENCE,
    Desk,
    RedisClient,
    redis_errors,
    redis_module,
)
from ._subscription import LIMIT, Subscription


class RedisChannels:
    """Channels that all who reach one Redis server share, by its pub/sub.

    A thread listens, for all subscriptions of a process, once there is one. It connects
    again when Redis comes back, and readers are given `Lost(None)`.

    Args:
        client: A `redis.Redis`, shared freely between threads.
        namespace: Begins each name in Redis, for several programs in one server.

    Raises:
        ChannelError: redis-py is not installed.
    """

    def __init__(self, client: RedisClient, *, namespace: str = NAMESPACE) -> None:
        self._errors = redis_errors()
        self._client = client
        self._namespace = namespace
        self._lock = Lock()
        self._begin()

    @classmethod
    def from_url(cls, url: str, *, namespace: str = NAMESPACE) -> RedisChannels:
        """Return channels in the server at `url`, `redis://host:port/database`."""
        return cls(redis_module().Redis.from_url(url), namespace=namespace)

    def _begin(self) -> None:
        self._desk = Desk(self._namespace)
        self._closing = Event()
        self._listener: Thread | None = None
        self._pid = os.getpid()

    def __getitem__(self, name: str) -> RedisChannel:
        """Return a channel. It is there when somebody uses it."""
        return RedisChannel(self, check_name(name))

    def close(self) -> None:
        """End all subscriptions, and the thread."""
        self._desk.close()
        self._closing.set()
        if self._listener is not None:
            with suppress(*self._errors):  # it ends by itself then
                self._client.publish(self._desk.control, "")
            self._listener.join(SILENCE)

    def tell(self, name: str, message: str) -> None:
        """Publish a message."""
        try:
            self._client.publish(self._desk.redis_name(name), message)
        except self._errors as error:
            raise ChannelUnreachable(name, f"Redis: {error}.") from error

    def enter(self, subscription: Subscription) -> None:
        """Begin to offer messages; it is confirmed when Redis has confirmed it."""
        with self._lock:
            if self._pid != os.getpid():  # forked off: the thread stayed behind
                self._begin()
            if not self._desk.enter(subscription):
                self._hear(subscription.channel)

    async def aenter(self, subscription: Subscription) -> None:
        """Do so without keeping the event loop waiting."""
        from asyncio import to_thread  # noqa: PLC0415 - threads need none of it

        await to_thread(self.enter, subscription)

    def leave(self, subscription: Subscription) -> None:
        """Offer no more. Redis is told so at the next occasion."""
        self._desk.registry.remove(subscription)

    def _hear(self, name: str) -> None:
        """Have the listener look what is to be heard now."""
        if self._listener is None:
            self._listener = Thread(
                target=self._listen, name="tantalus channels", daemon=True
            )
            self._listener.start()
            return
        try:
            self._client.publish(self._desk.control, "")
        except self._errors as error:
            raise ChannelUnreachable(name, f"Redis: {error}.") from error

    def _listen(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            try:
                self._listen_on(self._client.pubsub())
            except Exception as error:  # whatever it is: all others need this thread
                pause = self._desk.fail(error)

    def _listen_on(self, connection: Any) -> None:
        try:
            connection.subscribe(self._desk.control)
            while not self._closing.is_set():
                heard = connection.get_message(timeout=SILENCE)
                for command, names in self._desk.commands(heard):
                    getattr(connection, command)(*names)
        finally:
            with suppress(Exception):
                connection.close()


class RedisChannel:
    """One channel in Redis."""

    def __init__(self, channels: RedisChannels, name: str) -> None:
        self._channels = channels
        self.name = name

    def publish(self, message: str, /) -> None:
        """Tell all who listen, in whatever process."""
        self._channels.tell(self.name, check_message(self.name, message))

    async def apublish(self, message: str, /) -> None:
        """Tell them without keeping the event loop waiting."""
        from asyncio import to_thread  # noqa: PLC0415 - as above

        await to_thread(self.publish, message)

    def subscribe(
        self, *, limit: int = LIMIT, idle: float | None = None
    ) -> Subscription:
        """Return what hears the channel."""
        return Subscription(self._channels, self.name, limit, idle)
