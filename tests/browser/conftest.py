"""A browser for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import ChromiumMissing, chromium


@pytest.fixture
def browser(started_browser: WebDriver) -> Iterator[WebDriver]:
    """Return a browser without cookies."""
    yield started_browser
    started_browser.execute_cdp_cmd("Network.clearBrowserCookies", {})


@pytest.fixture(scope="module")
def started_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Start Chromium once for the tests of a module.

    Without it they are skipped, but fail on a CI server, where a test that never runs
    proves nothing.
    """
    try:
        with chromium(tmp_path_factory.mktemp("profile")) as started:
            yield started
    except ChromiumMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
