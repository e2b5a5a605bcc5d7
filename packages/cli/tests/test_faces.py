from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from bottle import Bottle  # type: ignore[import-untyped] # it has no types
from fakes import FakeApp, plain_app
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import Router

from tantalus_cli._faces import is_any_app, speaks_asgi, speaks_asgi_alone


async def coroutine_app(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("nobody asks")


def plain_asgi(scope: Any, receive: Any, send: Any) -> Any:
    return coroutine_app(scope, receive, send)


def three(one: Any, two: Any, three: Any) -> None:
    raise AssertionError("nobody asks")


async def job(name: str) -> None:
    raise AssertionError("nobody asks")


async def two(one: Any, two: Any) -> None:
    raise AssertionError("nobody asks")


class Loose:
    """Whose parameters a server of WSGI could give, too."""

    async def __call__(self, scope: Any, receive: Any = None, send: Any = None) -> None:
        raise AssertionError("nobody asks")


class Both(FakeApp):
    """An app object for servers of both kinds."""

    def asgi_app(self, scope: Any, receive: Any, send: Any) -> Any:
        raise AssertionError("nobody asks")


class Awaited(FakeApp):
    """An app object for servers of ASGI alone, as Quart's."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # type: ignore[override] # so it is
        raise AssertionError("nobody asks")


class Callable3:
    """A class, which is no ASGI 3 application."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nobody asks")


@pytest.mark.parametrize(
    ("app", "faces"),
    [
        (FastAPI(), "asgi alone app"),
        (Starlette(), "asgi alone app"),
        (APIRouter(), "asgi alone"),
        (Router(), "asgi alone"),
        (coroutine_app, "asgi alone"),
        (partial(coroutine_app), "asgi alone"),
        (plain_asgi, "asgi alone"),
        (Loose(), "asgi alone"),
        (Both(), "asgi app"),
        (Awaited(), "asgi alone app"),
        (FakeApp(), "app"),
        (plain_app, ""),
        (Bottle(), ""),
        (three, ""),
        (job, ""),
        (two, ""),
        (Callable3, ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_what_can_call_an_app_is_found_out_without_calling_it(
    app: Callable[..., object], faces: str
) -> None:
    found = {"asgi": speaks_asgi, "alone": speaks_asgi_alone, "app": is_any_app}

    assert " ".join(name for name, told in found.items() if told(app)) == faces
