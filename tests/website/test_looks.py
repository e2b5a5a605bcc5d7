"""The site in Chromium: on a phone and a desk, by day and by night."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import set_screen, wait
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
TEXT = "article :is(p, li, td, th, a, h1, h2, h3, dt, dd, code, label), .sidebar-tree a"
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


@pytest.mark.parametrize(
    ("page", "drawing"),
    [("index", "architecture.svg"), ("benchmarks", "times-faster-600.svg")],
)
def test_a_drawing_follows_the_choice_of_the_reader(
    browser: WebDriver, site: Path, page: str, drawing: str
) -> None:
    set_screen(browser, *DESK, scheme="light")
    browser.get((site / f"{page}.html").as_uri())
    by_day = picture_of(browser, drawing)

    browser.execute_script("document.body.dataset.theme = 'dark'")

    wait(browser).until(
        lambda page: picture_of(page, drawing) != by_day, "It stays as it was."
    )


def picture_of(browser: WebDriver, drawing: str) -> str:
    found = browser.find_element("css selector", f"img[src$='{drawing}']")
    return found.screenshot_as_base64


SHOWN = """
return [...document.querySelectorAll(".tab-set")].map((set) =>
  [...set.querySelectorAll(":scope > .tab-content")].map((e) => e.checkVisibility()));
"""


def choose(browser: WebDriver, title: str) -> None:
    label = f"//label[contains(@class, 'tab-label')][normalize-space() = '{title}']"
    browser.find_element("xpath", label).click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_tab_shows_what_it_names(
    browser: WebDriver, site: Path, scripts: bool
) -> None:
    set_screen(browser, *PHONE)
    off = {"value": not scripts}
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", off)
    try:
        browser.get((site / "quickstart.html").as_uri())
        before = browser.execute_script(SHOWN)
        choose(browser, "Windows")
        after = browser.execute_script(SHOWN)
    finally:
        on = {"value": False}
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", on)

    assert before == [[True, False], [True, False]]
    # With scripts the other tabs of the page follow.
    assert after == [[False, True], [not scripts, scripts]]


def test_on_paper_all_tabs_are_there(browser: WebDriver, site: Path) -> None:
    browser.get((site / "quickstart.html").as_uri())
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})

    shown = browser.execute_script(SHOWN)

    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == [[True, True], [True, True]]


def test_the_site_says_its_version_and_has_an_icon(
    browser: WebDriver, site: Path
) -> None:
    set_screen(browser, *DESK)
    browser.get((site / "index.html").as_uri())

    icon = browser.find_element("css selector", "link[rel~='icon']")
    name = browser.find_element("css selector", ".sidebar-brand-text").text
    assert icon.get_attribute("href").endswith(".svg")  # type: ignore[union-attr]
    assert name == f"Tantalus {version('tantalus')}"


def test_by_how_much_it_is_faster_is_in_sight_on_a_desk(
    browser: WebDriver, site: Path
) -> None:
    set_screen(browser, *DESK)
    browser.get((site / "benchmarks.html").as_uri())

    place = browser.execute_script(
        "const th = [...document.querySelectorAll('th')].find("
        "e => e.textContent.trim() === 'x Falcon'); th.scrollIntoView();"
        "const box = th.closest('.table-wrapper').getBoundingClientRect();"
        "return [th.getBoundingClientRect().right, box.right]"
    )

    assert place[0] <= place[1]


@pytest.mark.parametrize("package", ["routing", "sessions", "core"])
def test_the_sidebar_leads_to_a_package_once(site: Path, package: str) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")

    outermost = re.findall(r'toctree-l1[^>]*><a [^>]*href="([^"]+)"', page)
    assert (outermost.count(f"packages/{package}.html") == 1) is (package == "core")
    assert outermost.count(f"{package}.html") == (package != "core")
