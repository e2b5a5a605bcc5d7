"""The board in a real browser, started by the command that the README names."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import chromium, follow, see
from environments import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 120


@pytest.fixture
def board(tmp_path: Path) -> Iterator[str]:
    """Serve the board with a folder of its own, and return its address."""
    scripts = tomllib.loads((ROOT / "hatch.toml").read_text())["envs"]["default"]
    command = shlex.split(scripts["scripts"]["demo"].format(args=""))
    port = free_port()
    log = tmp_path / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ
            | {
                "TANTALUS_RUN_PORT": str(port),
                "BOARD_INSTANCE": str(tmp_path / "data"),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server, log)
        yield address
    finally:
        with suppress(ProcessLookupError):  # it ended by itself, and its log is shown
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def test_somebody_signs_up_posts_deletes_and_logs_out(
    browser: WebDriver, board: str
) -> None:
    browser.get(board)
    follow(browser, By.LINK_TEXT, "Sign up")
    fill_in_account(browser, "ada", "correct horse")
    see(browser, "Welcome, ada!")

    follow(browser, By.ID, "log-out")
    see(browser, "You are logged out.")

    follow(browser, By.LINK_TEXT, "Log in")
    fill_in_account(browser, "ada", "correct horse")
    see(browser, "Welcome back, ada!")

    browser.find_element(By.ID, "text").send_keys("Hello <b>from</b> a browser.")
    follow(browser, By.ID, "post")
    see(browser, "Your message is on the board.")
    message = browser.find_element(By.CSS_SELECTOR, "article.message")
    assert message.find_element(By.CLASS_NAME, "author").text == "ada"
    shown = message.find_element(By.CLASS_NAME, "text").text
    assert shown == "Hello <b>from</b> a browser."

    follow(browser, By.CSS_SELECTOR, "article.message .delete")
    see(browser, "Your message is gone.")
    authors = browser.find_elements(By.CSS_SELECTOR, "article.message .author")
    # The messages that the demo begins with.
    assert {author.text for author in authors} == {"sisyphus", "tantalus"}

    follow(browser, By.ID, "log-out")
    see(browser, "You are logged out.")
    assert browser.find_elements(By.LINK_TEXT, "Log in")
    assert browser.find_elements(By.ID, "log-out") == []


def test_the_stylesheet_arrives_and_applies(browser: WebDriver, board: str) -> None:
    browser.get(board)

    home = browser.find_element(By.CLASS_NAME, "home")

    assert home.value_of_css_property("text-decoration-line") == "none"


def test_a_message_appears_in_the_other_browser(
    browser: WebDriver, board: str, tmp_path: Path
) -> None:
    with chromium(tmp_path / "other") as other:
        other.get(board)
        assert "Look, no reload!" not in other.page_source
        browser.get(board)
        follow(browser, By.LINK_TEXT, "Sign up")
        fill_in_account(browser, "ada", "correct horse")
        see(browser, "Welcome, ada!")
        for text in ("Look, no reload!", "And <b>again</b>."):
            browser.find_element(By.ID, "text").send_keys(text)
            follow(browser, By.ID, "post")

            see(other, text)

        shown = other.find_elements(By.CSS_SELECTOR, "#messages article .text")
        assert [one.text for one in shown[:2]] == [
            "And <b>again</b>.", "Look, no reload!"
        ]  # fmt: skip


def test_where_events_do_not_arrive_the_page_is_asked(
    browser: WebDriver, board: str, tmp_path: Path
) -> None:
    with chromium(tmp_path / "other") as other:
        other.execute_cdp_cmd("Network.enable", {})
        blocked = {"urls": ["*/events*"]}
        other.execute_cdp_cmd("Network.setBlockedURLs", blocked)
        other.get(board)
        browser.get(board)
        follow(browser, By.LINK_TEXT, "Sign up")
        fill_in_account(browser, "ada", "correct horse")
        browser.find_element(By.ID, "text").send_keys("The other way.")
        follow(browser, By.ID, "post")

        see(other, "The other way.")


def fill_in_account(browser: WebDriver, name: str, password: str) -> None:
    browser.find_element(By.ID, "name").send_keys(name)
    browser.find_element(By.ID, "password").send_keys(password)
    follow(browser, By.CSS_SELECTOR, "form.account button")


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; fail with its output if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(address, timeout=20).close()
        except OSError:  # nobody listens yet, or answers in time
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The board did not start:\n{log.read_text()}")
