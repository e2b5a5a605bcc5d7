"""A router as an ASGI application.

A view is an ASGI application that takes the arguments of its rule besides. So whatever
speaks ASGI is a view, and a view knows everything that a server tells.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from inspect import isasyncgenfunction, isawaitable, isgeneratorfunction
from typing import Protocol

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from ._adapter import MapAdapter
from ._answers import deny, send_response, send_text
from ._bridge import THREADS, Crossing, answer_in_thread
from ._decorators import View
from ._errors import ASGIViewError, UnknownScope, ViewMissing
from ._lifespan import pass_lifespan
from ._map import Map
from ._mounts import Mounts
from ._protocols import Receive, Scope, Send, takes
from ._results import Match, Redirect, Result
from ._scope import environ_of, moved, split_path

OPTIONS = "OPTIONS"
ANSWERS = (
    "Return nothing once you have sent the answer, or text, bytes, a Werkzeug response"
    " or an ASGI application"
)


class Routes(Protocol):
    """What the ASGI side asks of its router."""

    url_map: Map
    views: dict[str, View]
    _mounts: Mounts

    def _looks_at_host(self) -> bool: ...

    def _match_request(self, request: Request) -> Result: ...

    def _answers_options(self, rule: Rule) -> bool: ...

    def _allow(self, request: Request) -> Response: ...

    def bind(self, request: Request) -> MapAdapter:
        """Return the adapter of a request."""


class ASGIRouter:
    """Answers for a router by ASGI 3; an object, as servers take one for ASGI 3.

    Its views are called as `await view(scope, receive, send, **args)`. What they
    return, if they do, is the answer: text, bytes, a Werkzeug response, or another
    ASGI application, as the responses of Starlette are. The arguments are in
    `scope["path_params"]` too.
    """

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        # Its threads are made when a Werkzeug response is a stream.
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            applications = self._routes._mounts.with_lifespan()
            await pass_lifespan(applications, scope, receive, send)
        elif kind in ("http", "websocket"):
            try:
                await self._dispatch(scope, receive, send)
            except HTTPException as error:
                answer = error.get_response()
                await self._send(answer, scope, receive, send)
        else:
            raise UnknownScope(kind)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        routes = self._routes
        root, path = split_path(scope)
        mounted = routes._mounts.at(path)
        if mounted is not None:
            prefix, application = mounted
            inner = moved(scope, root, prefix, path[len(prefix) :])
            await application(inner, receive, send)
            return
        result = self._match(scope, path)
        if type(result) is not Match:
            await self._without_route(result, scope, receive, send)
            return
        endpoint, _, args, rule = result
        if scope.get("method") == OPTIONS and routes._answers_options(rule):
            allowed = routes._allow(Request(environ_of(scope)))
            await send_response(allowed, scope, send)
            return
        view = routes.views.get(endpoint)
        if view is None:
            raise ViewMissing(rule.rule, endpoint)
        outer = scope.get("path_params")
        scope["path_params"] = {**outer, **args} if outer else args
        pending = view(scope, receive, send, **args)
        if not isawaitable(pending):
            raise ASGIViewError(rule.rule, view, "is no coroutine function", ANSWERS)
        answer = await pending
        if answer is not None:
            checked = checked_answer(answer, scope, rule, view)
            await self._send(checked, scope, receive, send)

    def _match(self, scope: Scope, path: str) -> Result:
        routes = self._routes
        if routes._looks_at_host():
            return routes._match_request(Request(environ_of(scope)))
        websocket = scope["type"] == "websocket"
        return routes.url_map.match(scope.get("method", "GET"), path, None, websocket)

    async def _without_route(
        self, result: Result, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer for a route that is not there.

        Raises:
            HTTPException: What the failed match stands for.
        """
        if isinstance(result, Redirect):
            request = Request(environ_of(scope))
            query = request.environ["QUERY_STRING"]
            raise result.exception_for(self._routes.bind(request), query)
        fallback = self._routes._mounts.fallback
        if fallback is None:
            assert not isinstance(result, Match)  # that has a route
            raise result.http_error()
        await fallback.asgi(scope, receive, send)

    async def _send(
        self, answer: object, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send what is text, bytes, a Werkzeug response or an ASGI application."""
        if isinstance(answer, str | bytes):
            await send_text(answer, scope, send)
        elif not isinstance(answer, Response):
            assert callable(answer)  # it was checked
            await answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await deny(answer, scope, send)
        elif answer.is_sequence:
            await send_response(answer, scope, send)
        else:
            crossing = Crossing(receive, send)
            await answer_in_thread(answer, self._pool, environ_of(scope), crossing)


def checked_answer(answer: object, scope: Scope, rule: Rule, view: View) -> object:
    """Return what a view returned.

    Raises:
        ASGIViewError: Nobody can send it.
    """
    text = isinstance(answer, str | bytes)
    if text and scope["type"] == "websocket":
        problem = f"returned {type(answer).__name__} to a WebSocket"
        raise ASGIViewError(rule.rule, view, problem, ANSWERS)
    if not text and not callable(answer):
        problem = f"returned {type(answer).__name__}"
        raise ASGIViewError(rule.rule, view, problem, ANSWERS)
    return answer


def check_asgi_view(rule: Rule, view: View) -> None:
    """Refuse a view that ASGI cannot call with the arguments of a rule.

    Raises:
        ASGIViewError: It takes other arguments, or is a generator function or the like.
    """
    if isgeneratorfunction(view) or isasyncgenfunction(view):
        problem = "is a generator function, which nothing awaits"
        raise ASGIViewError(rule.rule, view, problem, ANSWERS)
    names = sorted(rule.arguments)
    if not takes(view, 3, *names):
        call = ", ".join(["scope", "receive", "send", *(f"{n}=" for n in names)])
        raise ASGIViewError(
            rule.rule,
            view,
            f"cannot be called as view({call})",
            "Have it take them, or serve the router by WSGI",
        )
