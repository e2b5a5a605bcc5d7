"""Fresh environments in which archives are tried."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from release.programs import output


class Environment:
    """A virtual environment that starts with nothing in it, not even pip."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.folder = folder
        self.python = folder / "bin" / "python"

    def install(self, *arguments: str) -> None:
        """Install as pip does."""
        pip = [sys.executable, "-m", "pip", f"--python={self.python}", "install"]
        output([*pip, "--quiet", *arguments], cwd=self.folder)

    def ours(self) -> dict[str, str]:
        """Return the versions of this project's distributions that are installed."""
        pip = [sys.executable, "-m", "pip", f"--python={self.python}", "list"]
        listed = json.loads(output([*pip, "--format=json"], cwd=self.folder))
        return {
            found["name"]: found["version"]
            for found in listed
            if found["name"].startswith("tantalus")
        }

    def passes(self, sources: Path, options: Sequence[str]) -> bool:
        """Run the tests of a source archive against what is installed; show them."""
        # Beside the environment: inside of it, a program counts as installed.
        tests = unpacked(sources, self.folder.with_suffix(".sources"))
        # What is tested is what was installed, so nothing else must be there.
        shutil.rmtree(tests / "src")
        command = [str(self.python), "-m", "pytest", "-q", *options]
        return subprocess.call(command, cwd=tests, stdin=subprocess.DEVNULL) == 0


def unpacked(archive: Path, folder: Path) -> Path:
    """Return the one folder that an archive holds, unpacked."""
    shutil.unpack_archive(archive, folder, filter="data")
    (top,) = folder.iterdir()
    return top
