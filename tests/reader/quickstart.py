"""What somebody copies who follows the installation page and the quickstart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
# A block of code, and before it, in bold, the name of the file if it is all of it.
BLOCK = re.compile(r"^(?:\*\*`([^`\n]+)`\*\*\n\n)?```(\w+)\n(.*?)^```$", re.M | re.S)
URL = re.compile(r"<http://127\.0\.0\.1:5000(/[^>]*)>")


def blocks(page: str, language: str) -> list[str]:
    """Return the code of a page in one language, block by block."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def files(text: str | None = None) -> dict[str, str]:
    """Return the files of the quickstart, or of its beginning.

    Blocks of Python without a name stand in `hello.py`, one below the other.
    """
    named: dict[str, str] = {}
    app: list[str] = []
    for name, language, body in BLOCK.findall(page() if text is None else text):
        if name:
            named[name] = body
        elif language == "python":
            app.append(body)
    return named | {"hello.py": "\n\n".join(app)}


def write(files: dict[str, str], folder: Path) -> None:
    """Write files into a folder, and the folders they lie in."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def urls() -> list[str]:
    """Return what the quickstart has its reader open, in order."""
    return URL.findall(page())


def visits() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what is opened, each with the files that the reader has by then."""
    text = page()
    for found in URL.finditer(text):
        yield found[1], files(text[: found.start()])


def page() -> str:
    return (DOCS / "quickstart.md").read_text(encoding="utf-8")
