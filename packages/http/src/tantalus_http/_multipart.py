"""Multipart forms that are read whole, or refused.

A field that is too large, or not in its charset, is refused as what is no form is.
Files that were begun are closed then.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Protocol

from werkzeug.datastructures import FileStorage
from werkzeug.sansio.multipart import Data, Field, File

from ._part_events import PIECE, PartEvents, field_too_large, text_of


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
        self.fields: list[tuple[str, str]] = []
        self.files: list[tuple[str, FileStorage]] = []
        self._events = PartEvents(boundary, most_parts)
        self._open_file = open_file
        self._memory_limit = memory_limit
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
            while piece := stream.read(PIECE):
                for event in self._events.feed(piece):
                    self._handle(event)
            for event in self._events.end():
                self._handle(event)
        except Exception:
            for file in self._opened:
                file.close()
            raise

    def _handle(self, event: Field | File | Data) -> None:
        if isinstance(event, Data):
            self._add(event)
        else:
            self._begin(event)

    def _begin(self, part: Field | File) -> None:
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
            raise field_too_large(part.name, limit)
        if not data.more_data:
            content.seek(0)
            self.fields.append((part.name, text_of(part, content.read())))

    def _keep(self, part: File) -> None:
        file = FileStorage(
            self._content, part.filename, part.name, headers=part.headers
        )
        self.files.append((part.name, file))


def _length_of(part: File) -> int:
    """Return the length that a part tells, 0 if it tells none."""
    text = part.headers.get("content-length", "")
    known = text.isascii() and text.isdecimal() and len(text) < 16
    return int(text) if known else 0
