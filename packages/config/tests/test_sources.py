from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_config import Secret, SettingsError, load_settings
from tantalus_config._flaws import Flaw
from tantalus_config._sources import Found, read_text


@dataclass
class Database:
    port: int = 5432


@dataclass
class Settings:
    port: int = 8000
    key: Secret | None = None
    database: Database | None = None


def problems_of(**files: Any) -> list[tuple[str, str]]:
    with pytest.raises(SettingsError) as caught:
        load_settings(Settings, "SHOP", **files)
    return [(each.where, each.problem) for each in caught.value.problems]


BAD_TOML = {
    "a key twice": (
        "port = 1\nport = 2",
        "",
        "It is not TOML: Cannot overwrite a value (at ",
    ),
    "a key twice by case": (
        "port = 1\nPORT = 2",
        "PORT in ",
        "It is there as 'port', too.",
    ),
    "a table twice": (
        "[database]\n[database]",
        "",
        "It is not TOML: Cannot declare ('database',) twice (at ",
    ),
    "a value for a group": (
        "database = 1",
        "database in ",
        "It is a group of settings, and no value.",
    ),
    "a table for a value": (
        "[port]\na = 1",
        "port in ",
        "{'a': 1} is not a whole number.",
    ),
}


@pytest.mark.parametrize(("text", "where", "problem"), BAD_TOML.values(), ids=BAD_TOML)
def test_a_toml_file_is_refused_with_the_place(
    tmp_path: Path, text: str, where: str, problem: str
) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(text)

    [(told_where, told)] = problems_of(toml_file=path)

    assert told_where == f"{where}{path}"
    assert told.startswith(problem)


BAD_FILES: dict[str, tuple[bytes | None, str]] = {
    "no file": (None, "cannot be read: No such file or directory"),
    "no text": (b"port = \xff", "is not UTF-8, at byte 7"),
    "too large": (b"#" * (8 * 1024 * 1024 + 1), "is too large"),
}


@pytest.mark.parametrize("kind", ["toml_file", "env_file"])
@pytest.mark.parametrize(("content", "problem"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, kind: str, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "x"
    if content is not None:
        path.write_bytes(content)

    assert problems_of(**{kind: path}) == [(str(path), f"The file '{path}' {problem}.")]


def test_a_folder_and_a_name_with_nul_are_no_files(tmp_path: Path) -> None:
    assert read_text(str(tmp_path)) == Flaw(
        f"The file {str(tmp_path)!r} cannot be read: Is a directory",
        "Make it readable, or correct the name.",
    )
    assert read_text("a\0b") == Flaw(
        r"The file 'a\x00b' cannot be read: no name of a file",
        "Make it readable, or correct the name.",
    )


def test_names_of_other_programs_may_stand_in_a_file_of_variables(
    tmp_path: Path,
) -> None:
    (tmp_path / "x").write_text("SHOP_IMAGE=a\nPORTS=1\nSHOP_PORT=2\n")

    assert load_settings(Settings, "SHOP", env_file=tmp_path / "x").port == 2


def test_without_a_prefix_no_name_is_taken_for_a_slip(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("PORTS=1\nKEYS=2\nPORT=3")

    assert load_settings(Settings, env_file=tmp_path / "x").port == 3


def test_the_environment_may_have_names_like_those_of_settings(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("SHOP_PORTS", "tcp://10.0.0.1:80")

    assert load_settings(Settings, "SHOP").port == 8000


def test_what_was_found_does_not_show_itself() -> None:
    assert "hunter2" not in repr(Found("hunter2", True, "SHOP_KEY"))


@given(st.binary())
def test_any_file_is_settings_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    for kind in ("toml_file", "env_file"):
        with suppress(SettingsError):
            load_settings(Settings, "SHOP", **{kind: path})  # type: ignore[arg-type]  # a path
