from __future__ import annotations

import sys

import pytest

from tantalus_cli._table import echo_table, plain_table

HEADERS = ("Name", "Rule")
ROWS = [("index", "/"), ("user", "/user/[id]")]


def test_plain_columns_are_as_wide_as_their_widest_cell() -> None:
    assert plain_table(HEADERS, ROWS) == [
        "Name   Rule",
        "-----  ----------",
        "index  /",
        "user   /user/[id]",
    ]


def test_a_table_without_rows_has_its_headers() -> None:
    assert plain_table(HEADERS, []) == ["Name  Rule", "----  ----"]


def test_a_pipe_gets_plain_columns(capsys: pytest.CaptureFixture[str]) -> None:
    echo_table(HEADERS, ROWS)

    assert capsys.readouterr().out.startswith("Name   Rule\n-----  ---")


def test_a_terminal_gets_a_rich_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")

    echo_table(HEADERS, ROWS)

    text = capsys.readouterr().out
    assert "\x1b[1m" in text
    assert "/user/[id]" in text
    assert "----" not in text


def test_a_terminal_without_rich_gets_plain_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setitem(sys.modules, "rich.console", None)

    echo_table(HEADERS, ROWS)

    assert capsys.readouterr().out.startswith("Name   Rule\n-----  ---")
