from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import click
import pytest
from conftest import Use, Write
from hypothesis import given
from strategies import env_files

from tantalus_cli import get_debug_flag, get_load_dotenv, load_dotenv
from tantalus_cli._env import share_prefixes
from tantalus_cli._errors import BrokenEnvFile


@pytest.mark.parametrize(
    ("value", "debug"),
    [
        (None, False),
        ("", False),
        ("0", False),
        ("False", False),
        ("no", False),
        ("1", True),
        ("true", True),
        ("anything", True),
    ],
)
def test_the_debug_flag_follows_the_environment(
    value: str | None, debug: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {} if value is None else {"FLASK_DEBUG": value})

    assert get_debug_flag() is debug


def test_our_debug_variable_overrules_that_of_flask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TANTALUS_DEBUG", "0")
    monkeypatch.setenv("FLASK_DEBUG", "1")

    assert not get_debug_flag()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("", True), ("1", False), ("true", False), ("0", True), ("no", True)],
)
def test_default_files_can_be_turned_off(
    value: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANTALUS_SKIP_DOTENV", value)

    assert get_load_dotenv() is wanted


def test_the_caller_decides_where_nothing_is_set() -> None:
    assert get_load_dotenv(False) is False


def test_files_are_found_upwards_and_the_nearest_word_wins(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(".flaskenv", "SITE_A=flaskenv\nSITE_B=flaskenv\nSITE_C=flaskenv\n")
    write(".tantalusenv", "SITE_A=tantalusenv\nSITE_B=tantalusenv\n")
    write(".env", "SITE_A=env\nSITE_D=env\nSITE_EMPTY\nSITE_NAME=火腿\n")
    monkeypatch.setenv("SITE_D", "environment")
    monkeypatch.chdir(write("below/here.txt", "").parent)

    assert load_dotenv()

    values = [os.environ[f"SITE_{letter}"] for letter in "ABCD"]
    assert values == ["env", "tantalusenv", "flaskenv", "environment"]
    assert os.environ["SITE_NAME"] == "火腿"
    assert "SITE_EMPTY" not in os.environ


def test_a_given_file_wins_over_the_default_ones(write: Write) -> None:
    write(".env", "SITE_A=default\n")
    given_file = write("production.env", "SITE_A=given\n")

    assert load_dotenv(given_file)

    assert os.environ["SITE_A"] == "given"


def test_default_files_are_left_alone_on_request(write: Write) -> None:
    write(".env", "SITE_A=default\n")

    assert not load_dotenv(load_defaults=False)
    assert not load_dotenv("missing", load_defaults=False)
    assert "SITE_A" not in os.environ


def test_the_names_of_the_files_are_a_setting(write: Write, use: Use) -> None:
    write(".tantalusenv", "SITE_A=ours\n")
    use(env_files=(".env", ".flaskenv"))

    assert not load_dotenv()


def test_a_broken_line_in_a_default_file_is_reported_and_left_out(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(".env", "SITE_A=1\nthis is not an assignment = at all'\nSITE_B=2\n")

    assert load_dotenv()

    assert capsys.readouterr().err == (
        f"Warning: {path}: Line 2 is not NAME=value, or its quote is open."
        " Correct it.\n"
    )
    assert os.environ["SITE_B"] == "2"


@pytest.mark.parametrize(
    "content",
    [b"SITE_A=1\nSITE_B='open", b"SITE_A=1\n'a=b'=1", b"SITE_A=1\nSITE_B=\0"],
    ids=["open quote", "equal sign in a name", "NUL"],
)
def test_a_broken_line_in_a_given_file_is_an_error(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "given.env"
    path.write_bytes(content)

    with pytest.raises(
        BrokenEnvFile, match=r"given\.env: Line 2 is not NAME=value, or"
    ):
        load_dotenv(path, load_defaults=False)


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "given.env"
    path.write_bytes(b"SITE_A=\xff\n")

    with pytest.raises(BrokenEnvFile, match=r"Byte 7 is not UTF-8. Save the file as"):
        load_dotenv(path, load_defaults=False)


def test_a_file_that_cannot_be_opened_is_an_error(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("given.env", "SITE_A=1\n")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)

    with pytest.raises(BrokenEnvFile, match=r"given.env: Permission denied. Make the"):
        load_dotenv(path, load_defaults=False)


@pytest.mark.parametrize("present", [True, False])
def test_without_python_dotenv_a_tip_tells_about_unread_files(
    present: bool,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(".flaskenv" if present else "other", "SITE_A=1\n")
    monkeypatch.setitem(sys.modules, "dotenv", None)

    assert not load_dotenv()

    assert ("Install python-dotenv" in capsys.readouterr().err) is present
    assert "SITE_A" not in os.environ


@given(content=env_files)
def test_no_file_breaks_the_program(content: bytes) -> None:
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "given.env")
        path.write_bytes(content)
        with suppress(BrokenEnvFile):
            load_dotenv(path, load_defaults=False)
    os.environ.clear()
    os.environ.update(before)


def test_what_flask_variables_say_is_lent_to_ours_while_a_command_runs() -> None:
    os.environ.update(
        FLASK_RUN_PORT="1", FLASK_RUN_HOST="theirs", TANTALUS_RUN_HOST="ours"
    )

    with click.Context(click.Command("any")) as ctx:
        share_prefixes(ctx)
        lent = os.environ["TANTALUS_RUN_PORT"]
        kept = os.environ["TANTALUS_RUN_HOST"]

    assert (lent, kept) == ("1", "ours")
    assert "TANTALUS_RUN_PORT" not in os.environ
    assert os.environ["TANTALUS_RUN_HOST"] == "ours"


def test_what_is_read_under_every_prefix_is_not_lent() -> None:
    os.environ["FLASK_DEBUG"] = "1"

    with click.Context(click.Command("any")) as ctx:
        share_prefixes(ctx)

        assert "TANTALUS_DEBUG" not in os.environ
