from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tantalus_cli._typed_settings import find_typed_risks


class Loaded(NamedTuple):
    value: object
    source: str = "SHOP_X in the environment"
    is_secret: bool = True


class TypedConfig(dict[str, Any]):
    def __init__(self, **loaded: Loaded) -> None:
        self.loaded = loaded


class Shop:
    def __init__(self, config: object) -> None:
        self.config = config


def found(**loaded: Loaded) -> list[tuple[str, str, str]]:
    risks = find_typed_risks(Shop(TypedConfig(**loaded)))
    return [(risk.code, risk.setting, risk.problem) for risk in risks]


RANDOM = "k3-N.8=vT!q0_Zw9"


@pytest.mark.parametrize(
    ("loaded", "problem"),
    [
        (Loaded(RANDOM, "default"), "stands in the code, for all who read it"),
        (Loaded("", "default"), "stands in the code, for all who read it"),
        (Loaded("x7!kq"), "has fewer than 8 bytes"),
        (Loaded(""), "has fewer than 8 bytes"),
        (Loaded("change-me-please"), "looks like a placeholder"),
        (Loaded([RANDOM, "x7!kq"]), "has fewer than 8 bytes"),
    ],
)
def test_a_secret_that_is_none_is_found(loaded: Loaded, problem: str) -> None:
    assert found(API=loaded) == [("secret-weak", "API", f"The secret {problem}.")]


@pytest.mark.parametrize(
    "loaded",
    [
        Loaded(RANDOM),
        Loaded("key-3ax6xnjp29jd6fds4gc373sgvjxteol0"),
        Loaded("postgresql://production:k3-N.8@db/example"),
        Loaded(None, "default"),
        Loaded((RANDOM,)),
        Loaded("x7!kq", is_secret=False),
        Loaded("x", "default", is_secret=False),
    ],
)
def test_other_values_are_not_accused(loaded: Loaded) -> None:
    assert found(API=loaded) == []


def test_a_key_is_looked_at_elsewhere_unless_it_is_in_the_code() -> None:
    assert found(SECRET_KEY=Loaded("short")) == []
    assert [code for code, *_ in found(SECRET_KEY=Loaded("short", "default"))] == [
        "secret-weak"
    ]


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [
        ("SQL_DEBUG", True, ["debug-setting"]),
        ("DATABASE.DEBUG", True, ["debug-setting"]),
        ("SQL_DEBUG", False, []),
        ("SQL_DEBUG", "yes", []),
        ("DEBUG", True, []),
    ],
)
def test_what_is_left_on_for_debugging_is_found(
    name: str, value: object, codes: list[str]
) -> None:
    loaded = {name: Loaded(value, is_secret=False)}

    assert [code for code, *_ in found(**loaded)] == codes


def test_no_finding_shows_a_secret() -> None:
    config = TypedConfig(A=Loaded("x7!kq"), B=Loaded("changeme!", "default"))
    risks = [*find_typed_risks(Shop(config))]

    assert len(risks) == 2
    assert not any(secret in str(risks) for secret in ("x7!kq", "changeme!"))
    assert [risk.cure for risk in risks] == [
        "Choose another one, and set it: SHOP_X in the environment.",
        "Remove the default of B, and set it where the app runs.",
    ]


@pytest.mark.parametrize("config", [None, {}, {"loaded": 1}])
def test_settings_without_types_are_left_alone(config: object) -> None:
    assert [*find_typed_risks(Shop(config))] == []
