"""What ASGI calls its parts; its specification tells what a scope and messages hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from io import RawIOBase
from typing import IO, Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
#: Calls a function in a thread and gives what it returns, awaited.
Run: TypeAlias = Callable[[Callable[[], Any]], Awaitable[Any]]
#: A file of bytes, with what a body is asked for.
Source: TypeAlias = IO[bytes] | RawIOBase
