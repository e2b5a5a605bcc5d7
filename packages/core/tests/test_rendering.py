from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateNotFound

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

    assert "Locating template 'page.html'" in caplog.text
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
