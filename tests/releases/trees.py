"""Small repositories with packages, to make releases in."""

from __future__ import annotations

import subprocess
from pathlib import Path

from release.repository import Repository

MANIFEST = """\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "{name}" # not the folder's
version = "0.1.0"
description = "For tests."
readme = "README.md"
requires-python = ">=3.11"
license = "BSD-3-Clause"
license-files = ["LICENSE"]
dependencies = [
{dependencies}]

[project.optional-dependencies]
test = ["pytest>=8.2"]

[tool.hatch.build.targets.wheel]
packages = ["src/{module}"]

[tool.hatch.build.targets.sdist]
include = ["/src", "/tests", "/README.md", "/CHANGELOG.md", "/LICENSE"]
"""

CHANGE_LOG = """\
# Changes of {name}

## Unreleased

### Added

- The first version,
  which does one thing.
"""


class Tree:
    """A repository with the components routing and sessions, core, and an example."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repository = Repository(root)

    def begin(self) -> None:
        """Make the repository, in which nothing is released."""
        self.root.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Somebody")
        self.git("config", "user.email", "somebody@example.org")
        self.add_package("routing")
        self.add_package("sessions")
        self.add_package(
            "core", "tantalus-routing>=0.1,<0.2", "tantalus-sessions>=0.1,<0.2"
        )
        example = '[project]\nname = "board"\ndependencies = ["tantalus>=0.1,<0.2"]\n'
        self.write("examples/board/pyproject.toml", example)
        self.commit("Begin")

    def add_package(self, folder: str, *dependencies: str) -> None:
        """Write a package with all that an archive of it must have."""
        name = "tantalus" if folder == "core" else f"tantalus-{folder}"
        module = name.replace("-", "_")
        lines = "".join(f'    "{dependency}",\n' for dependency in dependencies)
        manifest = MANIFEST.format(name=name, module=module, dependencies=lines)
        test = f"import {module}\n\n\ndef test_it():\n    assert {module}.__doc__\n"
        place = f"packages/{folder}"
        self.write(f"{place}/pyproject.toml", manifest)
        self.write(f"{place}/CHANGELOG.md", CHANGE_LOG.format(name=name))
        self.write(f"{place}/README.md", f"# {name}\n\nFor tests.\n")
        self.write(f"{place}/LICENSE", "Do what you like.\n")
        self.write(f"{place}/src/{module}/__init__.py", '"""One thing."""\n')
        self.write(f"{place}/src/{module}/py.typed", "")
        self.write(f"{place}/tests/test_it.py", test)

    def change(self, folder: str, entry: str, section: str = "Fixed") -> None:
        """Commit a change of a package, with its line in the change log."""
        self.change_source(folder)
        self.change_log(folder, entry, section)

    def change_source(self, folder: str) -> None:
        """Commit a change of a package that its change log does not tell."""
        (source,) = (self.root / f"packages/{folder}/src").glob("*/__init__.py")
        source.write_text(source.read_text() + "# One more line.\n")
        self.commit("Change the source")

    def change_log(self, folder: str, entry: str, section: str = "Fixed") -> None:
        """Commit an entry under `Unreleased`."""
        self.replace(
            f"packages/{folder}/CHANGELOG.md",
            "## Unreleased\n",
            f"## Unreleased\n\n### {section}\n\n- {entry}\n",
        )

    def replace(self, path: str, old: str, new: str) -> None:
        """Commit a file with one text in place of another."""
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new, 1))
        self.commit(f"Change {path}")

    def tag(self, *names: str) -> None:
        """Tag what is committed, as a release does."""
        for name in names:
            self.repository.tag(name, name)

    def release_all(self) -> None:
        """Bring every package to a released 0.1.0 with nothing new."""
        for folder in ("routing", "sessions", "core"):
            self.replace(
                f"packages/{folder}/CHANGELOG.md",
                "## Unreleased\n",
                "## Unreleased\n\n## 0.1.0 - 2026-01-31\n",
            )
        self.tag("routing-v0.1.0", "sessions-v0.1.0", "core-v0.1.0")

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def git(self, *arguments: str) -> str:
        """Return what git wrote."""
        finished = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            check=True,
            capture_output=True,
            text=True,
        )
        return finished.stdout

    def state(self) -> str:
        """Return all that a release could change: commits, tags, index and files."""
        return self.git("log", "--oneline") + self.git("tag") + self.git("status", "-s")
