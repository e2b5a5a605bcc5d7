"""What the bench of ASGI measures is right, and says which budgets are missed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from asgi import report
from asgi.asking import Client, ask, log_in, started
from asgi.budgets import OF_STARLETTE, TIMES_QUART
from asgi.contest import alone, contest
from asgi.frameworks import build
from asgi.scenarios import EXCHANGES, Exchange
from contest import Row
from timing import Figure

SUCCESSFUL = [name for name, exchange in EXCHANGES.items() if exchange.status == 200]


async def fault_of(framework: str, exchange: Exchange) -> str | None:
    app = build(framework, exchange.name, exchange.routes)
    if app is None:
        return "nothing offered"
    async with started(app):
        cookies = await log_in(app) if exchange.logged_in else ""
        return exchange.fault(await ask(app, exchange, cookies))


@pytest.mark.parametrize("framework", ["App", "Starlette"])
@pytest.mark.parametrize("name", EXCHANGES)
def test_every_exchange_is_answered(name: str, framework: str) -> None:
    assert asyncio.run(fault_of(framework, EXCHANGES[name])) is None


@pytest.mark.parametrize("name", EXCHANGES)
def test_every_exchange_has_a_budget(name: str) -> None:
    assert 0 < OF_STARLETTE[name] <= 1


@pytest.mark.parametrize("name", SUCCESSFUL)
def test_a_successful_request_leaves_nothing_to_the_collector(name: str) -> None:
    row = contest(name, rounds=1, frameworks=["App"])

    assert row.cycles == {"App": 0}


def test_a_wrong_answer_is_named_and_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(EXCHANGES["text"], right=lambda body: False)
    monkeypatch.setitem(EXCHANGES, "text", wrong)

    row = contest("text", rounds=1, frameworks=["App"])

    assert row.faults == {"App": "the body b'Hello, world!'"}
    assert row.figures == {}


def test_a_scenario_is_measured_in_a_process_of_its_own() -> None:
    row = alone("text", 1, ["App", "Starlette"], "asyncio")

    assert set(row.figures) == {"App", "Starlette"}


def app_that_says(kind: str) -> Callable[[Any, Any, Any], Awaitable[None]]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": kind})

    return app


async def times_entered(app: Any) -> int:
    async with started(app):
        return 1


def test_an_app_that_fails_to_start_is_not_measured() -> None:
    with pytest.raises(RuntimeError, match="does not start"):
        asyncio.run(times_entered(app_that_says("lifespan.startup.failed")))


@pytest.mark.parametrize(
    "kind", ["http.response.start", "lifespan.startup.complete"], ids=["no", "yes"]
)
def test_an_app_takes_part_in_the_start_or_not(kind: str) -> None:
    assert asyncio.run(times_entered(app_that_says(kind))) == 1


def test_a_client_leaves_when_its_answer_is_complete() -> None:
    async def talk() -> list[str]:
        client = Client(iter([{"type": "http.request"}]))
        first = await client.receive()
        leaving = asyncio.ensure_future(client.receive())
        await asyncio.sleep(0)
        assert not leaving.done()
        await client.send({"type": "http.response.body", "more_body": True})
        await client.send({"type": "http.response.body"})
        return [message["type"] for message in (first, await leaving)]

    assert asyncio.run(talk()) == ["http.request", "http.disconnect"]


def row(scenario: str, **microseconds: float) -> Row:
    figures = {name: Figure(took, took) for name, took in microseconds.items()}
    return Row(scenario, 10, figures, cycles=dict.fromkeys(microseconds, 0.0))


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (row("text", App=6, Starlette=10, Quart=90), "none"),
        (
            row("text", App=7, Starlette=10, Quart=90),
            "text (0.70 of Starlette, at most 0.65)",
        ),
        (row("text", App=7, Quart=56), "text (8.0 x Quart, at least 9)"),
        (row("404", App=8, Starlette=10, Quart=10), "none"),
    ],
    ids=["met", "beside Starlette", "beside Quart", "no budget beside Quart"],
)
def test_missed_budgets_are_named(measured: Row, expected: str) -> None:
    assert report.missed([measured]).removeprefix("Budgets missed: ") == f"{expected}."


def test_the_table_has_what_a_row_reached_and_has_to() -> None:
    rows = [row("text", App=6e-6, Starlette=12e-6, Quart=96e-6)]

    table = report.table(rows, "asyncio")

    cells = next(line for line in table.splitlines() if line.startswith("| text "))
    assert [cell.strip() for cell in cells.strip("|").split("|")] == [
        *("text", "6.0", "12.0", "-", "-", "96.0", "-", "-", "-"),
        *("0.50", f"{OF_STARLETTE['text']:g}", "16.0", f"{TIMES_QUART['text']}"),
        *("0/0", "0/0"),
    ]
