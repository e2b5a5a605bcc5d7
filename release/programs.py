"""Other programs: run to their end, their output kept or shown."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from release.refusals import ProgramFailed


def output(command: Sequence[str], *, cwd: Path) -> str:
    """Return what a program wrote to its standard output.

    Raises:
        ProgramFailed: It ended with an error; the text has all it wrote.
    """
    finished = subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if finished.returncode != 0:
        raise ProgramFailed(command, finished.stdout + finished.stderr)
    return finished.stdout
