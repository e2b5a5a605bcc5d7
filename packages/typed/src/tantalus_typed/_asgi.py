"""A view as an ASGI application, for Starlette and its like, or a bare server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from ._binder import Binder
from ._environ import MAX_BODY, Answer, PlainRequest, answer_of
from ._errors import RequestError, TooLarge

Scope = MutableMapping[str, Any]  # as the specification of ASGI has it
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ASGIView:
    """An ASGI application of one view; errors of requests are answered by it.

    Variables of a path are those of `scope["path_params"]`. An async view runs on the
    loop; a plain one in one thread, with all of its dependencies.

    Args:
        view: What answers.
        binder: With `respond=Answer`; by default one of its own.
        max_body: Bytes that a body may have.

    Raises:
        SetupError: A request cannot be read into the view.
    """

    def __init__(
        self,
        view: Callable[..., Any],
        *,
        binder: Binder | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self.bound = (binder or Binder(respond=Answer)).bind(view)
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"An ASGIView answers http, not {scope['type']}.")
        try:
            answer = answer_of(await self._result(scope, receive))
        except RequestError as error:
            answer = Answer(error.body, error.status, error.headers)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (name.lower().encode("latin-1"), value.encode("latin-1"))
                    for name, value in answer.sent_headers.items()
                ],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _result(self, scope: Scope, receive: Receive) -> object:
        bound = self.bound
        body = b""
        if bound.reads_body:
            body = await read_body(receive, self._max_body)
        request = PlainRequest(environ_of(scope), body)
        args = scope.get("path_params", {})
        if bound.plan.is_async:
            return await bound.call(request, args)
        return await asyncio.to_thread(bound.call, request, args)


async def read_body(receive: Receive, most: int) -> bytes:
    """Return the body.

    Raises:
        TooLarge: It is beyond the limit; the rest is not read.
        RequestError: It is not all there.
    """
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise RequestError("The client left before the body was there.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge(f"The body has more than {most:,} bytes.")
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def environ_of(scope: Scope) -> Mapping[str, Any]:
    """Return of a scope what readers look at, in the words of WSGI."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{';' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
    return environ
