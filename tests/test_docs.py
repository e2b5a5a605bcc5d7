"""The Python in the pages at the root does what the pages say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import quickstart

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/*.md", "examples/*/*.md", "packages/*/*.md")
    for path in ROOT.glob(pattern)
)
# Their code is one program, from top to bottom.
STRAIGHT = [
    page for page in PAGES if page.startswith("docs/") and page != "docs/quickstart.md"
]


def run_page(name: str) -> dict[str, Any]:
    """Run the code of a page from top to bottom, and return its names."""
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(ROOT / name)
    document.namespace["__name__"] = "page"
    for example in document.examples():
        example.evaluate()
    names: dict[str, Any] = document.namespace
    return names


def test_the_smallest_app_answers() -> None:
    app = run_page("README.md")["app"]

    assert app.test_client().get("/").text == "Hello, world!"


# What the quickstart has its reader open, and what is seen there.
SEEN = {
    "/": "Hello, world!",
    "/squares/7": '{"next":"/squares/8","square":49}',
    "/hello/Ada": "<h1>Hello, Ada!</h1>",
    "/hello/%3Cb%3E": "<h1>Hello, &lt;b&gt;!</h1>",
    "/about-you?colour=red": '"colour":"red"',
    "/name": '<input name="name">',
    "/upload": '<input type="file" name="text">',
    "/teas/red": "We have no red tea.",
}


def test_the_quickstart_shows_what_it_says_with_the_files_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One of the journeys follows it in a fresh environment, test and commands too.
    monkeypatch.chdir(tmp_path)

    shown = {url: opened(url, files) for url, files in quickstart.visits()}

    assert {url: SEEN[url] in text for url, text in shown.items()} == dict.fromkeys(
        SEEN, True
    )


def opened(url: str, files: dict[str, str]) -> str:
    """Return the page at a URL of an app made of these files, in this folder."""
    quickstart.write(files, Path())
    app = run_path("hello.py")["app"]
    text: str = app.test_client().get(url).text
    return text


def test_the_quickstart_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quickstart.write(quickstart.files(), tmp_path)
    client = run_path("hello.py")["app"].test_client()

    assert client.get("/squares/x").status_code == 404
    refused = client.post("/name", data={"name": " "}, follow_redirects=True)
    assert "Everybody has a name." in refused.text
    sent = client.post("/name", data={"name": "Ada"}, follow_redirects=True)
    assert "Hello, Ada!" in sent.text
    assert "That is 2 times now." in client.get("/greet").text
    client.post("/forget")
    assert "Hello, stranger!" in client.get("/greet").text
    theme = client.post("/theme/dark").headers["Set-Cookie"]
    assert theme.startswith("theme=dark; ")
    assert client.post("/orders", json={"item": "red"}).status_code == 422
    assert client.post("/orders", json={"item": "green"}).status_code == 201
    assert client.get("/static/style.css", buffered=True).mimetype == "text/css"
    assert client.post("/", data={}).status_code == 405


def test_the_installation_page_names_every_extra() -> None:
    manifest = (ROOT / "packages" / "core" / "pyproject.toml").read_text()
    extras = tomllib.loads(manifest)["project"]["optional-dependencies"]
    page = (ROOT / "docs" / "installation.md").read_text(encoding="utf-8")

    assert re.findall(r"`tantalus\[([\w-]+)\]`", page) == sorted(
        {*extras} - {"dev", "test"}
    )


@pytest.mark.parametrize("page", STRAIGHT)
def test_the_code_of_a_page_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    run_page(page)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page

    lost = [
        target
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]

    assert lost == []
