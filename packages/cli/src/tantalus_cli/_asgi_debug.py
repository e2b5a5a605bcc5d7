"""Werkzeug's debugger around an ASGI application.

It is written for WSGI. So an error that has come out of the application is raised again
in a WSGI application of our own, which the debugger wraps. What the page of an error
asks for afterwards, such as the value of an expression, is answered by that.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from io import BytesIO
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.test import run_wsgi_app

from tantalus_cli._debugger import Debugger
from tantalus_cli._faces import ASGICallable, Message, Receive, Scope, Send

_ERROR = "tantalus_cli.error"
_CONSOLE = "/console"


class DebuggedASGI:
    """Shows the error of an ASGI application in the debugger, if nothing was sent yet.

    Args:
        host: The host that is served: besides this machine's own names, the debugger
            answers to it.
    """

    def __init__(self, app: ASGICallable, host: str) -> None:
        self._app = app
        self._debugger = Debugger(_raise, host, program=app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _is_for_the_debugger(scope):
            await self._answer(_environ(scope), send)
            return
        answer = _Answer(send)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            if answer.is_sent:
                raise
            await self._answer(_environ(scope) | {_ERROR: error}, send)
        else:
            await answer.release()

    async def _answer(self, environ: WSGIEnvironment, send: Send) -> None:
        # In a thread: it may evaluate what a developer types, and waits for wrong PINs.
        body, status, headers = await asyncio.to_thread(
            run_wsgi_app, self._debugger, environ, True
        )
        raw = [
            (name.lower().encode(), value.encode("latin-1")) for name, value in headers
        ]
        code = int(status.partition(" ")[0])
        await send({"type": "http.response.start", "status": code, "headers": raw})
        await send({"type": "http.response.body", "body": b"".join(body)})


class _Answer:
    """What an application sends; the page of an error is held until it has ended.

    Frameworks answer an error with a page of theirs, and raise it then.
    """

    def __init__(self, send: Send) -> None:
        self.is_sent = False
        self._pass_on = send
        self._held: list[Message] = []

    async def send(self, message: Message) -> None:
        """Send a message, or hold it."""
        is_error = message["type"] == "http.response.start" and message["status"] == 500
        if self._held or is_error:
            self._held.append(message)
            return
        self.is_sent = True
        await self._pass_on(message)

    async def release(self) -> None:
        """Send what was held."""
        for message in self._held:
            await self._pass_on(message)


def _raise(
    environ: WSGIEnvironment, start_response: StartResponse, /
) -> Iterable[bytes]:
    __traceback_hide__ = True  # from the page, which is about the frames below
    error: Exception | None = environ.get(_ERROR)
    if error is not None:
        raise error
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"The debugger was asked for something that it does not have.\n"]


def _is_for_the_debugger(scope: Scope) -> bool:
    asked: list[bytes] = scope["query_string"].split(b"&")
    return b"__debugger__=yes" in asked or scope["path"] == _CONSOLE


def _environ(scope: Scope) -> WSGIEnvironment:
    """Return what the debugger reads of a request (PEP 3333)."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        environ[key] = value.decode("latin-1")
    return environ
