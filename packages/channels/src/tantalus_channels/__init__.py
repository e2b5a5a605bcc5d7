"""Messages to all who listen, in this process or on other machines.

Whoever publishes waits for no reader: each has a buffer of its own, and is told what
did not fit. One `Channel` is like another, be it in memory or behind Redis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._channel import Channel, Channels
from ._errors import ChannelError, ChannelUnreachable
from ._memory import MemoryChannels
from ._redis import RedisChannels
from ._subscription import Lost, Subscription

if TYPE_CHECKING:  # loaded when it is first used: threads need no asyncio
    from ._redis_awaited import AsyncRedisChannels

__all__ = [
    "AsyncRedisChannels",
    "Channel",
    "ChannelError",
    "ChannelUnreachable",
    "Channels",
    "Lost",
    "MemoryChannels",
    "RedisChannels",
    "Subscription",
]


def __getattr__(name: str) -> object:
    """Import what brings asyncio when it is first used (PEP 562)."""
    if name != "AsyncRedisChannels":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._redis_awaited import AsyncRedisChannels  # noqa: PLC0415 - see above

    return AsyncRedisChannels


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
