"""Waiting for the body of a request, as a whole or piece by piece."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator
from io import BytesIO
from typing import IO, Protocol

from ._asgi_types import Source
from ._body import body_too_large
from ._forms import MULTIPART
from ._received import NoBody, ReceivedBody

_PIECE = 65_536


class HasBody(Protocol):
    """What is asked of a request."""

    @property
    def mimetype(self) -> str:
        """The type of the body."""
        ...

    @property
    def content_length(self) -> int | None:
        """How many bytes are announced."""
        ...

    @property
    def max_content_length(self) -> int | None:
        """How many bytes there may be."""
        ...

    @property
    def stream(self) -> IO[bytes]:
        """The body as a file."""
        ...

    def _load_form_data(self) -> None:
        """Read the form."""
        ...


async def load(request: HasBody, source: Source) -> None:
    """Wait until the body of a request has come.

    Args:
        source: Where the body comes from.

    Raises:
        RequestEntityTooLarge: There is more than is allowed (413).
        ClientDisconnected: The client has gone before the end (400).
        BodyNotLoaded: The request was made without its body.
    """
    if isinstance(source, NoBody):
        source.read()
    if not isinstance(source, ReceivedBody) or source.is_complete:
        return
    limit = request.max_content_length
    if limit is not None and (request.content_length or 0) > limit:
        raise body_too_large(limit)
    if request.mimetype == MULTIPART:
        await to_thread(request._load_form_data)
        return
    await source.load(limit)
    if limit is not None and source.size > limit:
        raise body_too_large(limit)


async def chunks(request: HasBody, source: Source) -> AsyncIterator[bytes]:
    """Yield the body of a request in pieces. Raises what `load` raises.

    Args:
        source: Where the body comes from.
    """
    read: bytes | None = vars(request).get("_cached_data")
    if read is not None:
        if read:
            yield read
    elif isinstance(source, ReceivedBody) and "stream" not in vars(request):
        limit, length = request.max_content_length, request.content_length
        vars(request)["stream"] = BytesIO()  # what is left of it
        async for piece in source.pieces(limit, length):
            yield piece
    else:
        while piece := request.stream.read(_PIECE):
            yield piece
