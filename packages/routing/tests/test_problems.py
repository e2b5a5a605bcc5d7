"""A map tells which of its rules are dead, and which may be slow."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing import BaseConverter

from tantalus_routing import Map, RouteProblem, Rule


class Grouped(BaseConverter):
    regex = "(?:[a-z]+-?)+"


class Plain(BaseConverter):
    regex = "[a-z0-9-]+"


def problems(*rules: Rule) -> list[RouteProblem]:
    return Map(rules, converters={"grouped": Grouped, "plain": Plain}).problems()


def test_a_second_rule_for_the_same_requests_is_told() -> None:
    found = problems(
        Rule("/a/<x>", endpoint="first", methods=["GET"]),
        Rule("/a/<y>", endpoint="second", methods=["GET"]),
    )

    assert found == [
        (
            "route-shadowed",
            "/a/<y>",
            "Rule '/a/<y>' of endpoint 'second' (GET, HEAD) can never be reached:"
            " '/a/<x>' of endpoint 'first' stands before it and takes the same"
            " requests.",
            "Remove one of them, or give them different methods.",
        )
    ]


@pytest.mark.parametrize(
    "other",
    [
        Rule("/a/<x>", endpoint="b", methods=["POST"]),
        Rule("/a/<int:x>", endpoint="b", methods=["GET"]),
        Rule("/a/<x>/", endpoint="b", methods=["GET"]),
        Rule("/a/<x>", endpoint="b", methods=["GET"], subdomain="x"),
        Rule("/a/<x>", endpoint="b", websocket=True),
        Rule("/a/<x>", endpoint="b", methods=["GET"], build_only=True),
    ],
    ids=["method", "converter", "slash", "subdomain", "protocol", "build only"],
)
def test_a_rule_for_other_requests_is_no_problem(other: Rule) -> None:
    assert problems(Rule("/a/<x>", endpoint="a", methods=["GET"]), other) == []


def test_a_rule_that_may_be_slow_is_told() -> None:
    found = problems(Rule("/a", endpoint="a"), Rule("/<grouped:x>", endpoint="b"))

    assert [(each.code, each.rule) for each in found] == [
        ("route-slow", "/<grouped:x>")
    ]
    assert "endpoint 'b' may take very long" in found[0].problem
    assert "'[a-z0-9-]+'" in found[0].cure


def test_a_rule_of_sequences_is_never_slow() -> None:
    rule = "/<plain:a>-<plain:b>/<a1>-<float:c>/<path:d>/<any(x, y):e>/<uuid:f>/"

    assert problems(Rule(rule, endpoint="x")) == []


@pytest.mark.parametrize("value", ["raises", None, True])
def test_what_to_do_about_conflicts_is_one_of_three_words(value: Any) -> None:
    with pytest.raises(ValueError, match="Use one of 'raise', 'warn', 'ignore'"):
        Map(conflicts=value)
