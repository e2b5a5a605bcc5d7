"""Query strings and forms: what most requests have, read straight away.

Text that is UTF-8 is parsed here, into the multi-dict that Werkzeug would make of it.
The form parser is for whatever else there is. It refuses what cannot be understood,
where Werkzeug's returns an empty form, and bounds urlencoded bodies too: others may
hold as many fields as fit into the request.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from ._body import read_up_to, too_large
from ._multipart import MultipartReader

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@lru_cache(maxsize=64)
def mimetype_of(content_type: str) -> str:
    """Return the media type of a `Content-Type`, without its parameters."""
    return parse_options_header(content_type)[0].lower()


class CheckedFormParser(FormDataParser):
    """A form parser that refuses broken forms, and says what is wrong with them.

    If `bounded` is set, its limits hold for urlencoded bodies too: they may have
    `max_form_memory_size` bytes and `max_form_parts` fields.
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
            BadRequest: The form is broken.
        """
        if mimetype == MULTIPART:
            reader = MultipartReader(
                (options or {}).get("boundary", ""),
                open_file=partial(
                    self.stream_factory, total_content_length=content_length
                ),
                memory_limit=self.max_form_memory_size,
                most_parts=self.max_form_parts,
            )
            reader.read(stream)
            return stream, self.cls(reader.fields), self.cls(reader.files)
        if mimetype == URLENCODED:
            body = self._read_bounded(stream) if self.bounded else stream.read()
            decode(body, "form")
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)

    def _read_bounded(self, stream: IO[bytes]) -> bytes:
        limit, fields = self.max_form_memory_size, self.max_form_parts
        body = stream.read() if limit is None else read_up_to(stream, limit + 1)
        if limit is not None and len(body) > limit:
            raise too_large(
                f"the form has more than {limit} bytes", "max_form_memory_size"
            )
        if fields is not None and body.count(b"&") >= fields:
            raise too_large(f"the form has more than {fields} fields", "max_form_parts")
        return body


def decode(sent: bytes, what: str) -> str:
    """Return the text of what a client sent in UTF-8.

    Args:
        what: That this is, for the error.

    Raises:
        BadRequest: It is not UTF-8.
    """
    try:
        return sent.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"The {what} is not UTF-8: there is a byte {sent[error.start]:#04x} at"
            f" position {error.start}. Send it in UTF-8, or escaped."
        ) from error


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


def load_fields(
    state: dict[str, Any], body: bytes, memory_limit: int | None, most: int | None
) -> bool:
    """Put the fields of an urlencoded body into the attributes of a request.

    Args:
        most: Fields that there may be.

    Returns:
        Whether that was done. Otherwise the body is put back, for the parser.
    """
    if (memory_limit is None or len(body) <= memory_limit) and (
        most is None or body.count(b"&") < most
    ):
        try:
            state["form"] = parse_fields(body.decode())
        except UnicodeError:
            pass
        else:
            return True
    state["stream"] = BytesIO(body)
    return False


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
