"""A web framework in pieces, stitched into one app object.

Requests, routing, contexts, sessions, templating, command line and test kit are
packages of their own; this one offers what `flask` offers, under the same names.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import json, signals
from . import typing as typing
from ._answers._coercion import make_response_from as make_response
from ._answers._proxies import g, request, session, websocket
from ._answers._urls import abort, redirect, url_for
from ._app import App
from .config import Config
from .ctx import (
    after_this_request,
    copy_current_request_context,
    has_app_context,
    has_request_context,
)
from .globals import current_app
from .json import jsonify
from .signals import *  # noqa: F403 - all of them stand here, too
from .wrappers import Request, Response

if TYPE_CHECKING:  # loaded when they are first used: see `_REACHED` and `_LATER`
    from . import app as app
    from . import blueprints as blueprints
    from . import logging as logging
    from ._answers._conditional import conditional
    from ._answers._files import send_file, send_from_directory
    from ._answers._flash import flash, get_flashed_messages
    from ._answers._nonce import csp_nonce
    from ._answers._rendering import (
        get_template_attribute,
        render_block,
        render_template,
        render_template_string,
        stream_block,
        stream_template,
        stream_template_string,
    )
    from ._answers._streaming import stream_with_context
    from ._asgi._lives import nonblocking
    from ._flask._class import Flask
    from ._flask._drop_in import install_as_flask
    from ._live._after import after_response
    from ._live._events import Event, event_stream, last_event_id
    from ._live._observers import Observer
    from ._live._sockets import WebSocket, WebSocketClosed
    from .blueprints import Blueprint

__all__ = [
    "App",
    "Blueprint",
    "Config",
    "Event",
    "Flask",
    "Observer",
    "Request",
    "Response",
    "WebSocket",
    "WebSocketClosed",
    "abort",
    "after_response",
    "after_this_request",
    "conditional",
    "copy_current_request_context",
    "csp_nonce",
    "current_app",
    "event_stream",
    "flash",
    "g",
    "get_flashed_messages",
    "get_template_attribute",
    "has_app_context",
    "has_request_context",
    "install_as_flask",
    "json",
    "jsonify",
    "last_event_id",
    "make_response",
    "nonblocking",
    "redirect",
    "render_block",
    "render_template",
    "render_template_string",
    "request",
    "send_file",
    "send_from_directory",
    "session",
    "stream_block",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "url_for",
    "websocket",
]
__all__ += signals.__all__

# Programs reach these through the package (`tantalus.cli.AppGroup`). Each is loaded by
# the first that does: Click and Jinja take longer than all the rest.
_REACHED = "app blueprints cli debughelpers helpers logging sessions templating"

# Where each name comes from that is loaded when it is first used: a small program
# needs few of them, if any.
_LATER = {
    name: home
    for home, names in {
        "_answers._conditional": "conditional",
        "_answers._files": "send_file send_from_directory",
        "_answers._flash": "flash get_flashed_messages",
        "_answers._nonce": "csp_nonce",
        "_answers._rendering": (
            "get_template_attribute render_block render_template render_template_string"
            " stream_block stream_template stream_template_string"
        ),
        "_answers._streaming": "stream_with_context",
        "_asgi._lives": "nonblocking",
        "_flask._class": "Flask",
        "_live._after": "after_response",
        "_live._sockets": "WebSocket WebSocketClosed",
        "_live._events": "Event event_stream last_event_id",
        "_live._observers": "Observer",
        "_flask._drop_in": "install_as_flask",
        "blueprints": "Blueprint",
    }.items()
    for name in names.split()
}

# Not by `globals()`, which is a module of this package here.
_this = sys.modules[__name__]

if not TYPE_CHECKING:  # pragma: no branch - a checker would take any name to be there

    def __getattr__(name: str) -> Any:
        if name in _REACHED.split():
            return import_module(f"{__name__}.{name}")
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        setattr(_this, name, value)
        return value


def __dir__() -> list[str]:
    return sorted({*vars(_this), *__all__})
