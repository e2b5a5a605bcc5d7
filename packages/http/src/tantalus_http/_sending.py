"""A response as the answer to a request on an ASGI scope.

What is known before anything is sent is found out first, as WSGI does it: status and
headers, and what is wrong with them. Then the messages are sent.
"""

from __future__ import annotations

from asyncio import CancelledError, current_task, to_thread
from contextvars import copy_context
from typing import Any, TypeAlias

from ._asgi_types import ASGIReceive, ASGISend, Run
from ._bridge import answer_by_wsgi, status_code
from ._headers import check_message
from ._messages import Items, Sender, encoded

# Any: the classes of requests and responses come from Werkzeug's, whatever they add.
AnyRequest = Any
AnyResponse = Any


async def send_response(
    response: AnyResponse,
    request: AnyRequest,
    receive: ASGIReceive,
    send: ASGISend,
    run: Run | None,
) -> None:
    """Send a response in the way that costs least.

    Args:
        run: Calls a function in a thread and returns what it returns, awaited;
            `asyncio.to_thread` by default.
    """
    run = run or to_thread
    try:
        prepared = prepare_response(response, request)
    except ValueError:
        await _close(response, run)
        raise
    if prepared is None:
        await answer_by_wsgi(response, request.environ, receive, send, run)
    else:
        await prepared.send(receive, send, run)


def prepare_response(
    response: AnyResponse, request: AnyRequest
) -> PreparedResponse | None:
    """Return a response ready to be sent, with its status and headers made now.

    That is what `Response.send_asgi()` does first; `await prepared.send(receive, send,
    run)` does the rest. What the headers follow from may be gone by then.

    Args:
        response: A `tantalus_http.Response`.
        request: A `tantalus_http.Request`.

    Returns:
        None if it has to be made in a thread, as by `answer_by_wsgi()`.

    Raises:
        ValueError: It holds what HTTP can't carry.
    """
    body, headers = response.response, response._headers_as_sent()
    if type(body) is list:
        if headers is not None:
            whole = body[0] if body and request.method != "HEAD" else b""
            code = response._status_code
            if response._on_close:
                return Ending(code, headers, whole, response)
            return Whole(code, headers, whole)
        if response._is_sent_directly() and not response._on_close:
            parts, status, headers = response.get_wsgi_response(request.environ)
            check_message(status, headers)
            return Whole(status_code(status), headers, b"".join(parts))
    elif hasattr(body, "__aiter__"):
        headers = response.get_wsgi_headers(request.environ).to_wsgi_list()
        check_message(response.status, headers)
        return Pieces(response, request, headers)
    return None


class Whole:
    """A response that is complete."""

    __slots__ = ("_body", "_start")

    def __init__(self, status: int, headers: Items, body: bytes) -> None:
        # As `start_message()` has it, and in fewer steps.
        self._start = {
            "type": "http.response.start",
            "status": status,
            "headers": encoded(headers),
        }
        self._body = body

    async def send(
        self, receive: ASGIReceive, send: ASGISend, run: Run | None = None
    ) -> None:
        """Send it; to nobody, if the client has gone."""
        try:
            await send(self._start)
            await send({"type": "http.response.body", "body": self._body})
        except OSError:
            pass


class Ending(Whole):
    """A response that is complete, and has something to do when it was sent."""

    __slots__ = ("_response",)

    def __init__(
        self, status: int, headers: Items, body: bytes, response: AnyResponse
    ) -> None:
        super().__init__(status, headers, body)
        self._response = response

    async def send(
        self, receive: ASGIReceive, send: ASGISend, run: Run | None = None
    ) -> None:
        """Send it, and do what waits for that in a thread."""
        try:
            await super().send(receive, send)
        finally:
            await _close(self._response, run or to_thread)


class Pieces:
    """A response whose body is an asynchronous iterator."""

    __slots__ = ("_headers", "_request", "_response", "_status")

    def __init__(
        self, response: AnyResponse, request: AnyRequest, headers: Items
    ) -> None:
        self._response = response
        self._request = request
        self._status = status_code(response.status)
        self._headers = headers

    async def send(
        self, receive: ASGIReceive, send: ASGISend, run: Run | None = None
    ) -> None:
        """Send what the iterator gives, until the client goes away.

        It is then stopped where it waits, as a cancelled task is.
        """
        task = current_task()
        assert task is not None
        sender = Sender(receive, send, self._request._source())
        sender.then = task.cancel
        try:
            await sender.begin(self._status, self._headers)
            if self._request.method != "HEAD" and self._status not in {204, 304}:
                async for part in self._response.response:
                    await sender.part(part.encode() if isinstance(part, str) else part)
                    if sender.is_gone:
                        break
            await sender.end()
        except CancelledError:
            if not sender.is_gone:
                raise  # by the server
            task.uncancel()
        finally:
            sender.stop()
            await _close(self._response, run or to_thread)


PreparedResponse: TypeAlias = Whole | Pieces


async def _close(response: AnyResponse, run: Run) -> None:
    """Close the iterator, and run what waits for that in a thread.

    Where nothing of it waits for something itself, and says so, it is run here.
    """
    try:
        close = getattr(response.response, "aclose", None)
        if close is not None:
            await close()
    finally:
        if response._on_close:
            variables = copy_context()
            if all(getattr(one, "is_nonblocking", False) for one in response._on_close):
                variables.run(response.close)
            else:
                await run(lambda: variables.run(response.close))
