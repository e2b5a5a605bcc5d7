"""What is decided about a connection to Redis, whoever waits for it.

One connection hears all channels of a process that somebody listens to. Only its
listener, a thread or a task, sends commands on it; who enters a channel that is not
heard yet writes down the name, and wakes the listener by a message to a name that only
this process knows.

Redis confirms each name. Where it confirms one again, the connection is another, and
nobody knows what was published in between: the readers are told.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import Any, Protocol, TypeAlias
from uuid import uuid4

from ._errors import ChannelError, ChannelsClosed
from ._registry import Registry
from ._subscription import Subscription

logger = logging.getLogger("tantalus_channels")

#: What redis-py makes of an answer: a dict, or None if there was none in time.
Heard: TypeAlias = Any
#: The name of a method of such a connection, and its arguments.
Command: TypeAlias = tuple[str, list[str]]

#: Begins the name of each channel in Redis.
NAMESPACE = "tantalus"
#: Seconds of silence after which Redis is asked whether it is there.
SILENCE = 10.0
#: How often it may be silent in a row.
SILENCES = 3
#: Seconds between two attempts to connect: the first, and the longest.
PAUSES = 0.05, 1.0


class RedisClient(Protocol):
    """What is used of `redis.Redis`, or of `redis.asyncio.Redis`, whose calls wait."""

    def publish(self, channel: Any, message: Any, /) -> Any:
        """Publish a message."""
        ...

    def pubsub(self) -> Any:
        """Return a connection that hears channels."""
        ...


class Desk:
    """The names that one connection hears, and what it has heard."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{namespace}:channel:"
        #: A message to this name wakes the listener.
        self.control = f"{namespace}:wake:{uuid4().hex}"
        self.registry = Registry()
        self.is_closed = False
        self._lock = Lock()
        self._asked: set[str] = set()
        self._confirmed: set[str] = set()
        self._has_failed = False
        self._pause = 0.0
        self._silences = 0

    def redis_name(self, name: str) -> str:
        """Return the name of a channel in Redis."""
        return self._prefix + name

    def enter(self, subscription: Subscription) -> bool:
        """Offer a subscription messages; tell whether its channel is heard already."""
        if self.is_closed:
            raise ChannelsClosed(subscription.channel)
        with self._lock:
            self.registry.add(subscription)
            is_heard = subscription.channel in self._confirmed
        if subscription.is_over:  # whoever waited for it was cancelled meanwhile
            self.registry.remove(subscription)
        if is_heard:
            subscription.confirm()
        return is_heard

    def commands(self, heard: Heard) -> list[Command]:
        """Tell readers what was heard, and return what to send now.

        Args:
            heard: What Redis said; None if it was silent for `SILENCE` seconds.

        Raises:
            ConnectionError: It has been silent for too long.
        """
        if heard is not None:
            self._silences = 0
            return self._changes() if self._take(heard) else []
        self._silences += 1
        if self._silences >= SILENCES:
            seconds = SILENCES * SILENCE
            raise ConnectionError(f"It was silent for {seconds:g} seconds.")
        return [("ping", []), *self._changes()]

    def _changes(self) -> list[Command]:
        with self._lock:
            names = self.registry.names()
            changes = (
                ("subscribe", names - self._asked),
                (
                    "unsubscribe",
                    self._asked - names,
                ),
            )
            self._confirmed -= self._asked - names
            self._asked = names
        return [
            (command, [self.redis_name(name) for name in changed])
            for command, changed in changes
            if changed
        ]

    def _take(self, heard: Heard) -> bool:
        """Tell readers what was heard, and whether names may have changed."""
        kind = heard["type"]
        if kind not in {"subscribe", "message"}:  # such as an answer to `ping()`
            return False
        redis_name = _text(heard["channel"])
        if redis_name == self.control:
            self._pause = 0.0
            return True
        name = redis_name.removeprefix(self._prefix)
        if kind == "subscribe":
            self._confirm(name)
            return False
        return self._offer(name, heard["data"])

    def _confirm(self, name: str) -> None:
        if self._has_failed:
            self._has_failed = False
            logger.warning("Redis is back: subscribers are told that they missed some.")
        with self._lock:
            self._confirmed.add(name)
            entered = self.registry.of(name)
        for subscription in entered:
            subscription.confirm()

    def _offer(self, name: str, data: bytes | str) -> bool:
        readers = self.registry.of(name)
        try:
            message = _text(data)
        except UnicodeDecodeError:
            logger.warning("A message to channel %r is not UTF-8: %r", name, data)
            for subscription in readers:
                subscription.miss(1)
        else:
            for subscription in readers:
                subscription.offer(message)
        return not readers

    def fail(self, error: Exception) -> float:
        """Note that the connection was lost, and return how long to wait."""
        with self._lock:
            self._asked.clear()
            self._confirmed.clear()
        self._silences = 0
        if not self._has_failed:
            self._has_failed = True
            logger.warning("Redis was lost, and is tried again: %s", error)
        first, longest = PAUSES
        self._pause = min(longest, max(first, 2 * self._pause))
        return self._pause

    def close(self) -> None:
        """End all subscriptions."""
        self.is_closed = True
        for subscription in self.registry.all():
            subscription.close()


def _text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw


def redis_module() -> Any:
    """Return redis-py.

    Raises:
        ChannelError: It is not installed.
    """
    try:
        import redis.asyncio  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise ChannelError(
            "Channels in Redis need redis-py. Install it with"
            " `pip install tantalus-channels[redis]`."
        ) from error
    return redis


def redis_errors() -> tuple[type[Exception], ...]:
    """Return the errors by which redis-py tells that a server is not there."""
    return redis_module().RedisError, OSError
