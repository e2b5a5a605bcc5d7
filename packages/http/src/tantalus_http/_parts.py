"""Multipart forms part by part, while they come: nothing is kept but what is asked for.

`PartFlow` knows how far the form was read, and never reads. `Parts` feeds it from a
file, `AsyncParts` from what comes on the event loop. Reading goes forward only: what
was not read of a part is passed over when the next one is asked for.
"""

from __future__ import annotations

from asyncio import CancelledError, ensure_future, shield, to_thread, wait
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import IO, Any, Protocol, Self, TypeAlias

from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.sansio.multipart import Data, Field, File

from ._asgi_types import Source
from ._body import too_large
from ._filenames import safe_filename
from ._forms import MULTIPART
from ._loading import HasBody, chunks
from ._part_events import PIECE, PartEvents, field_too_large, text_of
from ._upload_folder import IncomingFile, SavedUpload, UploadFolder

Event: TypeAlias = Field | File | Data

# Bytes that are written by one trip to a thread.
_BLOCK = 1024 * 1024
_READ_BEFORE = (
    "The form of this request was read already, by request.form, files, parts() or"
    " get_data(), and comes once. Read it by parts() alone."
)


class HasForm(HasBody, Protocol):
    """What is asked of a request."""

    @property
    def mimetype_params(self) -> Mapping[str, str]:
        """The parameters of the type of the body."""
        ...

    @property
    def max_form_memory_size(self) -> int | None:
        """Bytes that a field may have which is no file."""
        ...

    @property
    def max_form_parts(self) -> int | None:
        """How many parts there may be."""
        ...


class PartFlow:
    """How far a form was read, and what was saved of it.

    Args:
        max_size: Bytes that a part may have, None for no limit.

    Raises:
        UnsupportedMediaType: The body is no multipart form (415).
        BadRequest: It does not tell its boundary (400).
        RuntimeError: It was read before.
    """

    def __init__(self, request: HasForm, max_size: int | None) -> None:
        state = vars(request)
        if request.mimetype != MULTIPART:
            raise UnsupportedMediaType(
                f"This is read as {MULTIPART}, and the body is {request.mimetype!r}."
            )
        if "form" in state or "_refused_form" in state:
            raise RuntimeError(_READ_BEFORE)
        boundary = request.mimetype_params.get("boundary", "")
        self._decoder = PartEvents(boundary, request.max_form_parts)
        # What request.form raises from now on.
        state["_refused_form"] = RuntimeError(_READ_BEFORE)
        self._announced = request.content_length or 0
        self._events: Iterator[Event] = iter(())
        self._has_ended = False
        self.memory_limit = request.max_form_memory_size
        self.max_size = max_size
        self._name, self._size = "", 0
        #: The part that is being read.
        self.current: object = None
        #: Whether there is no more.
        self.is_over = False
        self.saved: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Leave nothing behind if there is an error."""
        if kind is not None:
            self.discard()

    def take(self) -> Event | None:
        """Return what comes next, None if more has to be fed before, or all is over."""
        event = next(self._events, None)
        if event is None and self._has_ended:
            self.is_over = True
        return event

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body; nothing is its end."""
        if piece:
            self._announced = 0
            self._events = self._decoder.feed(piece)
            return
        if self._announced:
            raise RuntimeError(_READ_BEFORE)
        self._has_ended = True
        self._events = self._decoder.end()

    def begin(self, part: object, name: str) -> None:
        """Turn to a part."""
        self.current, self._name, self._size = part, name, 0

    def count(self, event: Event | None) -> Data:
        """Return the content that an event brings, within the limit."""
        assert isinstance(event, Data)
        self._size += len(event.data)
        if self.max_size is not None and self._size > self.max_size:
            what = f"the part {self._name!r} has more than {self.max_size} bytes"
            with self:
                raise too_large(what, "max_size")
        return event

    def discard(self) -> None:
        """Remove what was saved, and read no further."""
        self.is_over = True
        self.current = None
        while self.saved:
            self.saved.pop().unlink(missing_ok=True)


class PartHead:
    """What is known of a part before its content is read.

    Attributes:
        name: Of the field of the form.
        filename: The name of the file, made safe (`safe_filename()`); None for a field
            that is no file, and nothing if nobody chose a file for it.
        sent_filename: The name as it was sent, to look at and not to use.
        content_type: What the client says that it is; nobody has looked.
        headers: The headers of the part.
        size: Bytes that were read.
    """

    def __init__(self, flow: PartFlow, event: Field | File) -> None:
        super().__init__()
        self._flow = flow
        self._event = event
        self._is_over = False
        flow.begin(self, event.name)
        self.name = event.name
        sent = event.filename if isinstance(event, File) else None
        self.sent_filename: str | None = sent
        self.filename: str | None = safe_filename(sent) if sent else sent
        self.headers: Headers = event.headers
        self.content_type: str = event.headers.get("content-type", "")
        self.size = 0

    def _add(self, event: Event | None) -> bytes:
        """Return the content that an event brings."""
        data = self._flow.count(event)
        self._is_over = not data.more_data
        self.size += len(data.data)
        return data.data

    def _must_be_current(self) -> None:
        if self._flow.current is not self:
            raise ValueError(
                f"The part {self.name!r} was passed over: the next one was asked for,"
                " or reading failed. Read a part before that."
            )

    def _grow(self, content: bytearray, piece: bytes) -> None:
        """Add to the content of a field."""
        content += piece
        limit = self._flow.memory_limit
        if limit is not None and len(content) > limit:
            raise field_too_large(self.name, limit)

    def _begin(self, folder: UploadFolder) -> IncomingFile:
        if self.sent_filename == "":
            raise BadRequest(f"No file was chosen for {self.name!r}.")
        sent = self.sent_filename or ""
        return folder.begin(self.name, sent, self.content_type)

    def _finish(self, file: IncomingFile) -> SavedUpload:
        saved = file.finish()
        self._flow.saved.append(saved.path)
        return saved


class Part(PartHead, RawIOBase):
    """A part of a form: a file that is read once, forwards, while it comes.

    `io.BufferedReader(part)` reads lines of it.
    """

    def __init__(self, parts: Parts, event: Field | File) -> None:
        super().__init__(parts.flow, event)
        self._parts = parts
        self._rest = BytesIO()

    def chunks(self) -> Iterator[bytes]:
        """Yield the content in pieces as they come.

        Raises:
            RequestEntityTooLarge: There is more than is allowed (413).
            BadRequest: The form is not whole (400).
            ValueError: The part was passed over.
        """
        if rest := self._rest.read():
            yield rest
        while piece := self._piece():
            yield piece

    def text(self) -> str:
        """Return the content as text; of at most `max_form_memory_size` bytes.

        Raises:
            RequestEntityTooLarge: There is more (413).
            BadRequest: It is not UTF-8, or not whole (400).
        """
        content = bytearray()
        with self._flow:
            for piece in self.chunks():
                self._grow(content, piece)
            return text_of(self._event, bytes(content))

    def save(self, folder: UploadFolder) -> SavedUpload:
        """Save the content as a file; if that fails, nothing is left of it.

        Raises:
            RequestEntityTooLarge: There is more than is allowed (413).
            BadRequest: No file was chosen, or the form is not whole (400).
        """
        with self._flow, self._begin(folder) as file:
            for piece in self.chunks():
                file.write(piece)
            return self._finish(file)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Put the next bytes into `buffer`. Raises what `chunks()` raises."""
        view = memoryview(buffer).cast("B")
        content = self._rest.read(len(view))
        if not content and len(view):
            self._rest = BytesIO(self._piece())
            content = self._rest.read(len(view))
        view[: len(content)] = content
        return len(content)

    def _piece(self) -> bytes:
        """Return the next piece; nothing at the end."""
        while not self._is_over:
            self._must_be_current()
            piece = self._add(self._parts.event())
            if piece:
                return piece
        return b""


class Parts:
    """The parts of a form, in the order in which they come.

    `with request.parts() as parts:` removes what was saved if the block fails. Without
    `with`, only what is wrong with the form itself does.
    """

    def __init__(self, request: HasForm, max_size: int | None) -> None:
        self.flow = PartFlow(request, max_size)
        cached: bytes | None = vars(request).get("_cached_data")
        self._stream: IO[bytes] = request.stream if cached is None else BytesIO(cached)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Part:
        """Return the next part; what was not read of the one before is passed over."""
        while (event := self.event()) is not None:
            if not isinstance(event, Data):
                return Part(self, event)
            self.flow.count(event)
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.flow.__exit__(kind, error, trace)

    def event(self) -> Event | None:
        """Return what comes next; None at the end."""
        flow = self.flow
        with flow:
            while (event := flow.take()) is None and not flow.is_over:
                flow.feed(self._stream.read(PIECE))
        return event


class AsyncPart(PartHead):
    """A part of a form that comes on the event loop; it is read once, forwards."""

    def __init__(self, parts: AsyncParts, event: Field | File) -> None:
        super().__init__(parts.flow, event)
        self._parts = parts

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content in pieces as they come.

        Raises:
            RequestEntityTooLarge: There is more than is allowed (413).
            BadRequest: The form is not whole (400).
            ValueError: The part was passed over.
        """
        while not self._is_over:
            self._must_be_current()
            piece = self._add(await self._parts.event())
            if piece:
                yield piece

    async def text(self) -> str:
        """Return the content as text; of at most `max_form_memory_size` bytes.

        Raises:
            RequestEntityTooLarge: There is more (413).
            BadRequest: It is not UTF-8, or not whole (400).
        """
        content = bytearray()
        with self._flow:
            async for piece in self.chunks():
                self._grow(content, piece)
            return text_of(self._event, bytes(content))

    async def save(self, folder: UploadFolder) -> SavedUpload:
        """Save the content as a file, by a thread; if that fails, nothing is left.

        Raises:
            RequestEntityTooLarge: There is more than is allowed (413).
            BadRequest: No file was chosen, or the form is not whole (400).
        """
        block = bytearray()
        with self._flow, self._begin(folder) as file:
            async for piece in self.chunks():
                block += piece
                if len(block) >= _BLOCK:
                    await _in_thread(file.write, bytes(block))
                    block.clear()
            await _in_thread(file.write, bytes(block))
            return self._finish(file)


class AsyncParts:
    """The parts of a form, in the order in which they come on the event loop.

    `async with request.aparts() as parts:` removes what was saved if the block fails.
    """

    def __init__(self, request: HasForm, source: Source, max_size: int | None) -> None:
        self.flow = PartFlow(request, max_size)
        self._pieces = chunks(request, source)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AsyncPart:
        """Return the next part; what was not read of the one before is passed over."""
        while (event := await self.event()) is not None:
            if not isinstance(event, Data):
                return AsyncPart(self, event)
            self.flow.count(event)
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        self.flow.__exit__(kind, error, trace)

    async def event(self) -> Event | None:
        """Return what comes next; None at the end."""
        flow = self.flow
        with flow:
            while (event := flow.take()) is None and not flow.is_over:
                flow.feed(await anext(self._pieces, b""))
        return event


async def _in_thread(write: Callable[[bytes], None], content: bytes) -> None:
    """Write in a thread; who is cancelled meanwhile leaves when that is done.

    The file is closed then, and nobody may be writing to it.
    """
    writing = ensure_future(to_thread(write, content))
    try:
        await shield(writing)
    except CancelledError:
        while not writing.done():
            with suppress(CancelledError):
                await wait([writing])
        raise
