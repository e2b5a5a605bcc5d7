"""Tabs are bold lines in the pages, whose blocks are tested like all others.

No test runs PowerShell. But what Windows has to be told says line by line what the tab
beside it says, which is run.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repository import as_tabs, for_the_site

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "packages/*/*.md")
    for path in ROOT.glob(pattern)
    if "_build" not in path.parts
)
TABS = re.compile(r"^<!-- tabs -->\n(.*?)^<!-- end of tabs -->$", re.M | re.S)
BLOCK = re.compile(r"^(`{3,})([\w{}]*)[^\n]*\n(.*?)^\1$", re.M | re.S)
POWERSHELL = [
    (r"python3 -m venv (\S+)", r"py -m venv \1"),
    (r"\. (\S+)/bin/activate", r"\1\\Scripts\\Activate.ps1"),
    (r"export (\w+)=\$\((.*)\)", r"$env:\1 = \2"),
]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def in_powershell(line: str) -> str:
    for pattern, instead in POWERSHELL:
        if re.fullmatch(pattern, line):
            return re.sub(pattern, instead, line)
    return line


@pytest.mark.parametrize("page", PAGES)
def test_what_is_told_to_windows_is_what_is_told_to_others(page: str) -> None:
    for group in TABS.findall(text(page)):
        blocks = [(language, body) for _, language, body in BLOCK.findall(group)]
        told = [body for language, body in blocks if language == "powershell"]
        others = [body for language, body in blocks if language == "sh"]
        expected = ["\n".join(map(in_powershell, body.split("\n"))) for body in others]
        assert told in ([], expected)


def test_what_is_told_to_windows_stands_beside_what_is_run() -> None:
    alone = [page for page in PAGES if "```powershell" in TABS.sub("", text(page))]

    assert alone == []


@pytest.mark.parametrize("page", PAGES)
def test_no_block_is_hidden_from_the_tests_in_another(page: str) -> None:
    hidden = [
        body
        for fence, language, body in BLOCK.findall(text(page))
        if language.startswith("{") and re.search(r"^`{3}", body, re.M)
    ]

    assert hidden == []


@pytest.mark.parametrize("page", PAGES)
def test_tabs_end_where_they_begin(page: str) -> None:
    begun, ended = (
        len(re.findall(f"^<!-- {mark} -->$", text(page), re.M))
        for mark in ("tabs", "end of tabs")
    )

    assert begun == ended == len(TABS.findall(text(page)))


def test_tabs_of_a_page_are_tabs_of_the_site() -> None:
    page = (
        "Before.\n\n<!-- tabs -->\n**One**\n\n[Here](#here).\n\n**Two of it**\n\n"
        "```sh\nls\n```\n<!-- end of tabs -->\n\nAfter.\n"
    )

    assert for_the_site(page, ROOT / "docs") == (
        "Before.\n\n```````{tab} One\n[Here](#here).\n```````\n\n"
        "```````{tab} Two of it\n```sh\nls\n```\n```````\n\nAfter.\n"
    )


@pytest.mark.parametrize(
    "inside",
    [
        "**One**\n\nText.\n",
        "Text.\n\n**One**\n\nText.\n\n**Two**\n\nText.\n",
        "Text.\n",
    ],
    ids=["one alone", "text before", "no tab"],
)
def test_what_cannot_be_tabs_fails_the_build(inside: str) -> None:
    with pytest.raises(ValueError, match="begin with a bold line, and are several"):
        as_tabs(inside)
