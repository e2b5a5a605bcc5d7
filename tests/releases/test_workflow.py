"""The workflow of releases. The rehearsal among the journeys runs its commands."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
Yaml = dict[str, Any]  # what a workflow holds, which its schema checks


def read(path: Path) -> Yaml:
    loaded: Yaml = YAML(typ="safe").load(path)
    return loaded


def steps(workflow: Yaml) -> Iterator[Yaml]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


@pytest.fixture
def release() -> Yaml:
    return read(ROOT / ".github" / "workflows" / "release.yml")


def test_workflows_have_the_form_that_github_asks_for() -> None:
    schema = ["--builtin-schema", "vendor.github-workflows"]
    command = [sys.executable, "-m", "check_jsonschema", *schema, *map(str, WORKFLOWS)]

    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_version(path: Path) -> None:
    used = [step["uses"] for step in steps(read(path)) if "uses" in step]

    assert used
    assert [name for name in used if not re.search(r"@v\d+\.\d+\.\d+$", name)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}


def test_only_the_job_that_publishes_gets_an_identity(release: Yaml) -> None:
    granted = {name: job.get("permissions") for name, job in release["jobs"].items()}

    assert granted == {"build": None, "try": None, "publish": {"id-token": "write"}}
    assert release["jobs"]["publish"]["environment"] == "pypi"


def test_what_is_published_was_tried_and_comes_with_attestations(release: Yaml) -> None:
    jobs = release["jobs"]
    published = jobs["publish"]["steps"][-1]

    assert jobs["try"]["needs"] == "build"
    assert jobs["publish"]["needs"] == "try"
    assert published["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert published["with"] == {"packages-dir": "dist/", "attestations": True}


def test_the_job_that_publishes_runs_no_command(release: Yaml) -> None:
    assert [step for step in release["jobs"]["publish"]["steps"] if "run" in step] == []


def test_what_is_run_are_scripts_of_hatch(release: Yaml) -> None:
    run = [step["run"] for step in steps(release) if "run" in step]
    names = re.findall(r"hatch run release:(\w+)", "\n".join(run))
    scripts = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))["envs"]["release"]

    assert names == ["build", "try"]
    assert set(names) == set(scripts["scripts"])
