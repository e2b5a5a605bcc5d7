"""What a program needs of channels, whatever carries their messages."""

from __future__ import annotations

from typing import Protocol

from ._subscription import LIMIT, Subscription


class Channel(Protocol):
    """Where one publishes, and all who have subscribed before hear it.

    A message is for who listens now: nothing is kept for who comes later. What must not
    be missed belongs into a database, and the message says that it is there.
    """

    @property
    def name(self) -> str:
        """What publishers and subscribers agreed upon."""
        ...

    def publish(self, message: str, /) -> None:
        """Tell all who listen, in this process and elsewhere. It waits for no reader.

        Raises:
            TypeError: The message is no text.
            ValueError: It has half a surrogate pair, which has no UTF-8.
            ChannelUnreachable: Nobody was told.
        """
        ...

    async def apublish(self, message: str, /) -> None:
        """Do what `publish()` does, without keeping the event loop waiting."""
        ...

    def subscribe(
        self, *, limit: int = LIMIT, idle: float | None = None
    ) -> Subscription:
        """Return what hears the channel once it is entered, or iterated.

        Args:
            limit: How many messages wait for the reader before the oldest is dropped.
            idle: Seconds of silence after which the reader is given None.

        Raises:
            ValueError: One of them is not positive.
        """
        ...


class Channels(Protocol):
    """Channels by their names: `channels["room:7"]`."""

    def __getitem__(self, name: str, /) -> Channel:
        """Return a channel. It is there when somebody uses it.

        Raises:
            TypeError: The name is no text.
            ValueError: It is empty, or has no UTF-8.
        """
        ...

    def close(self) -> None:
        """End all subscriptions: their readers come to the end of what they iterate."""
        ...


def check_name(name: object) -> str:
    """Return the name of a channel, if it is one.

    Raises:
        TypeError: It is no text.
        ValueError: It is empty, or has no UTF-8.
    """
    if not isinstance(name, str):
        raise TypeError(f"{name!r} is no name of a channel: use a text.")
    if not name:
        raise ValueError("A channel has a name: '' is none.")
    name.encode()
    return name


def check_message(channel: str, message: object) -> str:
    """Return a message, if it is one.

    Raises:
        TypeError: It is no text.
        ValueError: It has no UTF-8.
    """
    if not isinstance(message, str):
        raise TypeError(
            f"Channel {channel!r} carries text, not {message!r}: use json.dumps()."
        )
    message.encode()
    return message
