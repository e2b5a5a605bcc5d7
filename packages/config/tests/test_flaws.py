from __future__ import annotations

import pickle

import pytest

from tantalus_config import Secret, SettingProblem, SettingsError
from tantalus_config._flaws import Flaw, without


def test_a_long_value_is_shown_from_its_beginning() -> None:
    flaw = Flaw("is not a list", "", "x" * 100)

    assert flaw.sentence() == f"'{'x' * 59}… (str) is not a list."


def test_a_hidden_flaw_has_no_value_to_show() -> None:
    assert Flaw("is wrong", "", "hunter2").hidden() == Flaw("is wrong", "", Secret(""))
    assert Flaw("It is wrong", "").hidden() == Flaw("It is wrong", "")


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("a hunter2 b", ["hunter2"], "a … b"),
        ("hunter22 hunter2", ["hunter2", "hunter22"], "… …"),
        ("a b", ["b", None, 7], "a b"),
    ],
)
def test_a_text_is_shown_without_secrets(
    text: str, secrets: list[object], shown: str
) -> None:
    assert without(text, secrets) == shown


def test_an_error_of_settings_survives_a_pickle() -> None:
    error = SettingsError("Settings", [SettingProblem("A", "SHOP_A", "No.", "Yes.")])

    copied = pickle.loads(pickle.dumps(error))

    assert (copied.name, copied.problems) == (error.name, error.problems)
    assert str(copied) == (
        "There is 1 problem with the settings of Settings.\n  SHOP_A: No. Yes."
    )
