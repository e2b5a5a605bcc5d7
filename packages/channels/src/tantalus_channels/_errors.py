"""What can go wrong with a channel."""

from __future__ import annotations


class ChannelError(Exception):
    """A channel cannot do what it is asked for."""


class ChannelUnreachable(ChannelError, ConnectionError):
    """What carries the messages does not answer.

    Attributes:
        channel: The name of the channel.
        problem: What was seen, as a sentence.
    """

    def __init__(self, channel: str, problem: str) -> None:
        self.channel = channel
        self.problem = problem
        super().__init__(f"Channel {channel!r} cannot be reached: {problem}")


class ChannelsClosed(ChannelError, RuntimeError):
    """The channels were closed before.

    Attributes:
        channel: The name of the channel.
    """

    def __init__(self, channel: str) -> None:
        self.channel = channel
        super().__init__(
            f"Channel {channel!r} is used after its channels were closed. Close them"
            " when the process ends, or make new ones."
        )


class NotSubscribed(ChannelError, RuntimeError):
    """A subscription is used in a way it is not made for.

    Attributes:
        channel: The name of the channel.
    """

    def __init__(self, channel: str, problem: str) -> None:
        self.channel = channel
        super().__init__(f"Subscription of channel {channel!r}: {problem}")


class NoLoop(ChannelError, RuntimeError):
    """A thread asks for what only the event loop of the channels can do.

    Attributes:
        channel: The name of the channel.
    """

    def __init__(self, channel: str, *, is_here: bool) -> None:
        self.channel = channel
        problem = (
            "this is the thread of an event loop, which would wait for itself"
            if is_here
            else "no event loop has used its channels yet"
        )
        super().__init__(
            f"Channel {channel!r} cannot be waited for in a thread: {problem}. Await"
            " apublish(), or enter the subscription with `async with`."
        )
