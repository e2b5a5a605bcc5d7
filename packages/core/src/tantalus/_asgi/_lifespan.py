"""The start and the stop of a server, as ASGI tells them."""

from __future__ import annotations

from collections.abc import Callable

from .._state._app import AppState
from ..typing import ASGIReceive, ASGISend


async def answer_lifespan(
    app: AppState, stop: Callable[[], None], receive: ASGIReceive, send: ASGISend
) -> None:
    """Answer what a server says of its start and stop.

    Settings that the first request would refuse keep the server from starting, and it
    is told why.

    Args:
        stop: Called when the server has stopped.
    """
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            answer = _started(app)
            await send(answer)
            if answer["type"] == "lifespan.startup.failed":
                return
        elif message["type"] == "lifespan.shutdown":
            stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _started(app: AppState) -> dict[str, str]:
    try:
        app.check_settings()
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return {"type": "lifespan.startup.failed", "message": text}
    return {"type": "lifespan.startup.complete"}
