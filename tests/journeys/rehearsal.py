"""A clone of this tree, an index on this machine, and what is typed beside them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from packaging.requirements import Requirement

from environments import (
    COMPONENTS,
    ROOT,
    clean_environment,
    free_port,
    project,
    serving,
)

PACKAGES = [*COMPONENTS, "core"]
FIRST_CHANGE_LOG = "# Changes of {}\n\n## Unreleased\n\n### Added\n\n- All of it.\n"
RELEASE_COMMAND = re.compile(r"hatch run release:.*")
# What pip tells on the way is left out of the transcript, and where environments lie.
ON_THE_WAY = re.compile(
    r"Looking in |Collecting |  |Using cached |Downloading |Installing coll|Attempting "
    r"|Requirement already satisfied: .*\(from "
    r"|Requirement already satisfied: (?!tantalus)"
)
PLACE = re.compile(r" in /\S+")


class Transcript:
    """What was typed and what came back, printed as it happens."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, text: str) -> None:
        """Add what a reader has to know."""
        self._add(["", f"# {text}"])

    def run(self, command: str, *, cwd: Path, settings: Mapping[str, str]) -> str:
        """Run a command that has to succeed, and return what it wrote."""
        code, written = self._run(command, cwd, settings)
        assert code == 0, written
        return written

    def fail(self, command: str, *, cwd: Path, settings: Mapping[str, str]) -> str:
        """Run a command that has to fail, and return what it wrote."""
        code, written = self._run(command, cwd, settings)
        assert code != 0, written
        return written

    def _run(
        self, command: str, cwd: Path, settings: Mapping[str, str]
    ) -> tuple[int, str]:
        programs = str(Path(sys.executable).parent)
        environment = clean_environment() | dict(settings)
        environment["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])
        finished = subprocess.run(
            ["bash", "-c", without_hatch(command)],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self._add([f"$ {command}", *shown(command, finished.stdout)])
        return finished.returncode, finished.stdout

    def _add(self, lines: list[str]) -> None:
        self.lines += lines
        print("\n".join(lines), flush=True)


def shown(command: str, written: str) -> list[str]:
    """Return the lines that a reader wants to see of what a command wrote."""
    if not command.startswith("pip "):
        return written.splitlines()
    lines = (PLACE.sub("", line) for line in written.splitlines())
    return [line for line in lines if line and not ON_THE_WAY.match(line)]


def without_hatch(command: str) -> str:
    """Return what Hatch would run for a command of the root folder.

    Its environment is this one, which has all that the scripts need.
    """
    found = re.fullmatch(r"hatch run (?:(\w+):)?(\w+)(.*)", command)
    if not found:
        return command
    environments = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))["envs"]
    script = environments[found[1] or "default"]["scripts"][found[2]]
    # A script of the default environment may be one of another.
    return without_hatch(str(script).replace(" {args}", found[3]))


def commands_of_the_workflow() -> list[str]:
    """Return what the workflow runs in the clone when a tag is pushed."""
    workflow = ROOT / ".github" / "workflows" / "release.yml"
    return RELEASE_COMMAND.findall(workflow.read_text("utf-8"))


def put_back_to_the_first_version(clone: Path) -> None:
    """Make a copy of this tree one in which nothing was released, at 0.1.0."""
    for package in PACKAGES:
        folder = clone / "packages" / package
        name = project(package)["name"]
        (folder / "CHANGELOG.md").write_text(FIRST_CHANGE_LOG.format(name))
    for path in [
        *clone.glob("packages/*/pyproject.toml"),
        *clone.glob("examples/*/*.toml"),
    ]:
        text = path.read_text("utf-8")
        text = re.sub(r'^version = ".*"$', 'version = "0.1.0"', text, flags=re.M)
        text = re.sub(r'"(tantalus[\w-]*)[<>=~][^"]*"', r'"\1>=0.1,<0.2"', text)
        path.write_text(text, "utf-8")


def download_third_parties(folder: Path) -> None:
    """Fetch what the packages and their tests require, with pip's own settings."""
    requirements = {
        requirement
        for package in PACKAGES
        for group in ("dependencies", "test")
        for requirement in third_parties(package, group)
    }
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--only-binary=:all:",
    ]
    finished = subprocess.run(
        [*command, f"--dest={folder}", *sorted(requirements)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def third_parties(package: str, group: str) -> Iterator[str]:
    """Yield what a package, or one of its extras, requires that is not ours."""
    for requirement in required(package, group):
        wanted = Requirement(requirement)
        if wanted.name.startswith("tantalus-"):
            # Extras of ours bring others with them.
            for extra in wanted.extras:
                yield from third_parties(wanted.name.removeprefix("tantalus-"), extra)
        elif wanted.name != "tantalus":
            yield requirement


def required(package: str, group: str) -> list[str]:
    """Return the requirements of a package, or those of one of its extras."""
    table = project(package)
    found: list[str] = (table | table["optional-dependencies"])[group]
    return found


@contextmanager
def package_index(folder: Path) -> Iterator[str]:
    """Serve the archives of a folder as an index that takes uploads too."""
    port = free_port()
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pypiserver", "run", f"--port={port}"]
    options = ["--interface=127.0.0.1", "--disable-fallback", "--authenticate=."]
    with serving(
        [*command, *options, "--passwords=.", str(folder)], cwd=folder.parent, port=port
    ) as address:
        yield address


def only_from(index: str) -> dict[str, str]:
    """Return the environment in which pip and twine know this index and no other."""
    nowhere = dict.fromkeys(["PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"], "")
    return nowhere | {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"{index}/simple/",
        "PIP_NO_CACHE_DIR": "1",
        "TWINE_REPOSITORY_URL": index,
        "TWINE_USERNAME": "nobody",
        "TWINE_PASSWORD": "nothing",
        "TWINE_NON_INTERACTIVE": "1",
    }
