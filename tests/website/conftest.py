"""The site, built once for all tests of this folder, and a browser to look at it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import ChromiumMissing, chromium
from html_pages import Page, read_pages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, made by the command that makes it."""
    target = tmp_path_factory.mktemp("site")
    settings = tomllib.loads((ROOT / "hatch.toml").read_text(encoding="utf-8"))
    command = settings["envs"]["docs"]["scripts"]["build"]
    program, *arguments = shlex.split(
        command.replace("docs/_build", str(target)).replace("{args}", "-q -E")
    )
    assert program == "python"
    built = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stderr) == (0, "")
    return target


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return read_pages(site)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Start Chromium; without it tests are skipped, and fail on a CI server."""
    try:
        with chromium(tmp_path_factory.mktemp("profile")) as started:
            yield started
    except ChromiumMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
