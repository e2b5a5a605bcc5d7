"""Forms of a bare WSGI or ASGI request: urlencoded, or multipart (RFC 7578).

The body is in memory already, and its size bounded: parts are cut at the delimiter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from ._errors import Invalid, Refused, RequestError, TooLarge
from ._problems import Problem
from ._scan import scan_all


@dataclass(slots=True)
class Upload:
    """An uploaded file."""

    filename: str
    content_type: str
    content: bytes
    _stream: BytesIO = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._stream = BytesIO(self.content)

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes; by default the rest."""
        return self._stream.read(size)

    def seek(self, offset: int) -> int:
        """Go to a place, from which the next `read()` begins."""
        return self._stream.seek(offset)


class Values(dict[str, list[Any]]):  # Any: texts, or uploads
    """Lists of values by name."""

    def getlist(self, name: str, /) -> list[Any]:
        """Return all values of a name."""
        return self.get(name, [])

    def add(self, name: str, value: object) -> None:
        """Add a value to those of a name."""
        self.setdefault(name, []).append(value)


def read_form(body: bytes, content_type: str, most_parts: int) -> tuple[Values, Values]:
    """Return the texts and the files of a form.

    Raises:
        TooLarge: There are more parts than that.
        Invalid: A text is not UTF-8, or the body is no multipart body.
    """
    kind, parameters = parsed_header(content_type)
    if kind == "multipart/form-data":
        return _multipart(body, parameters.get("boundary", ""), most_parts)
    texts = Values()
    try:
        pairs, count = scan_all(body.decode("latin-1"), most_parts)
    except Refused as error:
        raise _broken(str(error)) from None
    _limit(count, most_parts)
    for name, value in pairs:
        texts.add(name, value)
    return texts, Values()


def _limit(count: int, most: int) -> None:
    if count > most:
        raise TooLarge(f"The form has more than {most:,} fields.")


def _broken(detail: str) -> RequestError:
    return Invalid([Problem("form", detail, kind="rule")])


def _multipart(body: bytes, boundary: str, most: int) -> tuple[Values, Values]:
    texts, files = Values(), Values()
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    if not boundary:
        raise _broken("The content type has no boundary.")
    _, *parts = (b"\r\n" + body).split(delimiter, most + 2)
    _limit(len(parts) - 1, most)
    if not parts or not parts[-1].startswith(b"--"):
        raise _broken("The last part is not closed.")
    for part in parts[:-1]:
        head, end, content = part.lstrip(b" \t").partition(b"\r\n\r\n")
        if not end or not head.startswith(b"\r\n"):
            raise _broken("A part has no head.")
        _add_part(head.decode("utf-8", "replace"), content, texts, files)
    return texts, files


def _add_part(head: str, content: bytes, texts: Values, files: Values) -> None:
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.split("\r\n"))
    }
    _, said = parsed_header(headers.get("content-disposition", ""))
    if "name" not in said:
        raise _broken("A part has no name.")
    if "filename" in said:
        kind = headers.get("content-type", "application/octet-stream")
        files.add(said["name"], Upload(said["filename"], kind, content))
        return
    try:
        texts.add(said["name"], content.decode())
    except UnicodeDecodeError:
        raise Invalid(
            [Problem("form", "Expected text in UTF-8.", said["name"])]
        ) from None


# RFC 9110 §5.6.6: a token, and a token or quoted text.
PARAMETER = re.compile(r';\s*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')


def parsed_header(value: str) -> tuple[str, Mapping[str, str]]:
    """Return what stands before the parameters of a header, and these."""
    kind, _, _ = value.partition(";")
    return kind.strip().lower(), {
        name.lower(): re.sub(r'\\(["\\])', r"\1", quoted) or bare
        for name, quoted, bare in PARAMETER.findall(value)
    }
