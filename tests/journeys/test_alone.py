"""Each component installed alone: the program at the top of its README runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from environments import (
    COMPONENTS,
    ROOT,
    Environment,
    free_port,
    project,
    serving,
    visitor,
)

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_brings_only_what_it_declares(
    component: str, environment: Environment, wheels: dict[str, Path]
) -> None:
    environment.install(wheels[component])

    assert set(environment.versions()) == {
        f"tantalus-{component}",
        *environment.needed_by(project(component)["dependencies"]),
    }
    environment.run_python("-c", f"import tantalus_{component}")


@pytest.mark.parametrize(
    ("component", "answers"),
    [
        ("http", [("/?name=Ada", "Hello, Ada!")]),
        ("routing", [("/hello/Ada", "Hello, Ada!")]),
        ("sessions", [("/", "Visit 1\n"), ("/", "Visit 2\n")]),
        ("templating", [("/%3Cb%3E", "<p>Hello &lt;b&gt;!</p>")]),
        ("cli", [("/Ada", "Hello, Ada!\n")]),
        ("testing", [("/Ada", "Hello, Ada!")]),
        ("typed", [("/?name=Ada", '["Hello, Ada!"]')]),
    ],
)
def test_the_program_at_the_top_of_the_readme_answers_over_a_socket(
    component: str,
    answers: list[tuple[str, str]],
    environment: Environment,
    wheels: dict[str, Path],
    tmp_path: Path,
) -> None:
    program, _ = program_and_output(component)
    assert "8000" in program
    port = free_port()
    (tmp_path / "program.py").write_text(program.replace("8000", str(port)))
    environment.install(wheels[component])

    command = [environment.python, "program.py"]
    with serving(command, cwd=tmp_path, port=port) as address:
        ask = visitor()
        answered = [ask(address + path) for path, _ in answers]

    assert answered == [(200, answer) for _, answer in answers]


@pytest.mark.parametrize("component", ["channels", "config", "context"])
def test_the_program_at_the_top_of_the_readme_writes_what_is_shown(
    component: str, environment: Environment, wheels: dict[str, Path], tmp_path: Path
) -> None:
    program, shown = program_and_output(component)
    (tmp_path / "program.py").write_text(program)
    environment.install(wheels[component])

    assert environment.run_python("program.py", cwd=tmp_path) == shown


def program_and_output(component: str) -> tuple[str, str]:
    """Return the first program of a README, and the block below it."""
    path = ROOT / "packages" / component / "README.md"
    blocks = FENCE.findall(path.read_text(encoding="utf-8"))
    first = [language for language, _ in blocks].index("python")
    (_, program), (_, shown) = blocks[first : first + 2]
    return program, shown
