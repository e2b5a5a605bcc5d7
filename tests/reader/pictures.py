"""Take the pictures of the tutorial from the app that its reader has by then.

    python tests/reader/pictures.py

Each chapter's files are written as the page shows them, the app is served, and Chromium
looks at it.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

import tutorial
from chromium import chromium, follow, set_screen

PICTURES = tutorial.TUTORIAL / "pictures"
WIDTH, HEIGHT = 720, 1200
MARGIN = 24
LAST_LINE = """
const edges = [...document.body.querySelectorAll("*")].map(
    (element) => element.getBoundingClientRect().bottom + scrollY);
return Math.ceil(Math.max(...edges));
"""


def look(browser: WebDriver, site: str) -> None:
    browser.get(site)


def look_at_form(browser: WebDriver, site: str) -> None:
    browser.get(f"{site}/account/sign-up")
    browser.find_element(By.ID, "name").send_keys("penelope")
    browser.find_element(By.ID, "password").send_keys("weaving by day")


def log_in(browser: WebDriver, site: str) -> None:
    browser.get(f"{site}/account/log-in")
    browser.find_element(By.ID, "name").send_keys("sisyphus")
    browser.find_element(By.ID, "password").send_keys("underworld")
    follow(browser, By.CSS_SELECTOR, "main button")


def look_for_nothing(browser: WebDriver, site: str) -> None:
    browser.get(f"{site}/messages/999")


# The chapters with a picture, and how to get there.
WAYS: dict[str, Callable[[WebDriver, str], None]] = {
    "01-a-page": look,
    "02-data": look,
    "03-pages": look,
    "04-accounts": look_at_form,
    "05-posting": log_in,
    "06-protection": look_for_nothing,
}
# What the reader types in a chapter, before the picture.
COMMANDS = {
    "02-data": [["seed"]],
    "04-accounts": [["init-db", "--yes"], ["seed"]],
}
NAMES = {"06-protection": "error"}


def main() -> None:
    """Take all pictures, in the order of the chapters."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as name, chromium(Path(name, "profile")) as browser:
        set_screen(browser, WIDTH, HEIGHT)
        folder = Path(name, "reader")
        for chapter in tutorial.CHAPTERS:
            tutorial.write(chapter, folder)
            for arguments in COMMANDS.get(chapter, []):
                command(folder, *arguments)
            if chapter in WAYS:
                with serving(folder) as site:
                    WAYS[chapter](browser, site)
                    take(browser, NAMES.get(chapter, chapter[3:]))


def take(browser: WebDriver, name: str) -> None:
    """Save what the browser shows, down to the last line."""
    bottom = browser.execute_script(LAST_LINE) + MARGIN
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": bottom, "scale": 1}
    shown = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
    path = PICTURES / f"{name}.png"
    path.write_bytes(b64decode(shown["data"]))
    print(f"{path.name}: {path.stat().st_size} bytes")


def command(folder: Path, *arguments: str) -> None:
    base = [sys.executable, "-m", "tantalus", "--app", "board"]
    subprocess.run([*base, *arguments], cwd=folder, check=True)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the app in a folder, and return its address once it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = [sys.executable, "-m", "tantalus", "--app", "board"]
    server = subprocess.Popen([*base, "run", "--port", str(port)], cwd=folder)
    try:
        until_it_listens(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("The app did not start; what it wrote is above.")


if __name__ == "__main__":
    main()
