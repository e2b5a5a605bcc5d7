"""Names for the types of what users give to an app: views, hooks, return values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from werkzeug.sansio.response import Response

from tantalus_http import HeadersValue as HeadersValue
from tantalus_http import HeaderValue as HeaderValue
from tantalus_http import ResponseReturnValue as ResponseReturnValue
from tantalus_http import ResponseValue as ResponseValue

#: Bound to Werkzeug's class, so that callbacks may name any subclass of it.
ResponseClass = TypeVar("ResponseClass", bound=Response)

#: The app's own hooks stand under None, those of a blueprint under its name.
AppOrBlueprintKey: TypeAlias = str | None

#: Given the response and returning it, or another one, as all `after_request` do.
AfterRequestCallable: TypeAlias = (
    Callable[[ResponseClass], ResponseClass]
    | Callable[[ResponseClass], Awaitable[ResponseClass]]
)
#: Nothing calls one; kept for code that imports the name.
BeforeFirstRequestCallable: TypeAlias = (
    Callable[[], None] | Callable[[], Awaitable[None]]
)
#: Returns an answer in place of the view's, or None to go on.
BeforeRequestCallable: TypeAlias = (
    Callable[[], ResponseReturnValue | None]
    | Callable[[], Awaitable[ResponseReturnValue | None]]
)
#: Returns the names that a shell starts with.
ShellContextProcessorCallable: TypeAlias = Callable[[], dict[str, Any]]
#: Given the error that ended the context, or None.
TeardownCallable: TypeAlias = (
    Callable[[BaseException | None], None]
    | Callable[[BaseException | None], Awaitable[None]]
)
#: Returns variables for every template.
TemplateContextProcessorCallable: TypeAlias = (
    Callable[[], dict[str, Any]] | Callable[[], Awaitable[dict[str, Any]]]
)
#: Given the value before the bar, and the arguments of the filter.
TemplateFilterCallable: TypeAlias = Callable[..., Any]
#: A function that templates call by name.
TemplateGlobalCallable: TypeAlias = Callable[..., Any]
#: Given the value before `is`, and the arguments of the test.
TemplateTestCallable: TypeAlias = Callable[..., bool]
#: Given endpoint and values of a URL to build, which it may add to.
URLDefaultCallable: TypeAlias = Callable[[str, dict[str, Any]], None]
#: Given endpoint and variables of a matched URL, which it may change; None if the
#: URL matched nothing.
URLValuePreprocessorCallable: TypeAlias = Callable[
    [str | None, dict[str, Any] | None], None
]

#: Given the error it is registered for, and returning the answer. The parameter is
#: `Any`: a handler of one exception class names that class, which no type admits.
ErrorHandlerCallable: TypeAlias = (
    Callable[[Any], ResponseReturnValue]
    | Callable[[Any], Awaitable[ResponseReturnValue]]
)

#: A view: given the variables of the URL as keyword arguments.
RouteCallable: TypeAlias = (
    Callable[..., ResponseReturnValue] | Callable[..., Awaitable[ResponseReturnValue]]
)
