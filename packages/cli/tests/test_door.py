from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tantalus_cli

NAMES = [
    "ASGICallable",
    "AppGroup",
    "AppLike",
    "CertParamType",
    "NoAppException",
    "ScriptInfo",
    "SeparatedPathType",
    "Settings",
    "TantalusGroup",
    "WSGICallable",
    "check_command",
    "cli",
    "current_settings",
    "find_app_by_string",
    "find_best_app",
    "get_debug_flag",
    "get_load_dotenv",
    "get_version",
    "load_dotenv",
    "locate_app",
    "main",
    "pass_script_info",
    "prepare_import",
    "routes_command",
    "run_command",
    "secret_command",
    "serve",
    "shell_command",
    "show_server_banner",
    "templates_command",
    "use_settings",
    "version_option",
    "with_appcontext",
]

STUB = Path(tantalus_cli.__file__).with_suffix(".pyi")

# What only a running command may need.
HEAVY = {"bottle", "code", "dotenv", "readline", "rich", "ssl", "watchdog", "werkzeug"}


def modules_after(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_door_has_these_names() -> None:
    assert tantalus_cli.__all__ == NAMES
    assert set(NAMES) <= set(dir(tantalus_cli))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_leads_somewhere(name: str) -> None:
    vars(tantalus_cli).pop(name, None)

    found = getattr(tantalus_cli, name)

    assert getattr(tantalus_cli, name) is found


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(AttributeError, match="'tantalus_cli' has no attribute 'nope'"):
        _ = tantalus_cli.nope  # type: ignore[attr-defined] # that is the point


def test_type_checkers_see_the_same_names_in_the_same_modules() -> None:
    homes = {
        alias.name: statement.module
        for statement in ast.parse(STUB.read_text()).body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }

    assert sorted(homes) == sorted(NAMES)
    assert homes == {
        name: f"tantalus_cli.{module}"
        for name, module in tantalus_cli._HOMES.items()  # type: ignore[attr-defined] # not in the stub
    }


def test_importing_the_package_loads_nothing_else() -> None:
    assert not modules_after("import tantalus_cli") & (HEAVY | {"click", "tantalus"})


def test_importing_the_program_loads_what_it_declares_and_nothing_heavy() -> None:
    loaded = modules_after("from tantalus_cli import cli, AppGroup, run_command")

    assert "click" in loaded
    assert not loaded & (HEAVY | {"tantalus"})
