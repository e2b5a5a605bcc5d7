"""Names that Flask documents under `flask.helpers`."""

from __future__ import annotations

from ._blueprint_names import _split_blueprint_path
from ._coercion import make_response_from as make_response
from ._files import send_file, send_from_directory
from ._flags import get_debug_flag, get_load_dotenv
from ._flash import flash, get_flashed_messages
from ._rendering import get_template_attribute
from ._resources import get_root_path
from ._streaming import stream_with_context
from ._urls import abort, redirect, url_for

__all__ = [
    "_split_blueprint_path",
    "abort",
    "flash",
    "get_debug_flag",
    "get_flashed_messages",
    "get_load_dotenv",
    "get_root_path",
    "get_template_attribute",
    "make_response",
    "redirect",
    "send_file",
    "send_from_directory",
    "stream_with_context",
    "url_for",
]
