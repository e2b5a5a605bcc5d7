"""What is current: one context variable, which every proxy and function reads.

What is pushed is always a context of `tantalus.ctx`. Requests, responses and JSON lie
below it, and see of it only where settings are.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Protocol

NO_APP = """\
Working outside of application context.

The code that ran needs to know the current application. Call it while a request \
is handled, in a command, or inside 'with app.app_context():'; for jobs and threads \
decorate the function with '@app.in_context'.\
"""

NO_REQUEST = """\
Working outside of request context.

The code that ran needs the current HTTP request, and there is none. Call it from a \
view, or in a test inside 'with app.test_request_context():'.\
"""


NO_WEBSOCKET = """\
Working outside of a WebSocket.

The code that ran needs the current WebSocket, and there is none. Call it from a view \
of '@app.websocket'; tasks that it begins have it, too.\
"""


class HasSettings(Protocol):
    """What requests, responses and JSON ask of an app."""

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings by name."""
        ...

    @property
    def debug(self) -> bool:
        """Whether errors are shown."""
        ...

    @property
    def json(self) -> Any:
        """What reads and writes JSON."""
        ...


class HasApp(Protocol):
    """What they ask of a context."""

    @property
    def app(self) -> HasSettings:
        """The app at work."""
        ...


current: ContextVar[HasApp] = ContextVar("tantalus.context")
#: The WebSocket of the view at work: a `tantalus_http.WebSocket`.
current_websocket: ContextVar[Any] = ContextVar("tantalus.websocket")
