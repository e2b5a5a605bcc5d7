"""Query strings, forms and small bodies: what most requests have, read straight away.

Text that is UTF-8 is parsed here, into the multi-dict that Werkzeug would make of it,
and a small body of known length is read by one call. Whatever else there is takes
Werkzeug's way, with a form parser that bounds urlencoded bodies too: Werkzeug limits
multipart bodies only, and others may hold as many fields as fit into the request.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

URLENCODED = "application/x-www-form-urlencoded"
# A body below 100,000 bytes is read at once: so much memory may be asked for by a
# client that then sends nothing.
_MOST_DIGITS = 5


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
        if self.bounded and mimetype == URLENCODED:
            stream = BytesIO(self._read_bounded(stream))
        return super().parse(stream, mimetype, content_length, options)

    def _read_bounded(self, stream: IO[bytes]) -> bytes:
        size = self.max_form_memory_size
        body = stream.read() if size is None else stream.read(size + 1)
        if size is not None and len(body) > size:
            raise RequestEntityTooLarge()
        fields = self.max_form_parts
        if fields is not None and body.count(b"&") >= fields:
            raise RequestEntityTooLarge()
        return body


def read_small_body(
    state: dict[str, Any], limit: int | None, other_limit: int | None = None
) -> bytes | None:
    """Return a small body of known length; None if Werkzeug has to read it.

    That is also so if the body is larger than a limit, for the error.

    Args:
        state: The attributes of the request, which tell what was read before.
        limit: Of the content. It decides how Werkzeug reads from a server that says
            that it ends the input itself, and what it makes of a lost client.

    Raises:
        ClientDisconnected: The body is shorter than was said (400).
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
    stream: IO[bytes] = environ["wsgi.input"]
    may_end = "wsgi.input_terminated" in environ
    if may_end and limit is None:
        body = stream.read()
        state["stream"] = BytesIO()
        return body
    if may_end and not length:
        return None  # even of nothing, Werkzeug looks for the end
    try:
        body = stream.read(length)
        if len(body) < length:
            body += _read_on(stream, length - len(body))
    except (OSError, ValueError) as error:
        raise ClientDisconnected() from error
    if len(body) < length and not may_end:
        raise ClientDisconnected()
    state["stream"] = BytesIO()
    return body


def _read_on(stream: IO[bytes], length: int) -> bytes:
    """Return what comes until the end, at most `length` bytes."""
    pieces = []
    while length > 0 and (piece := stream.read(length)):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def parse_fields(text: str) -> ImmutableMultiDict[str, str]:
    """Return the values of a query string or urlencoded form by name.

    Raises:
        UnicodeError: What an escape stands for is not UTF-8.
    """
    fields: dict[str, list[str]] = {}
    escaped = "%" in text
    if "+" in text:
        text = text.replace("+", " ")
    for field in text.split("&"):
        if not field:
            continue
        name, _, value = field.partition("=")
        if escaped:
            name, value = _unescaped(name), _unescaped(value)
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    made: ImmutableMultiDict[str, str] = new_multi_dict()
    dict.update(made, fields)
    return made


def _unescaped(text: str) -> str:
    return unquote_to_bytes(text).decode() if "%" in text else text


#: Returns an empty multi-dict, which is a dict of the lists that it shall own.
new_multi_dict: Callable[[], ImmutableMultiDict[str, Any]] = partial(
    ImmutableMultiDict.__new__, ImmutableMultiDict
)


def storage_of(example: MultiDict[str, str]) -> type[MultiDict[str, Any]] | None:
    """Return the class that `new_multi_dict` makes if `example` is made like that.

    Args:
        example: Of the values "1" and "2" for "a".

    Returns:
        None if it has other attributes, or keeps the values in another way. Its
        documentation tells how, but offers no way to hand over a dict of lists.
    """
    inside: dict[str, Any] = dict(dict.items(example))
    known = vars(example) == {} and inside == {"a": ["1", "2"]}
    return type(example) if known else None


#: The class of multi-dict that `new_multi_dict` makes; None if that is of another make.
STORAGE = storage_of(ImmutableMultiDict([("a", "1"), ("a", "2")]))
