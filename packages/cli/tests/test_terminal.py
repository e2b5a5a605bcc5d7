"""A user at a terminal, played by tmux: look around, run, edit, break, mend, stop."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from conftest import Write
from server import PROGRAM, NoWatchdog, fetch, wait_for

Look = Callable[[str], "re.Match[str]"]
LOOKS_BETWEEN_SAVES = 100  # about six seconds

APP = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"{word}"]
"""


SHOP = """
from werkzeug.routing import Map, Rule

def app(environ, start_response): ...
app.url_map = Map([Rule("/item/<int:id>", endpoint="item", methods=["GET"])])
"""


def tmux_program() -> str:
    found = shutil.which("tmux")
    if found is None and os.environ.get("CI", "").lower() == "true":
        pytest.fail("tmux is not installed, and in CI these tests have to run")
    if found is None:
        pytest.skip("tmux is not installed")
    return found


def process_table() -> dict[str, tuple[str, str]]:
    """Return parent and command line of every process, by its number."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = (line.split(None, 2) for line in listing.splitlines())
    return {pid: (parent, args) for pid, parent, args in rows}


class Terminal:
    """A shell in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self.command = [tmux_program(), "-S", str(folder / "tmux.socket")]
        self.tmux("new-session", "-d", "-x", "160", "-y", "50", "-c", str(folder), "sh")

    def tmux(self, *args: str) -> str:
        done = subprocess.run(
            [*self.command, *args], capture_output=True, text=True, check=True
        )
        return done.stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)
        self.press("Enter")

    def press(self, key: str) -> None:
        self.tmux("send-keys", key)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-J", "-S", "-")

    def processes(self) -> dict[str, str]:
        """Return the command lines of what runs below the shell, by number."""
        table = process_table()
        shell = self.tmux("list-panes", "-F", "#{pane_pid}").strip()
        below = {shell}
        for _ in table:
            below |= {pid for pid, (parent, _) in table.items() if parent in below}
        return {pid: table[pid][1] for pid in below - {shell}}

    def see(self, pattern: str) -> re.Match[str]:
        """Wait until the screen shows `pattern`, and return it."""
        try:
            return wait_for(lambda: re.search(pattern, self.screen()), repr(pattern))
        except AssertionError as err:
            raise AssertionError(f"{err}; the screen shows:\n{self.screen()}") from None


@pytest.fixture
def terminal(write: Write, tmp_path: Path) -> Iterator[Terminal]:
    write("hidden/watchdog.py", NoWatchdog.TEXT)
    terminal = Terminal(tmp_path)
    terminal.type(f"alias tantalus={PROGRAM}")
    terminal.type(f"PYTHONPATH={tmp_path}/hidden; export PYTHONPATH; clear")
    yield terminal
    terminal.tmux("kill-server")


def test_a_terminal_shows_help_and_routes(terminal: Terminal, write: Write) -> None:
    write("app.py", APP.format(word="one"))
    write("site_shop.py", SHOP)

    terminal.type("tantalus --help")
    terminal.see(r"routes\s+Show the routes for the app\.")
    terminal.type("tantalus --app site_shop routes")
    terminal.see(r"Endpoint +Methods +Rule *\n *item +GET +/item/<int:id>")
    terminal.type("tantalus routes; echo status $?")
    terminal.see("'app' has no 'url_map', so its routes cannot be listed")

    terminal.see("status 2")


def test_an_edited_file_is_served_and_a_broken_one_is_shown_until_mended(
    terminal: Terminal, write: Write
) -> None:
    write("app.py", APP.format(word="one"))
    terminal.type("tantalus run --debug --port 0")
    url = terminal.see(r"Running on (http://[\d.:]+)")[1]
    terminal.see("Debugger PIN")

    def served(word: str) -> Callable[[], str | None]:
        def look() -> str | None:
            with suppress(OSError, HTTPException):  # while the server starts again
                _, text = fetch(url)
                return text if word in text else None
            return None

        return look

    def saved(source: str, word: str) -> Callable[[], str | None]:
        look = served(word)
        due = itertools.cycle([True, *[False] * LOOKS_BETWEEN_SAVES])

        def save_and_look() -> str | None:
            # The reloader first looks at a file some time after it was imported, and
            # takes no notice of an edit before that: so the edit is saved again.
            if next(due):
                write("app.py", source)
            return look()

        return save_and_look

    wait_for(served("one"), "the first version")
    wait_for(saved(APP.format(word="two"), "two"), "the edited version")
    page = wait_for(saved("def app(:\n", "SyntaxError"), "the syntax error")
    terminal.see("SyntaxError: invalid syntax")
    wait_for(saved(APP.format(word="three"), "three"), "the mended version")

    started = terminal.processes()
    terminal.press("C-c")
    terminal.type("echo status $?")
    terminal.see(r"status 0")
    assert "def app(:" in page
    assert len(started) == 2, started
    assert terminal.processes() == {}
    # The prompt may be there before the last of them is gone.
    wait_for(
        lambda: None if started.keys() & process_table().keys() else True,
        "the end of both processes",
    )


def test_the_shell_completes_names_at_a_terminal(
    terminal: Terminal, write: Write
) -> None:
    write("app.py", APP.format(word="one"))

    terminal.type(f"{sys.executable} -m tantalus_cli shell")
    terminal.see("App: app")
    terminal.tmux("send-keys", "-l", "app.__na")
    terminal.press("Tab")
    terminal.type(" * 2")

    terminal.see("'appapp'")
