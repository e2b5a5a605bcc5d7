from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

DEMO = Path(__file__).parent.parent / "demo.py"


@pytest.fixture
def fill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setenv("BOARD_INSTANCE", str(tmp_path / "instance"))
    fill: Callable[[], None] = runpy.run_path(str(DEMO))["fill"]
    return fill


def test_the_demo_fills_an_empty_board_and_tells_who_may_log_in(
    fill: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    fill()

    assert "Log in as 'sisyphus' or 'tantalus'" in capsys.readouterr().out


def test_the_demo_leaves_a_board_alone_that_has_messages(
    fill: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    fill()
    capsys.readouterr()

    fill()

    assert capsys.readouterr().out == ""
