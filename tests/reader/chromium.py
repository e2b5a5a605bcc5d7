"""Chromium without a screen, for whoever looks at pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

# How long to wait for what is sure to come: only a failure takes so long.
SECONDS = 60
OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class ChromiumMissing(RuntimeError):
    """There is no browser here."""

    def __init__(self) -> None:
        super().__init__("This drives Chromium: install chromium and chromium-driver.")


@contextmanager
def chromium(profile: Path, more: Sequence[str] = ()) -> Iterator[WebDriver]:
    """Start Chromium, which takes a second, and end it.

    Args:
        profile: A folder that it may fill.
        more: Further options.

    Raises:
        ChromiumMissing: It is not installed, or its driver is not.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        raise ChromiumMissing
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for option in [*OPTIONS, *more, f"--user-data-dir={profile}"]:
        options.add_argument(option)
    started = webdriver.Chrome(options=options, service=Service(driver))
    started.set_script_timeout(SECONDS)
    try:
        yield started
    finally:
        started.quit()


def set_screen(
    browser: WebDriver, width: int, height: int, *, scheme: str = "light"
) -> None:
    """Show pages as on a screen of this size, whose user likes this colour scheme."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def wait(browser: WebDriver) -> WebDriverWait[WebDriver]:
    """Return what asks until it is answered.

    A question that is asked while one page replaces another is an error of the driver:
    it is asked again.
    """
    return WebDriverWait(browser, SECONDS, ignored_exceptions=[WebDriverException])


def follow(browser: WebDriver, by: str, value: str) -> None:
    """Click what leads to another page, and return once that is there as a whole.

    The click itself returns while the old page is there: whoever looks for something
    then, finds that of the old page, or nothing.
    """
    browser.execute_script("window.isLeft = true")
    browser.find_element(by, value).click()
    wait(browser).until(lambda page: page.execute_script(IS_NEW), "It leads nowhere.")


IS_NEW = "return !window.isLeft && document.readyState === 'complete'"


def see(browser: WebDriver, text: str) -> None:
    """Wait until the page says `text`."""
    wait(browser).until(
        lambda page: text in page.execute_script("return document.body.innerText"),
        f"The page does not say {text!r}.",
    )
