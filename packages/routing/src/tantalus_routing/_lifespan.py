"""The lifespan of several ASGI applications as that of one.

Each runs in a task of its own, as under a server. They start in order, and stop in the
opposite order. One that raises before it has said anything has no lifespan, as servers
take it, and is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ._protocols import ASGIApplication, Message, Receive, Scope, Send


async def answer_lifespan(receive: Receive, send: Send) -> None:
    """Answer for an application that has nothing to start or to stop."""
    await pass_lifespan((), {"type": "lifespan"}, receive, send)


async def pass_lifespan(
    applications: Sequence[ASGIApplication], scope: Scope, receive: Receive, send: Send
) -> None:
    """Start the applications and stop them, when the server says so.

    If one cannot start, those before it are stopped, and the server is told. The
    `state` of the scope is shared by all.
    """
    await receive()
    lifespans = [Lifespan(application, scope) for application in applications]
    try:
        answer = await start(lifespans)
        await send(answer)
        if answer["type"] == "lifespan.startup.failed":
            return
        await receive()
        texts = await stop(lifespans)
    except BaseException:
        for lifespan in lifespans:
            lifespan.cancel()
        raise
    if texts:
        await send({"type": "lifespan.shutdown.failed", "message": "; ".join(texts)})
    else:
        await send({"type": "lifespan.shutdown.complete"})


async def start(lifespans: Sequence[Lifespan]) -> Message:
    """Start applications until one cannot, and return what the server is told."""
    for number, lifespan in enumerate(lifespans):
        failure = await lifespan.start()
        if failure is not None:
            texts = [failure, *await stop(lifespans[:number])]
            return {"type": "lifespan.startup.failed", "message": "; ".join(texts)}
    return {"type": "lifespan.startup.complete"}


async def stop(lifespans: Sequence[Lifespan]) -> list[str]:
    """Stop applications, the last first, and return what those say that fail."""
    texts = [await lifespan.stop() for lifespan in reversed(lifespans)]
    return [text for text in texts if text is not None]


class Lifespan:
    """The lifespan of one application."""

    def __init__(self, application: ASGIApplication, scope: Scope) -> None:
        self._to_application: asyncio.Queue[Message] = asyncio.Queue()
        self._from_application: asyncio.Queue[Message] = asyncio.Queue()
        self._application = application
        self._scope = scope
        self._task: asyncio.Task[None] | None = None
        self._lives = False
        self._error: Exception | None = None

    async def start(self) -> str | None:
        """Start it; return why it cannot."""
        self._task = asyncio.create_task(self._run())
        answer = await self._ask("startup")
        self._lives = answer["type"] == "lifespan.startup.complete"
        return failure_of(answer)

    async def stop(self) -> str | None:
        """Stop it, if it has a life to stop; return what went wrong."""
        if self._task is None or not self._lives:
            return None
        if not self._task.done():
            failure = failure_of(await self._ask("shutdown"))
            await self._task
            if failure is not None:
                return failure
        return None if self._error is None else repr(self._error)

    def cancel(self) -> None:
        """End its task, as the server ends ours."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, phase: str) -> Message:
        self._to_application.put_nowait({"type": f"lifespan.{phase}"})
        return await self._from_application.get()

    async def _run(self) -> None:
        try:
            await self._application(
                {**self._scope}, self._to_application.get, self._from_application.put
            )
        except Exception as error:
            self._error = error
        finally:
            # For whoever still waits: nothing more will come.
            self._from_application.put_nowait({"type": "lifespan.over"})


def failure_of(answer: Message) -> str | None:
    """Return what an application says that cannot start or stop."""
    if answer["type"] in ("lifespan.startup.failed", "lifespan.shutdown.failed"):
        return str(answer.get("message", ""))
    return None
