from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jinja2 import BaseLoader, DictLoader, FunctionLoader

from tantalus import App, Blueprint
from tantalus.cli import ScriptInfo, cli, templates_command

WRONG = {
    "page.html": "{% extends 'bse.html' %}\n{{ now|euro }}",
    "base.html": "{% block main %}{% endblock %}",
    "open.html": "\n\n{% if a %}",
}

AppWith = Callable[[dict[str, str]], App]


@pytest.fixture
def app_with(tmp_path: Path) -> AppWith:
    """Return a function that makes an app with these template files."""

    def make(pages: dict[str, str]) -> App:
        folder = tmp_path / "templates"
        folder.mkdir()
        for name, source in pages.items():
            (folder / name).write_text(source)
        return App("shop", root_path=str(tmp_path))

    return make


def check(app: object, *args: str) -> Result:
    info = ScriptInfo(create_app=lambda: app)  # type: ignore[arg-type,return-value]  # also no app
    return CliRunner().invoke(templates_command, args, obj=info)


def test_templates_without_mistakes_are_counted(app_with: AppWith) -> None:
    result = check(app_with({"a.html": "{{ a }}", "b.html": "{% extends 'a.html' %}"}))

    assert result.output == "2 templates checked, no problems found.\n"
    assert result.exit_code == 0


def test_mistakes_are_told_with_file_and_line(
    app_with: AppWith, tmp_path: Path
) -> None:
    result = check(app_with(WRONG))

    folder = tmp_path / "templates"
    assert result.output.splitlines() == [
        f"{folder}/open.html:3: Unexpected end of template. Jinja was looking for the"
        " following tags: 'elif' or 'else' or 'endif'. The innermost block that needs"
        " to be closed is 'if'.",
        f"{folder}/page.html:1: The parent 'bse.html' does not exist."
        " Did you mean 'base.html'?",
        f"{folder}/page.html:2: The filter 'euro' is not registered.",
        "3 templates checked, 3 problems found.",
    ]
    assert result.exit_code == 1


def test_mistakes_are_printed_as_json(app_with: AppWith, tmp_path: Path) -> None:
    result = check(app_with({"a.html": "{{ a|euro }}"}), "--json")

    assert json.loads(result.output) == {
        "checked": 1,
        "problems": [
            {
                "template": "a.html",
                "file": f"{tmp_path}/templates/a.html",
                "line": 1,
                "kind": "filter",
                "message": "The filter 'euro' is not registered.",
            }
        ],
    }
    assert result.exit_code == 1


def test_what_the_app_registers_is_known(app_with: AppWith) -> None:
    app = app_with({"a.html": "{{ a|euro }}"})
    app.template_filter("euro")(str)

    assert check(app).output == "1 template checked, no problems found.\n"


def test_templates_of_blueprints_are_checked(app_with: AppWith, tmp_path: Path) -> None:
    app = app_with({"a.html": ""})
    folder = tmp_path / "of_blueprint"
    folder.mkdir()
    (folder / "b.html").write_text("{% include 'nothing' %}")
    app.register_blueprint(Blueprint("cart", "shop", template_folder=str(folder)))

    result = check(app)

    assert result.output.splitlines() == [
        f"{folder}/b.html:1: The include 'nothing' does not exist.",
        "2 templates checked, 1 problem found.",
    ]


@pytest.mark.parametrize("folder", ["templates", None])
def test_an_app_without_templates_is_told_so(
    folder: str | None, tmp_path: Path
) -> None:
    app = App("shop", root_path=str(tmp_path), template_folder=folder)

    result = check(app)

    assert result.output == (
        "The application 'shop' has no templates: there is no file in its template"
        " folder, nor in those of its blueprints.\n"
    )
    assert result.exit_code == 0
    assert json.loads(check(app, "--json").output) == {"checked": 0, "problems": []}


def test_an_environment_without_a_loader_has_no_templates(tmp_path: Path) -> None:
    app = App("shop", root_path=str(tmp_path))
    app.jinja_env.loader = None

    result = check(app)

    assert result.output.startswith("The application 'shop' has no templates")


def test_a_loader_that_cannot_list_its_templates_is_told() -> None:
    class Owner(App):
        jinja_loader: BaseLoader | None = FunctionLoader(lambda name: None)

    result = check(Owner("shop"))

    assert "The templates of the application 'shop' cannot be checked" in result.output
    assert "list_templates()" in result.output
    assert result.exit_code == 2


def test_the_loader_of_an_app_may_be_any_that_lists() -> None:
    app = App("shop")
    app.jinja_env.loader = DictLoader({"a": "{{"})

    result = check(app)

    assert result.output.startswith("a:1: ")
    assert result.exit_code == 1


def test_the_program_has_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text("{{ a")
    (tmp_path / "shop_app.py").write_text(
        "import tantalus\napp = tantalus.App(__name__)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    result = CliRunner().invoke(cli, ["--app", "shop_app", "templates"])

    assert result.output.splitlines()[-1] == "1 template checked, 1 problem found."
    assert result.exit_code == 1
