"""A function's signature as the reading of a request, and back as a document.

A `Binder` reads the signature once, into a `Plan`, and writes it out as one plain
function. `Typed`, `WSGIView` and `ASGIView` use it in frameworks and on bare servers;
`document()` makes OpenAPI of plans. msgspec reads the types, pydantic its models, and a
`Codec` of yours what you like.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._binder import Binder
from ._bound import Bound
from ._closing import Closing
from ._codec import Codec
from ._environ import Answer, EnvironRequest, WSGIView
from ._errors import (
    DependencyError,
    Invalid,
    NotJSON,
    RequestError,
    ReturnMismatch,
    SetupError,
    TooLarge,
    TypedError,
    UnknownPath,
    WrongContentType,
)
from ._form import Upload
from ._markers import (
    Body,
    Cookie,
    File,
    Form,
    Header,
    In,
    JsonPart,
    Path,
    Query,
    Status,
    Use,
)
from ._msgspec import MsgspecCodec
from ._plan import Plan
from ._problems import Problem, problem_document
from ._request import Source
from ._typed import Typed

if TYPE_CHECKING:  # loaded when they are first used: few requests need them
    from ._asgi import ASGIView
    from ._openapi import Operation, document
    from ._page import DOCS_STYLE, docs_page
    from ._pydantic import PydanticCodec
    from ._swagger_ui import swagger_ui_files, swagger_ui_page

# Where each name comes from that is loaded when it is first used.
_LATER = {
    "ASGIView": "_asgi",
    "DOCS_STYLE": "_page",
    "Operation": "_openapi",
    "PydanticCodec": "_pydantic",
    "docs_page": "_page",
    "document": "_openapi",
    "swagger_ui_files": "_swagger_ui",
    "swagger_ui_page": "_swagger_ui",
}


def __getattr__(name: str) -> object:
    """Import one of the names in `_LATER` when it is first used (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "DOCS_STYLE",
    "ASGIView",
    "Answer",
    "Binder",
    "Body",
    "Bound",
    "Closing",
    "Codec",
    "Cookie",
    "DependencyError",
    "EnvironRequest",
    "File",
    "Form",
    "Header",
    "In",
    "Invalid",
    "JsonPart",
    "MsgspecCodec",
    "NotJSON",
    "Operation",
    "Path",
    "Plan",
    "Problem",
    "PydanticCodec",
    "Query",
    "RequestError",
    "ReturnMismatch",
    "SetupError",
    "Source",
    "Status",
    "TooLarge",
    "Typed",
    "TypedError",
    "UnknownPath",
    "Upload",
    "Use",
    "WSGIView",
    "WrongContentType",
    "docs_page",
    "document",
    "problem_document",
    "swagger_ui_files",
    "swagger_ui_page",
]
