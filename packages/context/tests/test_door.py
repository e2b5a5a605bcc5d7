from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_context

LOADED = """
import sys
before = set(sys.modules)
import tantalus_context
new = {name.partition(".")[0] for name in set(sys.modules) - before}
third_party = {name for name in new - set(sys.stdlib_module_names) if name[0] != "_"}
print(*sorted(third_party))
print("asyncio" in sys.modules)
ours = {name.partition(".")[2] for name in sys.modules if name.startswith("tantalus_")}
core = {"context", "errors", "namespace", "proxy", "teardown", "uses", "variables"}
print(*{name for name in ours if name.lstrip("_") not in core | {""}})
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_context.__all__ == [
        "Context",
        "ContextError",
        "LeavingError",
        "Lifespan",
        "LifespanError",
        "Namespace",
        "NotPushedError",
        "OtherSide",
        "PopOrderError",
        "Workers",
        "WorkersBusyError",
        "active_contexts",
        "carry",
        "hold",
        "inside",
        "iterate_elsewhere",
        "linger",
        "own_loop",
        "proxy",
        "raise_together",
        "run_elsewhere",
        "run_steps",
    ]


def test_importing_loads_only_what_is_declared() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    third_party, asyncio, put_off = printed.splitlines()
    assert third_party == "markupsafe tantalus_context werkzeug"
    assert asyncio == "False"
    assert put_off == ""


def test_names_that_are_loaded_late_are_listed_like_the_others() -> None:
    assert set(tantalus_context.__all__) <= set(dir(tantalus_context))


@pytest.mark.parametrize("name", tantalus_context.__all__)
def test_a_name_is_there_when_it_is_asked_for(name: str) -> None:
    assert getattr(tantalus_context, name).__name__ == name


def test_a_name_that_does_not_exist_is_refused_like_in_any_module() -> None:
    with pytest.raises(
        AttributeError, match=r"tantalus_context.* has no attribute 'Nothing'"
    ):
        _ = tantalus_context.Nothing
