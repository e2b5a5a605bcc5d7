"""Sending what comes from elsewhere, to a client that may leave at any time."""

from __future__ import annotations

from asyncio import FIRST_COMPLETED, create_task, wait
from collections.abc import AsyncIterable, AsyncIterator
from typing import Protocol


class SendsAndReceives(Protocol):
    """A WebSocket."""

    async def send(self, message: str | bytes) -> None:
        """Send a message."""
        ...

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Give messages until it has ended."""
        ...


async def forward(
    websocket: SendsAndReceives, source: AsyncIterable[str | bytes]
) -> None:
    """Send what a source gives until that or the WebSocket has ended."""
    sending = create_task(_send(websocket, source))
    leaving = create_task(_drop(websocket))
    try:
        await wait([sending, leaving], return_when=FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        await wait([sending, leaving])
    for task in (sending, leaving):
        if not task.cancelled():
            task.result()


async def _send(
    websocket: SendsAndReceives, source: AsyncIterable[str | bytes]
) -> None:
    try:
        async for message in source:
            await websocket.send(message)
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


async def _drop(websocket: SendsAndReceives) -> None:
    async for _ in websocket:
        pass
