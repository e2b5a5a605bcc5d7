"""Pages that read well in the repository become pages of the site.

Three things differ. Links to files outside `docs/` lead to the page that shows the
file, or to the file where the source is published; a link with a title, which names a
test, leads to its line. What stands in a comment that begins with `site:` is for the
site alone: lists of contents, and files shown whole. And tabs are made of what stands
between `<!-- tabs -->` and `<!-- end of tabs -->`, one of each bold line with the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "https://github.com/tantalus-web/tantalus/blob/main/"
SOURCES = (SOURCE, SOURCE.replace("/blob/", "/tree/"))

SITE_ONLY = re.compile(r"^<!-- site:\n(.*?)^-->$", re.M | re.S)
FENCE = re.compile(r"^ *(`{3,}|~{3,})")
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)((?: \"(\w+)\")?\))")
TABS = re.compile(r"^<!-- tabs -->\n(.*?)^<!-- end of tabs -->$", re.M | re.S)
TAB = re.compile(r"^\*\*([^*`\n]+)\*\*$\n", re.M)
README = re.compile(r"packages/(\w+)/README\.md")
CHANGES = re.compile(r"packages/(\w+)/CHANGELOG\.md")


def page_of(path: str) -> str:
    """Return where the site shows a file of the repository: a page, or its source."""
    if path.startswith("docs/") and path.endswith(".md"):
        return path.removeprefix("docs")
    if found := README.fullmatch(path):
        return f"/packages/{found[1]}.md"
    if found := CHANGES.fullmatch(path):
        name = "tantalus" if found[1] == "core" else f"tantalus-{found[1]}"
        return f"/changelog.md#changes-of-{name}"
    return SOURCE + path


def resolve(target: str, folder: Path) -> str:
    """Return the target of a link on a page that lies in `folder`, for the site."""
    path, hash_sign, anchor = target.partition("#")
    for source in SOURCES:
        if path.startswith(source):
            inside = path.removeprefix(source)
            return page_of(inside) + hash_sign + anchor
    if "://" in path or path.startswith(("mailto:", "/")) or not path:
        return target
    found = (folder / path).resolve()
    if not found.is_relative_to(ROOT) or not found.exists():
        return target  # Sphinx says that it is missing
    inside = found.relative_to(ROOT).as_posix()
    if inside.startswith("docs/") and folder.is_relative_to(ROOT / "docs"):
        return target
    return page_of(inside) + hash_sign + anchor


def place_of(target: str, name: str | None, folder: Path) -> str:
    """Return the anchor of the line where a file of Python defines a name."""
    file = folder / target
    if not name or file.suffix != ".py" or not file.is_file():
        return ""
    text = file.read_text(encoding="utf-8")
    found = re.search(rf"^ *(?:async def|def|class) {name}\b", text, re.M)
    return f"#L{text.count(chr(10), 0, found.start()) + 1}" if found else ""


def for_the_site(text: str, folder: Path) -> str:
    """Return the Markdown of a page as the site reads it."""
    text = SITE_ONLY.sub(lambda found: found[1], text)
    linked = outside_fences(
        text,
        lambda line: LINK.sub(
            lambda link: (
                link[1]
                + resolve(link[2], folder)
                + place_of(link[2], link[4], folder)
                + link[3]
            ),
            line,
        ),
    )
    return TABS.sub(lambda found: as_tabs(found[1]), linked)


def as_tabs(text: str) -> str:
    """Return paragraphs under bold lines as tabs, which hold fences of code."""
    before, *parts = TAB.split(text)
    titles, bodies = parts[::2], parts[1::2]
    if before.strip() or len(titles) < 2:
        raise ValueError(f"Tabs begin with a bold line, and are several: {text[:80]!r}")
    fence = "`" * 7
    return "\n\n".join(
        f"{fence}{{tab}} {title}\n{body.strip()}\n{fence}"
        for title, body in zip(titles, bodies, strict=True)
    )


def outside_fences(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the lines of a page that are no code."""
    lines = []
    fence = ""
    for line in text.split("\n"):
        found = FENCE.match(line)
        if fence:
            lines.append(line)
            if found and line.strip() == fence:
                fence = ""
            continue
        fence = found[1] if found else ""
        lines.append(line if found else change(line))
    return "\n".join(lines)


def read_page(app: Any, name: str, content: list[str]) -> None:
    path = Path(app.env.doc2path(name))
    if path.suffix == ".md":
        content[0] = for_the_site(content[0], path.parent)


def read_include(app: Any, path: Path, page: str, content: list[str]) -> None:
    found = Path(app.srcdir, path).resolve()
    if found.suffix == ".md":
        content[0] = for_the_site(content[0], found.parent)


def setup(app: Any) -> dict[str, bool]:
    app.connect("source-read", read_page)
    app.connect("include-read", read_include)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
