"""`routes --python`: a module of links is written, or compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Invoke
from fakes import FakeApp


class Linked(FakeApp):
    def python_links(self) -> str:
        if self.name == "twice":
            raise ValueError("Two endpoints are one function.")
        return "# links\n"


def test_links_are_written(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "links.py"

    result = invoke("routes", "--python", str(path), app=Linked())

    assert result.output == f"{path} is written.\n"
    assert path.read_text() == "# links\n"


@pytest.mark.parametrize(
    ("text", "code", "output"),
    [
        ("# links\n", 0, "{} has the links of the app."),
        ("# others\n", 1, "{} does not have the links of the app. Write it again: "),
        (None, 1, "{} does not have the links of the app."),
    ],
)
def test_links_are_compared_and_left_alone(
    invoke: Invoke, tmp_path: Path, text: str | None, code: int, output: str
) -> None:
    path = tmp_path / "links.py"
    if text is not None:
        path.write_text(text)

    result = invoke("routes", "--python", str(path), "--check", app=Linked())

    assert result.exit_code == code
    assert output.format(path) in result.output
    assert (path.read_text() if path.exists() else None) == text


def test_a_mistake_in_the_routes_is_told(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("routes", "--python", str(tmp_path / "a"), app=Linked("twice"))

    assert (result.exit_code, "one function" in result.output) == (1, True)


def test_an_app_without_links_has_none(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("routes", "--python", str(tmp_path / "a"), app=FakeApp())

    assert result.exit_code != 0
    assert "python_links" in result.output


def test_there_is_nothing_to_check_without_a_file(invoke: Invoke) -> None:
    result = invoke("routes", "--check", app=Linked())

    assert result.exit_code == 2
    assert "--check is for --python" in result.output
