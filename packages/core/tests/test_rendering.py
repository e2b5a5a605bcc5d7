from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from traceback import format_exception
from typing import Any
from wsgiref.handlers import SimpleHandler

import pytest
from jinja2 import TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from werkzeug.local import LocalProxy

from tantalus import (
    App,
    Blueprint,
    before_render_template,
    flash,
    g,
    get_template_attribute,
    render_block,
    render_template,
    render_template_string,
    request,
    session,
    stream_block,
    stream_template,
    stream_template_string,
    template_rendered,
)
from tantalus.templating import DispatchingJinjaLoader, Environment
from tantalus_templating import UnnamedFunction
from tantalus_testing import captured_templates

TEMPLATES = {
    "page.html": "<h1>{% block title %}{{ title }}{% endblock %}</h1>",
    "child.html": (
        "{% extends 'page.html' %}{% block title %}[{{ super() }}]{% endblock %}"
    ),
    "macro.html": "{% macro hello(name) %}Hello {{ name }}{% endmacro %}",
    "plain.txt": "{{ title }}",
}


@pytest.fixture
def pages(tmp_path: Path) -> App:
    folder = tmp_path / "templates"
    folder.mkdir()
    for name, source in TEMPLATES.items():
        (folder / name).write_text(source)
    app = App("tests", root_path=str(tmp_path))
    app.config.update(TESTING=True, SECRET_KEY="a key that is long enough")
    return app


def test_templates_inherit_and_escape(pages: App) -> None:
    with pages.app_context():
        assert render_template("child.html", title="<b>") == "<h1>[&lt;b&gt;]</h1>"
        assert render_template("plain.txt", title="<b>") == "<b>"
        assert render_template_string("{{ a }}", a="<b>") == "&lt;b&gt;"
        assert render_template(["none.html", "page.html"]) == "<h1></h1>"


def test_templates_see_the_request(pages: App) -> None:
    source = (
        "{{ request.path }} {{ session.user }} {{ g.mark }} {{ config.TESTING }}"
        " {{ url_for('static', filename='a.css') }} {{ get_flashed_messages()|join }}"
    )

    with pages.test_request_context("/there"):
        session["user"] = "ada"
        g.mark = "mark"
        flash("flashed")
        text = render_template_string(source)

    assert text == "/there ada mark True /static/a.css flashed"


def test_what_a_view_passes_wins_over_processors(pages: App) -> None:
    pages.context_processor(lambda: {"title": "processor", "other": "processor"})

    with pages.app_context():
        text = render_template_string("{{ title }} {{ other }}", title="view")

    assert text == "view processor"


def test_blocks_are_rendered_alone(pages: App) -> None:
    with pages.test_request_context():
        assert render_block("child.html", "title", title="<x>") == "[&lt;x&gt;]"
        assert "".join(stream_block("child.html", "title", title="x")) == "[x]"


def test_templates_are_streamed(pages: App) -> None:
    with pages.app_context():
        assert "".join(stream_template("page.html", title="x")) == "<h1>x</h1>"
        assert "".join(stream_template_string("{{ a }}", a=1)) == "1"


def test_a_streamed_template_keeps_the_request(pages: App) -> None:
    pages.add_url_rule(
        "/there", "there", lambda: stream_template_string("{{ request.path }}")
    )

    assert pages.test_client().get("/there").text == "/there"
    assert not request


def test_macros_can_be_called_from_python(pages: App) -> None:
    with pages.app_context():
        hello = get_template_attribute("macro.html", "hello")
        assert hello("Ada") == "Hello Ada"


def test_signals_tell_of_each_rendering(pages: App) -> None:
    before: list[str | None] = []

    def note(sender: App, template: Any, context: Any, **extra: Any) -> None:
        before.append(template.name)

    before_render_template.connect(note, pages)
    with pages.app_context(), captured_templates(pages) as captured:
        render_template("page.html", title="x")
        list(stream_template("page.html", title="y"))
        render_block("page.html", "title", title="z")

    assert before == ["page.html"] * 3
    assert [context["title"] for _, context in captured] == ["x", "y", "z"]
    assert pages.template_rendered_signal is template_rendered


def test_registrations_need_no_parentheses(pages: App) -> None:
    @pages.template_filter
    def backwards(text: str) -> str:
        return text[::-1]

    @pages.template_test("lengthy")
    def is_long(text: str) -> bool:
        return len(text) > 2

    @pages.template_global()
    def shout(text: str) -> str:
        return text.upper()

    source = "{{ 'abc'|backwards }} {{ 'abc' is lengthy }} {{ shout('abc') }}"

    with pages.app_context():
        assert render_template_string(source) == "cba True ABC"


def test_a_missing_template_says_where_was_searched(pages: App) -> None:
    with pages.app_context(), pytest.raises(TemplateNotFound, match=r"page\.html"):
        render_template("pgae.html")


def test_the_app_wins_over_blueprints_in_order(pages: App, tmp_path: Path) -> None:
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "page.html").write_text(name)
        (folder / "own.html").write_text(name)
        blueprint = Blueprint(
            name, "tests", root_path=str(tmp_path), template_folder=name
        )
        pages.register_blueprint(blueprint)
    pages.register_blueprint(Blueprint("none", "tests"))

    with pages.app_context():
        assert render_template("page.html") == "<h1></h1>"
        assert render_template("own.html") == "first"
    assert pages.jinja_env.list_templates() == [
        "child.html",
        "macro.html",
        "own.html",
        "page.html",
        "plain.txt",
    ]


def test_looking_for_templates_can_be_explained(
    pages: App, caplog: pytest.LogCaptureFixture
) -> None:
    pages.config["EXPLAIN_TEMPLATE_LOADING"] = True

    with pages.app_context(), caplog.at_level(logging.INFO):
        render_template("page.html")

    assert "Template 'page.html' was looked up in" in caplog.text
    assert "application 'tests'" in caplog.text


def test_options_and_classes_of_the_environment_can_be_replaced(pages: App) -> None:
    class Own(Environment):
        pass

    class OwnApp(App):
        jinja_environment = Own
        jinja_options = {  # noqa: RUF012 - as documented
            "autoescape": False,
            "auto_reload": True,
            "trim_blocks": True,
        }

    app = OwnApp("tests")

    assert isinstance(app.jinja_env, Own)
    assert app.jinja_env.autoescape is False
    assert app.jinja_env.auto_reload is True
    assert app.jinja_env.trim_blocks is True
    assert isinstance(app.jinja_env.loader, DispatchingJinjaLoader)
    assert App.jinja_environment is Environment


def test_an_environment_may_have_another_loader(pages: App) -> None:
    environment = Environment(pages, loader=pages.jinja_loader)

    assert environment.app is pages
    assert environment.loader is pages.jinja_loader
    assert App("tests", template_folder=None).jinja_loader is None


def test_tojson_writes_as_the_app_does(pages: App) -> None:
    pages.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default one

    with pages.app_context():
        text = render_template_string("{{ a|tojson }}", a="<ö>")

    assert text == '"\\u003cö\\u003e"'


FAILING = "{% block rows %}{% for row in rows %}<li>{{ row }}{% endfor %}{% endblock %}"
ROWS_THEN_ERROR: dict[str, Callable[[Iterator[int]], Iterator[str]]] = {
    "stream": lambda rows: stream_template("failing.html", rows=rows),
    "string": lambda rows: stream_template_string(FAILING, rows=rows),
    "block": lambda rows: stream_block("failing.html", "rows", rows=rows),
}


@pytest.mark.parametrize("streamed", ROWS_THEN_ERROR.values(), ids=ROWS_THEN_ERROR)
def test_a_stream_that_fails_ends_is_logged_and_is_torn_down(
    pages: App, tmp_path: Path, streamed: Callable[[Iterator[int]], Iterator[str]]
) -> None:
    (tmp_path / "templates" / "failing.html").write_text(FAILING)
    ends: list[tuple[str, str]] = []
    pages.teardown_request(lambda error: ends.append((request.path, repr(error))))

    def rows() -> Iterator[int]:
        yield 1
        yield 2
        raise LookupError(f"no rows for {request.path}")

    pages.add_url_rule("/rows", "rows", lambda: streamed(rows()))
    with captured_templates(pages) as captured:
        sent, log = served(pages, "/rows")

    head, _, body = sent.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.0 200 OK\r\n")
    assert body == "<li>1<li>2"
    assert log.endswith("\nLookupError: no rows for /rows\n")
    assert ends == [("/rows", "LookupError('no rows for /rows')")]
    assert captured == []


def served(app: App, path: str) -> tuple[str, str]:
    """Return what a server of the standard library sends, and what it logs."""
    sent, log = io.BytesIO(), io.StringIO()
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    handler = SimpleHandler(io.BytesIO(), sent, log, environ, multithread=False)
    handler.run(app)
    return sent.getvalue().decode(), log.getvalue()


def test_an_error_before_the_first_piece_has_an_error_page(pages: App) -> None:
    pages.testing = False
    pages.add_url_rule("/none", "none", lambda: stream_template("none.html"))

    response = pages.test_client().get("/none")

    assert response.status_code == 500


OUTSIDE = [
    "../secret.html",
    "folder/../../secret.html",
    "..\\secret.html",
    "/etc/passwd",
    "//page.html/../../secret.html",
    "page.html\0",
    "../secret.html\0.html",
    "",
    ".",
    "..",
    "\ud800",
    "x" * 5000,
]
USES: dict[str, Callable[[str], object]] = {
    "render": render_template,
    "first of several": lambda name: render_template(["none.html", name]),
    "stream": stream_template,
    "block": lambda name: render_block(name, "title"),
    "stream of a block": lambda name: stream_block(name, "title"),
    "attribute": lambda name: get_template_attribute(name, "secret"),
    "include": lambda name: render_template_string("{% include name %}", name=name),
    "parent": lambda name: render_template_string("{% extends name %}", name=name),
    "import": lambda name: render_template_string(
        "{% from name import secret %}{{ secret }}", name=name
    ),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out_of_the_folders(
    pages: App, tmp_path: Path, name: str, use: Callable[[str], object]
) -> None:
    (tmp_path / "secret.html").write_text("{% set secret = 'found' %}{{ secret }}")
    (tmp_path / "of_blueprint").mkdir()
    blueprint = Blueprint("b", "tests", root_path=str(tmp_path))
    blueprint.template_folder = "of_blueprint"
    pages.register_blueprint(blueprint)

    with pages.test_request_context(), pytest.raises(TemplateNotFound):
        use(name)


def test_a_syntax_error_tells_file_and_line(pages: App, tmp_path: Path) -> None:
    file = tmp_path / "templates" / "open.html"
    file.write_text("\n{% if a %}\n{{ a }}")

    with pages.app_context(), pytest.raises(TemplateSyntaxError) as caught:
        render_template("open.html")

    assert (caught.value.filename, caught.value.lineno) == (str(file), 3)
    shown = "".join(format_exception(caught.value))
    assert f'File "{file}", line 3, in template\n    {{{{ a }}}}\n' in shown


def test_an_undefined_variable_tells_its_name_and_template(
    pages: App, tmp_path: Path
) -> None:
    (tmp_path / "templates" / "usr.html").write_text("\n{{ usr.name }}")

    with pages.app_context(), pytest.raises(UndefinedError) as caught:
        render_template("usr.html")

    assert str(caught.value) == "'usr' is undefined"
    assert caught.value.__notes__ == ["In template 'usr.html', line 2."]


@pytest.mark.parametrize("wrong", [None, "text", ["a"], 7])
def test_a_processor_that_returns_no_mapping_is_told(pages: App, wrong: Any) -> None:
    def site_name() -> Any:
        return wrong

    pages.context_processor(site_name)

    with pages.app_context(), pytest.raises((TypeError, ValueError)) as caught:
        render_template("page.html")

    (note,) = caught.value.__notes__
    assert "site_name (" in note
    assert "test_rendering.py:" in note
    assert note.endswith("It has to return a mapping of names to values.")


def test_a_processor_that_raises_is_named(pages: App) -> None:
    def broken() -> dict[str, Any]:
        raise LookupError("no site")

    pages.context_processor(broken)

    with pages.app_context(), pytest.raises(LookupError, match="no site") as caught:
        render_template("page.html")

    (note,) = caught.value.__notes__
    assert note.startswith("From the context processor ")
    assert "broken (" in note


def test_a_processor_without_code_of_its_own_is_named(pages: App) -> None:
    pages.context_processor(partial(dict, 1))

    with pages.app_context(), pytest.raises(TypeError) as caught:
        render_template("page.html")

    assert "functools.partial(<class 'dict'>, 1)" in caught.value.__notes__[0]


def test_an_async_processor_gives_its_values(pages: App) -> None:
    async def site_name() -> dict[str, Any]:
        return {"title": "Shop"}

    pages.context_processor(site_name)

    with pages.app_context():
        assert render_template("page.html") == "<h1>Shop</h1>"


def test_rendering_needs_an_app() -> None:
    with pytest.raises(RuntimeError, match="outside of application context"):
        render_template("page.html")


VALUES: dict[str, Any] = {
    "false": False,
    "none": None,
    "dict": {"tea": 2},
    "proxy": LocalProxy(lambda: {"tea": 2}),
    "partial": partial(str, 1),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("kind", ["global", "filter", "test"])
def test_templates_take_any_value_under_a_name(app: App, kind: str, value: Any) -> None:
    blueprint = Blueprint("bp", "tests")

    getattr(app, f"add_template_{kind}")(value, name="of_the_app")
    getattr(blueprint, f"add_app_template_{kind}")(value, "of_the_blueprint")
    app.register_blueprint(blueprint)

    names = getattr(app.jinja_env, f"{kind}s")
    assert names["of_the_app"] is value
    assert names["of_the_blueprint"] is value


def test_values_under_a_name_are_what_templates_see(app: App) -> None:
    app.add_template_global(False, name="tracking")
    app.add_template_global({"tea": 2}, "prices")

    with app.app_context():
        text = render_template_string("{{ tracking }} {{ prices.tea }}")

    assert text == "False 2"


@pytest.mark.parametrize("value", [False, partial(str, 1)], ids=["value", "partial"])
def test_what_has_no_name_cannot_be_registered_without_one(
    app: App, value: Any
) -> None:
    with pytest.raises(UnnamedFunction, match="name="):
        app.add_template_global(value)


PATCHES = {
    "_render": (render_template, render_template_string),
    "_stream": (stream_template, stream_template_string),
}


@pytest.mark.parametrize("name", PATCHES)
def test_suites_may_replace_what_renders(
    pages: App, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[object, str | None, dict[str, Any]]] = []

    def nothing(app: object, template: Any, context: dict[str, Any]) -> str:
        seen.append((app, template.name, context))
        return "nothing"

    monkeypatch.setattr(f"tantalus.templating.{name}", nothing)
    by_name, by_source = PATCHES[name]

    with pages.app_context():
        assert by_name("page.html", title="a") == "nothing"
        assert by_source("{{ b }}", b="c") == "nothing"

    assert seen == [
        (pages, "page.html", {"title": "a"}),
        (pages, None, {"b": "c"}),
    ]


OWN_ENVIRONMENT = """
import jinja2
import tantalus

app = tantalus.App("tests")
app.jinja_env = jinja2.Environment()
with app.app_context():
    print(tantalus.render_template_string("{{ a }}", a=1))
"""


def test_an_app_may_bring_an_environment_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OWN_ENVIRONMENT], capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("1\n", "")
