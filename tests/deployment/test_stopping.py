"""What SIGTERM costs the clients of each server that is at work, as the page says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from load import ANSWERED, REFUSED, Crowd
from recipes import DOCS, GRACE, rows_of_the_page, serving
from test_lifespan import TABLE

APP = """
import time
from pathlib import Path

from tantalus import App

app = App(__name__)


def note(line):
    with Path("notes").open("a") as notes:
        notes.write(f"{line}\\n")


@app.lifespan
def pool():
    yield
    note("closed")


@app.get("/slow/<number>")
def slow(number):
    note(f"begun {number}")
    time.sleep(0.2)
    return "slow"
"""
CLIENTS = 8


class Lost(NamedTuple):
    """Requests without an answer: their view had begun, or they waited for it."""

    begun: int
    waiting: int


# What was measured, with eight clients that ask again after each answer.
MEASURED = {
    "gunicorn": Lost(0, 8),
    "gunicorn, threads": Lost(0, 8),
    "gunicorn, preload": Lost(0, 8),
    "granian, wsgi": Lost(0, 0),
    "waitress": Lost(4, 12),
    "uWSGI, hook": Lost(0, 8),
    "uWSGI": Lost(2, 8),
    "uvicorn": Lost(0, 0),
    "hypercorn": Lost(0, 8),
    "granian, asgi": Lost(0, 0),
}


def stopped_at_work(line: str, folder: Path) -> tuple[Lost, bool]:
    """Return what was lost by the end of a server, and whether the app has closed."""
    (folder / "shop.py").write_text(APP, encoding="utf-8")
    with serving(line, cwd=folder, settings={}) as server:
        crowd = Crowd(server.port, "/slow", CLIENTS)
        with crowd.at_work():
            crowd.wait_for(CLIENTS, GRACE)
            server.stop()
    notes = set((folder / "notes").read_text().splitlines())
    lost = {
        number for number, end in crowd.ends.items() if end not in {ANSWERED, REFUSED}
    }
    begun = {number for number in lost if f"begun {number}" in notes}
    return Lost(len(begun), len(lost - begun)), "closed" in notes


@pytest.mark.parametrize("name", MEASURED)
def test_what_a_server_loses_when_it_is_stopped_is_what_the_table_says(
    name: str, tmp_path: Path
) -> None:
    line, request, end = TABLE[name]

    lost, is_closed = stopped_at_work(line, tmp_path)

    assert (lost.begun == 0) == (MEASURED[name].begun == 0), lost
    assert (lost.waiting == 0) == (MEASURED[name].waiting == 0), lost
    assert (lost.begun == 0) == (request == "finished")
    assert is_closed == (end == "closed")


def test_what_was_measured_stands_on_the_page() -> None:
    said = {
        name: Lost(int(begun), int(waiting))
        for name, *_, begun, waiting in rows_of_the_page()
    }

    assert said == MEASURED
    assert "eight clients" in (DOCS / "deployment.md").read_text(encoding="utf-8")
