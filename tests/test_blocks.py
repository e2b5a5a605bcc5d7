"""Every block of code on every page belongs to a test, which the table here names.

The pages' Python is run whole; of commands that take minutes or need a network, the
test named runs what they stand for, and each `hatch run` is looked up.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^(```+)([\w{}]*)[^\n]*\n(.*?)^\1$", re.M | re.S)
HATCH = re.compile(r"(?:^|bin/|\s)hatch run ([\w:.-]+)", re.M)
PATTERNS = ("*.md", "docs/**/*.md", "examples/*/*.md", "packages/*/*.md")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in PATTERNS
    for path in ROOT.glob(pattern)
    if "_build" not in path.parts
)
# What tests the blocks of a page, by their language; the first pattern that fits.
RUN_BY = [
    ("README.md", "python", "tests/test_docs.py"),
    ("README.md", "sh", "tests/journeys/test_first_command.py .ci/run"),
    ("CONTRIBUTING.md", "sh", ".ci/run"),
    ("docs/quickstart.md", "*", "tests/journeys/test_quickstart.py"),
    ("docs/installation.md", "sh", "tests/journeys/test_quickstart.py"),
    ("docs/installation.md", "powershell", "tests/test_tabs.py"),
    (
        "docs/tutorial/*.md",
        "python jinja sql sh json js toml",
        "tests/test_tutorial.py",
    ),
    ("docs/framework/*.md", "python sh console", "tests/test_course.py"),
    ("docs/recipes/*.md", "*", "tests/cookbook"),
    ("docs/asgi.md", "sh", "tests/deployment/test_asgi.py"),
    ("docs/observing.md", "python", "tests/deployment/test_observing.py"),
    ("docs/deployment.md", "*", "tests/deployment"),
    ("docs/scaling.md", "*", "tests/deployment"),
    ("docs/jobs.md", "*", "tests/deployment"),
    ("docs/releases.md", "sh console", "tests/journeys/test_release.py"),
    ("docs/from-fastapi.md", "py", "tests/test_from_fastapi.py"),
    ("docs/benchmarks.md", "sh", "tests/test_bench.py"),
    ("docs/cli.md", "toml", "packages/cli/tests"),
    ("docs/*.md", "python", "tests/test_docs.py"),
    ("packages/cli/README.md", "python toml console", "packages/cli/tests"),
    ("packages/config/README.md", "python text", "packages/config/tests"),
    ("packages/channels/README.md", "python text", "packages/channels/tests"),
    ("packages/context/README.md", "python text", "packages/context/tests"),
    ("packages/typed/README.md", "python console json", "packages/typed/tests"),
    ("packages/*/README.md", "python console", "packages/*/tests/test_readme.py"),
]
# What a program prints, a drawing, an install command; and what the site is told.
NO_CODE = re.compile(r"|text|\{\w+\}")


def blocks(page: str) -> list[tuple[str, str]]:
    """Return language and text of the blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [(language, body) for _, language, body in BLOCK.findall(text)]


def runner_of(page: str, language: str) -> str | None:
    for pattern, languages, runner in RUN_BY:
        if fnmatch(page, pattern) and (
            languages == "*" or language in languages.split()
        ):
            return runner.replace("*", page.split("/")[1]) if "*" in runner else runner
    return None


def is_code(language: str) -> bool:
    return NO_CODE.fullmatch(language) is None


def test_every_block_of_code_has_a_test(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = [
        (page, language)
        for page in PAGES
        for language, _ in blocks(page)
        if is_code(language)
    ]

    alone = {block for block in code if runner_of(*block) is None}

    counts = Counter(language for _, language in code)
    told = ", ".join(f"{count} {language}" for language, count in counts.most_common())
    with capsys.disabled():
        print(f"\n{len(code)} blocks of code on {len(PAGES)} pages, all tested: {told}")
    assert alone == set()


@pytest.mark.parametrize("runners", sorted({runner for *_, runner in RUN_BY}))
def test_the_tests_of_the_table_are_there(runners: str) -> None:
    assert all(list(ROOT.glob(runner)) for runner in runners.split())


@pytest.mark.parametrize("page", PAGES)
def test_a_command_of_hatch_is_one(page: str) -> None:
    settings = tomllib.loads((ROOT / "hatch.toml").read_text(encoding="utf-8"))
    environments = settings["envs"]

    unknown = [
        command
        for command in HATCH.findall((ROOT / page).read_text(encoding="utf-8"))
        if not is_command(command, environments)
    ]

    assert unknown == []


def is_command(name: str, environments: dict[str, dict[str, object]]) -> bool:
    environment, _, script = name.rpartition(":")
    found = environments.get(environment or "default", {}).get("scripts", {})
    inherited = environments["dev"]["scripts"]
    assert isinstance(found, dict)
    assert isinstance(inherited, dict)
    return script in found or (environment in environments and script in inherited)
