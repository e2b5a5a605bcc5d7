"""Channels within one process."""

from __future__ import annotations

from ._channel import check_message, check_name
from ._errors import ChannelsClosed
from ._registry import Registry
from ._subscription import LIMIT, Subscription


class MemoryChannels:
    """Channels within this process: for one worker, for development and for tests."""

    def __init__(self) -> None:
        self._registry = Registry()
        self._is_closed = False

    def __getitem__(self, name: str) -> MemoryChannel:
        """Return a channel. It is there when somebody uses it."""
        return MemoryChannel(self, check_name(name))

    def close(self) -> None:
        """End all subscriptions."""
        self._is_closed = True
        for subscription in self._registry.all():
            subscription.close()

    def tell(self, name: str, message: str) -> None:
        """Tell those who hear a channel."""
        for subscription in self._registry.of(name):
            subscription.offer(message)

    def enter(self, subscription: Subscription) -> None:
        """Begin to offer messages."""
        if self._is_closed:
            raise ChannelsClosed(subscription.channel)
        self._registry.add(subscription)
        subscription.confirm()

    async def aenter(self, subscription: Subscription) -> None:
        """Do so for a task."""
        self.enter(subscription)

    def leave(self, subscription: Subscription) -> None:
        """Offer no more."""
        self._registry.remove(subscription)


class MemoryChannel:
    """One channel of this process."""

    def __init__(self, channels: MemoryChannels, name: str) -> None:
        self._channels = channels
        self.name = name

    def publish(self, message: str, /) -> None:
        """Tell all who listen."""
        self._channels.tell(self.name, check_message(self.name, message))

    async def apublish(self, message: str, /) -> None:
        """Tell all who listen."""
        self.publish(message)

    def subscribe(
        self, *, limit: int = LIMIT, idle: float | None = None
    ) -> Subscription:
        """Return what hears the channel."""
        return Subscription(self._channels, self.name, limit, idle)
