from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given
from strategies import BLOCKS, Site, sites

from tantalus_templating import (
    BlockMissing,
    Environment,
    SourceMissing,
    Templates,
    _fragments,
    render_block,
    stream_block,
)

Make = Callable[..., Environment]

PAGES = {
    "base.html": (
        "{% set site = 'Site' %}"
        "<title>{% block title %}{{ site }}{% endblock %}</title>"
        "{{ nobody.gave_this }}"
        "{% block content %}base {{ rows|length }}{% endblock %}"
        "{% set site = 'changed after the blocks' %}"
    ),
    "list.html": (
        "{% extends 'base.html' %}"
        "{% from 'macros.html' import row %}"
        "{% set rows = items|reject('none')|list %}"
        "{% block content %}<h1>{{ unused.too }}</h1>"
        "{% block list %}"
        "{% for item in rows %}{{ row(item) }}{% endfor %}"
        "{% endblock %}{% endblock %}"
        "{% block title %}List - {{ super() }}{% endblock %}"
    ),
    "macros.html": "{% macro row(text) %}<li>{{ text }}</li>{% endmacro %}",
}


@pytest.fixture
def block(environment: Make) -> Callable[..., str]:
    """Render a block of one template in a dict of pages."""

    def rendered(pages: dict[str, str], block: str, **variables: Any) -> str:
        chosen = environment(pages, extensions=["jinja2.ext.do"])
        template = chosen.get_template(next(iter(pages)))
        return render_block(template, block, variables)

    return rendered


def test_a_block_sees_what_its_page_sets_and_imports(environment: Make) -> None:
    template = environment(PAGES).get_template("list.html")

    text = render_block(template, "list", {"items": ["<a>", None, "b"]})

    assert text == "<li>&lt;a&gt;</li><li>b</li>"


def test_a_block_sees_what_the_parent_sets_before_it(environment: Make) -> None:
    template = environment(PAGES).get_template("list.html")

    assert render_block(template, "title", {"items": []}) == "List - Site"


def test_a_block_that_only_the_parent_has_can_be_rendered(environment: Make) -> None:
    pages = {**PAGES, "child.html": "{% extends 'base.html' %}{% set rows = [1, 2] %}"}
    template = environment(pages).get_template("child.html")

    assert render_block(template, "content", {}) == "base 2"


def test_what_stands_outside_the_block_is_not_evaluated(block: Any) -> None:
    page = "{{ missing.x }}{% for a in b.c %}{% endfor %}{% block it %}1{% endblock %}"

    assert block({"a": page}, "it") == "1"


def test_a_set_after_the_block_is_not_seen(block: Any) -> None:
    page = "{% set a = 1 %}{% block it %}{{ a }}{% endblock %}{% set a = 2 %}"

    assert block({"a": page}, "it") == "1"


def test_a_set_after_the_block_around_it_is_not_seen(block: Any) -> None:
    pages = {
        "page": (
            "{% extends 'base' %}"
            "{% block outer %}{% block it %}{{ a }}{% endblock %}{% endblock %}"
        ),
        "base": "{% set a = 1 %}{% block outer %}{% endblock %}{% set a = 2 %}",
    }

    assert block(pages, "it") == "1"


def test_a_set_of_the_page_after_its_block_is_seen_as_the_parent_runs_last(
    block: Any,
) -> None:
    pages = {
        "page": (
            "{% extends 'base' %}{% block it %}{{ a }}{% endblock %}{% set a = 2 %}"
        ),
        "base": "{% block it %}{% endblock %}",
    }

    assert block(pages, "it") == "2"


def test_a_condition_chooses_what_is_set(block: Any) -> None:
    page = (
        "{% if kind == 1 %}{% set a = 'one' %}{% elif kind == 2 %}{% set a = 'two' %}"
        "{% else %}{% set a = 'more' %}{% endif %}{% if kind %}text{% endif %}"
        "{% block it %}{{ a }}{% endblock %}"
    )

    assert [block({"a": page}, "it", kind=kind) for kind in (1, 2, 3)] == [
        "one",
        "two",
        "more",
    ]


def test_a_condition_chooses_the_parent(block: Any) -> None:
    pages = {
        "page": (
            "{% if bare %}{% extends 'bare' %}{% else %}{% extends 'full' %}{% endif %}"
        ),
        "bare": "{% set a = 'bare' %}{% block it %}{{ a }}{% endblock %}",
        "full": "{% set a = 'full' %}{% block it %}{{ a }}{% endblock %}",
    }

    assert block(pages, "it", bare=True) == "bare"
    assert block(pages, "it", bare=False) == "full"


def test_a_parent_may_be_a_template(environment: Make) -> None:
    chosen = environment({"page": "{% extends layout %}"})
    layout = chosen.from_string("{% block it %}{{ a }}{% endblock %}")

    text = render_block(chosen.get_template("page"), "it", {"a": 1, "layout": layout})

    assert text == "1"


def test_a_page_that_names_no_parent_after_all_stands_alone(block: Any) -> None:
    page = (
        "{% if layout %}{% extends layout %}{% endif %}"
        "{% set a = 1 %}{% block it %}{{ a }}{% endblock %}{% set a = 2 %}"
    )
    base = "{% set b = 1 %}{% block it %}{% endblock %}{% set b = 2 %}"

    assert block({"page": page}, "it", layout=None) == "1"
    assert block({"page": page, "base": base}, "it", layout="base") == "2"


def test_an_undefined_parent_is_an_undefined_variable(block: Any) -> None:
    page = "{% extends layout %}{% block it %}1{% endblock %}"

    with pytest.raises(jinja2.UndefinedError, match="'layout' is undefined"):
        block({"page": page}, "it")


def test_objects_changed_in_loops_and_scopes_are_changed(block: Any) -> None:
    page = (
        "{% set ns = namespace(n=0) %}"
        "{% for i in [1, 2, 3] %}{{ missing.x }}{% set ns.n = ns.n + i %}{% endfor %}"
        "{% with s = 10 %}{% do seen.append(s) %}{% endwith %}"
        "{% block it %}{{ ns.n }} {{ seen }}{% endblock %}"
    )

    assert block({"page": page}, "it", seen=[]) == "6 [10]"


def test_a_block_in_a_loop_is_rendered_once_with_what_is_given(block: Any) -> None:
    page = (
        "{% for row in rows %}{% block it scoped %}<li>{{ row }}</li>{% endblock %}"
        "{% endfor %}"
    )

    assert block({"page": page}, "it", row="<1>") == "<li>&lt;1&gt;</li>"


def test_a_block_in_a_condition_is_rendered_whatever_the_condition(block: Any) -> None:
    page = "{% if x %}{% set y = 1 %}{% block it %}{{ y }}{% endblock %}{% endif %}"

    assert block({"page": page}, "it", x=True) == "1"
    assert block({"page": page}, "it", x=False) == ""


def test_a_block_shows_other_blocks_in_their_latest_form(block: Any) -> None:
    pages = {
        "page": "{% extends 'base' %}{% block inner %}child{% endblock %}",
        "base": (
            "{% block outer %}({% block inner %}base{% endblock %}{{ self.inner() }})"
            "{% endblock %}"
        ),
    }

    assert block(pages, "outer") == "(childchild)"


def test_a_block_of_a_string_can_be_rendered(environment: Make) -> None:
    template = environment({}).from_string(
        "{% set a = 1 %}{% block it %}{{ a }}{% endblock %}"
    )

    assert render_block(template, "it", {}) == "1"


def test_a_block_of_a_template_of_plain_jinja_can_be_rendered() -> None:
    plain = jinja2.Environment(
        loader=jinja2.DictLoader(
            {"a": "{% set a = 1 %}{% block it %}{{ a }}{% endblock %}"}
        )
    )

    assert render_block(plain.get_template("a"), "it", {}) == "1"


def test_the_same_block_is_prepared_once(environment: Make) -> None:
    chosen = environment({"a": "{% set a = x %}{% block it %}{{ a }}{% endblock %}"})
    template = chosen.get_template("a")
    render_block(template, "it", {"x": 1})

    chosen.loader = None

    assert render_block(template, "it", {"x": 2}) == "2"


def test_a_block_of_a_changed_file_is_the_changed_one(folder: Any) -> None:
    source = "{{% set a = {} %}}{{% block it %}}{{{{ a }}}}{{% endblock %}}"
    path: Path = folder("pages", {"a.html": source.format(1)})
    templates = Templates(path)
    before = templates.render_block("a.html", "it")

    (path / "a.html").write_text(source.format("'longer'"), encoding="utf-8")
    templates.environment.cache.clear()  # type: ignore[union-attr] # it has one

    assert (before, templates.render_block("a.html", "it")) == ("1", "longer")


def test_what_was_prepared_goes_with_its_template(environment: Make) -> None:
    template = environment({}).from_string("{% block it %}{% endblock %}")
    render_block(template, "it", {})
    gone = weakref.ref(template)

    del template
    gc.collect()

    assert gone() is None


def test_a_missing_block_is_told_with_those_that_exist(environment: Make) -> None:
    template = environment(PAGES).get_template("list.html")

    with pytest.raises(BlockMissing) as raised:
        render_block(template, "lst", {"items": []})

    assert str(raised.value) == (
        "Block 'lst' is not in template 'list.html' or its parents. The blocks there: "
        "'content', 'list', 'title'. Did you mean 'list'?"
    )
    assert (raised.value.block, raised.value.template) == ("lst", "list.html")


def test_a_missing_block_of_a_string_without_blocks_is_told(environment: Make) -> None:
    template = environment({}).from_string("text")

    with pytest.raises(
        BlockMissing, match=r"'it' is not in .* The blocks there: none.$"
    ):
        render_block(template, "it", {})


def test_a_template_without_source_is_told(environment: Make, tmp_path: Path) -> None:
    environment({"a": "{% block it %}{% endblock %}"}).compile_templates(
        tmp_path, zip=None
    )
    compiled = Environment(loader=jinja2.ModuleLoader(tmp_path)).get_template("a")

    with pytest.raises(SourceMissing, match="'a' has no source at hand") as raised:
        render_block(compiled, "it", {})

    assert raised.value.template == "a"


def test_a_tree_without_a_loader_is_told() -> None:
    chosen = Environment()
    template = chosen.from_string(chosen.parse("{% block it %}{% endblock %}"))

    with pytest.raises(SourceMissing, match="'<string>' has no source at hand"):
        render_block(template, "it", {})


def test_an_error_in_what_a_block_needs_shows_the_line_of_the_template(
    environment: Make,
) -> None:
    page = "\n\n{% set a = 1 // zero %}{% block it %}{% endblock %}"
    template = environment({"a.html": page}).get_template("a.html")

    with pytest.raises(ZeroDivisionError) as raised:
        render_block(template, "it", {"zero": 0})

    assert raised.traceback[-1].lineno == 2


def test_a_stream_of_a_block_gives_pieces_as_they_are_made(environment: Make) -> None:
    def rows() -> Iterator[int]:
        yield 1
        raise LookupError

    page = "{% block it %}{% for r in rows %}{{ r }}{% endfor %}{% endblock %}"
    template = environment({"a.html": page}).get_template("a.html")
    pieces = stream_block(template, "it", {"rows": rows()})

    assert next(pieces) == "1"
    with pytest.raises(LookupError):
        next(pieces)


def test_a_block_of_an_asynchronous_template_is_awaited(environment: Make) -> None:
    async def rows() -> AsyncIterator[int]:
        yield 1
        yield 2

    page = (
        "{% set all = rows() %}{% block it %}{% for r in all %}{{ r }},{% endfor %}"
        "{% endblock %}"
    )
    pages = {"a.html": "{% extends 'b.html' %}", "b.html": page}
    template = environment(pages, enable_async=True).get_template("a.html")

    assert render_block(template, "it", {"rows": rows}) == "1,2,"
    assert list(stream_block(template, "it", {"rows": rows})) == ["1", ",", "2", ","]


def test_a_missing_block_of_an_asynchronous_template_is_told(environment: Make) -> None:
    template = environment({"a.html": ""}, enable_async=True).get_template("a.html")

    with pytest.raises(BlockMissing, match=r"'it' is not in template 'a.html'"):
        render_block(template, "it", {})


@given(sites())
def test_any_block_reads_as_it_does_in_the_whole_page(site: Site) -> None:
    chosen = Environment(
        loader=jinja2.DictLoader(site.pages), extensions=["jinja2.ext.do"]
    )
    template = chosen.get_template("page")

    page = template.render(site.variables())

    assert all(
        render_block(template, block, site.variables()) == shown(page, block)
        for block in BLOCKS
        if f"({block}:" in page
    )


def shown(page: str, block: str) -> str:
    start, end = f"({block}:", f":{block})"
    # A block holds the one of its parent by super(), but inner is only ever repeated.
    last = page.index(end) if block == "inner" else page.rindex(end)
    return page[page.index(start) : last + len(end)]


CHAIN = {
    "page.html": (
        "{% extends 'middle.html' %}{% block a %}{% block b %}1{% endblock %}"
        "{% endblock %}"
    ),
    "middle.html": "{% extends 'root.html' %}{% set seen = 1 %}",
    "root.html": "{% block a %}{% endblock %}{% block c %}2{% endblock %}",
}
COMPUTED = {**CHAIN, "page.html": "{% set up = 'root.html' %}{% extends up %}"}


class Compilations(Environment):
    """Counts what is compiled."""

    compiled = 0

    def compile(self, *args: Any, **kwargs: Any) -> Any:
        self.compiled += 1
        return super().compile(*args, **kwargs)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_name_that_no_template_has_compiles_nothing(is_async: bool) -> None:
    chosen = Compilations(loader=jinja2.DictLoader(CHAIN), enable_async=is_async)
    template = chosen.get_template("page.html")

    for number in range(500):
        with pytest.raises(BlockMissing):
            render_block(template, f"unknown-{number}", {})

    assert chosen.compiled == len(CHAIN)


@pytest.mark.parametrize("pages", [CHAIN, COMPUTED], ids=["written", "computed"])
def test_names_of_strangers_leave_nothing_behind(pages: dict[str, str]) -> None:
    chosen = Compilations(loader=jinja2.DictLoader(pages))
    template = chosen.get_template("page.html")

    with pytest.raises(BlockMissing):
        render_block(template, "first", {})
    kept = sum(map(len, _fragments._preludes.values()))
    compiled = chosen.compiled
    for number in range(500):
        with pytest.raises(BlockMissing):
            render_block(template, f"unknown-{number}", {})

    assert sum(map(len, _fragments._preludes.values())) == kept
    assert chosen.compiled == compiled


def test_the_blocks_of_a_parent_that_may_be_missing_are_looked_for(
    environment: Make,
) -> None:
    page = "{% if deep %}{% extends 'gone.html' %}{% endif %}"
    template = environment({"page.html": page}).get_template("page.html")

    with pytest.raises(BlockMissing):
        render_block(template, "it", {})
    with pytest.raises(jinja2.TemplateNotFound, match=r"gone\.html"):
        render_block(template, "it", {"deep": True})


def test_a_missing_block_of_templates_that_extend_each_other_is_told(
    environment: Make,
) -> None:
    pages = {"a": "{% extends 'b' %}", "b": "{% extends 'a' %}"}

    with pytest.raises(BlockMissing):
        render_block(environment(pages).get_template("a"), "it", {})


def test_an_endless_name_of_a_block_is_told_in_short(environment: Make) -> None:
    template = environment(CHAIN).get_template("page.html")

    with pytest.raises(BlockMissing) as raised:
        render_block(template, "a" * 100_000, {})

    assert len(str(raised.value)) < 300
