"""The page of an error, as the browser of its writer shows it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import wait
from environments import free_port, serving

SHOP = """
import json

from prices import price_of
from tantalus import App, abort, render_template

app = App(__name__)


@app.get("/prices")
def prices():
    return {"tea": price_of("{broken")}


@app.get("/page")
def page():
    return render_template("page.html")


@app.get("/own")
def own():
    raise RuntimeError("mine")


@app.get("/answer")
def answer():
    return object()
"""
PRICES = """
import json


def price_of(text):
    return json.loads(text)["price"]
"""
PAGE = "{{ 1 }}\n{{ missing.name }}\n"
LOOK = """
const frame = document.querySelector("div.frame.own");
if (!frame) return null;
const box = frame.getBoundingClientRect();
return {
  file: frame.querySelector("cite.filename").textContent.replace(/^.*[\\/]|"$/g, ""),
  line: frame.querySelector("em.line").textContent,
  expanded: frame.querySelector("div.source").classList.contains("expanded"),
  inSight: box.top >= 0 && box.bottom <= innerHeight,
  below: [...document.querySelectorAll("div.frame")].at(-1) !== frame,
};
"""


@pytest.fixture(scope="module", params=["--wsgi", "--asgi"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Serve a program that fails, as its writer does, by either protocol."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "templates").mkdir()
    (folder / "shop.py").write_text(SHOP)
    (folder / "prices.py").write_text(PRICES)
    (folder / "templates" / "page.html").write_text(PAGE)
    port = free_port()
    base = [sys.executable, "-m", "tantalus", "--app", "shop", "run", "--debug"]
    command = [*base, "--no-reload", "--port", str(port), request.param]
    with serving(command, cwd=folder, port=port) as address:
        yield address


def opened(browser: WebDriver, url: str) -> dict[str, Any] | None:
    """Return at which frame the page of an error is opened."""
    browser.set_window_size(1000, 700)
    browser.get(url)
    wait(browser).until(
        lambda page: page.find_elements("css selector", "div.plain pre")
    )
    found: dict[str, Any] | None = browser.execute_script(LOOK)
    return found


@pytest.mark.parametrize(
    ("path", "file", "line", "below"),
    [
        ("/prices", "prices.py", "6", True),
        ("/page", "page.html", "2", True),
        ("/own", "shop.py", "22", False),
    ],
)
def test_an_error_is_shown_where_the_program_last_was(
    browser: WebDriver, site: str, path: str, file: str, line: str, below: bool
) -> None:
    found = opened(browser, site + path)

    assert found == {
        "file": file,
        "line": line,
        "expanded": True,
        "inSight": True,
        "below": below,
    }


def test_where_no_line_is_of_the_program_the_page_is_as_ever(
    browser: WebDriver, site: str
) -> None:
    found = opened(browser, f"{site}/answer")

    assert found is None
    assert browser.execute_script("return scrollY") == 0
