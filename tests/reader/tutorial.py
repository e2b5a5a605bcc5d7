"""The files of the tutorial, read from its pages."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
STATIC = ROOT / "examples" / "board" / "board" / "static"
CHAPTERS = sorted(page.stem for page in TUTORIAL.glob("[0-9]*.md"))

# The name of a file in bold, and below it all that is in it.
FILE = re.compile(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", re.M | re.S)


def files_of(chapter: str) -> dict[str, str]:
    """Return what a chapter has its reader write, by the names of the files."""
    return dict(FILE.findall(page_of(chapter)))


def page_of(chapter: str) -> str:
    return (TUTORIAL / f"{chapter}.md").read_text(encoding="utf-8")


def write(chapter: str, folder: Path) -> None:
    """Write what a chapter shows into the folder of its reader.

    The first one has them copy the static files.
    """
    for name, text in files_of(chapter).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if chapter == CHAPTERS[0]:
        shutil.copytree(STATIC, folder / "board" / "static")
