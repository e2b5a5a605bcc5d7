from __future__ import annotations

import io
import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

import jinja2
import pytest
from jinja2 import DictLoader

from tantalus_templating import (
    FolderMissing,
    StrictUndefined,
    TemplateMissing,
    Templates,
)

Make = Callable[..., Templates]
Folder = Callable[..., Path]


@pytest.mark.parametrize("kind", [str, Path], ids=["text", "path"])
def test_a_folder_is_enough(folder: Folder, kind: Callable[[Path], Any]) -> None:
    path = folder("templates", {"index.html": "Hello {{ user }}!"})

    assert Templates(kind(path)).render("index.html", user="<A>") == "Hello &lt;A&gt;!"


def test_several_places_are_searched_in_order(folder: Folder) -> None:
    own = folder("own", {"a.html": "own a"})
    shared = DictLoader({"a.html": "shared a", "b.html": "shared b"})
    templates = Templates([own, shared])

    assert templates.render("a.html") == "own a"
    assert templates.render("b.html") == "shared b"


def test_a_relative_folder_stays_the_same_when_the_program_moves(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder("templates", {"a.html": "a"})
    monkeypatch.chdir(path.parent)
    templates = Templates("templates")

    monkeypatch.chdir(os.sep)

    assert templates.render("a.html") == "a"


def test_a_folder_that_does_not_exist_is_told_at_set_up(tmp_path: Path) -> None:
    missing = tmp_path / "templtes"

    with pytest.raises(FolderMissing, match=r"does not exist. Create it") as raised:
        Templates(missing)

    assert raised.value.folder == str(missing)
    assert isinstance(raised.value, FileNotFoundError)


def test_the_first_of_several_names_that_exists_is_rendered(templates: Make) -> None:
    made = templates({"b.html": "b", "c.html": "c"})

    assert made.render(["a.html", "b.html", "c.html"]) == "b"


def test_a_template_can_be_rendered_itself(templates: Make) -> None:
    made = templates({})

    assert made.render(made.environment.from_string("{{ x }}"), x="<") == "&lt;"


def test_none_of_several_names_is_told(templates: Make) -> None:
    with pytest.raises(TemplateMissing, match=r"'a.html' or 'b.html' does not exist"):
        templates({}).render(["a.html", "b.html"])


def test_variables_may_have_any_name(templates: Make) -> None:
    made = templates({"a.html": "{{ self_ }}{{ name }}{{ source }}{{ block }}"})

    assert made.render("a.html", name=1, source=2, block=3) == "123"


def test_strings_are_rendered_and_escaped(templates: Make) -> None:
    assert templates({}).render_string("{{ x }}", x="<") == "&lt;"


def test_globals_are_seen_and_the_mapping_given_is_not_kept() -> None:
    given = {"site": "Site"}
    templates = Templates(DictLoader({}), globals=given)

    given["site"] = "changed"

    assert templates.render_string("{{ site }}") == "Site"


def test_escaping_can_be_chosen() -> None:
    pages = DictLoader({"a.html": "{{ x }}", "a.txt": "{{ x }}"})

    plain = Templates(pages, autoescape=False)
    chosen = Templates(pages, autoescape=lambda name: name == "a.txt")

    assert plain.render("a.html", x="<") == "<"
    assert chosen.render("a.html", x="<") == "<"
    assert chosen.render("a.txt", x="<") == "&lt;"


def test_options_of_jinja_are_passed_on(templates: Make) -> None:
    made = templates({}, trim_blocks=True, undefined=StrictUndefined)

    assert made.render_string("{% if 1 %}\na{% endif %}\n") == "a"
    with pytest.raises(jinja2.UndefinedError, match="'x' is undefined in template"):
        made.render_string("{{ x }}")


def test_context_processors_add_variables_to_every_render(templates: Make) -> None:
    made = templates({"a.html": "{{ x }}{{ y }}{% block b %}{{ y }}{% endblock %}"})

    @made.context_processor
    def defaults() -> dict[str, str]:
        return {"x": "X", "y": "Y"}

    assert made.render("a.html", x="given") == "givenYY"
    assert made.render_string("{{ y }}") == "Y"
    assert made.render_block("a.html", "b") == "Y"
    assert "".join(made.stream("a.html")) == "XYY"
    assert "".join(made.stream_string("{{ y }}")) == "Y"
    assert "".join(made.stream_block("a.html", "b")) == "Y"
    assert defaults() == {"x": "X", "y": "Y"}


def test_context_processors_of_a_stream_run_before_it_is_read(templates: Make) -> None:
    made = templates({"a.html": "{{ x }}"})
    called = []

    @made.context_processor
    def remember() -> dict[str, str]:
        called.append("now")
        return {}

    made.stream("a.html")

    assert called == ["now"]


def test_a_missing_template_is_told_before_the_stream_is_read(templates: Make) -> None:
    with pytest.raises(TemplateMissing, match=r"'a.html' does not exist"):
        templates({}).stream("a.html")


def test_filters_tests_and_globals_are_registered_without_parentheses(
    templates: Make,
) -> None:
    made = templates({})

    @made.template_filter
    def double(value: int) -> int:
        return value * 2

    @made.template_test
    def big(value: int) -> bool:
        return value > 9

    @made.template_global
    def answer() -> int:
        return 42

    text = made.render_string("{{ 4|double }} {{ 10 is big }} {{ answer() }}")
    assert text == "8 True 42"
    assert (double(1), big(1), answer()) == (2, False, 42)


def test_filters_tests_and_globals_are_registered_under_a_name(templates: Make) -> None:
    made = templates({})

    made.template_filter(name="twice")(lambda value: value * 2)
    made.template_test("large")(lambda value: value > 9)
    made.template_global("answer")(lambda: 42)

    text = made.render_string("{{ 4|twice }} {{ 10 is large }} {{ answer() }}")
    assert text == "8 True 42"


def test_filters_tests_and_globals_are_registered_with_empty_parentheses(
    templates: Make,
) -> None:
    made = templates({})

    @made.template_filter()
    def double(value: int) -> int:
        return value * 2

    assert made.render_string("{{ 4|double }}") == "8"


def test_a_syntax_error_tells_file_line_and_the_text_there(folder: Folder) -> None:
    path = folder("templates", {"a.html": "<p>\n{% if %}\n</p>"})

    with pytest.raises(jinja2.TemplateSyntaxError) as raised:
        Templates(path).render("a.html")

    shown = "".join(traceback.format_exception(raised.value))
    assert f'File "{path}/a.html", line 2, in template\n    {{% if %}}' in shown
    assert shown.endswith("Expected an expression, got 'end of statement block'\n")
    assert (raised.value.filename, raised.value.lineno) == (f"{path}/a.html", 2)


def serve(body: Iterable[bytes]) -> tuple[str, str]:
    """Serve one request with wsgiref and return what was sent and what was logged."""
    sent, logged = io.BytesIO(), io.StringIO()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return body

    environ: dict[str, str] = {}
    setup_testing_defaults(environ)
    SimpleHandler(io.BytesIO(), sent, logged, environ).run(app)
    return sent.getvalue().decode(), logged.getvalue()


def test_a_stream_is_a_wsgi_body(templates: Make) -> None:
    pieces = templates({"a.html": "<p>{{ x }}</p>"}).stream("a.html", x="<")

    sent, logged = serve(map(str.encode, pieces))

    assert sent.endswith("\r\n\r\n<p>&lt;</p>")
    assert logged == ""


def test_an_error_in_a_wsgi_body_is_logged_and_the_generators_are_closed(
    templates: Make,
) -> None:
    closed = []

    def rows() -> Iterator[int]:
        try:
            yield 1
            raise LookupError("the database is gone")
        finally:
            closed.append(True)

    made = templates({"a.html": "{% for r in rows %}{{ r }};{% endfor %}"})

    sent, logged = serve(map(str.encode, made.stream("a.html", rows=rows())))

    assert sent.endswith("\r\n\r\n1;")
    assert "LookupError: the database is gone" in logged
    assert closed == [True]


@pytest.mark.parametrize("places", [None, 5, b"pages", {"a.html": "A"}, DictLoader])
def test_what_can_be_no_place_of_templates_is_told(places: Any) -> None:
    with pytest.raises(TypeError, match="for templates in a dict, a DictLoader"):
        Templates(places)
