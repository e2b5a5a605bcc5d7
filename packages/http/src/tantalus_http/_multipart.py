"""Multipart forms (RFC 7578), by Werkzeug's decoder: read whole, or refused.

What is not a form is a 400 that says why: the boundary is missing, is another one or
comes too late, a part has no name, or a field is not in its charset. Files that were
begun are closed then.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any, NoReturn, Protocol

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    BLANK_LINE_RE,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    State,
)

from ._body import too_large

_PIECE = 64 * 1024
#: Letters that a boundary may have, of which an expression is made; RFC 2046 allows 70.
MOST_BOUNDARY = 256
#: Bytes that the headers of a part may have.
MOST_HEADERS = 16 * 1024
# Bytes that may stand between a boundary and the end of its line.
_PADDING = 1024
# Others are read as UTF-8, of which ASCII is a part.
_LATIN_1 = "iso-8859-1"
_OTHER_BOUNDARY = "The boundary that the Content-Type tells is not in the form."


class OpensFiles(Protocol):
    """What makes the file for an upload; its arguments are Werkzeug's."""

    def __call__(
        self, *, content_type: str | None, filename: str, content_length: int
    ) -> IO[bytes]:
        """Return a file to write to and read from."""
        ...


class MultipartReader:
    """Reads one form.

    Args:
        boundary: What stands between the parts, as the `Content-Type` tells it.
        memory_limit: Bytes that a field may have which is no file, None for no limit.
        most_parts: Fields and files that there may be, None for no limit.
    """

    def __init__(
        self,
        boundary: str,
        *,
        open_file: OpensFiles,
        memory_limit: int | None,
        most_parts: int | None,
    ) -> None:
        if not boundary or not boundary.isascii():
            raise BadRequest(
                "The Content-Type of the form does not tell its boundary. Whatever"
                " makes the body has to set it; do not set it by hand."
            )
        if len(boundary) > MOST_BOUNDARY:
            raise BadRequest(
                f"The boundary of the form has more than {MOST_BOUNDARY} letters."
            )
        self.fields: list[tuple[str, str]] = []
        self.files: list[tuple[str, FileStorage]] = []
        self._delimiter = b"--" + boundary.encode()
        self._decoder = MultipartDecoder(boundary.encode())
        self._held = b""
        self._open_file = open_file
        self._memory_limit = memory_limit
        self._most_parts = most_parts
        self._parts = 0
        self._opened: list[IO[bytes]] = []
        self._part: Field | File | None = None
        self._content: IO[bytes] = BytesIO()

    def read(self, stream: IO[bytes]) -> None:
        """Read a body to its end, into `fields` and `files`; nothing is no parts.

        Raises:
            RequestEntityTooLarge: A limit is exceeded (413).
            BadRequest: It is not a whole form.
        """
        try:
            piece = stream.read(_PIECE)
            if piece:
                while piece:
                    self._feed(self._without_half_a_delimiter(piece))
                    piece = stream.read(_PIECE)
                self._feed(self._held)
                self._feed(None)
        except Exception:
            for file in self._opened:
                file.close()
            raise

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

    def _feed(self, piece: bytes | None) -> None:
        """Handle all that a piece completes; None is the end."""
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
            self._handle(event)
        # The decoder keeps what is around the form, but hardly anything of a part.
        if decoder.state is State.EPILOGUE:
            decoder.buffer.clear()
        elif decoder.state is State.PREAMBLE and len(decoder.buffer) > _PIECE:
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

    def _handle(self, event: Event) -> None:
        if isinstance(event, Field | File):
            self._begin(event)
        elif isinstance(event, Data):
            self._add(event)

    def _begin(self, part: Field | File) -> None:
        self._parts += 1
        most = self._most_parts
        if most is not None and self._parts > most:
            raise too_large(f"the form has more than {most} parts", "max_form_parts")
        name: Any = part.name  # None if it is missing, whatever its type says
        if name is None:
            raise BadRequest("A part of the form has no name.")
        self._part = part
        if isinstance(part, Field):
            self._content = BytesIO()
            return
        self._content = self._open_file(
            content_type=part.headers.get("content-type"),
            filename=part.filename,
            content_length=_length_of(part),
        )
        self._opened.append(self._content)

    def _add(self, data: Data) -> None:
        part, content = self._part, self._content
        content.write(data.data)
        if isinstance(part, File):
            if not data.more_data:
                content.seek(0)
                self._keep(part)
            return
        assert part is not None
        size, limit = content.tell(), self._memory_limit
        if limit is not None and size > limit:
            raise too_large(
                f"the form field {part.name!r} has more than {limit} bytes",
                "max_form_memory_size",
            )
        if not data.more_data:
            content.seek(0)
            self.fields.append((part.name, _text_of(part, content.read())))

    def _keep(self, part: File) -> None:
        file = FileStorage(
            self._content, part.filename, part.name, headers=part.headers
        )
        self.files.append((part.name, file))


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


def _length_of(part: File) -> int:
    """Return the length that a part tells, 0 if it tells none."""
    text = part.headers.get("content-length", "")
    known = text.isascii() and text.isdecimal() and len(text) < 16
    return int(text) if known else 0


def _text_of(field: Field, content: bytes) -> str:
    """Return the text of a field.

    Raises:
        BadRequest: It is not in UTF-8, or in the charset that the field tells.
    """
    kind = field.headers.get("content-type", "")
    told = parse_options_header(kind)[1].get("charset", "").lower()
    try:
        return content.decode(_LATIN_1 if told == _LATIN_1 else "utf-8")
    except UnicodeDecodeError as error:
        reason = f"The form field {field.name!r} is not UTF-8"
        reason += f", and its charset {told!r} is not read." if told else "."
        raise BadRequest(reason) from error
