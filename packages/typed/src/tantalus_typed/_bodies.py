"""Bodies of JSON, JSON inside of forms, and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from ._codec import Codec, choose
from ._errors import SetupError
from ._problems import Problem
from ._reader import (
    REFUSED,
    Args,
    Convert,
    Fetch,
    Reader,
    errors_of,
    fetch_for,
    wire_name,
)
from ._request import Source, check_json
from ._shape import kernel, listed, metadata_in, refuse_inner_marks, refuse_metadata
from ._signature import MISSING, Where
from ._steps import Leaf


def body_reader(leaf: Leaf, codecs: Sequence[Codec], where: Where | str) -> Reader:
    """Return how to read JSON, or the bytes of a body."""
    if kernel(leaf.hint) is bytes:
        return bytes_reader(leaf, _raw_body, None, codecs, where)
    refuse_inner_marks(leaf.hint, where)
    codec = choose(codecs, leaf.hint, where)
    fetch = _json_body if leaf.default is MISSING else _json_body_if_any

    def explain(raw: bytes, error: Exception) -> list[Problem]:
        return json_problems(codec, raw, leaf.hint, error)

    errors, inline = errors_of(codec), leaf.default is MISSING
    return Reader(leaf, fetch, codec.decoder(leaf.hint), explain, errors, inline=inline)


# Types that a file is not.
NO_FILES = (int, float, bool, str, dict)


def _raw_body(request: Source, args: Args) -> Any:
    return request.get_data()


def _json_body(request: Source, args: Args) -> Any:
    check_json(request)
    return request.get_data()


def _json_body_if_any(request: Source, args: Args) -> Any:
    if not request.get_data():
        return MISSING
    return _json_body(request, args)


def json_problems(
    codec: Codec, raw: bytes, hint: Any, error: Exception
) -> list[Problem]:
    """Return what is wrong with JSON: its syntax, or all that the type denies."""
    try:
        msgspec.json.decode(raw)
    except msgspec.ValidationError:
        return [Problem("body", "A number is out of range.", pointer="#")]
    except RecursionError:
        return [Problem("body", "Nested too deep.", pointer="#", kind="syntax")]
    except (msgspec.DecodeError, UnicodeDecodeError) as refusal:
        detail = syntax_of(refusal) if raw.strip() else "Empty."
        return [Problem("body", detail, pointer="#", kind="syntax")]
    return codec.json_problems(raw, hint, error)


def syntax_of(refusal: Exception) -> str:
    """Return what is wrong with JSON, without a byte of it."""
    said = isinstance(refusal, msgspec.DecodeError)
    return f"{refusal}." if said else "Invalid UTF-8."


def json_part_reader(leaf: Leaf, codecs: Sequence[Codec], where: Where | str) -> Reader:
    """Return how to read JSON in a field of a form."""
    refuse_inner_marks(leaf.hint, where)
    codec = choose(codecs, leaf.hint, where)
    decode = codec.decoder(leaf.hint)

    def convert(text: str) -> Any:
        return decode(_bytes_of(text))

    def explain(text: str, error: Exception) -> list[Problem]:
        found = json_problems(codec, _bytes_of(text), leaf.hint, error)
        return [one.at("form", leaf.key) for one in found]

    fetch = fetch_for(leaf, many=False)
    errors = errors_of(codec)
    return Reader(leaf, fetch, convert, explain, errors, keeps_empty=False)


def _bytes_of(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def file_reader(leaf: Leaf, codecs: Sequence[Codec], where: Where | str) -> Reader:
    """Return how to read an uploaded file, or all of a name.

    Raises:
        SetupError: The type is no type of a file.
    """
    many = listed(leaf.hint) is not None
    item = kernel(listed(leaf.hint) if many else leaf.hint)
    fetch = fetch_for(leaf, many)
    if item is bytes:
        contents = _contents_of_all if many else _contents
        return replace(bytes_reader(leaf, fetch, contents, codecs, where), many=many)
    if item in NO_FILES:
        raise SetupError(
            f"{where}: a file is no {item.__qualname__}. Write File[bytes], or"
            " File of the host's class."
        )
    refuse_metadata(leaf.hint, where)
    return Reader(leaf, fetch, None, None, REFUSED, many)


def bytes_reader(
    leaf: Leaf,
    fetch: Fetch,
    contents: Convert | None,
    codecs: Sequence[Codec],
    where: Where | str,
) -> Reader:
    """Return how to read bytes as they came; there may be a rule about their length."""
    codec = choose(codecs, leaf.hint, where)
    check = codec.converter(leaf.hint) if any(metadata_in(leaf.hint)) else None
    if check is None:
        return Reader(leaf, fetch, contents, None, REFUSED)

    def convert(raw: Any) -> Any:
        return check(contents(raw) if contents else raw)

    def explain(raw: Any, error: Exception) -> list[Problem]:
        return [Problem(leaf.place, "Its length is not allowed.", wire_name(leaf))]

    return Reader(leaf, fetch, convert, explain, errors_of(codec))


def _contents(upload: Any) -> bytes:
    upload.seek(0)  # an explanation reads again what was refused
    contents: bytes = upload.read()
    return contents


def _contents_of_all(uploads: Sequence[Any]) -> list[bytes]:
    return [_contents(upload) for upload in uploads]
