"""Views that are cancelled when their client goes away, because they asked for it."""

from __future__ import annotations

from asyncio import current_task, get_running_loop
from collections.abc import Awaitable
from typing import TypeVar

from tantalus_http import ReceivedBody

from ._context import LoopContext

T = TypeVar("T")


async def while_there(ctx: LoopContext, view: Awaitable[T]) -> T:
    """Await a view, and cancel it if the client goes away meanwhile."""
    task = current_task()
    assert task is not None
    body = ctx.body or ReceivedBody(ctx.receive)

    async def watch() -> None:
        await body.until_gone()
        ctx.is_gone = True
        task.cancel()

    watcher = get_running_loop().create_task(watch())
    try:
        return await view
    finally:
        watcher.cancel()
        if ctx.is_gone:
            task.uncancel()
