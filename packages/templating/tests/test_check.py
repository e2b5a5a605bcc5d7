from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given
from strategies import sources

from tantalus_templating import Environment, Problem, Templates, check

Make = Callable[..., Environment]


@pytest.fixture
def problems(environment: Make) -> Callable[..., list[tuple[int, str, str]]]:
    """Check a dict of pages, and give line, kind and message of what is in `page`."""

    def found(pages: dict[str, str], **options: Any) -> list[tuple[int, str, str]]:
        return [
            (problem.line, problem.kind, problem.message)
            for problem in check(environment(pages, **options), ["page"])
        ]

    return found


OTHERS = {
    "base": "{% block a %}{% endblock %}",
    "forms": (
        "{% macro field() %}{% endmacro %}{% set size, kind = 1, 2 %}"
        "{% set text %}{% endset %}{% import 'base' as basis %}"
        "{% from 'names' import one as first, two %}"
        "{% if size %}{% set a = 1 %}{% elif kind %}{% set b = 1 %}{% else %}"
        "{% set c = 1 %}{% endif %}text"
    ),
    "names": "{% set one = 1 %}{% set two = 2 %}",
    "child": "{% extends 'base' %}",
    "broken": "{% if %}",
}


@pytest.mark.parametrize(
    "source",
    [
        "{{ x|upper }}{{ x is odd }}{% filter upper %}a{% endfilter %}",
        "{% extends 'base' %}",
        "{% extends layout %}",
        "{% extends 'base' if x else 'child' %}",
        "{% extends 'base' if x %}",
        "{% extends 'base' if x else layout %}",
        "{% include 'base' %}",
        "{% include ['none', 'base'] %}",
        "{% include ('none', 'base') %}",
        "{% include ['none', layout] %}",
        "{% include [] %}",
        "{% include none %}",
        "{% extends none %}",
        "{% include 'none' ignore missing %}",
        "{% include ['none', 'none2'] ignore missing %}",
        "{% import 'forms' as forms %}",
        "{% from 'forms' import field, size, kind as k, text, basis %}",
        "{% from 'forms' import first, two, a, b, c with context %}",
        "{% from 'child' import anything %}",
        "{% from 'broken' import anything %}",
        "{% from x import anything %}",
        "{% if 'markdown' is filter %}{{ x|markdown }}{% endif %}",
        "{% if 'cool' is test %}{{ x is cool }}{% endif %}",
        "{{ [1]|map('upper')|select('odd')|reject('even')|list }}",
        "{{ [1]|map(attribute='x')|selectattr('x')|rejectattr('x', 'odd')|list }}",
        "{{ [1]|map(x)|selectattr('x', y)|list }}",
    ],
)
def test_these_templates_have_no_problem(problems: Any, source: str) -> None:
    assert problems({"page": source, **OTHERS}) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "\n{% if %}",
            (2, "syntax", "Expected an expression, got 'end of statement block'"),
        ),
        (
            "{% block a %}{% endblock %}\n{% block a %}{% endblock %}",
            (2, "syntax", "block 'a' defined twice"),
        ),
        (
            "\n\n{{ x|uper }}",
            (3, "filter", "The filter 'uper' is not registered. Did you mean 'upper'?"),
        ),
        (
            "{% if a %}{{ x|qqq }}{% endif %}",
            (1, "filter", "The filter 'qqq' is not registered."),
        ),
        (
            "{{ [1]|map('qqq')|list }}",
            (1, "filter", "The filter 'qqq' is not registered."),
        ),
        (
            "{{ x is od }}",
            (1, "test", "The test 'od' is not registered. Did you mean 'odd'?"),
        ),
        ("{{ [1]|select('qqq') }}", (1, "test", "The test 'qqq' is not registered.")),
        (
            "{{ [1]|rejectattr('a', 'qqq') }}",
            (1, "test", "The test 'qqq' is not registered."),
        ),
        (
            "{% if 'qqq' is test %}{{ x|qqq }}{% endif %}",
            (1, "filter", "The filter 'qqq' is not registered."),
        ),
        (
            "\n{% extends 'bas' %}",
            (2, "parent", "The parent 'bas' does not exist. Did you mean 'base'?"),
        ),
        (
            "{% extends 'base' if x else 'qqq' %}",
            (1, "parent", "The parent 'qqq' does not exist."),
        ),
        (
            "a\n{% include 'bsae' %}",
            (2, "include", "The include 'bsae' does not exist. Did you mean 'base'?"),
        ),
        (
            "{% include ['qqq', 'qqqq'] %}",
            (1, "include", "The include 'qqq' or 'qqqq' does not exist."),
        ),
        (
            "{% import 'form' as forms %}",
            (1, "import", "The import 'form' does not exist. Did you mean 'forms'?"),
        ),
        (
            "{% from 'qqq' import x %}",
            (1, "import", "The import 'qqq' does not exist."),
        ),
        (
            "{% from 'forms' import field, feild %}",
            (1, "import", "'forms' does not export 'feild'. Did you mean 'field'?"),
        ),
        (
            "{% from 'forms' import one as uno %}",
            (1, "import", "'forms' does not export 'one'."),
        ),
    ],
)
def test_each_kind_of_problem_is_found(
    problems: Any, source: str, expected: tuple[int, str, str]
) -> None:
    assert problems({"page": source, **OTHERS}) == [expected]


def test_a_template_that_extends_itself_is_a_problem(environment: Make) -> None:
    pages = {
        "a": "\n{% extends 'b' %}",
        "b": "{% extends 'c' %}",
        "c": "{% extends 'b' %}",
        "self": "{% extends 'self' %}",
        "maybe": "{% if x %}{% extends 'maybe' %}{% endif %}",
    }

    assert list(map(str, check(environment(pages)))) == [
        "b:1: The template extends itself: 'b' -> 'c' -> 'b'.",
        "c:1: The template extends itself: 'c' -> 'b' -> 'c'.",
        "self:1: The template extends itself: 'self' -> 'self'.",
    ]


def test_a_parent_with_a_syntax_error_is_its_own_problem_alone(problems: Any) -> None:
    assert problems({"page": "{% extends 'broken' %}", **OTHERS}) == []


def test_an_unknown_filter_does_not_hide_other_mistakes(problems: Any) -> None:
    page = (
        "{% block a %}{% endblock %}{{ 'x'|qqq }}{{ 1 is qqq }}\n"
        "{% block a %}{% endblock %}"
    )

    assert problems({"page": page}) == [
        (1, "filter", "The filter 'qqq' is not registered."),
        (1, "test", "The test 'qqq' is not registered."),
        (2, "syntax", "block 'a' defined twice"),
    ]


def test_loops_nested_deeper_than_python_can_are_a_problem(problems: Any) -> None:
    page = "{% for x in y %}" * 25 + "{% endfor %}" * 25

    assert problems({"page": page}) == [
        (1, "syntax", "Too complex: too many statically nested blocks.")
    ]


def test_functions_that_are_registered_are_known(problems: Any) -> None:
    environment = Environment(
        loader=jinja2.DictLoader({"page": "{{ x|mine }}{{ x is mine }}"})
    )
    environment.filters["mine"] = environment.tests["mine"] = lambda value: True

    assert check(environment) == []


def test_a_filter_that_replaces_a_builtin_one_takes_any_text(
    environment: Make,
) -> None:
    chosen = environment({"page": "{{ x|map('any text') }}"})
    chosen.filters["map"] = lambda value, text: text

    assert check(chosen) == []


def test_all_templates_are_checked_in_order_of_name_and_line(folder: Any) -> None:
    path: Path = folder(
        "pages", {"b.html": "{{ x|qqq }}\n{{ x|qqq }}", "a/c.html": "{{ }}"}
    )

    found = check(Templates(path).environment)

    assert list(map(str, found)) == [
        f"{path}/a/c.html:1: Expected an expression, got 'end of print statement'",
        f"{path}/b.html:1: The filter 'qqq' is not registered.",
        f"{path}/b.html:2: The filter 'qqq' is not registered.",
    ]
    assert found[0] == Problem(
        template="a/c.html",
        file=f"{path}/a/c.html",
        line=1,
        kind="syntax",
        message="Expected an expression, got 'end of print statement'",
    )


def test_a_template_outside_files_is_shown_by_its_name(environment: Make) -> None:
    found = check(environment({"a.html": "{{ }}"}))

    assert str(found[0]).startswith("a.html:1: Expected")


def test_a_file_that_is_not_text_is_a_problem(folder: Any) -> None:
    path: Path = folder("pages", {})
    path.mkdir()
    (path / "logo.png").write_bytes(b"\x89PNG")

    found = check(Templates(path).environment)

    assert [(problem.kind, problem.line) for problem in found] == [("unreadable", 1)]
    assert found[0].message.startswith("Cannot be read: 'utf-8' codec can't decode")


def test_a_name_that_does_not_exist_is_a_problem(environment: Make) -> None:
    assert check(environment({}), ["a.html"]) == [
        Problem("a.html", "a.html", 1, "unreadable", "The template does not exist.")
    ]


def test_a_loader_that_cannot_list_checks_the_names_given() -> None:
    pages = {"page": "{% include 'bse' %}{% extends 'base' %}", "base": ""}
    environment = Environment(loader=jinja2.FunctionLoader(pages.get))

    found = check(environment, ["base", "page"])

    assert list(map(str, found)) == [
        "page:1: The include 'bse' does not exist. Did you mean 'base'?"
    ]


def test_a_loader_that_cannot_list_has_to_be_given_names() -> None:
    environment = Environment(loader=jinja2.FunctionLoader(lambda name: None))

    with pytest.raises(TypeError, match="cannot iterate over all templates"):
        check(environment)


def test_an_environment_without_a_loader_is_told() -> None:
    with pytest.raises(TypeError, match=r"no loader\. Give it one to check it\."):
        check(Environment())


def test_names_relative_to_their_template_are_joined() -> None:
    class Relative(Environment):
        def join_path(self, template: str, parent: str) -> str:
            return f"{parent.rpartition('/')[0]}/{template}"

    pages = {"a/page": "{% include 'part' %}{% include 'none' %}", "a/part": ""}

    found = check(Relative(loader=jinja2.DictLoader(pages)))

    assert [problem.message for problem in found] == [
        "The include 'a/none' does not exist."
    ]


def test_asynchronous_templates_are_checked(problems: Any) -> None:
    page = "{% for x in y %}{{ x|qqq }}{% endfor %}"

    assert problems({"page": page}, enable_async=True) == [
        (1, "filter", "The filter 'qqq' is not registered.")
    ]


def test_checking_changes_nothing_in_the_environment(environment: Make) -> None:
    chosen = environment({"page": "{{ x|qqq }}{{ x is qqq }}"})

    check(chosen)

    assert "qqq" not in chosen.filters
    assert "qqq" not in chosen.tests


@given(page=sources(), base=sources())
def test_any_text_is_checked_without_an_error(page: str, base: str) -> None:
    environment = Environment(
        loader=jinja2.DictLoader({"page": page, "base": base}),
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )

    found = check(environment)

    assert {problem.template for problem in found} <= {"page", "base"}


@given(sources())
def test_what_has_no_problem_compiles(page: str) -> None:
    environment = Environment(loader=jinja2.DictLoader({"page": page}))

    found = check(environment)

    assert found or environment.get_template("page")
