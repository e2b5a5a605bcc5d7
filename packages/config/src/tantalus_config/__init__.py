"""The settings of a program, and the folders that it finds its files in.

Needs no app: a script, a worker or any WSGI or ASGI program can take its settings from
here. It depends on nothing but Python.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:  # loaded when they are first used: many programs need none of them
    from ._codec import CodecProblem, SettingsCodec
    from ._flaws import SettingProblem, SettingsError
    from ._load import LoadedSetting, load_settings
    from ._secret import Secret

__all__ = [
    "CodecProblem",
    "Config",
    "ConfigAttribute",
    "HasConfig",
    "LoadedSetting",
    "Secret",
    "SettingProblem",
    "SettingsCodec",
    "SettingsError",
    "absolute_instance_path",
    "auto_find_instance_path",
    "find_package",
    "get_root_path",
    "load_settings",
    "open_instance_resource",
    "open_resource",
    "program_name",
]

# Where each name comes from that is loaded when it is first used.
_LATER = {
    "CodecProblem": "_codec",
    "LoadedSetting": "_load",
    "Secret": "_secret",
    "SettingProblem": "_flaws",
    "SettingsCodec": "_codec",
    "SettingsError": "_flaws",
    "load_settings": "_load",
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
