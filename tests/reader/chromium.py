"""Chromium without a screen, for whoever looks at pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

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
