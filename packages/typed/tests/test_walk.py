from __future__ import annotations

from typing import Any

from shop import Node, Order

from tantalus_typed._walk import DEEPEST, Walk


def found(value: object, hint: Any) -> list[tuple[str | None, str]]:
    walk = Walk(strict=True, forbid_unknown=False)
    walk.visit(value, hint, "#", 0)
    return [(one.pointer, one.detail) for one in walk.found]


def test_what_is_right_has_no_problem() -> None:
    assert found({"name": "a", "items": []}, Order) == []


def test_what_is_nested_beyond_all_measure_is_told_so() -> None:
    value: dict[str, object] = {"name": 1}
    for _ in range(100_000):
        value = {"name": "a", "children": [value]}

    assert found(value, Node) == [
        ("#" + "/children/0" * (DEEPEST // 2), "Nested too deep.")
    ]


def test_no_more_is_looked_at_once_enough_is_found() -> None:
    problems = found({"name": "a", "items": [{}] * 10_000}, Order)

    assert len(problems) == 50
