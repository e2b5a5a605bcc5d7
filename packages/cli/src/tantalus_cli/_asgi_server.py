"""uvicorn before an ASGI application while developing, with Werkzeug's reloader.

The socket is Werkzeug's: it is made once, by the first process, and handed to those
that come after a change, so that no client finds the port closed. The reloader is a
private part of Werkzeug: what is public reloads a server of WSGI.
"""

from __future__ import annotations

import logging
import os
import signal
import ssl
from asyncio import CancelledError
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import click
import uvicorn
from werkzeug._reloader import run_with_reloader
from werkzeug.serving import (
    BaseWSGIServer,
    generate_adhoc_ssl_context,
    is_running_from_reloader,
    load_ssl_context,
    make_server,
)

from tantalus_cli._cert import Certificate
from tantalus_cli._errors import NotStarted
from tantalus_cli._faces import ASGICallable
from tantalus_cli._failed import FailedApp

# Seconds beyond the grace that a server may take to end before a reload.
_TO_END = 5.0
# What children find in their environment that are started after an interrupt.
_INTERRUPTED = "TANTALUS_RUN_INTERRUPTED"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How an ASGI application is served.

    Attributes:
        grace: Seconds that open answers may go on for when the server ends.
    """

    host: str
    port: int
    certificate: Certificate = None
    use_reloader: bool = False
    use_debugger: bool = False
    grace: int = 1
    extra_files: Sequence[str] | None = None
    exclude_patterns: Sequence[str] | None = field(default=None)


def serve_asgi(app: ASGICallable, options: Options) -> None:
    """Serve `app` until Ctrl-C, or until its files change.

    Raises:
        NotStarted: The start-up of the application failed.
    """
    if options.use_debugger:
        # Imported here: few programs need it.
        from tantalus_cli._asgi_debug import DebuggedASGI  # noqa: PLC0415 - see above

        app = DebuggedASGI(app, options.host)
    context = _ssl_context(options.certificate)
    holder = _listen(options)
    if not is_running_from_reloader():
        for line in _addresses(holder, "http" if context is None else "https"):
            click.echo(f" * {line}")
    running = _Running(app, options, context, holder)
    if options.use_reloader:
        running.until_files_change()
    else:
        running.until_interrupted()


class _Config(uvicorn.Config):
    """Settings of uvicorn with a certificate of any kind."""

    def __init__(self, app: Any, context: ssl.SSLContext | None, grace: int) -> None:
        super().__init__(app, interface="asgi3", timeout_graceful_shutdown=grace)
        self._context = context
        logger = logging.getLogger("uvicorn.error")
        # What it says of starting and stopping is said by the command.
        logger.setLevel(logging.WARNING)
        logger.addFilter(_is_no_end)

    def load(self) -> None:
        """Load the protocols, and take the certificate."""
        super().load()
        self.ssl = self._context


def _is_no_end(record: logging.LogRecord) -> bool:
    """Tell whether a record is about something else than an answer cut at the end."""
    error = record.exc_info and record.exc_info[1]
    return not isinstance(error, CancelledError)


class _Running:
    """A server that runs, in this thread or beside the reloader."""

    def __init__(
        self,
        app: ASGICallable,
        options: Options,
        context: ssl.SSLContext | None,
        holder: BaseWSGIServer,
    ) -> None:
        self._options = options
        self._context = context
        self._holder = holder
        self._server = uvicorn.Server(_Config(app, context, options.grace))
        self._ended = Event()

    def until_interrupted(self) -> None:
        try:
            self._serve()
        except KeyboardInterrupt:  # raised once all is ended
            pass
        finally:
            self._holder.server_close()

    def until_files_change(self) -> None:
        is_child = is_running_from_reloader()
        if is_child and _INTERRUPTED in os.environ:
            self._holder.server_close()
            return
        if not is_child:
            signal.signal(signal.SIGINT, _leave_first_to_the_child)
        try:
            run_with_reloader(
                self._serve_in_thread,
                extra_files=self._options.extra_files,
                exclude_patterns=self._options.exclude_patterns,
            )
        finally:
            if is_child:
                self._server.should_exit = True
                self._ended.wait(self._options.grace + _TO_END)
            self._holder.server_close()

    def _serve_in_thread(self) -> None:
        try:
            self._serve()
        except NotStarted as error:
            self._ended.set()
            # The program has run before: it is kept up until its file is corrected.
            click.echo(error.message, err=True)
            make_server(
                self._options.host,
                self._options.port,
                FailedApp(error),
                ssl_context=self._context,
                fd=self._holder.fileno(),
            ).serve_forever()
        finally:
            self._ended.set()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._holder.socket])
        except SystemExit:
            raise NotStarted from None


def _listen(options: Options) -> BaseWSGIServer:
    """Return what holds the socket, and leaves it to the processes after this one."""
    fd = int(os.environ["WERKZEUG_SERVER_FD"]) if is_running_from_reloader() else None
    # Only its socket serves.
    holder = make_server(options.host, options.port, FailedApp(NotStarted()), fd=fd)
    holder.socket.set_inheritable(True)
    os.environ["WERKZEUG_SERVER_FD"] = str(holder.fileno())
    return holder


def _addresses(holder: BaseWSGIServer, scheme: str) -> list[str]:
    """Return lines that tell where the server is reached."""
    host, port = holder.host, holder.port
    if host.startswith("unix://"):
        return [f"Running on {host}"]
    lines = []
    if host in ("0.0.0.0", "::"):
        lines.append(f"Running on all addresses ({host})")
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"
    name = f"[{host}]" if ":" in host else host
    return [*lines, f"Running on {scheme}://{name}:{port}", "Press CTRL+C to quit"]


def _ssl_context(certificate: Certificate) -> ssl.SSLContext | None:
    if certificate is None or isinstance(certificate, ssl.SSLContext):
        return certificate
    if certificate == "adhoc":
        return generate_adhoc_ssl_context()
    assert isinstance(certificate, tuple)  # as the options of the command are checked
    return load_ssl_context(*certificate)


def _leave_first_to_the_child(*_: object) -> None:
    """Let the child end in its time. Who interrupts again waits for nobody.

    A child that ends just then for a reload has not heard of it: the next one does.
    """
    os.environ[_INTERRUPTED] = "true"
    signal.signal(signal.SIGINT, signal.default_int_handler)
