"""Fresh environments and wheels from the tree: what somebody has who installs them."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
COMPONENTS = [
    "http",
    "routing",
    "config",
    "context",
    "sessions",
    "templating",
    "cli",
    "testing",
    "typed",
    "channels",
]
# What `pip install tantalus` brings.
OF_CORE = [name for name in COMPONENTS if name not in {"channels", "typed"}]


class Environment:
    """A virtual environment that starts with nothing in it, not even pip."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
        subprocess.run(command, check=True)
        self.programs = folder / "bin"
        self.python = str(self.programs / "python")

    def install(self, *arguments: str | Path) -> None:
        """Install as pip does; a failure shows what pip wrote."""
        finished = self.try_to_install(*arguments)
        assert finished.returncode == 0, finished.stdout + finished.stderr

    def try_to_install(
        self, *arguments: str | Path
    ) -> subprocess.CompletedProcess[str]:
        """Return how `pip install` ended."""
        pip = [sys.executable, "-m", "pip", "--python", self.python]
        return run([*pip, "install", *map(str, arguments)], cwd=ROOT)

    def versions(self) -> dict[str, str]:
        """Return the version of every distribution that is installed."""
        listed = json.loads(self.run_python("-c", LIST_DISTRIBUTIONS))
        return {name: found["version"] for name, found in listed.items()}

    def needed_by(self, requirements: list[str]) -> set[str]:
        """Return what `requirements` lead to, by what the installed ones declare."""
        listed = json.loads(self.run_python("-c", LIST_DISTRIBUTIONS))
        needed: set[str] = set()
        waiting = list(requirements)
        while waiting:
            requirement = Requirement(waiting.pop())
            name = canonicalize_name(requirement.name)
            applies = not requirement.marker or requirement.marker.evaluate()
            if applies and name not in needed:
                needed.add(name)
                waiting += listed[name]["requires"]
        return needed

    def run_python(self, *arguments: str, cwd: Path | None = None) -> str:
        """Return what Python wrote; a failure shows all of it."""
        finished = run([self.python, *arguments], cwd=cwd or self.programs)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout


LIST_DISTRIBUTIONS = """
import json
from importlib.metadata import distributions
listed = {
    found.name.lower().replace("_", "-").replace(".", "-"): {
        "version": found.version, "requires": found.requires or []
    }
    for found in distributions()
}
print(json.dumps(listed))
"""


def run(command: list[str], *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and keep what it writes."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving(
    command: list[str],
    *,
    cwd: Path,
    port: int,
    settings: Mapping[str, str] | None = None,
    seconds: float = 120,
) -> Iterator[str]:
    """Run a server until it answers, and stop it and its children in the end."""
    log = cwd / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=cwd,
            env=clean_environment() | dict(settings or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(port, server, log, seconds)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):  # it ended by itself, and its log is shown
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def wait_for(
    port: int, server: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Return once somebody listens; fail with the server's output if nobody does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"The server did not start:\n{log.read_text()}")


def clean_environment() -> dict[str, str]:
    """Return the environment without what belongs to the tree or its environment."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "HATCH", "FLASK_", "TANTALUS_", "BOARD_", "COV_")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(hidden)
    }


def free_port() -> int:
    """Return a port for a server, which this gives to nobody else while we live.

    The system hands out those above 32,000 for connections and for port 0. This one is
    free still when its server starts, and when it starts again. Who holds the port of
    the same number for UDP, has it.
    """
    for port in random.sample(range(10_000, 32_000), 1_000):
        with (
            suppress(OSError),
            socket.socket(type=socket.SOCK_DGRAM) as mark,
            socket.socket() as probe,
        ):
            mark.bind(("127.0.0.1", port))
            probe.bind(("127.0.0.1", port))
            mark.detach()  # held until the process ends
            return port
    raise OSError("No port of a thousand is free.")


def project(package: str) -> dict[str, Any]:
    """Return the table `project` of a package's settings."""
    path = ROOT / "packages" / package / "pyproject.toml"
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return table


def copy_package(package: str, target: Path) -> Path:
    """Copy a package's folder to `target`, where it has no sibling."""
    shutil.copytree(ROOT / "packages" / package, target, ignore=LEFT_BEHIND)
    return target


def copy_tree(target: Path) -> Path:
    """Copy what a clone has, as it is here: nothing built, nothing installed."""
    listed = run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT
    )
    assert listed.returncode == 0, listed.stderr
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*", "dist", "*.egg-info")


def build_wheel(source: Path, target: Path) -> Path:
    """Build the wheel of a folder into `target`, and return its path."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    finished = run([*command, "--outdir", str(target), str(source)], cwd=ROOT)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    name = project_name(source).replace("-", "_")
    (wheel,) = target.glob(f"{name}-[0-9]*.whl")
    return wheel


def project_name(source: Path) -> str:
    settings = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    name: str = settings["project"]["name"]
    return name


def visitor() -> Callable[..., tuple[int, str]]:
    """Return a function that asks for a URL, and brings the cookies it was given.

    It posts a form if it is given one. It returns the status and the body.
    """
    opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def ask(url: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        data = None if form is None else urlencode(form).encode()
        with opener.open(url, data, timeout=60) as response:
            return response.status, response.read().decode()

    return ask
