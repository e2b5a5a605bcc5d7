"""How a request hands out its body while that comes: at once, in pieces, in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIEnvironment

from ._asgi_types import Source

if TYPE_CHECKING:  # loaded when a form is first read in parts
    from ._parts import AsyncParts, Parts


class InPieces:
    """The methods of a request that wait for its body, and let go of what was read."""

    environ: WSGIEnvironment

    def _source(self) -> Source:
        """Return what the server gives to read."""
        source: Source = self.environ["wsgi.input"]
        return source

    async def load(self: Any) -> None:
        """Wait until the body has come, so that reading it waits for nothing.

        A multipart form is parsed while it comes, in a thread. Under WSGI there is
        nothing to wait for: reading waits.

        Raises:
            RequestEntityTooLarge: There is more than is allowed (413). If that is
                announced, nothing is waited for.
            ClientDisconnected: The client has gone before the end (400).
        """
        # Programs under WSGI need none of it, nor asyncio.
        from ._loading import load  # noqa: PLC0415 - see above

        await load(self, self._source())

    async def chunks(self: Any) -> AsyncIterator[bytes]:
        """Yield the body in pieces as they come. Afterwards nothing is left of it.

        Raises:
            RequestEntityTooLarge: There is more than is allowed (413).
            ClientDisconnected: There is less than was announced (400).
        """
        from ._loading import chunks  # noqa: PLC0415 - as above

        async for piece in chunks(self, self._source()):
            yield piece

    def parts(self: Any, *, max_size: int | None = None) -> Parts:
        """Return the parts of a multipart form, which are read as they come.

        The limits of the request hold: `max_content_length`, `max_form_parts`, and for
        texts `max_form_memory_size`. A form comes once: `form` and `files` are errors
        afterwards.

        Args:
            max_size: Bytes that a part may have, None for no limit.

        Raises:
            UnsupportedMediaType: The body is no multipart form (415).
            BadRequest: It does not tell its boundary (400).
            RuntimeError: It was read before.
        """
        from ._parts import Parts  # noqa: PLC0415 - few requests need it

        return Parts(self, max_size)

    def aparts(self: Any, *, max_size: int | None = None) -> AsyncParts:
        """Return the parts of a multipart form, for `async for` on the event loop.

        All else is as for `parts()`.
        """
        from ._parts import AsyncParts  # noqa: PLC0415 - few requests need it

        return AsyncParts(self, self._source(), max_size)
