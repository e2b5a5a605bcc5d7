"""The lifespan of an ASGI app, as a server holds it."""

from __future__ import annotations

import asyncio
from typing import Any

from ._errors import ASGIMessageError, LifespanError
from ._scope import ASGIApplication, Message


class Living:
    """Starts an app and stops it; an app without a lifespan is left alone.

    That is one which raises, or returns, before it has answered, as servers take it.

    Attributes:
        state: What the app has left for its requests.
    """

    def __init__(self, app: ASGIApplication) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the app.

        Raises:
            LifespanError: It says that it cannot start.
        """
        task = asyncio.create_task(self._run())
        self._task = task
        if not await self._ask(task, "startup"):
            # It has no lifespan; whatever it raised says no more than that.
            self._task = None
            task.exception()

    async def stop(self) -> None:
        """Stop the app, and raise what it raises.

        Raises:
            LifespanError: It says that it cannot stop.
        """
        task = self._task
        if task is None:
            return
        if not task.done():
            await self._ask(task, "shutdown")
        self._task = None
        await task

    async def _ask(self, task: asyncio.Task[None], phase: str) -> bool:
        """Return whether the app has answered, and did not just end."""
        self._to_app.put_nowait({"type": f"lifespan.{phase}"})
        answer = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait({answer, task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            return False
        message = answer.result()
        if message["type"] == f"lifespan.{phase}.failed":
            self._task = None
            await asyncio.wait({task})
            text = str(message.get("message", ""))
            raise LifespanError(self._app, phase, text) from task.exception()
        if message["type"] != f"lifespan.{phase}.complete":
            raise ASGIMessageError(self._app, message, f"{phase} is to be answered")
        return True

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        await self._app(scope, self._to_app.get, self._from_app.put)
