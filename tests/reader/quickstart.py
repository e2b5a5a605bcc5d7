"""What somebody copies who follows the installation page and the quickstart."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """Return the code of a page in one language, block by block."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def files() -> dict[str, str]:
    """Return the files of the quickstart: the app, all its blocks, and its test."""
    *app, test = blocks("quickstart.md", "python")
    return {"hello.py": "\n\n".join(app), "test_hello.py": test}


def urls() -> list[str]:
    """Return what the quickstart has its reader open, in order."""
    text = (DOCS / "quickstart.md").read_text(encoding="utf-8")
    return re.findall(r"<http://127\.0\.0\.1:5000(/[^>]*)>", text)
