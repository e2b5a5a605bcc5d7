"""Requests that are read fast, and responses that are sent directly: Werkzeug's.

`Request` and `Response` can be used wherever those of `werkzeug.wrappers` can. Around
them stand what most programs answer with: pages of errors, files, JSON.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._abort import Aborter
from ._computed import computed
from ._headers import has_header
from ._hosts import HostCheck, NoTrustedHosts
from ._json import DefaultJSONProvider, JSONApp, JSONProvider, StrictJSONProvider
from ._ready_body import ReadyBody
from ._request import Request
from ._response import Response

if TYPE_CHECKING:  # loaded when they are first used: many programs need none of them
    from ._asgi_face import WSGIFace
    from ._asgi_types import ASGIApplication, ASGIReceive, ASGIScope, ASGISend
    from ._bridge import answer_by_wsgi
    from ._coercion import MakesJSON, NoResponse, make_response
    from ._conditions import as_date, unmet_condition
    from ._cross_origin import CrossOrigin, CrossOriginError
    from ._cross_site import CrossSiteCheck, CrossSiteRequest, is_own_request
    from ._cross_site_middleware import CrossSiteASGIMiddleware, CrossSiteMiddleware
    from ._event_stream import event_stream
    from ._events import Event
    from ._filenames import safe_filename
    from ._files import send_file, send_from_directory
    from ._handlers import (
        class_and_code,
        error_handlers,
        find_error_handler,
        handler_in,
    )
    from ._json_fast import FastJSONProvider
    from ._last_event import last_event_id
    from ._origins import NoOrigin
    from ._pages import error_page
    from ._parts import AsyncPart, AsyncParts, Part, Parts
    from ._privacy import make_private
    from ._problem_pages import prefers_problem, problem_page
    from ._received import BodyNotLoaded, ReceivedBody, read_ahead
    from ._request_id import request_id
    from ._scope import environ_of
    from ._security_headers import SecurityHeaders, SecurityHeadersError, new_nonce
    from ._sending import prepare_response
    from ._static import send_static_file, static_hash, static_version
    from ._types import (
        HeadersValue,
        HeaderValue,
        ResponseReturnValue,
        ResponseValue,
    )
    from ._upload_folder import SavedUpload, UploadFolder
    from ._uploads import DebugFilesKeyError, explain_missing_files
    from ._websocket import WebSocket, WebSocketClosed

__all__ = [
    "ASGIApplication",
    "ASGIReceive",
    "ASGIScope",
    "ASGISend",
    "Aborter",
    "AsyncPart",
    "AsyncParts",
    "BodyNotLoaded",
    "CrossOrigin",
    "CrossOriginError",
    "CrossSiteASGIMiddleware",
    "CrossSiteCheck",
    "CrossSiteMiddleware",
    "CrossSiteRequest",
    "DebugFilesKeyError",
    "DefaultJSONProvider",
    "Event",
    "FastJSONProvider",
    "HeaderValue",
    "HeadersValue",
    "HostCheck",
    "JSONApp",
    "JSONProvider",
    "MakesJSON",
    "NoOrigin",
    "NoResponse",
    "NoTrustedHosts",
    "Part",
    "Parts",
    "ReadyBody",
    "ReceivedBody",
    "Request",
    "Response",
    "ResponseReturnValue",
    "ResponseValue",
    "SavedUpload",
    "SecurityHeaders",
    "SecurityHeadersError",
    "StrictJSONProvider",
    "UploadFolder",
    "WSGIFace",
    "WebSocket",
    "WebSocketClosed",
    "answer_by_wsgi",
    "as_date",
    "class_and_code",
    "computed",
    "environ_of",
    "error_handlers",
    "error_page",
    "event_stream",
    "explain_missing_files",
    "find_error_handler",
    "handler_in",
    "has_header",
    "is_own_request",
    "last_event_id",
    "make_private",
    "make_response",
    "new_nonce",
    "prefers_problem",
    "prepare_response",
    "problem_page",
    "read_ahead",
    "request_id",
    "safe_filename",
    "send_file",
    "send_from_directory",
    "send_static_file",
    "static_hash",
    "static_version",
    "unmet_condition",
]

# Where each name comes from that is loaded when it is first used.
_LATER = {
    "ASGIApplication": "_asgi_types",
    "ASGIReceive": "_asgi_types",
    "ASGIScope": "_asgi_types",
    "ASGISend": "_asgi_types",
    "AsyncPart": "_parts",
    "AsyncParts": "_parts",
    "BodyNotLoaded": "_received",
    "CrossOrigin": "_cross_origin",
    "CrossOriginError": "_cross_origin",
    "CrossSiteASGIMiddleware": "_cross_site_middleware",
    "CrossSiteCheck": "_cross_site",
    "CrossSiteMiddleware": "_cross_site_middleware",
    "CrossSiteRequest": "_cross_site",
    "DebugFilesKeyError": "_uploads",
    "Event": "_events",
    "FastJSONProvider": "_json_fast",
    "HeaderValue": "_types",
    "HeadersValue": "_types",
    "MakesJSON": "_coercion",
    "NoOrigin": "_origins",
    "NoResponse": "_coercion",
    "Part": "_parts",
    "Parts": "_parts",
    "ReceivedBody": "_received",
    "ResponseReturnValue": "_types",
    "ResponseValue": "_types",
    "SavedUpload": "_upload_folder",
    "SecurityHeaders": "_security_headers",
    "SecurityHeadersError": "_security_headers",
    "UploadFolder": "_upload_folder",
    "WSGIFace": "_asgi_face",
    "WebSocket": "_websocket",
    "WebSocketClosed": "_websocket",
    "answer_by_wsgi": "_bridge",
    "as_date": "_conditions",
    "class_and_code": "_handlers",
    "environ_of": "_scope",
    "error_handlers": "_handlers",
    "error_page": "_pages",
    "event_stream": "_event_stream",
    "explain_missing_files": "_uploads",
    "find_error_handler": "_handlers",
    "handler_in": "_handlers",
    "is_own_request": "_cross_site",
    "last_event_id": "_last_event",
    "make_private": "_privacy",
    "make_response": "_coercion",
    "new_nonce": "_security_headers",
    "prefers_problem": "_problem_pages",
    "problem_page": "_problem_pages",
    "prepare_response": "_sending",
    "read_ahead": "_received",
    "request_id": "_request_id",
    "safe_filename": "_filenames",
    "send_file": "_files",
    "send_from_directory": "_files",
    "send_static_file": "_static",
    "static_hash": "_static",
    "static_version": "_static",
    "unmet_condition": "_conditions",
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
