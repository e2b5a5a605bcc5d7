"""The same requests to the same app, by WSGI and by ASGI: no difference.

By ASGI twice: as the app is, when its plain views live in workers, and with a coroutine
function for each of its functions, when all requests live on the event loop.

Status, headers in order, body, the error that is let out, hooks and signals in order.
Under ASGI the names of headers are in lower case, and the status has no reason: that is
the protocol, and is not compared.

The WSGI server of the comparison ends the input itself (`wsgi.input_terminated`), as
each server of ASGI does.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

import tantalus
from as_coroutines import coroutines_in
from cases import BODIES, BODY_PATHS, CONFIGURATIONS, COOKIES, ENVIRONS
from over_asgi import OverASGI
from subject import Framework, Subject, build, note_everything
from test_differential import (
    Answer,
    Case,
    ask,
    cases,
    clock_stands_still,
    environ_of,
    sessions_of,
)

__all__ = ["clock_stands_still"]

pytestmark = pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile")


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def with_coroutines(app: Any) -> Any:
    """Return an ASGI application: an app whose functions are coroutine functions."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        with coroutines_in(app):
            await app(scope, receive, send)

    return call


def faces(
    name: str, loop: asyncio.AbstractEventLoop, *, noted: bool, awaited: bool = False
) -> tuple[Subject, Subject]:
    """Return the app as WSGI calls it, and another one as ASGI does."""
    framework: Framework = tantalus
    subjects = [build(framework, CONFIGURATIONS[name]) for _ in range(2)]
    if noted:
        for subject in subjects:
            note_everything(subject, framework)
    by_wsgi, by_asgi = subjects
    app: Any = by_asgi.app
    by_asgi.app = OverASGI(with_coroutines(app) if awaited else app, loop)
    return by_wsgi, by_asgi


def as_asgi_says(answer: Answer) -> Answer:
    """Return an answer with the words that both protocols have."""
    return answer._replace(
        status=answer.status and answer.status[:3],
        headers=[(name.lower(), value) for name, value in answer.headers],
    )


def differences(
    by_wsgi: Subject, by_asgi: Subject, asked: Iterator[Case], sessions: dict[str, str]
) -> list[Any]:
    different = []
    for case in asked:
        environ = environ_of(case, sessions)
        environ.setdefault("wsgi.input_terminated", True)  # as under ASGI
        expected = as_asgi_says(ask(by_wsgi, environ))
        given = as_asgi_says(ask(by_asgi, environ_of(case, sessions)))
        if given != expected:
            different.append((case, expected, given))
    return different


@pytest.mark.parametrize("noted", [False, True], ids=["bare", "hooks"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_answer_is_the_same_by_both(
    name: str, noted: bool, loop: asyncio.AbstractEventLoop
) -> None:
    by_wsgi, by_asgi = faces(name, loop, noted=noted)

    different = differences(by_wsgi, by_asgi, cases(name), sessions_of(by_wsgi))

    assert different == []


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_answer_of_coroutine_functions_is_the_same_by_both(
    name: str, loop: asyncio.AbstractEventLoop
) -> None:
    by_wsgi, by_asgi = faces(name, loop, noted=True, awaited=True)

    different = differences(by_wsgi, by_asgi, cases(name), sessions_of(by_wsgi))

    assert different == []


@pytest.mark.parametrize("awaited", [False, True], ids=["as it is", "coroutines"])
@pytest.mark.parametrize("name", ["defaults", "debug", "limits", "own reading"])
def test_every_body_is_read_in_the_same_way_by_both(
    name: str, awaited: bool, loop: asyncio.AbstractEventLoop
) -> None:
    by_wsgi, by_asgi = faces(name, loop, noted=False, awaited=awaited)
    asked = itertools.product(["POST"], BODY_PATHS, COOKIES[:1], BODIES, ENVIRONS)

    different = differences(by_wsgi, by_asgi, itertools.starmap(Case, asked), {})

    assert different == []
