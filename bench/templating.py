"""What a render costs in tantalus-templating, in plain Jinja and in Flask.

All three render the same pages with the same globals in one process, in turns; each
figure is the best of the rounds. Plain Jinja is Flask's environment without Flask's
render, Flask is `render_template` inside a request, whose start is not counted. Then
the renders that a coroutine awaits: ours with a processor that is awaited, ours with
Jinja's `enable_async` too, and plain Jinja with it.

    python bench/templating.py [rounds]
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from timeit import timeit

import flask
import jinja2

from tantalus_templating import Templates

PAGES = {
    "small.html": "<h1>Hello {{ name }}</h1><p>{{ greeting }}</p>",
    "base.html": (
        "<!doctype html><title>{% block title %}Site{% endblock %}</title>"
        "<nav>{% for link in links %}<a href='{{ link }}'>{{ link }}</a>{% endfor %}"
        "</nav><main>{% block content %}{% endblock %}</main>"
        "<footer>{{ name }}</footer>"
    ),
    "rows.html": (
        "{% extends 'base.html' %}"
        "{% block title %}Rows - {{ super() }}{% endblock %}"
        "{% block content %}<table>{% block rows %}{% for row in rows %}<tr>"
        "<td>{{ row.id }}<td>{{ row.text }}</tr>{% endfor %}{% endblock %}</table>"
        "{% endblock %}"
    ),
    "macro.html": (
        "{% from 'cells.html' import cell %}"
        "{% for link in links %}{{ cell(link) }}{% endfor %}"
    ),
    "cells.html": "{% macro cell(value) %}<td>{{ value }}</td>{% endmacro %}",
    "include.html": "{% for n in links %}{% include 'small.html' %}{% endfor %}",
}
VARIABLES = {
    "name": "Ada",
    "greeting": "<Good day>",
    "links": ["/", "/news", "/about"],
    "rows": [{"id": number, "text": f"<row {number}>"} for number in range(100)],
}
Case = tuple[Callable[[], object], Callable[[], object] | None, Callable[[], object]]


def environments() -> tuple[Templates, flask.Flask]:
    app = flask.Flask("bench")
    app.jinja_env.loader = jinja2.DictLoader(PAGES)
    # The globals an app has, so that the contexts are equally large.
    ours = Templates(
        jinja2.DictLoader(PAGES), globals=app.jinja_env.globals, auto_reload=False
    )
    ours.context_processor(lambda: {"g": None, "request": None})
    return ours, app


def cases(ours: Templates, app: flask.Flask) -> dict[str, Case]:
    def page(name: str) -> Case:
        plain = app.jinja_env.get_template(name)
        return (
            lambda: ours.render(name, **VARIABLES),
            lambda: plain.render(**VARIABLES),
            lambda: flask.render_template(name, **VARIABLES),
        )

    rows = app.jinja_env.get_template("rows.html")
    return {
        "small page": page("small.html"),
        "three includes": page("include.html"),
        "an imported macro": page("macro.html"),
        "inheritance, 100 rows": page("rows.html"),
        "the same as a stream": (
            lambda: "".join(ours.stream("rows.html", **VARIABLES)),
            lambda: "".join(rows.generate(**VARIABLES)),
            lambda: "".join(flask.stream_template("rows.html", **VARIABLES)),
        ),
        "only its block of rows": (
            lambda: ours.render_block("rows.html", "rows", **VARIABLES),
            None,
            lambda: flask.render_template("rows.html", **VARIABLES),
        ),
        "one block, small": (
            lambda: ours.render_block("rows.html", "title", **VARIABLES),
            None,
            lambda: flask.render_template("rows.html", **VARIABLES),
        ),
    }


def awaited(name: str) -> list[Callable[[], object]]:
    """Return calls that drive the renders of a page in a coroutine to their ends."""
    loader = jinja2.DictLoader(PAGES)
    renders = [Templates(loader), Templates(loader, enable_async=True)]
    for templates in renders:
        templates.context_processor(user)
    jinja = jinja2.Environment(loader=loader, autoescape=True, enable_async=True)
    page = jinja.get_template(name)
    return [
        *(
            lambda templates=templates: finish(
                templates.render_async(name, **VARIABLES)
            )
            for templates in renders
        ),
        lambda: finish(page.render_async(**VARIABLES)),
    ]


async def user() -> dict[str, str]:
    return {"user": "Ada"}


def finish(render: Coroutine[object, None, str]) -> None:
    """Run a coroutine that waits for nothing, without the cost of an event loop."""
    try:
        render.send(None)
    except StopIteration:
        return
    raise AssertionError("It waits for something.")


def microseconds(call: Callable[[], object]) -> float:
    number = max(1, int(0.01 / timeit(call, number=1)))
    return timeit(call, number=number) / number * 1e6


def best(case: Case, rounds: int) -> list[float | None]:
    calls = [call for call in case if call is not None]
    figures = {call: float("inf") for call in calls}
    for _ in range(rounds):
        for call in calls:
            figures[call] = min(figures[call], microseconds(call))
    return [None if call is None else figures[call] for call in case]


def main(rounds: int = 15) -> None:
    ours, app = environments()
    print(f"{'us per render':24}{'ours':>9}{'Jinja':>9}{'Flask':>9}{'x Flask':>9}")
    with app.test_request_context():
        for name, case in cases(ours, app).items():
            own, plain, theirs = best(case, rounds)
            assert own is not None
            assert theirs is not None
            middle = f"{plain:9.1f}" if plain else f"{'-':>9}"
            print(f"{name:24}{own:9.1f}{middle}{theirs:9.1f}{theirs / own:9.1f}")
    asyncio.run(main_awaited(rounds))


async def main_awaited(rounds: int) -> None:
    print(f"{'us per awaited render':24}{'ours':>9}{'+ async':>9}{'Jinja':>9}")
    for name in ("small.html", "rows.html"):
        figures = [float("inf")] * 3
        for _ in range(rounds):
            for place, call in enumerate(awaited(name)):
                figures[place] = min(figures[place], microseconds(call))
        print(f"{name:24}" + "".join(f"{figure:9.1f}" for figure in figures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
