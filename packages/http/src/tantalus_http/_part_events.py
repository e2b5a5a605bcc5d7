"""Multipart bodies (RFC 7578) as events, by Werkzeug's decoder: no more than was fed.

What is not a form is a 400 that says why: the boundary is missing, is another one or
comes too late, a part has no name. So are limits of count and headers a 413.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    BLANK_LINE_RE,
    Data,
    Epilogue,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    State,
)

from ._body import too_large

#: Bytes that are read at once.
PIECE = 64 * 1024
#: Letters that a boundary may have, of which an expression is made; RFC 2046 allows 70.
MOST_BOUNDARY = 256
#: Bytes that the headers of a part may have.
MOST_HEADERS = 16 * 1024
# Bytes that may stand between a boundary and the end of its line.
_PADDING = 1024
# Others are read as UTF-8, of which ASCII is a part.
_LATIN_1 = "iso-8859-1"
_OTHER_BOUNDARY = "The boundary that the Content-Type tells is not in the form."


class PartEvents:
    """Turns the pieces of one form into the beginnings and the content of its parts.

    Args:
        boundary: What stands between the parts, as the `Content-Type` tells it.
        most_parts: Fields and files that there may be, None for no limit.

    Raises:
        BadRequest: The boundary is none.
    """

    def __init__(self, boundary: str, most_parts: int | None) -> None:
        if not boundary or not boundary.isascii():
            raise BadRequest(
                "The Content-Type of the form does not tell its boundary. Whatever"
                " makes the body has to set it; do not set it by hand."
            )
        if len(boundary) > MOST_BOUNDARY:
            raise BadRequest(
                f"The boundary of the form has more than {MOST_BOUNDARY} letters."
            )
        self._delimiter = b"--" + boundary.encode()
        self._decoder = MultipartDecoder(boundary.encode())
        self._held = b""
        self._most_parts = most_parts
        self._parts = 0
        self._has_begun = False

    def feed(self, piece: bytes) -> Iterator[Field | File | Data]:
        """Yield what a piece completes.

        Raises:
            RequestEntityTooLarge: There are too many parts, or headers (413).
            BadRequest: It is no form.
        """
        self._has_begun = True
        return self._decoded(self._without_half_a_delimiter(piece))

    def end(self) -> Iterator[Field | File | Data]:
        """Yield what is left at the end of the body; nothing at all is no parts.

        Raises:
            RequestEntityTooLarge: As `feed()`.
            BadRequest: It is no form, or not a whole one.
        """
        if self._has_begun:
            yield from self._decoded(self._held)
            yield from self._decoded(None)

    def _without_half_a_delimiter(self, piece: bytes) -> bytes:
        """Return what may be decoded now, and hold back what may begin a delimiter.

        Given `CR LF --boundary` and half of what follows, the decoder takes the `CR`
        for a part of the content.
        """
        piece, delimiter = self._held + piece, self._delimiter
        cut = max(0, len(piece) - len(delimiter) - 2)
        # One that begins before this, with all that may follow it, ends before `cut`.
        earliest = max(0, cut - len(delimiter) - _PADDING)
        begin = piece.rfind(delimiter, earliest, len(piece) - 1)
        while begin - 2 < cut < _end_of_delimiter(piece, begin, len(delimiter)):
            cut = max(0, begin - 2)
            # The line end before it may be that of another one.
            begin = piece.rfind(delimiter, earliest, begin)
        self._held = piece[cut:]
        return piece[:cut]

    def _decoded(self, piece: bytes | None) -> Iterator[Field | File | Data]:
        """Yield all that a piece completes; None is the end."""
        decoder = self._decoder
        decoder.receive_data(piece)
        while True:
            self._check_headers()
            try:
                event = decoder.next_event()
            except ValueError as error:
                self._refuse(error)
            if isinstance(event, NeedData | Epilogue):
                break
            if isinstance(event, Field | File):
                self._check_part(event)
                yield event
            elif isinstance(event, Data):
                yield event
        # The decoder keeps what is around the form, but hardly anything of a part.
        if decoder.state is State.EPILOGUE:
            decoder.buffer.clear()
        elif decoder.state is State.PREAMBLE and len(decoder.buffer) > PIECE:
            raise BadRequest(_OTHER_BOUNDARY)

    def _check_headers(self) -> None:
        """Have no headers parsed that are too long."""
        buffer = self._decoder.buffer
        if (
            self._decoder.state is State.PART
            and len(buffer) > MOST_HEADERS
            and BLANK_LINE_RE.search(buffer, 0, MOST_HEADERS) is None
        ):
            raise RequestEntityTooLarge(
                f"The headers of a part of the form have more than {MOST_HEADERS}"
                " bytes."
            )

    def _check_part(self, part: Field | File) -> None:
        self._parts += 1
        most = self._most_parts
        if most is not None and self._parts > most:
            raise too_large(f"the form has more than {most} parts", "max_form_parts")
        name: Any = part.name  # None if it is missing, whatever its type says
        if name is None:
            raise BadRequest("A part of the form has no name.")

    def _refuse(self, error: ValueError) -> NoReturn:
        """Raise the error for what the decoder cannot read."""
        if isinstance(error, UnicodeError):
            reason = "The headers of a part of the form are not UTF-8."
        elif not self._decoder.complete:
            reason = "A part of the form has no Content-Disposition."
        elif self._decoder.state is State.PREAMBLE:
            reason = _OTHER_BOUNDARY
        else:
            reason = "The form is cut off: the boundary at its end is missing."
        raise BadRequest(reason) from error


def _end_of_delimiter(piece: bytes, begin: int, length: int) -> int:
    """Return where the line of a delimiter ends, or where it can end at the earliest.

    Args:
        begin: Where it begins, -1 if there is none.
    """
    if begin < 0:
        return 0
    after = begin + length
    if piece.startswith(b"--", after):
        return after + 2
    line_end = piece.find(b"\n", after, after + _PADDING)
    if line_end >= 0:
        return line_end + 1
    return len(piece) + 1 if len(piece) < after + _PADDING else after


def text_of(part: Field | File, content: bytes) -> str:
    """Return the text of a field.

    Raises:
        BadRequest: It is not in UTF-8, or in the charset that the field tells.
    """
    kind = part.headers.get("content-type", "")
    told = parse_options_header(kind)[1].get("charset", "").lower()
    try:
        return content.decode(_LATIN_1 if told == _LATIN_1 else "utf-8")
    except UnicodeDecodeError as error:
        reason = f"The form field {part.name!r} is not UTF-8"
        reason += f", and its charset {told!r} is not read." if told else "."
        raise BadRequest(reason) from error


def field_too_large(name: str, limit: int) -> RequestEntityTooLarge:
    """Return the error for a field that has more than `limit` bytes."""
    return too_large(
        f"the form field {name!r} has more than {limit} bytes", "max_form_memory_size"
    )
