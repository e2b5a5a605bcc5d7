"""Signals of a request on the loop: receivers are called where they belong."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from blinker import Signal

from ._hops import called


async def send(ctx: Any, signal: Signal, **values: Any) -> None:
    """Send a signal of the app, in the order in which WSGI would have it.

    Args:
        ctx: A `LoopContext`.
    """

    def awaiting(receiver: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(receiver)
        async def receive(sender: Any, **given: Any) -> Any:
            return await called(ctx, receiver, sender, **given)

        return receive

    await signal.send_async(ctx.app, _sync_wrapper=awaiting, **values)
