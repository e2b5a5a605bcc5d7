"""Each component installed alone: the program at the top of its README runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from environments import COMPONENTS, ROOT, Environment, project

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
REQUEST = re.compile(r"^\$ curl (?:-\w+ )*\S*?:8000(/\S*)$", re.MULTILINE)


class Readme(NamedTuple):
    """What a README begins with."""

    program: str
    after: str


def readme(component: str) -> Readme:
    """Return the first program of a README, and the block below it."""
    path = ROOT / "packages" / component / "README.md"
    blocks = FENCE.findall(path.read_text(encoding="utf-8"))
    languages = [language for language, _ in blocks]
    first = languages.index("python")
    after = blocks[first + 1][1] if len(blocks) > first + 1 else ""
    return Readme(blocks[first][1], after)


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


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_program_at_the_top_of_the_readme_runs(
    component: str, environment: Environment, wheels: dict[str, Path], tmp_path: Path
) -> None:
    program, after = readme(component)
    environment.install(wheels[component])

    if ":8000" in after:
        answers = serve(program, environment, requests(after), tmp_path)
        assert answers == expected_answers(after)
    else:
        (tmp_path / "program.py").write_text(program)
        assert environment.run_python("program.py", cwd=tmp_path) == after
