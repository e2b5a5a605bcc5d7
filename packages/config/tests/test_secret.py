from __future__ import annotations

import copy
import json
import pickle
import pprint
from dataclasses import asdict, dataclass

import pytest

from tantalus_config import Config, Secret

KEY = Secret("hunter2")


@dataclass
class Account:
    user: str
    password: Secret


@pytest.mark.parametrize(
    "shown",
    [
        repr(KEY),
        f"{KEY!r}",
        pprint.pformat({"key": [KEY]}),
        repr(Account("ada", KEY)),
        repr(Config("/", {"SECRET_KEY": KEY})),
        repr(KeyError(KEY)),
    ],
    ids=["repr", "format", "pprint", "dataclass", "config", "error"],
)
def test_what_shows_objects_does_not_show_a_secret(shown: str) -> None:
    assert "hunter2" not in shown
    assert "Secret('…')" in shown


def test_a_secret_is_a_text_for_whoever_needs_it() -> None:
    assert KEY == "hunter2"
    assert f"postgresql://ada:{KEY}@db/shop" == "postgresql://ada:hunter2@db/shop"
    assert KEY.encode() == b"hunter2"
    assert json.dumps(KEY) == '"hunter2"'


def test_a_secret_is_not_written_into_a_pickle() -> None:
    with pytest.raises(TypeError, match="A Secret is not pickled"):
        pickle.dumps(Account("ada", KEY))


def test_a_copy_of_a_secret_is_secret() -> None:
    assert repr(copy.copy(KEY)) == "Secret('…')"
    assert repr(copy.deepcopy([KEY])) == "[Secret('…')]"
    assert repr(asdict(Account("ada", KEY))["password"]) == "Secret('…')"
