"""Start `tantalus run` as a user does, and ask it over a socket."""

from __future__ import annotations

import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")

# Beside the interpreter stands the script that an installation makes.
PROGRAM = str(Path(sys.executable).with_name("tantalus"))
# How long a machine may take that has much else to do; no test waits for the time.
SECONDS = 180.0


class NoWatchdog:
    """Text of a module that makes the reloader compare file times.

    Notifications by the operating system are not reliable in every container.
    """

    TEXT = "raise ImportError('watchdog is hidden from this test')\n"


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """Return the first result of `look` that is not `None`."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come within {SECONDS:.0f} seconds")


def fetch(url: str, *, host: str | None = None) -> tuple[int, str]:
    """Return status and text of a page, for any status."""
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    trust_any = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(
            request, context=trust_any, timeout=SECONDS
        ) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class Server:
    """A running server; leaving the block interrupts it as Ctrl-C does."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.log = folder / "server.log"
        self.args = args
        self.folder = folder

    def __enter__(self) -> Server:
        # A file that is changed within its second, to one as long, has the bytecode of
        # before: Python compares seconds and lengths.
        environ = os.environ | {
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [PROGRAM, *self.args],
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environ,
                start_new_session=True,
                # A shell has its jobs in the background ignore Ctrl-C, and these
                # tests may be one.
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            )
        try:
            self.url = wait_for(self._find_url, "the address of the server")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        """Interrupt the server, and kill what does not end by that."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise

    def see(self, text: str) -> None:
        """Wait until the server has printed `text`."""
        wait_for(lambda: True if text in self.output() else None, repr(text))

    def output(self) -> str:
        return self.log.read_text()

    def _find_url(self) -> str | None:
        found = re.search(r"Running on (https?://[\w.:]+)", self.output())
        assert self.process.poll() is None, self.output()
        return found[1] if found else None
