"""What the pages on deployment say to type, and the programs that it starts."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

from environments import clean_environment, free_port, wait_for

DOCS = Path(__file__).parents[2] / "docs"
PROGRAMS = Path(sys.executable).parent
GRACE = 60  # seconds that a server may take to stop; only a failure takes so long
_CELLS = re.compile(r"^\|" + r" ([^|]+) \|" * 6 + "$", re.MULTILINE)


class Blocks(CodeBlockParser):
    """Finds the blocks of one language and does nothing with them."""

    def evaluate(self, example: Example) -> None:
        """Leave the block alone."""


def blocks(page: str, language: str) -> list[str]:
    """Return the text of each block of a page in `docs/`."""
    document = Sybil(parsers=[Blocks(language)]).parse(DOCS / page)
    return [str(example.parsed) for example in document.examples()]


def block(page: str, language: str, begin: str) -> str:
    """Return the one block of a page that starts like this."""
    (found,) = (text for text in blocks(page, language) if text.startswith(begin))
    return found


def rows_of_the_page() -> list[tuple[str, ...]]:
    """Return the cells of the table of servers on the page about deployment."""
    page = (DOCS / "deployment.md").read_text(encoding="utf-8")
    part = page.split("## What a process opens")[1].split("\n## ")[0]
    rows = _CELLS.findall(part)
    return rows[1:]


@dataclass
class Server:
    """A program that runs, and the port it listens on."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def wait_for_log(self, text: str, *, times: int) -> None:
        """Return once it has printed a text so often."""
        deadline = time.monotonic() + GRACE
        while self.log.read_text(encoding="utf-8").count(text) < times:
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def stop(self) -> bool:
        """End it as systemd does, and tell whether nothing of it is left."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(GRACE)
        # What Python starts beside its processes ends by itself, a moment later.
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.05)
        return False


@contextmanager
def running(
    command: list[str], *, cwd: Path, port: int, settings: Mapping[str, str]
) -> Iterator[Server]:
    """Run a program of this environment until it listens; kill what is left of it."""
    log = cwd / f"{Path(command[0]).name}-{port}.log"
    path = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=clean_environment() | {"PATH": path} | dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(port, process, log, 2 * GRACE)
        yield Server(process, port, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def serving(line: str, *, cwd: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """Run a command of a page that serves at port 8000, at another port."""
    port = free_port()
    command = shlex.split(line.replace("8000", str(port)))
    program = shutil.which(command[0], path=str(PROGRAMS))
    assert program is not None, f"{command[0]} is not installed"
    with running([program, *command[1:]], cwd=cwd, port=port, settings=settings) as run:
        yield run


@contextmanager
def nginx(server: str, *, folder: Path) -> Iterator[int]:
    """Run nginx with one `server` block, whose port 443 and folders become others."""
    program = required("nginx")
    port = free_port()
    certify(folder)
    server = (
        server.replace("listen 443", f"listen 127.0.0.1:{port}")
        .replace("/etc/ssl/", f"{folder}/")
        .replace("/srv/", f"{folder}/srv/")
    )
    temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    lines = [
        "daemon off;",
        f"pid {folder}/nginx.pid;",
        f"error_log {folder}/nginx-error.log;",
        # Started as root, its workers could not read the folder of a test.
        "user root;" if os.geteuid() == 0 else "",
        "events {}",
        "http {",
        "access_log off;",
        *(f"{name}_temp_path {folder}/{name};" for name in temporary),
        server,
        "}",
    ]
    (folder / "nginx.conf").write_text("\n".join(lines), encoding="utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(command, cwd=folder, port=port, settings={}):
        yield port


def certify(folder: Path) -> None:
    """Make a certificate for the shop that signs itself."""
    subprocess.run(
        [
            *(required("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-subj", "/CN=shop.example", "-days", "2"),
            *("-addext", "subjectAltName=DNS:shop.example"),
            *("-out", str(folder / "shop.pem"), "-keyout", str(folder / "shop.key")),
        ],
        check=True,
        capture_output=True,
    )


def required(program: str) -> str:
    """Return where a program of the machine is; without it, skip, but never in CI."""
    found = shutil.which(program)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"No {program!r} on PATH. CI must install it.")
    if found is None:
        pytest.skip(f"no {program!r} on PATH")
    return found


def port_is_free(port: int) -> bool:
    """Tell whether nobody listens at a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
