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
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
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


def test_the_quickstart_does_what_it_says(tmp_path: Path) -> None:
    # One of the journeys follows it in a fresh environment, test and commands too.
    (tmp_path / "hello.py").write_text(quickstart.files()["hello.py"])
    client = run_path(str(tmp_path / "hello.py"))["app"].test_client()

    assert client.get("/").text == "Hello, world!"
    assert client.get("/squares/7").json == {"square": 49, "next": "/squares/8"}
    assert client.get("/squares/x").status_code == 404
    assert client.get("/hello/<b>").text == "<h1>Hello, &lt;b&gt;!</h1>"
    assert client.get("/greet").text == "Hello, stranger!"
    sent = client.post("/name", data={"name": "Ada"}, follow_redirects=True)
    assert sent.text == "Hello, Ada!"
    assert client.post("/name").status_code == 400


def test_the_installation_page_names_every_extra() -> None:
    manifest = (ROOT / "packages" / "core" / "pyproject.toml").read_text()
    extras = tomllib.loads(manifest)["project"]["optional-dependencies"]
    page = (ROOT / "docs" / "installation.md").read_text(encoding="utf-8")

    assert re.findall(r"`tantalus\[(\w+)\]`", page) == sorted(
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
