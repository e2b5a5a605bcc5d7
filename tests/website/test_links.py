"""Every link of the site leads somewhere, and so does every link between the pages."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from html_pages import Page

ROOT = Path(__file__).parents[2]
SOURCE = "https://github.com/tantalus-web/tantalus/"
# Names of examples and of this machine are no sites.
NO_SITES = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")
HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}")


def internal(pages: dict[Path, Page]) -> list[tuple[Path, str]]:
    """Return the links inside the site, with the pages on which they stand."""
    return [
        (path, link)
        for path, page in pages.items()
        for link in page.links
        if not urlsplit(link).scheme
    ]


def external(pages: dict[Path, Page]) -> set[str]:
    """Return the links that leave the site, each once."""
    links = {link for page in pages.values() for link in page.links}
    return {link for link in links if urlsplit(link).scheme not in {"", "data"}}


def leads_somewhere(path: Path, link: str, pages: dict[Path, Page]) -> bool:
    name, _, anchor = link.partition("#")
    target = (path.parent / unquote(name.partition("?")[0])).resolve() if name else path
    if not target.is_file():
        return False
    return not anchor or target not in pages or unquote(anchor) in pages[target].anchors


def test_every_link_inside_the_site_leads_to_a_page_and_a_place(
    pages: dict[Path, Page], capsys: pytest.CaptureFixture[str]
) -> None:
    links = internal(pages)

    lost = [
        f"{path.name}: {link}"
        for path, link in links
        if not leads_somewhere(path, link, pages)
    ]

    with capsys.disabled():
        print(f"\n{len(links)} links inside {len(pages)} pages, {len(lost)} lost")
    assert lost == []
    assert len(links) > 5000


def test_every_link_out_of_the_site_is_one(
    pages: dict[Path, Page], capsys: pytest.CaptureFixture[str]
) -> None:
    links = external(pages)

    odd = [link for link in links if not is_well_formed(link)]

    with capsys.disabled():
        print(f"\n{len(links)} different links out of the site, {len(odd)} odd")
    assert odd == []


def is_well_formed(link: str) -> bool:
    if NO_SITES.match(link):
        return True
    parts = urlsplit(link)
    ends_well = not link.endswith((".", ",", ")", "'"))
    return (
        parts.scheme == "https"
        and HOST.fullmatch(parts.netloc) is not None
        and ends_well
        and re.search(r"[\s<>\"]", link) is None
    )


def test_links_to_the_source_name_files_that_are_there(pages: dict[Path, Page]) -> None:
    inside = re.compile(re.escape(SOURCE) + r"(?:blob|tree|edit|raw)/main/([^#?]*)")
    found = {match[1] for link in external(pages) if (match := inside.match(link))}

    missing = [path for path in sorted(found) if not (ROOT / path).exists()]

    assert found
    assert missing == []


def test_a_test_that_a_page_names_is_shown_at_its_line(pages: dict[Path, Page]) -> None:
    inside = re.compile(re.escape(SOURCE) + r"blob/main/([^#?]*)#L(\d+)")
    found = {
        match.groups() for link in external(pages) if (match := inside.match(link))
    }

    lines = {
        (ROOT / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        for path, number in found
    }

    assert len(lines) > 100
    assert {line for line in lines if " def test_" not in f" {line}"} == set()
