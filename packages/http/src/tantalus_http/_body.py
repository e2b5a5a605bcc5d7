"""The body of a request, which is read to its end or is an error, and is never cut.

More bytes than the limit allows are a 413, fewer than were announced a 400, whichever
way a body is read: at once, in pieces or in lines. A server that ends the input itself
(`wsgi.input_terminated`, as for chunked bodies) is asked for one byte beyond the limit,
which is how a body of exactly that size differs from the beginning of a larger one.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO, RawIOBase
from typing import IO, Any
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import (
    ClientDisconnected,
    LengthRequired,
    RequestEntityTooLarge,
)
from werkzeug.wsgi import get_content_length

# A body below 100,000 bytes is read at once: so much memory may be asked for by a
# client that then sends nothing.
_MOST_DIGITS = 5
_PIECE = 64 * 1024


def too_large(what: str, limit: str) -> RequestEntityTooLarge:
    """Return the error (413) for something that is larger than a limit allows.

    Args:
        limit: The name of the attribute, which is that of the setting in small letters.
    """
    known = RequestEntityTooLarge.description.rstrip(".")
    return RequestEntityTooLarge(f"{known}: {what} ({limit}).")


def body_too_large(limit: int) -> RequestEntityTooLarge:
    """Return the error for a body of more than `limit` bytes."""
    return too_large(f"the body has more than {limit} bytes", "max_content_length")


class Body(RawIOBase):
    """A body whose size is checked while it is read, in whatever pieces.

    Args:
        source: What the server gives to read. Whatever it raises as an `OSError` or
            `ValueError` is taken for a lost client.
        length: Bytes that were announced, None if that is not known.
        limit: Bytes that there may be, None if there is no limit. `length` is within.
        ends: Whether the server ends the input. Otherwise no more than `length` bytes
            are asked for, as more might never come.
    """

    def __init__(
        self, source: IO[bytes], *, length: int | None, limit: int | None, ends: bool
    ) -> None:
        self._source = source
        self._announced = length or 0
        self._most = limit if ends else self._announced
        self._ends = ends
        self._position = 0
        self._is_over = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` bytes, fewer if no more are there yet.

        Raises:
            RequestEntityTooLarge: There is more than the limit allows (413).
            ClientDisconnected: It ended before the announced length (400).
        """
        if size is None or size < 0:
            return self.readall()
        return self._take(self._source.read, size)

    def readall(self) -> bytes:
        """Return everything up to the end. Raises what `read()` raises."""
        pieces = []
        while piece := self._take(self._source.read, _PIECE):
            pieces.append(piece)
        return b"".join(pieces)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line with its end. Raises what `read()` raises."""
        return self._take(self._source.readline, -1 if size is None else size)

    def readinto(self, buffer: Any, /) -> int:
        """Put the next bytes into `buffer`, and return how many."""
        view = memoryview(buffer).cast("B")
        piece = self.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._position

    def _take(self, read: Callable[..., bytes], size: int) -> bytes:
        """Return what a method of the source gives, never more than there may be."""
        if self._most is not None:
            room = self._most - self._position
            if room <= 0:
                self._expect_end()
                return b""
            size = min(size, room) if size >= 0 else room
        if not size:
            return b""
        piece = self._ask(read, size)
        if not piece:
            self._end()
        elif self._position == self._most:
            self._expect_end()
        return piece

    def _ask(self, read: Callable[..., bytes], size: int) -> bytes:
        try:
            # Not every server takes a negative size for none.
            piece = read(size) if size >= 0 else read()
        except (OSError, ValueError) as error:
            raise ClientDisconnected(
                f"The body could not be read after {self._position} bytes."
            ) from error
        self._position += len(piece)
        return piece

    def _expect_end(self) -> None:
        """See that nothing follows, once as much was read as there may be."""
        if self._is_over or not self._ends:
            return
        if self._most is not None and (
            self._position > self._most or self._ask(self._source.read, 1)
        ):
            raise body_too_large(self._most)
        self._end()

    def _end(self) -> None:
        if self._position < self._announced:
            raise ClientDisconnected(
                f"The body ended after {self._position} of {self._announced} bytes."
            )
        self._is_over = True


def open_body(environ: WSGIEnvironment, limit: int | None) -> IO[bytes]:
    """Return the body of a request as a stream that checks its size.

    Args:
        limit: Bytes that it may have, None for no limit.

    Raises:
        RequestEntityTooLarge: More bytes are announced than that (413).
        LengthRequired: Nobody tells where the body ends (411).
    """
    length = get_content_length(environ)
    if length is not None and limit is not None and length > limit:
        raise body_too_large(limit)
    ends = bool(environ.get("wsgi.input_terminated"))
    if length is not None or ends:
        source: IO[bytes] = environ["wsgi.input"]
        return Body(source, length=length, limit=limit, ends=ends)  # type: ignore[return-value]  # it has what a stream of bytes has
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise LengthRequired(
            "The server does not tell where a body without Content-Length ends."
        )
    return BytesIO()


def read_small_body(
    state: dict[str, Any], limit: int | None, other_limit: int | None = None
) -> bytes | None:
    """Return a small body of known length; None if it has to be read as a stream.

    That is also so if the body is larger than a limit, for the error.

    Args:
        state: The attributes of the request, which tell what was read before.
        limit: Of the content.

    Raises:
        ClientDisconnected: The body is shorter than was said (400).
        RequestEntityTooLarge: It is longer than was said, and than `limit` (413).
    """
    if "stream" in state or "_cached_data" in state or state["shallow"]:
        return None
    environ: WSGIEnvironment = state["environ"]
    digits = environ.get("CONTENT_LENGTH", "")
    if (
        len(digits) > _MOST_DIGITS
        or not digits.isdecimal()
        or not digits.isascii()
        or "HTTP_TRANSFER_ENCODING" in environ
    ):
        return None
    length = int(digits)
    if limit is not None and length > limit:
        return None
    if other_limit is not None and length > other_limit:
        return None
    source: IO[bytes] = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = Body(source, length=length, limit=limit, ends=True).readall()
    else:
        body = _read_exactly(source, length)
    state["stream"] = BytesIO()
    return body


def _read_exactly(source: IO[bytes], length: int) -> bytes:
    """Return so many bytes, most often by one call."""
    try:
        body = source.read(length)
        if len(body) < length:
            body += read_up_to(source, length - len(body))
    except (OSError, ValueError) as error:
        raise ClientDisconnected("The body could not be read.") from error
    if len(body) < length:
        raise ClientDisconnected(f"The body ended after {len(body)} of {length} bytes.")
    return body


def read_up_to(source: IO[bytes], length: int) -> bytes:
    """Return so many bytes, or all there are: a stream may give fewer than asked."""
    pieces = []
    while length > 0 and (piece := source.read(length)):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
