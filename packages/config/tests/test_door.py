from __future__ import annotations

import subprocess
import sys

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


def test_importing_loads_nothing_but_python() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "tantalus_config\n"
