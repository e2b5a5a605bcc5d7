from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_config

LOADED = """
import sys
before = set(sys.modules)
import tantalus_config
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted({name for name in new - set(sys.stdlib_module_names) if name[0] != "_"}))
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_config.__all__ == [
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


def test_each_name_is_there() -> None:
    assert {*tantalus_config.__all__} <= {*dir(tantalus_config)}
    assert [name for name in tantalus_config.__all__ if hasattr(tantalus_config, name)]
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        tantalus_config.nothing  # noqa: B018 - reading is what fails


def test_what_reads_types_is_loaded_when_it_is_used() -> None:
    shown = "import sys, tantalus_config; print('tomllib' in sys.modules)"

    printed = subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "False\n"


def test_importing_loads_nothing_but_python() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "tantalus_config\n"
