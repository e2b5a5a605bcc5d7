"""Names for the types of what `make_response()` takes."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from wsgiref.types import WSGIApplication

from werkzeug.datastructures import Headers
from werkzeug.sansio.response import Response

#: A body, or a whole response. A dict or list becomes JSON; it is written as `Mapping`
#: to admit a `TypedDict`.
ResponseValue: TypeAlias = (
    Response
    | str
    | bytes
    | list[Any]
    | Mapping[str, Any]
    | Iterator[str]
    | Iterator[bytes]
    | AsyncIterable[str]
    | AsyncIterable[bytes]
)

#: One header's value; a list sets the header several times.
HeaderValue: TypeAlias = str | list[str] | tuple[str, ...]

#: The headers beside a body.
HeadersValue: TypeAlias = (
    Headers | Mapping[str, HeaderValue] | Sequence[tuple[str, HeaderValue]]
)

#: All that stands for a response.
ResponseReturnValue: TypeAlias = (
    ResponseValue
    | tuple[ResponseValue, HeadersValue]
    | tuple[ResponseValue, int]
    | tuple[ResponseValue, int, HeadersValue]
    | WSGIApplication
)
