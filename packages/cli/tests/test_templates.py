from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from conftest import Invoke
from fakes import FakeApp, plain_app


class Mistake(NamedTuple):
    template: str
    file: str
    line: int
    kind: str
    message: str


class AppWithTemplates(FakeApp):
    names: Sequence[str] = ("a.html", "b.html")
    mistakes: Sequence[Mistake] = ()

    def check_templates(self) -> tuple[Sequence[str], Sequence[Mistake]]:
        assert self.contexts == 1
        return self.names, self.mistakes


class AppWithSilentLoader(FakeApp):
    def check_templates(self) -> tuple[Sequence[str], Sequence[Mistake]]:
        raise TypeError("this loader tells nothing")


@pytest.fixture
def shop() -> AppWithTemplates:
    return AppWithTemplates("shop")


WRONG = Mistake("a.html", "pages/a.html", 3, "filter", "The filter 'euro' is missing.")


def test_templates_without_mistakes_are_counted(
    invoke: Invoke, shop: AppWithTemplates
) -> None:
    result = invoke("templates", app=shop)

    assert result.output == "2 templates checked, no problems found.\n"
    assert result.exit_code == 0


def test_mistakes_are_told_with_file_and_line(
    invoke: Invoke, shop: AppWithTemplates
) -> None:
    shop.names, shop.mistakes = ["a.html"], [WRONG]

    result = invoke("templates", app=shop)

    assert result.output.splitlines() == [
        "pages/a.html:3: The filter 'euro' is missing.",
        "1 template checked, 1 problem found.",
    ]
    assert result.exit_code == 1


def test_mistakes_are_printed_as_json(invoke: Invoke, shop: AppWithTemplates) -> None:
    shop.mistakes = [WRONG]

    result = invoke("templates", "--json", app=shop)

    assert json.loads(result.output) == {"checked": 2, "problems": [WRONG._asdict()]}
    assert result.exit_code == 1


def test_an_app_without_templates_is_told_so(
    invoke: Invoke, shop: AppWithTemplates
) -> None:
    shop.names = []

    result = invoke("templates", app=shop)

    assert result.output == (
        "The application 'shop' has no templates: there is no file in its template"
        " folder, nor in those of its blueprints.\n"
    )
    assert result.exit_code == 0


def test_a_loader_that_cannot_list_its_templates_is_told(invoke: Invoke) -> None:
    result = invoke("templates", app=AppWithSilentLoader("shop"))

    assert "cannot be checked: this loader tells nothing." in result.output
    assert "list_templates()" in result.output
    assert result.exit_code == 2


def test_a_plain_wsgi_callable_is_told_that_it_cannot_check(invoke: Invoke) -> None:
    result = invoke("templates", app=plain_app)

    assert "has no 'check_templates', so its templates are unknown" in result.output
    assert result.exit_code == 2
