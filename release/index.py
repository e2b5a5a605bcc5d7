"""The package index, asked through pip, with whatever settings pip has here."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from zipfile import ZipFile

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.version import Version

from release.programs import output
from release.refusals import ProgramFailed
from release.versions import is_version

PIP = [sys.executable, "-m", "pip"]
NOTHING_FOUND = "No matching distribution found"
# A network that is down looks like an empty index, but for this.
NOT_REACHED = re.compile("Retrying \\(|Could not fetch URL|connection error", re.I)


def published(distribution: str) -> list[Version]:
    """Return the versions on the index in order, none if there is no such project.

    Raises:
        ProgramFailed: The index could not be asked.
    """
    try:
        answer = output([*PIP, "index", "versions", "--json", distribution], cwd=Path())
    except ProgramFailed as failed:
        if NOTHING_FOUND in str(failed) and not NOT_REACHED.search(str(failed)):
            return []
        raise
    texts = json.loads(answer)["versions"]
    return sorted(Version(text) for text in texts if is_version(text))


def requirements(
    distribution: str, version: Version, folder: Path
) -> list[Requirement]:
    """Return what a version on the index requires. `folder` keeps its wheel."""
    wheel = download(f"{distribution}=={version}", folder, "--only-binary=:all:")
    with ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith("/METADATA"))
        return Metadata.from_email(opened.read(name)).requires_dist or []


def source_archive(distribution: str, version: Version, folder: Path) -> Path:
    """Return the source archive of a version on the index, fetched into a folder."""
    # Pip reads the name of what it fetches by building its metadata.
    options = ["--no-binary=:all:", "--no-build-isolation"]
    return download(f"{distribution}=={version}", folder, *options)


def download(requirement: str, folder: Path, *options: str) -> Path:
    """Return the one archive that pip fetches for a requirement."""
    kept = folder / f"{requirement}{options[0]}".replace(":", "")
    command = [*PIP, "download", "--quiet", "--no-deps", f"--dest={kept}", *options]
    output([*command, requirement], cwd=Path())
    (archive,) = kept.iterdir()
    return archive
