"""WSGI applications that answer requests on ASGI scopes.

One runs in one thread from its first step to its last: what a program keeps for a
thread, such as the connection to a database, stays there. Each part is sent before the
next is made. Large files are read block by block, in whatever thread is free.

A client that goes away ends a stream: its `close()` runs, once, after the step that it
is at.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, get_running_loop, to_thread
from collections.abc import Callable, Iterable
from contextvars import copy_context
from threading import Lock
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from ._asgi_types import ASGIReceive, ASGISend, Run
from ._blocks import BLOCK, FileBlocks
from ._headers import check_message
from ._messages import Items, Sender
from ._waiting import LoopEnded, wait_for


class _Gone(Exception):
    """The client of a stream has gone."""


class _Answer:
    """One answer of a WSGI application, which runs in a thread.

    The application is called, and its body made, in the thread; the loop sends.
    """

    def __init__(
        self, app: WSGIApplication, environ: WSGIEnvironment, sender: Sender
    ) -> None:
        self._app = app
        self._environ = environ
        self._sender = sender
        self._loop: AbstractEventLoop = get_running_loop()
        self._start: tuple[int, Items] | None = None
        #: Of a large file, what was read already.
        self.first = b""

    def run(self) -> bytes | FileBlocks | None:
        """Call the application and send what it answers.

        Returns:
            What remains to be sent: a whole body, or a large file. None if everything
            was sent.
        """
        body = self._app(self._environ, self._start_response)
        if type(body) is FileBlocks:
            return self._begun_file(body)
        if type(body) is list and not self._sender.is_begun:
            return b"".join(body)
        return self._run_through(body)

    def _run_through(self, body: Iterable[bytes]) -> bytes | None:
        """Send each part before the next is made, and close the body."""
        try:
            for part in body:
                if part:
                    self._emit(part)
                elif self._sender.is_gone:
                    break
            if not self._sender.is_begun:
                return b""
            wait_for(self._sender.end(), self._loop)
        except (_Gone, LoopEnded):
            pass
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        return None

    def _begun_file(self, file: FileBlocks) -> bytes | FileBlocks:
        """Return a small file as a whole, or a large one, to be read block by block."""
        try:
            self.first = next(file, b"")
        except BaseException:
            file.close()
            raise
        if len(self.first) < BLOCK:
            file.close()
            return self.first
        return file

    def start(self) -> tuple[int, Items]:
        """Return status and headers, as the application said.

        Raises:
            RuntimeError: It has said nothing.
        """
        if self._start is None:
            raise RuntimeError(
                f"The WSGI application {self._app!r} answered without calling"
                " start_response(status, headers)."
            )
        return self._start

    def _start_response(
        self, status: str, headers: Items, exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None:
            try:
                if self._sender.is_begun:
                    raise exc_info[1]
            finally:
                exc_info = None  # it leads to this frame
        elif self._start is not None:
            raise RuntimeError(
                "start_response() was called twice. Only an error that came between"
                " may be told so, as its third argument."
            )
        check_message(status, headers)
        self._start = status_code(status), list(headers)
        return self._emit

    def _emit(self, part: bytes) -> None:
        """Have the loop send a part, and wait until it has."""
        if not self._sender.is_gone:
            wait_for(self._send_part(part), self._loop)
        if self._sender.is_gone:
            raise _Gone

    async def _send_part(self, part: bytes) -> None:
        if not self._sender.is_begun:
            await self._sender.begin(*self.start())
        await self._sender.part(part)


def status_code(status: str) -> int:
    """Return the number of a status line.

    Raises:
        ValueError: It has none that HTTP can carry.
    """
    code = status.partition(" ")[0]
    if not (len(code) == 3 and code.isascii() and code.isdecimal()):
        raise ValueError(
            f"The status {status!r} does not begin with a number of three digits."
        )
    return int(code)


async def answer_by_wsgi(
    app: WSGIApplication,
    environ: WSGIEnvironment,
    receive: ASGIReceive,
    send: ASGISend,
    run: Run = to_thread,
) -> None:
    """Answer a request on a scope by a WSGI application, which runs in one thread.

    Args:
        environ: What `environ_of()` returns.
        run: Calls a function in a thread and returns what it returns, awaited.

    Raises:
        RuntimeError: The application does not do what PEP 3333 asks of it.
        ValueError: It answers what HTTP can't carry.
    """
    environ["wsgi.file_wrapper"] = FileBlocks
    sender = Sender(receive, send, environ["wsgi.input"])
    answer = _Answer(app, environ, sender)
    variables = copy_context()
    try:
        rest = await run(lambda: variables.run(answer.run))
        if type(rest) is bytes:
            await sender.whole(*answer.start(), rest)
        elif rest is not None:
            await _send_file(answer, rest, sender, run)
    finally:
        # Who waits here may be cancelled; the thread ends after the step it is at.
        sender.stop()


async def _send_file(
    answer: _Answer, file: FileBlocks, sender: Sender, run: Run
) -> None:
    # A block that nobody waits for any more has to be read before the file is closed.
    turn = Lock()

    def read() -> bytes:
        with turn:
            return b"" if sender.is_gone else next(file, b"")

    def close() -> None:
        with turn:
            file.close()

    block = answer.first
    try:
        await sender.begin(*answer.start())
        while block and not sender.is_gone:
            await sender.part(block)
            block = await run(read)
        await sender.end()
    finally:
        sender.stop()
        await run(close)
