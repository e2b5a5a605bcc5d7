from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis.strategies import text
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from tantalus_templating import (
    TEMPLATE_SUFFIXES,
    TEXT_EXTENSIONS,
    DispatchingLoader,
    Environment,
    StrictUndefined,
    Template,
    TemplateMissing,
    UndefinedVariable,
    autoescape_html,
    autoescape_safe,
    render,
)

Make = Callable[..., Environment]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        (None, True),
        ("a.html", True),
        ("a.htm", True),
        ("a.xml", True),
        ("a.xhtml", True),
        ("a.svg", True),
        ("a.html.j2", False),
        ("a.HTML", False),
        ("a.txt", False),
        ("a", False),
    ],
)
def test_autoescape_html_goes_by_five_extensions(
    name: str | None, escaped: bool
) -> None:
    assert autoescape_html(name) is escaped


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        (None, True),
        ("a.html", True),
        ("a.HTM", True),
        ("a.svg", True),
        ("a.html.jinja", True),
        ("a.html.jinja2", True),
        ("a.html.j2", True),
        ("a.xml.tmpl", True),
        ("a.jinja", True),
        ("a.j2", True),
        ("a", True),
        ("mail.txt/a", True),
        ("a.txt", False),
        ("a.txt.j2", False),
        ("a.js", False),
        ("a.json.jinja", False),
        ("a.html.txt", False),
        ("a.md", False),
        ("A.CSV", False),
        ("feed.rss", True),
        ("feed.atom", True),
        ("data.rdf", True),
        ("sheet.xsl", True),
        ("page.vue", True),
        ("mail.mjml", True),
        ("page.shtml", True),
        ("page.html5", True),
        ("row.partial", True),
        ("row.fragment.j2", True),
        ("a.unheard-of", True),
        ("a.txt.bak", True),
        ("a.", True),
        ("a.js/b.", True),
    ],
)
def test_autoescape_safe_looks_before_the_template_suffix(
    name: str | None, escaped: bool
) -> None:
    assert autoescape_safe(name) is escaped


@given(text())
def test_autoescape_safe_escapes_whatever_has_no_known_ending(name: str) -> None:
    known = name.lower().endswith((*TEXT_EXTENSIONS, *TEMPLATE_SUFFIXES))

    assert autoescape_safe(name) or known


def test_autoescape_safe_remembers_a_bounded_number_of_names() -> None:
    for number in range(5_000):
        autoescape_safe(f"{number}.html")

    assert autoescape_safe.cache_info().currsize <= 1_024


def test_an_environment_escapes_unless_told_otherwise(environment: Make) -> None:
    page = {"a.j2": "{{ x }}"}

    assert environment(page).get_template("a.j2").render(x="<") == "&lt;"
    assert environment(page, autoescape=False).get_template("a.j2").render(x="<") == "<"


def test_tojson_uses_the_json_function_given(environment: Make) -> None:
    def dumps(value: object, **kwargs: Any) -> str:
        return json.dumps(value, default=str, **kwargs)

    chosen = environment({"a.html": "{{ x|tojson }}"}, json_dumps=dumps)

    text = chosen.get_template("a.html").render(x=[date(2026, 1, 31), "</script>'&"])

    assert text == r'["2026-01-31", "\u003c/script\u003e\u0027\u0026"]'


def test_one_environment_does_not_set_the_json_function_of_another(
    environment: Make,
) -> None:
    environment({}, json_dumps=lambda value, **kwargs: "changed")
    other = environment({"a.html": "{{ 1|tojson }}"})

    assert other.get_template("a.html").render() == "1"


def test_an_overlay_shares_globals_and_escapes_too(environment: Make) -> None:
    original = environment({"a.html": "[[ x ]][[ shared ]]"})
    overlay = original.overlay(variable_start_string="[[", variable_end_string="]]")
    original.globals["shared"] = 1

    template = overlay.get_template("a.html")

    assert template.render(x="<") == "&lt;1"
    assert isinstance(template, Template)


def test_a_sandbox_can_be_built_on_the_environment() -> None:
    class Sandbox(SandboxedEnvironment, Environment):
        """Both."""

    sandbox = Sandbox(undefined=StrictUndefined)

    with pytest.raises(SecurityError, match="unsafe"):
        sandbox.from_string("{{ ''.__class__.mro() }}").render()


def test_a_template_of_a_string_keeps_its_source(environment: Make) -> None:
    template = environment({}).from_string("{{ x }}")

    assert isinstance(template, Template)
    assert template.source == "{{ x }}"


def test_a_template_of_a_tree_has_no_source(environment: Make) -> None:
    chosen = environment({})

    template = chosen.from_string(chosen.parse("{{ x }}"))

    assert isinstance(template, Template)
    assert template.source is None


def test_a_template_class_of_the_user_is_respected(environment: Make) -> None:
    template = environment({}).from_string("a", template_class=jinja2.Template)

    assert type(template) is jinja2.Template


def test_an_undefined_variable_gets_a_note_with_template_and_line(
    environment: Make,
) -> None:
    chosen = environment({"a.html": "{% include 'b.html' %}", "b.html": "\n{{ x.y }}"})

    with pytest.raises(jinja2.UndefinedError, match=r"^'x' is undefined") as raised:
        chosen.get_template("a.html").render()

    assert raised.value.__notes__ == ["In template 'b.html', line 2."]


def test_an_error_that_is_not_about_variables_gets_no_note(environment: Make) -> None:
    chosen = environment({"a.html": "{{ 1 // zero }}"})

    with pytest.raises(ZeroDivisionError) as raised:
        chosen.get_template("a.html").render(zero=0)

    assert not hasattr(raised.value, "__notes__")


def test_an_undefined_error_from_outside_a_template_gets_no_note(
    environment: Make,
) -> None:
    chosen = environment({})

    with pytest.raises(jinja2.UndefinedError) as raised:
        raise_and_handle(chosen)

    assert not hasattr(raised.value, "__notes__")


def raise_and_handle(environment: Environment) -> None:
    try:
        raise jinja2.UndefinedError("mine")
    except jinja2.UndefinedError:
        environment.handle_exception()


@pytest.mark.parametrize(
    ("source", "start"),
    [
        ("\n{{ user }}", "'user' is undefined in template 'a.html', line 2. Pass"),
        ("{{ user.name }}", "'user' is undefined in template 'a.html', line 1. Pass"),
        ("{% for x in user %}{% endfor %}", "'user' is undefined in template 'a.html'"),
        ("{{ site.nme }}", "'dict object' has no attribute 'nme' in template 'a.html'"),
        (
            "{% if user %}{% endif %}",
            "'user' is undefined in template 'a.html', line 1",
        ),
    ],
)
def test_strict_variables_are_named_with_the_template(
    environment: Make, source: str, start: str
) -> None:
    chosen = environment({"a.html": source}, undefined=StrictUndefined)

    with pytest.raises(UndefinedVariable) as raised:
        chosen.get_template("a.html").render(site={})

    assert str(raised.value).startswith(start)
    assert not hasattr(raised.value, "__notes__")


def test_strict_variables_in_a_string_are_named_too(environment: Make) -> None:
    chosen = environment({}, undefined=StrictUndefined)

    with pytest.raises(UndefinedVariable, match="in template '<string>', line 1"):
        chosen.from_string("{{ x }}").render()


def test_strict_variables_may_be_asked_for_and_given_a_default(
    environment: Make,
) -> None:
    chosen = environment({}, undefined=StrictUndefined)

    text = chosen.from_string("{{ x is defined }} {{ x|default('none') }}").render()

    assert text == "False none"


def test_strict_variables_used_outside_a_template_are_named_alone() -> None:
    with pytest.raises(UndefinedVariable, match=r"^'x' is undefined. Pass it"):
        str(StrictUndefined(name="x"))


def test_selecting_among_missing_templates_names_the_places(folder: Any) -> None:
    from_folder = folder("pages", {"index.html": ""})
    chosen = jinja_loader_environment(from_folder)

    with pytest.raises(TemplateMissing) as raised:
        chosen.select_template(["indx.html", "other.html"])

    assert str(raised.value) == (
        "Template 'indx.html' or 'other.html' does not exist. Searched in order: "
        f"folder '{from_folder}' (place 1). Did you mean 'index.html'?"
    )
    assert raised.value.templates == ["indx.html", "other.html"]


def jinja_loader_environment(path: object) -> Environment:
    from_folder = jinja2.FileSystemLoader(str(path))
    return Environment(loader=DispatchingLoader(lambda: [("place 1", from_folder)]))


def test_selecting_gives_the_first_that_exists(environment: Make) -> None:
    chosen = environment({"b.html": "b", "c.html": "c"})

    assert chosen.select_template(["a.html", "b.html", "c.html"]).name == "b.html"


def test_selecting_with_a_loader_of_jinja_raises_the_error_of_jinja(
    environment: Make,
) -> None:
    with pytest.raises(jinja2.TemplatesNotFound, match="none of the templates given"):
        environment({}).select_template(["a.html"])


def test_selecting_among_no_templates_says_so(folder: Any) -> None:
    chosen = jinja_loader_environment(folder("pages", {"a.html": ""}))

    with pytest.raises(jinja2.TemplatesNotFound, match="empty list"):
        chosen.select_template([])


def test_a_global_set_after_a_template_was_loaded_is_seen(environment: Make) -> None:
    chosen = environment({"a.html": "{{ late }}"})
    template = chosen.get_template("a.html")

    chosen.globals["late"] = "here"

    assert render(template, {}) == "here"


class Thing:
    name = "attribute"

    def __getitem__(self, key: str) -> str:
        return {"name": "item", "other": "item"}[key]


class Row(dict[str, str]):
    name = "attribute"


VALUES = [
    {"name": "item", "items": "item"},
    {},
    Row(name="item", other="item"),
    Thing(),
    "text",
    7,
    None,
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("attribute", ["name", "other", "items", "upper", "__class__"])
@pytest.mark.parametrize("sandboxed", [False, True])
def test_attributes_are_what_they_are_in_jinja(
    value: object, attribute: str, sandboxed: bool
) -> None:
    class Sandbox(Environment, SandboxedEnvironment):
        """Ours first, which must not open the sandbox."""

    ours = Sandbox() if sandboxed else Environment()
    theirs = SandboxedEnvironment() if sandboxed else jinja2.Environment()

    found, expected = (chosen.getattr(value, attribute) for chosen in (ours, theirs))

    assert type(found) is type(expected)
    assert found == expected


def test_a_missing_item_of_a_dict_is_undefined_and_named(environment: Make) -> None:
    chosen = environment({}, undefined=StrictUndefined)

    with pytest.raises(UndefinedVariable, match="'dict object' has no attribute 'nme'"):
        chosen.from_string("{{ row.nme }}").render(row={"name": 1})


def test_an_asynchronous_environment_looks_up_attributes_the_same(
    environment: Make,
) -> None:
    chosen = environment({}, enable_async=True)

    assert chosen.from_string("{{ row.a }}").render(row={"a": 1}) == "1"
