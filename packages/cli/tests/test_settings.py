from __future__ import annotations

import os

import pytest

from tantalus_cli import Settings, current_settings, use_settings


def test_the_first_prefix_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANTALUS_APP", "ours")
    monkeypatch.setenv("FLASK_APP", "theirs")

    assert Settings().variable("APP") == "ours"


@pytest.mark.parametrize("ours", ["", None], ids=["empty", "unset"])
def test_another_prefix_is_read_where_the_first_has_no_value(
    ours: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ours is not None:
        monkeypatch.setenv("TANTALUS_APP", ours)
    monkeypatch.setenv("FLASK_APP", "theirs")

    assert Settings().variable("APP") == "theirs"


def test_a_variable_that_nobody_set_is_none() -> None:
    assert Settings().variable("APP") is None


def test_setting_a_variable_sets_it_under_every_prefix() -> None:
    Settings().set_variable("DEBUG", "1")

    assert os.environ["TANTALUS_DEBUG"] == os.environ["FLASK_DEBUG"] == "1"


def test_a_variable_is_called_by_all_its_names() -> None:
    assert Settings().variable_names("APP") == "'TANTALUS_APP' or 'FLASK_APP'"


def test_settings_are_replaced_and_the_former_ones_returned() -> None:
    before = current_settings()

    replaced = use_settings(Settings(program="other"))

    assert replaced is before
    assert current_settings().program == "other"
    assert current_settings().active_app() is None
