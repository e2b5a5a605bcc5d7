"""What a page of HTML has that others may lead to, and where it leads itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

LEADING = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src"}


@dataclass
class Page:
    """The anchors of a page, and its links and images as they are written."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    """Fills a `Page`."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the anchor of an element, and what it leads to."""
        found = dict(attrs)
        if anchor := found.get("id") or (tag == "a" and found.get("name")):
            self.page.anchors.add(anchor)
        if tag in LEADING and (link := found.get(LEADING[tag])):
            self.page.links.append(link)


def read_pages(folder: Path) -> dict[Path, Page]:
    """Return all pages of a site."""
    return {path: read_page(path) for path in sorted(folder.rglob("*.html"))}


def read_page(path: Path) -> Page:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page
