"""Form parsing that bounds urlencoded bodies too.

Werkzeug limits multipart bodies only; a urlencoded body may otherwise hold as many
fields as fit into the request.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser


class BoundedFormParser(FormDataParser):
    """A form parser whose limits hold for urlencoded bodies if `bounded` is set.

    They may have `max_form_memory_size` bytes and `max_form_parts` fields.
    """

    bounded = False

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:
        """Return `(stream, form, files)`.

        Raises:
            RequestEntityTooLarge: A limit is exceeded (413).
        """
        if self.bounded and mimetype == "application/x-www-form-urlencoded":
            stream = BytesIO(self._read_bounded(stream))
        return super().parse(stream, mimetype, content_length, options)

    def _read_bounded(self, stream: IO[bytes]) -> bytes:
        size = self.max_form_memory_size
        body = stream.read() if size is None else stream.read(size + 1)
        fields = self.max_form_parts
        if size is not None and len(body) > size:
            raise RequestEntityTooLarge()
        if fields is not None and body.count(b"&") >= fields:
            raise RequestEntityTooLarge()
        return body
