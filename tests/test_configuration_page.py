"""The tables of the page on configuration say what the classes do."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tantalus import App, Flask

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
ROW = re.compile(r"\| `([A-Z_]+)` \| `([^`]+)` \| `([^`]+)` \| \S.* \|")


def settings(column: int) -> dict[str, Any]:
    rows = [
        match.groups()
        for match in map(ROW.fullmatch, PAGE.read_text().split("\n"))
        if match
    ]
    names = {"timedelta": timedelta}
    return {row[0]: eval(row[column], names) for row in rows}


@pytest.fixture(autouse=True)
def no_debug_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANTALUS_DEBUG", raising=False)
    monkeypatch.delenv("FLASK_DEBUG", raising=False)


def test_every_setting_of_app_is_on_the_page_with_its_default() -> None:
    assert settings(1) == dict(App("page").config)


def test_every_setting_of_flask_is_on_the_page_with_its_default() -> None:
    assert settings(2) == dict(Flask("page").config)
