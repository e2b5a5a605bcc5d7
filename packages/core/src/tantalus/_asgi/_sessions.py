"""The session of a request on the loop: an interface that may wait does so elsewhere.

It is asked in a worker, and only where it has something to do: before the hooks if the
client has cookies (or the interface is to be asked of each request), and at the end if
the session was opened or has to be extended. So the loop never waits for a store.
"""

from __future__ import annotations

from typing import Any

from .._request._saving import save_session
from ..wrappers import Response
from ._context import LoopContext
from ._hops import in_worker


async def open_session(ctx: LoopContext) -> None:
    """Open the session before it is touched, if that may wait, or is to be so.

    For requests with cookies, and for interfaces that are asked of each request.
    """
    if may_wait(ctx.app.session_interface):
        await in_worker(ctx, ctx._open_early)
    elif not ctx.app.steps.opens_lazily:
        ctx._open_early()


async def saved(ctx: LoopContext, response: Response) -> Exception | None:
    """Save the session if it is due; return why it could not be."""
    app, interface = ctx.app, ctx.app.session_interface
    if may_wait(interface) and (
        ctx._opened is not None or interface.refresh_due(app, ctx.request)
    ):
        return await in_worker(ctx, save_session, app, ctx, response)
    return save_session(app, ctx, response)


def may_wait(interface: Any) -> bool:
    """Tell whether an interface may wait; one that does not say so may."""
    waits: bool = getattr(interface, "blocks", True)
    return waits
