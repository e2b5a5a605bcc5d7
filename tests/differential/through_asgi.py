"""A plugin of pytest: test clients call each app through ASGI.

In the folder of a package:

    PYTHONPATH=../../tests/differential pytest -p through_asgi

What a client puts into an environ for its own sake is handed on. An answer is whole
when the client gets it, so a few tests fail that look at a stream before its end, or at
what the client's own `wsgi.errors` was told. Those of core are listed in `lost`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

import lost
from over_asgi import OverASGI
from tantalus_http import _asgi_face
from tantalus_testing import _client

OF_SERVERS = {"PATH_INFO", "QUERY_STRING", "RAW_URI", "REQUEST_METHOD", "REQUEST_URI"}
OF_SERVERS |= {"CONTENT_LENGTH", "CONTENT_TYPE", "SCRIPT_NAME"}
PREFIXES = ("HTTP_", "REMOTE_", "SERVER_", "wsgi.")

client: Any = _client
face: Any = _asgi_face
call_wsgi, make_environ = client.run_wsgi_app, face.environ_of


def clients_own(environ: dict[str, Any]) -> dict[str, Any]:
    """Return what is in an environ that no server puts there."""
    return {
        key: value
        for key, value in environ.items()
        if key not in OF_SERVERS and not key.startswith(PREFIXES)
    }


def through_asgi(app: Any) -> Callable[..., Any]:
    """Return a WSGI application that calls the ASGI face of an app."""

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        own = clients_own(environ)

        async def asgi(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "own": own}, receive, send)

        loop = asyncio.new_event_loop()
        try:
            return OverASGI(asgi, loop)(environ, start_response)
        finally:
            loop.close()

    return call


def run_wsgi_app(app: Any, *args: Any) -> Any:
    """Call an app as its client asks, through ASGI if it has that face."""
    if not hasattr(app, "asgi_app"):
        return call_wsgi(app, *args)
    call = through_asgi(app)
    if asyncio._get_running_loop() is None:
        return call_wsgi(call, *args)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, call_wsgi, call, *args).result()


def environ_of(scope: Any, body: Any = None) -> Any:
    """Return the environ of a scope, with what the client had put there."""
    return {**make_environ(scope, body), **scope.get("own", {})}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect those to fail of which it is known why."""
    lost.expect(items, lost.THROUGH_ASGI)


def pytest_configure() -> None:
    """Put these in the place of what clients and the app call."""
    client.run_wsgi_app = run_wsgi_app
    face.environ_of = environ_of
