"""The page on background jobs: its cron line, and Celery with a worker."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from environments import clean_environment, free_port
from recipes import GRACE, PROGRAMS, block, required, running, serving

PAGE = "jobs.md"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with the modules of the page."""
    command = block(PAGE, "python", "@app.cli.command")
    app = block(PAGE, "python", "# shop.py")
    (tmp_path / "shop.py").write_text(f"{app}\n\n{command}", encoding="utf-8")
    tasks = block(PAGE, "py", "# tasks.py")
    (tmp_path / "tasks.py").write_text(tasks, encoding="utf-8")
    return tmp_path


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Run a Redis, and return its URL."""
    port = free_port()
    command = [required("redis-server"), "--port", str(port), "--save", ""]
    with running(command, cwd=tmp_path, port=port, settings={}):
        yield f"redis://127.0.0.1:{port}/1"


def test_cron_runs_a_command_of_the_app(shop: Path) -> None:
    line = block(PAGE, "text", "# crontab").splitlines()[1]
    (shop / "shop.env").write_text("TANTALUS_SERVER_NAME=shop.example\n")
    command = line.split(" ", 5)[5]
    command = command.replace("/srv/shop", str(shop)).replace("/etc", str(shop))
    command = command.replace("venv/bin/", f"{PROGRAMS}/")

    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines() == [
        "shop: please pay https://shop.example/orders/7",
        "shop: please pay https://shop.example/orders/8",
    ], done.stderr


def test_celery_runs_a_task_in_a_context_of_its_own(shop: Path, broker: str) -> None:
    settings = {"TANTALUS_BROKER_URL": broker}
    worker, web = block(PAGE, "sh", "celery ").splitlines()
    program, *arguments = shlex.split(worker)
    log = (shop / "worker.log").open("wb")
    with (
        log,
        serving(web, cwd=shop, settings=settings) as server,
        subprocess.Popen(
            [str(PROGRAMS / program), *arguments],
            cwd=shop,
            env=clean_environment() | settings,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            asked = Request(
                f"http://127.0.0.1:{server.port}/orders/7/remind",
                headers={"Host": "shop.example"},
                method="POST",
            )
            with urlopen(asked, timeout=GRACE) as answer:
                task = json.load(answer)["task"]

            assert result(shop, settings, task) == (
                "shop: please pay https://shop.example/orders/7"
            )
        finally:
            process.terminate()


def result(shop: Path, settings: dict[str, str], task: str) -> str:
    """Wait for the result of a task, in a program of its own."""
    wait = f"celery.AsyncResult({task!r}).get(timeout={GRACE})"
    code = f"from tasks import celery; print({wait})"
    done = subprocess.run(
        [str(PROGRAMS / "python"), "-c", code],
        cwd=shop,
        env=clean_environment() | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr
