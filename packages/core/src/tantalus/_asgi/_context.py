"""The context of a request that is answered on the event loop."""

from __future__ import annotations

from asyncio import _get_running_loop as running_loop
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from tantalus_context import Context, OtherSide
from tantalus_http import ASGIReceive, ReceivedBody
from tantalus_sessions import SessionMixin

from .._state._app import AppState
from .._state._matching import match_request
from ..ctx import RequestContext, _cv_app
from ..signals import appcontext_popped, appcontext_pushed
from ..wrappers import Request
from ._hops import HasWorkers
from ._signals import send
from ._teardown import leave, tears_down

_push, _pop = Context.push, Context.pop


class KeepsCalls(HasWorkers, Protocol):
    """What makes calls that nobody can wait for."""

    def later(self, call: Any) -> None:
        """Have a worker make a call, whose error is logged."""
        ...


class LoopContext(RequestContext):
    """An app at work on a request whose functions are awaited.

    What is done at its end is awaited, too (`leave_awaiting`); where a stream ends in a
    thread, that does it as under WSGI.

    Attributes:
        face: What has the workers.
        body: The body as it comes in, None if there is none.
        has_cookies: Whether the request may have some.
        is_gone: Whether the client went away, and the view was cancelled for that.
        side: What the calls in workers share.
    """

    __slots__ = (
        "_is_torn_down",
        "body",
        "face",
        "has_cookies",
        "is_gone",
        "receive",
        "side",
    )
    is_on_loop = True
    face: KeepsCalls
    body: ReceivedBody | None
    receive: ASGIReceive
    has_cookies: bool

    def __init__(
        self,
        app: AppState,
        environ: Any,
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        RequestContext.__init__(self, app, environ, request, session)
        self.side: OtherSide | None = None
        self.is_gone = False
        self._is_torn_down = False

    def copy(self) -> LoopContext:
        """Return a new context for the same request and session, with its own `g`."""
        made: Any = super().copy()
        for name in ("body", "face", "has_cookies", "receive"):
            setattr(made, name, getattr(self, name))
        return made  # type: ignore[no-any-return]  # of this class

    def match(self, headers: Mapping[bytes, bytes], *, is_socket: bool = False) -> None:
        """Match the URL, without an environ if the scope is enough.

        Args:
            headers: Of the scope.
            is_socket: Whether that is of a WebSocket.
        """
        request, host = self.request, headers.get(b"host")
        scope: Any = getattr(request, "scope", None)
        if (
            scope is None  # its class wanted the environ
            or host is None
            or (b"upgrade" in headers and not is_socket)
            or len(headers) < len(scope["headers"])  # perhaps two hosts
            or scope.get("root_path")
            or not scope["path"]
            or not self.app.steps.match_directly
        ):
            match_request(self)
            return
        key = request.scheme, host.decode("latin1")
        self.known = key, request.path, is_socket
        match_request(self)

    def begin(self) -> None:
        """Make this the current context; it is matched already."""
        outer = _cv_app.get(None)
        if outer is not None:
            self._share(outer)
        _push(self)

    def ends_at_once(self, error: BaseException | None) -> bool:
        """Stop being the current context, if nothing is to be done for that.

        Returns:
            Whether this is over: otherwise it is to be awaited (`end`).
        """
        request = self.request
        if (
            self._uses is not None
            or self._callbacks is not None
            or request.has_read_files
            or tears_down(self.app)
            or appcontext_popped.receivers
            or self.app.steps.request_class is not Request  # it may close something
        ):
            return False
        if getattr(request, "has_environ", True):
            request.environ["werkzeug.request"] = None  # a cycle
        self._is_torn_down = True
        _pop(self, error)
        return True

    async def end(self, error: BaseException | None) -> None:
        """Stop being the current context, and await the teardown unless it is held."""
        try:
            if self._uses is None and self._callbacks is None:
                try:
                    await leave(self, error)
                finally:
                    self._is_torn_down = True
                    _pop(self, error)
            else:
                await Context.apop(self, error)
        finally:
            if appcontext_popped.receivers and self._host is None:
                await send(self, appcontext_popped)

    async def aleaving(self, error: BaseException | None) -> None:
        """Run the teardown functions, each where it belongs."""
        await leave(self, error)

    def leaving(self, error: BaseException | None) -> None:
        """Run them here; later in a worker, if this is the thread of the loop."""
        if self._is_torn_down:
            return
        if running_loop() is None or not tears_down(self.app):
            super().leaving(error)
        else:
            self.face.later(partial(super().leaving, error))

    def entered(self) -> None:
        """Leave the signal to who can await it, in the thread of the loop."""
        if appcontext_pushed.receivers and running_loop() is None:
            super().entered()

    def other_side_of(self, function: Any) -> OtherSide:
        """Return what runs coroutine functions to their end.

        Raises:
            RuntimeError: This is the thread of the loop, which would wait for itself.
        """
        if running_loop() is not None:
            raise RuntimeError(
                f"Cannot run {function!r} to its end here: this is the thread of the"
                " event loop on which it would run, which would wait for itself. Await"
                " it, or make this call in a worker."
            )
        return super().other_side_of(function)
