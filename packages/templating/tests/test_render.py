from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from hypothesis import given
from strategies import Site, sites

from tantalus_templating import (
    Environment,
    NotAMapping,
    Template,
    apply_processors,
    render,
    stream,
)

Make = Callable[..., Environment]

SHARED = {
    "include.html": "{% set x = 'set' %}{% include 'part.html' %}",
    "include-alone.html": "{% include 'part.html' without context %}",
    "loop.html": "{% for x in [1, 2] %}{% include 'part.html' %}{% endfor %}",
    "import.html": "{% from 'macros.html' import show %}{{ show() }}",
    "import-context.html": (
        "{% from 'macros.html' import show with context %}{{ show() }}"
    ),
    "extends.html": "{% extends 'base.html' %}{% block a %}{{ super() }}{% endblock %}",
    "context.html": "{{ of_context() }}",
    "part.html": "({{ x }}{{ own }}{{ env }})",
    "macros.html": "{% macro show() %}{{ x }}{{ own }}{{ env }}{% endmacro %}",
    "base.html": "{% block a %}{{ x }}{{ own }}{{ env }}{% endblock %}",
}
ENTRIES = [name for name in SHARED if name not in {"part.html", "macros.html"}]


@jinja2.pass_context
def of_context(context: jinja2.runtime.Context) -> str:
    names = ("env", "own", "x")
    return f"{[context.get(name) for name in names]} {context.resolve('none') or '-'}"


def rendered_by(kind: type[jinja2.Environment], entry: str, **options: Any) -> str:
    chosen = kind(loader=jinja2.DictLoader(SHARED), autoescape=True, **options)
    chosen.globals.update(env="env", own="hidden", x="hidden", of_context=of_context)
    template = chosen.get_template(entry, globals={"own": "own"})
    return template.render({"x": "<x>"})


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("enable_async", [False, True])
def test_names_come_from_where_jinja_takes_them(entry: str, enable_async: bool) -> None:
    ours = rendered_by(Environment, entry, enable_async=enable_async)

    theirs = rendered_by(jinja2.Environment, entry, enable_async=enable_async)

    assert ours == theirs


@given(sites())
def test_any_site_renders_as_with_jinja(site: Site) -> None:
    ours = Environment(
        loader=jinja2.DictLoader(site.pages),
        autoescape=True,
        extensions=["jinja2.ext.do"],
    )
    theirs = jinja2.Environment(
        loader=jinja2.DictLoader(site.pages),
        autoescape=True,
        extensions=["jinja2.ext.do"],
    )

    assert render(ours.get_template("page"), site.variables()) == theirs.get_template(
        "page"
    ).render(site.variables())


def test_the_variables_of_the_render_win_over_all_globals(environment: Make) -> None:
    chosen = environment({"a.html": "{{ a }}{{ b }}{{ c }}"})
    chosen.globals.update(a="env", b="env", c="env")
    template = chosen.get_template("a.html", globals={"b": "own", "c": "own"})

    assert render(template, {"c": "given"}) == "envowngiven"


def test_the_globals_of_a_render_do_not_stay_in_the_variables_given(
    environment: Make,
) -> None:
    chosen = environment({"a.html": "{% set y = 1 %}{{ x }}"})
    chosen.globals["z"] = 1
    variables = {"x": 1}

    render(chosen.get_template("a.html"), variables)

    assert variables == {"x": 1}


def test_a_template_with_plain_globals_still_renders(environment: Make) -> None:
    chosen = environment({})
    code = chosen.compile("{{ x }}{{ y }}")

    template = Template.from_code(chosen, code, {"x": 1})

    assert render(template, {"y": 2}) == "12"


def test_a_context_class_of_the_user_is_used(environment: Make) -> None:
    class Shouting(jinja2.runtime.Context):
        def resolve_or_missing(self, key: str) -> Any:
            return key.upper()

    chosen = environment({"a.html": "{{ x }}"})
    chosen.context_class = Shouting

    assert render(chosen.get_template("a.html"), {}) == "X"


def test_a_stream_gives_a_piece_before_it_makes_the_next(environment: Make) -> None:
    made: list[int] = []

    def rows() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            yield number

    template = environment({"a.html": "{% for r in rows %}{{ r }},{% endfor %}"})
    pieces = stream(template.get_template("a.html"), {"rows": rows()})

    assert made == []
    assert next(pieces) == "0"
    assert made == [0]
    assert "".join(pieces) == ",1,2,"


def test_an_error_in_a_stream_comes_after_the_pieces_before_it(
    environment: Make,
) -> None:
    chosen = environment({"a.html": "before {{ 1 // zero }} after"})
    pieces = stream(chosen.get_template("a.html"), {"zero": 0})

    assert next(pieces) == "before "
    with pytest.raises(ZeroDivisionError):
        next(pieces)
    assert list(pieces) == []


def test_asynchronous_values_are_awaited(environment: Make) -> None:
    async def rows() -> AsyncIterator[int]:
        yield 1
        yield 2

    async def name() -> str:
        return "<n>"

    page = {"a.html": "{{ name() }}{% for r in rows() %}{{ r }}{% endfor %}"}
    template = environment(page, enable_async=True).get_template("a.html")

    assert render(template, {"name": name, "rows": rows}) == "&lt;n&gt;12"
    assert list(stream(template, {"name": name, "rows": rows})) == [
        "&lt;n&gt;",
        "1",
        "2",
    ]


def test_processors_add_and_what_is_given_wins() -> None:
    context = {"a": "given"}

    apply_processors(
        context,
        [
            lambda: {"a": "first", "b": "first", "c": "first"},
            lambda: {"b": "second"},
        ],
    )

    assert context == {"a": "given", "b": "second", "c": "first"}


def test_without_processors_nothing_changes() -> None:
    context = {"a": 1}

    apply_processors(context, [])

    assert context == {"a": 1}


def test_processors_may_fill_an_empty_context() -> None:
    context: dict[str, Any] = {}

    apply_processors(context, [lambda: {"a": 1}])

    assert context == {"a": 1}


def test_a_processor_that_raises_is_named() -> None:
    def failing() -> dict[str, Any]:
        raise LookupError("no database")

    with pytest.raises(LookupError, match=r"^no database") as raised:
        apply_processors({}, [failing])

    line = failing.__code__.co_firstlineno
    assert raised.value.__notes__ == [
        "Raised by context processor "
        "test_a_processor_that_raises_is_named.<locals>.failing "
        f"({__file__}:{line})."
    ]


def test_a_processor_without_a_name_is_shown_as_it_is() -> None:
    class Processor:
        def __call__(self) -> dict[str, Any]:
            raise LookupError

        def __repr__(self) -> str:
            return "<Processor>"

    with pytest.raises(LookupError) as raised:
        apply_processors({}, [Processor()])

    assert raised.value.__notes__ == ["Raised by context processor <Processor>."]


@pytest.mark.parametrize(
    ("returned", "kind"),
    [(None, "NoneType"), ([("a", 1)], "list"), (SimpleNamespace(), "SimpleNamespace")],
)
def test_a_processor_that_returns_no_mapping_is_told_what_to_return(
    returned: Any, kind: str
) -> None:
    def wrong() -> Any:
        return returned

    with pytest.raises(NotAMapping, match=rf"wrong \(.*\) returned {kind}, not a map"):
        apply_processors({}, [wrong])
