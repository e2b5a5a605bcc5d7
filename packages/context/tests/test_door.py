from __future__ import annotations

import subprocess
import sys

import tantalus_context

LOADED = """
import sys
before = set(sys.modules)
import tantalus_context
new = {name.partition(".")[0] for name in set(sys.modules) - before}
third_party = {name for name in new - set(sys.stdlib_module_names) if name[0] != "_"}
print(*sorted(third_party))
print("asyncio" in sys.modules)
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_context.__all__ == [
        "Context",
        "ContextError",
        "LeavingError",
        "Namespace",
        "NotPushedError",
        "PopOrderError",
        "active_contexts",
        "carry",
        "hold",
        "proxy",
    ]


def test_importing_loads_only_what_is_declared() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    third_party, asyncio = printed.splitlines()
    assert third_party == "markupsafe tantalus_context werkzeug"
    assert asyncio == "False"
