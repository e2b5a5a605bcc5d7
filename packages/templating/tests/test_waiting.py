"""Context processors that have to be awaited, and renders that can wait."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import jinja2
import pytest
from jinja2 import DictLoader
from starlette.requests import Request
from starlette.templating import Jinja2Templates

from tantalus_templating import (
    BlockMissing,
    Environment,
    NotAMapping,
    NotAwaited,
    TemplateMissing,
    Templates,
    apply_processors_async,
    render_async,
    render_block_async,
    stream_async,
)

PAGES = {
    "page.html": "<h1>{{ title }}</h1>{% block user %}{{ user }}{% endblock %}",
    "alone.html": "{% include 'page.html' %}{% import 'page.html' as other %}",
}
MODES = pytest.mark.parametrize("enable_async", [False, True], ids=["plain", "async"])


async def user() -> dict[str, str]:
    await asyncio.sleep(0)
    return {"user": "<Ada>", "title": "of the processor"}


@pytest.fixture(params=[False, True], ids=["plain", "async"])
def templates(request: pytest.FixtureRequest) -> Templates:
    made = Templates(DictLoader(PAGES), enable_async=request.param)
    made.context_processor(user)
    return made


async def joined(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])


RENDERS: dict[str, Callable[[Templates], Coroutine[Any, Any, str]]] = {
    "render": lambda made: made.render_async("page.html", title="&"),
    "template": lambda made: made.render_async(
        made.environment.get_template("page.html"), title="&"
    ),
    "string": lambda made: made.render_string_async(PAGES["page.html"], title="&"),
    "stream": lambda made: joined(made.stream_async("page.html", title="&")),
    "include": lambda made: made.render_async("alone.html", title="&"),
    "environment": lambda made: render_async(
        made.environment.get_template("page.html"), {"title": "&"}
    ),
    "pieces": lambda made: joined(
        stream_async(made.environment.get_template("page.html"), {"title": "&"})
    ),
}


@pytest.mark.parametrize("render", RENDERS.values(), ids=RENDERS)
def test_a_processor_is_awaited_before_the_render(
    templates: Templates, render: Callable[[Templates], Coroutine[Any, Any, str]]
) -> None:
    assert asyncio.run(render(templates)) == "<h1>&amp;</h1>&lt;Ada&gt;"


def test_a_block_is_rendered_once_the_processors_were_awaited(
    templates: Templates,
) -> None:
    text = asyncio.run(templates.render_block_async("page.html", "user"))

    assert text == "&lt;Ada&gt;"


def test_a_block_that_is_not_there_is_told_when_it_is_awaited(
    templates: Templates,
) -> None:
    template = templates.environment.get_template("page.html")

    with pytest.raises(BlockMissing, match="usr"):
        asyncio.run(render_block_async(template, "usr", {}))


def test_processors_of_both_kinds_run_in_order_and_once() -> None:
    made = Templates(DictLoader({"a.html": "{{ order|join }}"}))
    order: list[str] = []

    @made.context_processor
    async def first() -> dict[str, object]:
        await asyncio.sleep(0)
        order.append("1")
        return {"order": []}

    @made.context_processor
    def second() -> dict[str, object]:
        order.append("2")
        return {"order": order}

    assert asyncio.run(made.render_async("a.html")) == "12"
    assert asyncio.run(joined(made.stream_async("a.html"))) == "1212"


@MODES
def test_templates_of_elsewhere_get_the_processors_once(enable_async: bool) -> None:
    calls: list[int] = []
    other = jinja2.Environment(enable_async=enable_async).from_string("{{ n }}")
    made = Templates(DictLoader({}))

    @made.context_processor
    async def count() -> dict[str, object]:
        calls.append(1)
        return {"n": len(calls)}

    assert asyncio.run(made.render_async(other)) == "1"
    assert asyncio.run(joined(made.stream_async(other))) == "2"


def test_a_synchronous_render_of_templates_of_elsewhere_has_the_processors() -> None:
    other = jinja2.Environment().from_string("{{ n }}")
    made = Templates(DictLoader({}))
    made.context_processor(lambda: {"n": 1})

    assert made.render(other) == "1"
    assert list(made.stream(other)) == ["1"]


SYNCHRONOUS: dict[str, Callable[[Templates], object]] = {
    "render": lambda made: made.render("page.html"),
    "render_string": lambda made: made.render_string(""),
    "render_block": lambda made: made.render_block("page.html", "user"),
    "stream": lambda made: made.stream("page.html"),
    "stream_string": lambda made: made.stream_string(""),
    "stream_block": lambda made: made.stream_block("page.html", "user"),
}


@pytest.mark.parametrize("render", SYNCHRONOUS.values(), ids=SYNCHRONOUS)
def test_a_render_that_cannot_wait_says_what_can(
    render: Callable[[Templates], object],
) -> None:
    made = Templates(DictLoader(PAGES))
    made.context_processor(user)

    with pytest.raises(
        NotAwaited, match=r"processor user \(.*\) has to be awaited.*render_async\(\)"
    ):
        render(made)


def test_where_jinja_starts_a_loop_of_its_own_processors_are_awaited_in_it() -> None:
    made = Templates(DictLoader(PAGES), enable_async=True)
    made.context_processor(user)

    assert made.render("page.html", title="") == "<h1></h1>&lt;Ada&gt;"
    assert "".join(made.stream("page.html", title="")) == "<h1></h1>&lt;Ada&gt;"


def test_something_else_that_is_awaited_is_refused_without_closing_it() -> None:
    class Waiting:
        def __await__(self) -> Any:
            yield

    made = Templates(DictLoader(PAGES))
    made.context_processor(Waiting)

    with pytest.raises(NotAwaited):
        made.render("page.html")


def test_a_processor_that_fails_while_awaited_is_named() -> None:
    async def failing() -> dict[str, object]:
        await asyncio.sleep(0)
        raise LookupError("no user")

    with pytest.raises(LookupError, match="no user") as raised:
        asyncio.run(apply_processors_async({}, [failing]))

    assert "failing" in raised.value.__notes__[0]


def test_a_processor_that_gives_no_mapping_once_awaited_is_told() -> None:
    async def wrong() -> Any:
        return 5

    with pytest.raises(NotAMapping, match="returned int, not a mapping"):
        asyncio.run(apply_processors_async({}, [wrong]))


def test_a_stream_finds_its_template_when_it_is_made(templates: Templates) -> None:
    with pytest.raises(TemplateMissing):
        templates.stream_async("pge.html")


def test_a_stream_that_is_dropped_is_closed_with_the_generators_in_it(
    templates: Templates,
) -> None:
    async def first() -> str:
        pieces = templates.stream_async("page.html", title="x")
        piece = await anext(pieces)
        await pieces.aclose()
        return piece

    with warnings.catch_warnings(action="error"):
        assert asyncio.run(first()) == "<h1>"


def test_a_long_stream_gives_others_a_turn() -> None:
    made = Templates(
        DictLoader({"a.html": "{% for n in range(400) %}{{ n }},{% endfor %}"})
    )
    turns: list[int] = []

    async def others() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    async def both() -> str:
        task = asyncio.ensure_future(others())
        text = await joined(made.stream_async("a.html"))
        task.cancel()
        return text

    assert asyncio.run(both()).endswith(",398,399,")
    assert len(turns) == 8


# In an environment that another program renders with


def test_starlette_sees_the_processors_of_the_environment() -> None:
    environment = Environment(loader=DictLoader(PAGES))
    environment.context_processor(lambda: {"user": "<Ada>", "title": "less"})
    templates = Jinja2Templates(env=environment)

    response = templates.TemplateResponse(
        Request({"type": "http"}), "page.html", {"title": "more"}
    )

    assert response.body == b"<h1>more</h1>&lt;Ada&gt;"


def test_starlette_is_told_of_processors_that_it_cannot_await() -> None:
    made = Templates(DictLoader(PAGES))
    made.context_processor(user)
    templates = Jinja2Templates(env=made.environment)

    with pytest.raises(NotAwaited):
        templates.TemplateResponse(Request({"type": "http"}), "page.html")


def test_what_is_passed_wins_over_processors_and_these_over_globals() -> None:
    environment = Environment(loader=DictLoader({"a.html": "{{ a }}{{ b }}{{ c }}"}))
    environment.globals.update(a=1, b=1, c=1)
    environment.context_processor(lambda: {"a": 2, "b": 2})
    template = environment.get_template("a.html")

    assert template.render(a=3) == "321"
    assert list(template.generate({"a": 3})) == ["3", "2", "1"]


def test_an_overlay_has_the_processors_too() -> None:
    environment = Environment(loader=DictLoader({"a.html": "{{ a }}"}))
    environment.context_processor(lambda: {"a": 2})

    assert environment.overlay(trim_blocks=True).get_template("a.html").render() == "2"


def test_an_error_in_a_template_is_raised_with_its_lines() -> None:
    environment = Environment(loader=DictLoader({"a.html": "\n{{ 1 // 0 }}"}))

    with pytest.raises(ZeroDivisionError) as raised:
        environment.get_template("a.html").render()

    assert raised.traceback[-1].lineno == 1
