"""Read by the type checker alone: what the decorators leave of a function's type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_type

from jinja2 import DictLoader

from tantalus_templating import Problem, Templates, check, registration

templates = Templates(DictLoader({}))


@templates.template_filter
def double(value: int) -> int:
    return value * 2


@templates.template_test("big")
def is_big(value: int) -> bool:
    return value > 9


@templates.template_global()
def answer() -> str:
    return "42"


@templates.context_processor
def defaults() -> dict[str, int]:
    return {}


def add(function: Callable[[int], int], name: str | None) -> None:
    raise NotImplementedError


assert_type(double(1), int)
assert_type(is_big(1), bool)
assert_type(answer(), str)
assert_type(defaults(), dict[str, int])
assert_type(registration(add, double)(1), int)
assert_type(templates.render("a.html", user=1), str)
assert_type(templates.stream("a.html"), Iterator[str])
assert_type(check(templates.environment), list[Problem])
