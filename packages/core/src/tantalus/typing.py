"""Names for the types of what users give to an app: views, hooks, return values."""

from __future__ import annotations

from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from typing import Any, TypeAlias, TypeVar
from wsgiref.types import WSGIApplication

from werkzeug.datastructures import Headers
from werkzeug.sansio.response import Response

#: The body of what a view returns, or a whole response. A dict or list becomes JSON;
#: it is written as `Mapping` to admit a `TypedDict`.
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

#: The headers of what a view returns.
HeadersValue: TypeAlias = (
    Headers | Mapping[str, HeaderValue] | Sequence[tuple[str, HeaderValue]]
)

#: All that a view may return.
ResponseReturnValue: TypeAlias = (
    ResponseValue
    | tuple[ResponseValue, HeadersValue]
    | tuple[ResponseValue, int]
    | tuple[ResponseValue, int, HeadersValue]
    | WSGIApplication
)

#: Bound to Werkzeug's class, so that callbacks may name any subclass of it.
ResponseClass = TypeVar("ResponseClass", bound=Response)

#: The app's own hooks stand under None, those of a blueprint under its name.
AppOrBlueprintKey: TypeAlias = str | None

AfterRequestCallable: TypeAlias = (
    Callable[[ResponseClass], ResponseClass]
    | Callable[[ResponseClass], Awaitable[ResponseClass]]
)
BeforeFirstRequestCallable: TypeAlias = (
    Callable[[], None] | Callable[[], Awaitable[None]]
)
BeforeRequestCallable: TypeAlias = (
    Callable[[], ResponseReturnValue | None]
    | Callable[[], Awaitable[ResponseReturnValue | None]]
)
ShellContextProcessorCallable: TypeAlias = Callable[[], dict[str, Any]]
TeardownCallable: TypeAlias = (
    Callable[[BaseException | None], None]
    | Callable[[BaseException | None], Awaitable[None]]
)
TemplateContextProcessorCallable: TypeAlias = (
    Callable[[], dict[str, Any]] | Callable[[], Awaitable[dict[str, Any]]]
)
TemplateFilterCallable: TypeAlias = Callable[..., Any]
TemplateGlobalCallable: TypeAlias = Callable[..., Any]
TemplateTestCallable: TypeAlias = Callable[..., bool]
URLDefaultCallable: TypeAlias = Callable[[str, dict[str, Any]], None]
URLValuePreprocessorCallable: TypeAlias = Callable[
    [str | None, dict[str, Any] | None], None
]

# `Any`: a handler for one exception class names that class, which no common
# parameter type admits.
ErrorHandlerCallable: TypeAlias = (
    Callable[[Any], ResponseReturnValue]
    | Callable[[Any], Awaitable[ResponseReturnValue]]
)

RouteCallable: TypeAlias = (
    Callable[..., ResponseReturnValue] | Callable[..., Awaitable[ResponseReturnValue]]
)
