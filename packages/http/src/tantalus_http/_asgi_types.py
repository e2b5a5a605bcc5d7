"""What ASGI calls its parts; its specification tells what a scope and messages hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from io import RawIOBase
from typing import IO, Any, TypeAlias

#: What a server hands over of a connection, such as a request.
ASGIScope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
#: Waits for a message of the client.
ASGIReceive: TypeAlias = Callable[[], Awaitable[Message]]
#: Sends a message to the client.
ASGISend: TypeAlias = Callable[[Message], Awaitable[None]]
#: What a server of ASGI 3 calls.
ASGIApplication: TypeAlias = Callable[
    [ASGIScope, ASGIReceive, ASGISend], Awaitable[None]
]
#: Calls a function in a thread and gives what it returns, awaited.
Run: TypeAlias = Callable[[Callable[[], Any]], Awaitable[Any]]
#: A file of bytes, with what a body is asked for.
Source: TypeAlias = IO[bytes] | RawIOBase
