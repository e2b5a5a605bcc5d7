"""Answers of requests on the loop: made ready while the context is there, then sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as ResponseBase

import tantalus_context as contexts
import tantalus_http as http
from tantalus_http import ASGIReceive, ASGISend

from .._request._bodies import continued_body
from ._context import LoopContext
from ._hops import in_worker

#: What most views return.
PLAIN = frozenset({str, bytes, dict, list})


class Ready(Protocol):
    """An answer that is ready to be sent."""

    async def send(self, receive: ASGIReceive, send: ASGISend, run: Any) -> None:
        """Send it; `run` calls a function in a worker."""
        ...


def runs_application(rv: Any) -> bool:
    """Tell whether a response is made by calling a WSGI application, which may wait.

    Of those in `PLAIN` it is not worth asking.
    """
    value = rv[0] if type(rv) is tuple and rv else rv
    return (
        type(value) not in PLAIN
        and callable(value)
        and not isinstance(value, (ResponseBase, HTTPException))
    )


def prepared(ctx: LoopContext, response: Any) -> Ready | None:
    """Return a response with status and headers made; its body may come later.

    Returns:
        None for what is neither text nor an asynchronous stream: see `ByWSGI`.
    """
    if not isinstance(response, http.Response):
        return None
    body: Any = response.response
    if type(body) is not list and hasattr(body, "__aiter__"):
        assert ctx.variables is not None
        stream = contexts.run_steps(_Awaited(body), ctx.variables)
        response.response = stream  # type: ignore[assignment]  # sent as one
    return http.prepare_response(response, ctx.request)


async def made_by_wsgi(ctx: LoopContext, response: Any) -> Ready:
    """Return any other response, called in a worker as under WSGI."""
    answer = ByWSGI(ctx)
    await in_worker(ctx, answer.make, response)
    return answer


class _Awaited:
    """A stream that may be iterated in another way, too, as an asynchronous one."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[Any]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


class ByWSGI:
    """What a response answers when it is called as the WSGI application that it is."""

    def __init__(self, ctx: LoopContext) -> None:
        self._environ: WSGIEnvironment = ctx.request.environ
        assert ctx.variables is not None
        self._variables = ctx.variables
        self._start: tuple[Any, ...] = ()
        self._written: list[bytes] = []
        self._body: Iterable[bytes] = ()

    def make(self, response: Any) -> None:
        """Call the response, in a worker.

        The variables of the request cannot be entered here: the loop may not have left
        the step yet in which it has asked for this.
        """
        self._body = response(self._environ, self._start_response)

    async def send(self, receive: ASGIReceive, send: ASGISend, run: Any) -> None:
        """Send what it has answered."""
        try:
            await http.answer_by_wsgi(self._again, self._environ, receive, send, run)
        finally:
            close = getattr(self._body, "close", None)
            if close is not None:  # nobody has taken it
                await run(partial(self._variables.run, close))

    def _start_response(self, *start: Any) -> Callable[[bytes], object]:
        self._start = start
        return self._written.append

    def _again(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        write = start_response(*self._start)
        for part in self._written:
            write(part)
        body, self._body = self._body, ()
        return continued_body(body, self._variables, environ)
