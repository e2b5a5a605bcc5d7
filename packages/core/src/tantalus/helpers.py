"""Names that Flask documents under `flask.helpers`."""

from __future__ import annotations

from tantalus_config import get_root_path
from tantalus_routing import enclosing_groups as _split_blueprint_path

from ._answers._coercion import make_response_from as make_response
from ._answers._files import send_file, send_from_directory
from ._answers._flash import flash, get_flashed_messages
from ._answers._rendering import get_template_attribute
from ._answers._streaming import stream_with_context
from ._answers._urls import abort, redirect, url_for
from ._ground._flags import get_debug_flag, get_load_dotenv

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
