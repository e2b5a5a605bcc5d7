"""The settings of a program, and the folders that it finds its files in.

Needs no app: a script, a worker or any WSGI or ASGI program can take its settings from
here. It depends on nothing but Python.
"""

from __future__ import annotations

from ._attribute import ConfigAttribute, HasConfig
from ._config import Config
from ._resources import (
    absolute_instance_path,
    auto_find_instance_path,
    find_package,
    get_root_path,
    open_instance_resource,
    open_resource,
    program_name,
)

__all__ = [
    "Config",
    "ConfigAttribute",
    "HasConfig",
    "absolute_instance_path",
    "auto_find_instance_path",
    "find_package",
    "get_root_path",
    "open_instance_resource",
    "open_resource",
    "program_name",
]
