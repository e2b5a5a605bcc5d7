from __future__ import annotations

import pytest
from contract import ForTasks, ForThreads, Make

from tantalus_channels import Channel, Channels, MemoryChannels
from tantalus_channels._registry import Registry


@pytest.fixture
def make() -> Make:
    channels = MemoryChannels()
    return lambda: channels


class TestMemoryChannels(ForThreads, ForTasks):
    """Channels of one process."""


def test_they_are_what_the_protocols_say() -> None:
    channels: Channels = MemoryChannels()
    channel: Channel = channels["news"]

    assert channel.name == "news"


def test_who_was_never_kept_is_forgotten_in_peace() -> None:
    channels = MemoryChannels()
    subscription = channels["news"].subscribe()
    other = channels["news"].subscribe()
    registry = Registry()
    registry.add(subscription)

    assert not registry.remove(other)
    assert registry.remove(subscription)
