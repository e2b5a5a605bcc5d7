from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_channels

LOADED = """
import sys
before = set(sys.modules)
import tantalus_channels
assert "asyncio" not in sys.modules
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted({name for name in new - set(sys.stdlib_module_names) if name[0] != "_"}))
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_channels.__all__ == [
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


@pytest.mark.parametrize("name", tantalus_channels.__all__)
def test_a_name_is_there_when_it_is_asked_for(name: str) -> None:
    assert getattr(tantalus_channels, name).__module__.startswith("tantalus_channels.")
    assert name in dir(tantalus_channels)


def test_a_name_that_does_not_exist_is_refused_like_in_any_module() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = tantalus_channels.Nothing


def test_importing_loads_nothing_but_python_and_no_asyncio() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "tantalus_channels\n"
