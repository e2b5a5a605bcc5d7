"""What holds of all channels, whatever carries their messages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tantalus_channels import Lost
from tantalus_channels._subscription import Subscription

Make = Callable[[], Any]


def first_of(subscription: Subscription, count: int) -> list[Any]:
    """Return so many items, or fail after a time."""
    items: list[Any] = []
    for item in subscription:
        assert item is not None, "nothing came"
        items.append(item)
        if len(items) == count:
            break
    return items


async def afirst_of(subscription: Subscription, count: int) -> list[Any]:
    """Do so for a task."""
    items: list[Any] = []
    async for item in subscription:
        assert item is not None, "nothing came"
        items.append(item)
        if len(items) == count:
            break
    return items


IDLE = 60.0


class ForThreads:
    """What threads may rely on. A fixture `make` returns channels, all connected."""

    def test_all_hear_what_is_published(self, make: Make) -> None:
        here, there = make(), make()
        with (
            here["news"].subscribe(idle=IDLE) as one,
            there["news"].subscribe(idle=IDLE) as other,
            here["else"].subscribe(idle=0.05) as third,
        ):
            for text in ("a", "ö\n\0", ""):
                there["news"].publish(text)

            assert first_of(one, 3) == ["a", "ö\n\0", ""]
            assert first_of(other, 3) == ["a", "ö\n\0", ""]
            assert next(iter(third)) is None

    def test_who_comes_later_hears_what_comes_later(self, make: Make) -> None:
        channel = make()["news"]
        channel.publish("before")
        with channel.subscribe(idle=IDLE) as one:
            channel.publish("a")
            assert first_of(one, 1) == ["a"]
            with channel.subscribe(idle=IDLE) as other:
                channel.publish("b")

                assert first_of(one, 1) == ["b"]
                assert first_of(other, 1) == ["b"]

    def test_a_slow_reader_keeps_nobody_waiting(self, make: Make) -> None:
        channel = make()["news"]
        with (
            channel.subscribe(limit=10, idle=IDLE) as slow,
            channel.subscribe(limit=1_000, idle=IDLE) as quick,
        ):
            for number in range(500):
                channel.publish(str(number))

            assert first_of(quick, 500) == [*map(str, range(500))]
            assert first_of(slow, 11) == [Lost(490), *map(str, range(490, 500))]

    def test_a_name_that_was_left_is_heard_again(self, make: Make) -> None:
        channels = make()
        for number in range(3):
            with channels["news"].subscribe(idle=IDLE) as one:
                with channels[f"other {number}"].subscribe():
                    channels["news"].publish(str(number))

                assert first_of(one, 1) == [str(number)]

    def test_closing_ends_all_readers(self, make: Make) -> None:
        channels = make()
        seen: list[Any] = []
        entered = threading.Event()

        def read() -> None:
            with channels["news"].subscribe() as one:
                entered.set()
                seen.extend(one)

        thread = threading.Thread(target=read)
        thread.start()
        assert entered.wait(60)
        channels.close()
        thread.join(60)

        assert (seen, thread.is_alive()) == ([], False)
        with pytest.raises(RuntimeError, match="used after its channels were closed"):
            channels["news"].subscribe().__enter__()

    @pytest.mark.parametrize("message", [b"a", 1, None, {"a": 1}])
    def test_what_is_no_text_is_refused(self, make: Make, message: Any) -> None:
        with pytest.raises(TypeError, match=r"'news' carries text, not .*json\.dumps"):
            make()["news"].publish(message)

    def test_half_a_surrogate_pair_is_refused(self, make: Make) -> None:
        with pytest.raises(ValueError, match="surrogates not allowed"):
            make()["news"].publish("\ud800")

    @pytest.mark.parametrize(
        ("name", "error", "message"),
        [
            (b"news", TypeError, "b'news' is no name of a channel"),
            ("", ValueError, "'' is none"),
            ("\ud800", ValueError, "surrogates not allowed"),
        ],
    )
    def test_what_is_no_name_is_refused(
        self, make: Make, name: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            make()[name]

    def test_a_channel_has_the_name_it_was_asked_for_by(self, make: Make) -> None:
        assert make()["room:7"].name == "room:7"


class ForTasks:
    """What tasks may rely on. A fixture `make` returns channels, also on a loop."""

    def test_all_tasks_hear_what_is_published(self, make: Make) -> None:
        async def work() -> list[Any]:
            channels = make()
            async with (
                channels["news"].subscribe(idle=IDLE) as one,
                channels["news"].subscribe(idle=IDLE) as other,
            ):
                reading = asyncio.create_task(afirst_of(one, 3))
                for text in ("a", "ö\n\0", ""):
                    await channels["news"].apublish(text)
                heard = [await reading, await afirst_of(other, 3)]
            await self.end(channels)
            return heard

        assert asyncio.run(work()) == [["a", "ö\n\0", ""]] * 2

    def test_a_slow_task_keeps_nobody_waiting(self, make: Make) -> None:
        async def work() -> list[Any]:
            channels = make()
            async with (
                channels["news"].subscribe(limit=10, idle=IDLE) as slow,
                channels["news"].subscribe(limit=1_000, idle=IDLE) as quick,
            ):
                for number in range(500):
                    await channels["news"].apublish(str(number))
                heard = [await afirst_of(quick, 500), await afirst_of(slow, 11)]
            await self.end(channels)
            return heard

        quick, slow = asyncio.run(work())

        assert quick == [*map(str, range(500))]
        assert slow == [Lost(490), *map(str, range(490, 500))]

    def test_a_task_that_is_cancelled_leaves_the_channel(self, make: Make) -> None:
        async def work() -> set[str]:
            channels = make()
            started = asyncio.Event()

            async def read() -> None:
                async with channels["news"].subscribe() as one:
                    started.set()
                    await afirst_of(one, 1)

            reading = asyncio.create_task(read())
            await started.wait()
            reading.cancel()
            await asyncio.wait([reading])
            names = self.heard(channels)
            await self.end(channels)
            return names

        assert asyncio.run(work()) == set()

    def test_closing_ends_all_tasks(self, make: Make) -> None:
        async def work() -> list[Any]:
            channels = make()
            async with channels["news"].subscribe() as one:
                asyncio.get_running_loop().call_soon(channels.close)
                heard = [item async for item in one]
            await self.end(channels)
            return heard

        assert asyncio.run(work()) == []

    @staticmethod
    async def end(channels: Any) -> None:
        """Close what a test has made."""
        channels.close()

    @staticmethod
    def heard(channels: Any) -> set[str]:
        """Return the names that somebody hears."""
        registry = getattr(channels, "_registry", None) or channels._desk.registry
        names: set[str] = registry.names()
        return names
