"""The site in Chromium: on a phone and a desk, by day and by night."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import set_screen
from html_pages import Page

PHONE, DESK = (390, 844), (1280, 900)
LOOKED_AT = [
    "index",
    "quickstart",
    "requests",
    "configuration",
    "security",
    "benchmarks",
    "tutorial/05-posting",
    "framework/10-the-whole",
    "reference/routing",
]
MEASURE = """
const root = document.documentElement;
return {
  overflow: root.scrollWidth - root.clientWidth,
  broken: [...document.images]
    .filter((image) => !image.complete || image.naturalWidth === 0)
    .map((image) => image.src),
};
"""
# The contrast of text with what is behind it, by the formula of WCAG 2.
CONTRAST = """
const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
const light = ([r, g, b]) => {
  const part = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const found = numbers(getComputedStyle(e).backgroundColor);
    if (found.length === 3 || found[3] === 1) return found;
  }
  return [255, 255, 255];
};
const poor = [];
for (const element of document.querySelectorAll(arguments[0])) {
  const shown = element.checkVisibility() && element.textContent.trim();
  if (!shown) continue;
  const own = numbers(getComputedStyle(element).color);
  const pair = [light(own), light(behind(element))];
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < arguments[1]) poor.push([ratio.toFixed(1), element.textContent.trim()]);
}
return poor;
"""
TEXT = "article :is(p, li, td, th, a, h1, h2, h3, dt, dd, code), .sidebar-tree a"
CODE = "article .highlight :is(pre, span)"
READABLE, READABLE_CODE = 4.5, 4.0


def measure(browser: WebDriver, path: Path) -> dict[str, Any]:
    browser.get(path.as_uri())
    measured: dict[str, Any] = browser.execute_script(MEASURE)
    return measured


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_is_wider_than_its_screen_and_no_image_is_broken(
    browser: WebDriver, pages: dict[Path, Page], screen: tuple[int, int]
) -> None:
    set_screen(browser, *screen)

    measured = {
        path.name: measure(browser, path)
        for path in pages
        if "_modules" not in path.parts  # nothing but one block of code
    }

    expected = {"overflow": 0, "broken": []}
    assert {n: found for n, found in measured.items() if found != expected} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", LOOKED_AT)
def test_text_stands_out_from_what_is_behind_it(
    browser: WebDriver, site: Path, page: str, scheme: str
) -> None:
    set_screen(browser, *DESK, scheme=scheme)
    browser.get((site / f"{page}.html").as_uri())

    assert browser.execute_script(CONTRAST, TEXT, READABLE) == []
    assert browser.execute_script(CONTRAST, CODE, READABLE_CODE) == []


def test_a_drawing_follows_the_choice_of_the_reader(
    browser: WebDriver, site: Path
) -> None:
    set_screen(browser, *DESK, scheme="light")
    browser.get((site / "index.html").as_uri())
    by_day = picture_of(browser)

    browser.execute_script("document.body.dataset.theme = 'dark'")

    assert picture_of(browser) != by_day


def picture_of(browser: WebDriver) -> str:
    drawing = browser.find_element("css selector", "img[src$='architecture.svg']")
    return drawing.screenshot_as_base64
