"""What the bench of WebSockets measures, in small, and what it makes of it."""

from __future__ import annotations

import asyncio
import os
import resource
from typing import Any

import pytest

import sockets


def test_a_small_run_measures_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert sockets.main(["--connections", "20", "--rounds", "1"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| 20 connections | App | Starlette | of Starlette |"
    heads = [line.split("|")[1].strip() for line in lines[2:]]
    assert heads == list(sockets.COLUMNS)


def test_the_table_has_both_and_their_ratio() -> None:
    rows = {"App": (1024.0, 1e-4, 0.0), "Starlette": (2048.0, 5e-5, 0.0)}

    lines = sockets.table(rows, 9).splitlines()

    assert lines[2:] == [
        "| KiB of memory each | 1.0 | 2.0 | 0.50 |",
        "| µs to open one | 100.0 | 50.0 | 2.00 |",
        "| µs for 10 echoes | 0.0 | 0.0 | - |",
    ]


class Liar:
    async def send(self, text: str) -> None:
        self.text = text

    async def recv(self) -> str:
        return self.text.upper()


def test_an_echo_that_is_none_is_told() -> None:
    liar: Any = Liar()

    with pytest.raises(RuntimeError, match="'MESSAGE 0' is no echo of 'message 0'"):
        asyncio.run(sockets.talk(liar))


def test_more_files_than_the_machine_allows_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10, 20))

    with pytest.raises(OSError, match="30 open files are needed, and 20 are allowed"):
        sockets.allow_files(30)


def test_the_limit_is_raised_as_far_as_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits: list[Any] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10, 20))
    monkeypatch.setattr(resource, "setrlimit", lambda which, to: limits.append(to))

    sockets.allow_files(15)
    sockets.allow_files(5)

    assert limits == [(15, 20)]


def test_a_process_has_memory() -> None:
    assert sockets.resident_bytes(os.getpid()) > 1_000_000
