"""What is served in place of an app that cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment


class FailedApp:
    """Answers every request with the error that loading the app ended in."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.trace = error.__traceback__

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse, /
    ) -> Iterable[bytes]:
        """Raise the error, for the server or the debugger to show."""
        # The traceback as it was: raising again would make it longer each time.
        raise self.error.with_traceback(self.trace) from None
