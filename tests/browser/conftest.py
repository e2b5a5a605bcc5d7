"""A browser for the tests of this folder: Chromium, without a screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import NoReturn

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

CHROMIUM_OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def browser(started_browser: WebDriver) -> Iterator[WebDriver]:
    """Return a browser without cookies."""
    yield started_browser
    started_browser.execute_cdp_cmd("Network.clearBrowserCookies", {})


@pytest.fixture(scope="module")
def started_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Start Chromium, which takes a second, once for the tests of a module."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        do_without_browser()
    options = webdriver.ChromeOptions()
    options.binary_location = program
    profile = tmp_path_factory.mktemp("profile")
    for option in [*CHROMIUM_OPTIONS, f"--user-data-dir={profile}"]:
        options.add_argument(option)
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield started
    finally:
        started.quit()


def do_without_browser() -> NoReturn:
    """Skip, but fail on a CI server, where a test that never runs proves nothing."""
    text = "This test drives Chromium: install chromium and chromium-driver."
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)
