from __future__ import annotations

import os

import pytest
from conftest import Write

from tantalus_cli._errors import BadProjectFile
from tantalus_cli._project import project_app


def test_the_app_is_named_in_the_nearest_project_file(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write("pyproject.toml", '[tool.tantalus]\napp = "shop:create_app"\n').parent
    monkeypatch.chdir(write("deep/down/file.txt", "").parent)

    assert project_app("tantalus") == os.path.join(root, "shop:create_app")


@pytest.mark.parametrize(
    "content",
    ["", "[project]\nname = 'x'\n", "[tool.other]\napp = 'x'\n", "[tool.tantalus]\n"],
)
def test_a_project_file_may_name_no_app(content: str, write: Write) -> None:
    write("pyproject.toml", content)

    assert project_app("tantalus") is None


def test_there_may_be_no_project_file(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(os.path.abspath(os.sep))

    assert project_app("tantalus") is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[tool.tantalus", "not valid TOML"),
        ("[tool.tantalus]\napp = 3\n", 'app is 3. Write app = "module:name".'),
        ("[tool.tantalus]\napp = ''\n", "app is ''"),
        ("tool = 1\n", r"'tool' is no table. Write \[tool.tantalus\]."),
        ("[tool]\ntantalus = 'x'\n", "'tantalus' is no table"),
    ],
)
def test_a_wrong_project_file_is_told(content: str, problem: str, write: Write) -> None:
    write("pyproject.toml", content)

    with pytest.raises(BadProjectFile, match=problem):
        project_app("tantalus")


def test_an_unreadable_project_file_is_told(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("pyproject.toml", "")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)

    with pytest.raises(BadProjectFile, match=r"Permission denied\. Make it readable"):
        project_app("tantalus")
