"""The notes in a browser, served by gunicorn: on Flask, and with Flask replaced.

Which of the two is said as for any other suite: by `-p tantalus.as_flask`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 60  # only a failure takes so long


@pytest.fixture
def is_replaced(pytestconfig: pytest.Config) -> bool:
    return pytestconfig.pluginmanager.hasplugin("tantalus.as_flask")


@pytest.fixture
def notes(tmp_path: Path, is_replaced: bool) -> Iterator[str]:
    """Serve the notes with two workers, and return their address."""
    port = free_port()
    start = ["-m", "tantalus.as_flask", "-m"] if is_replaced else ["-m"]
    options = ["--workers=2", f"--bind=127.0.0.1:{port}"]
    log = tmp_path / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, *start, "gunicorn", *options, "app:app"],
            cwd=Path(__file__).parent,
            env=os.environ | {"NOTES_DATABASE": f"sqlite:///{tmp_path / 'notes.db'}"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/framework", server, log)
        yield address
    finally:
        with suppress(ProcessLookupError):  # it ended by itself, and its log is shown
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[WebDriver]:
    """Start Chromium with a profile of its own."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.fail("This test drives Chromium: install chromium and chromium-driver.")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for option in [*OPTIONS, f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(option)
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield started
    finally:
        started.quit()


def test_the_workers_have_the_framework_that_was_asked_for(
    notes: str, is_replaced: bool
) -> None:
    with urlopen(f"{notes}/framework", timeout=SECONDS) as response:
        told = response.read().decode()

    assert told.partition(".")[0] == ("tantalus" if is_replaced else "flask")


def test_somebody_signs_up_logs_in_keeps_a_note_and_logs_out(
    browser: WebDriver, notes: str
) -> None:
    browser.get(f"{notes}/sign-up")
    fill_in(browser, name="ada", password="short")
    see(browser, "Field must be at least 8 characters long.")

    fill_in(browser, name="", password="correct horse")
    see(browser, "You have an account.")

    fill_in(browser, name="ada", password="wrong horse")
    see(browser, "Name or password is wrong.")

    fill_in(browser, name="", password="correct horse")
    see(browser, "ada")
    fill_in(browser, text="<b>Buy</b> bread")
    see(browser, "Kept.")
    see(browser, "ada: <b>Buy</b> bread")

    browser.get(f"{notes}/logout")
    see(browser, "nobody")
    browser.get(notes)
    see(browser, "Please log in to access this page.")


def test_a_form_without_its_token_is_not_taken(browser: WebDriver, notes: str) -> None:
    browser.get(f"{notes}/sign-up")
    browser.execute_script("document.getElementById('csrf_token').value = 'forged'")

    fill_in(browser, name="eve", password="correct horse")

    assert browser.current_url.endswith("/sign-up")
    assert "You have an account." not in browser.page_source


def fill_in(browser: WebDriver, **values: str) -> None:
    """Send a form, and return once the page that answers is there as a whole."""
    for name, value in values.items():
        browser.find_element(By.ID, name).send_keys(value)
    browser.execute_script("window.isLeft = true")
    browser.find_element(By.ID, "submit").click()
    wait(browser).until(lambda page: page.execute_script(IS_NEW), "No page answers.")


# A click returns while the old page is there.
IS_NEW = "return !window.isLeft && document.readyState === 'complete'"


def wait(browser: WebDriver) -> WebDriverWait[WebDriver]:
    """Return what asks until it is answered; while pages change, that is an error."""
    return WebDriverWait(browser, SECONDS, ignored_exceptions=[WebDriverException])


def see(browser: WebDriver, text: str) -> None:
    """Wait until the page says `text`."""
    wait(browser).until(
        lambda page: text in page.execute_script("return document.body.innerText"),
        f"The page does not say {text!r}.",
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; fail with its output if it does not."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(address, timeout=20).close()
        except OSError:  # nobody listens yet, or answers in time
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The notes did not start:\n{log.read_text()}")
