"""A response as the answer to a request on an ASGI scope."""

from __future__ import annotations

from asyncio import CancelledError, current_task, to_thread
from contextvars import copy_context
from typing import Any

from ._asgi_types import ASGIReceive, ASGISend, Run
from ._bridge import answer_by_wsgi, status_code
from ._headers import check_message
from ._messages import Sender

# Any: the classes of requests and responses come from Werkzeug's, whatever they add.
AnyRequest = Any
AnyResponse = Any


async def send_response(
    response: AnyResponse,
    request: AnyRequest,
    receive: ASGIReceive,
    send: ASGISend,
    run: Run | None,
    is_direct: bool,
) -> None:
    """Send a response in the way that costs least.

    Args:
        run: Calls a function in a thread and returns what it returns, awaited;
            `asyncio.to_thread` by default.
        is_direct: Whether its class makes headers and body as ours does.
    """
    run = run or to_thread
    body, headers = response.response, response._headers_as_sent()
    is_list = type(body) is list
    if is_list and headers is not None:
        whole = body[0] if body and request.method != "HEAD" else b""
        await Sender(receive, send).whole(response.status_code, headers, whole)
    elif is_list and is_direct and not response._on_close:
        parts, status, headers = response.get_wsgi_response(request.environ)
        check_message(status, headers)
        whole = b"".join(parts)
        await Sender(receive, send).whole(status_code(status), headers, whole)
    elif hasattr(body, "__aiter__"):
        sender = Sender(receive, send, request._source())
        await _send_pieces(response, request, sender, run)
    else:
        await answer_by_wsgi(response, request.environ, receive, send, run)


async def _send_pieces(
    response: AnyResponse, request: AnyRequest, sender: Sender, run: Run
) -> None:
    """Send what an asynchronous iterator gives, until the client goes away.

    The iterator is then stopped where it waits, as a cancelled task is.
    """
    task = current_task()
    assert task is not None
    sender.then = task.cancel
    try:
        headers = response.get_wsgi_headers(request.environ).to_wsgi_list()
        check_message(response.status, headers)
        code = status_code(response.status)
        await sender.begin(code, headers)
        if request.method != "HEAD" and code not in {204, 304}:
            async for part in response.response:
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
        await _close(response, run)


async def _close(response: AnyResponse, run: Run) -> None:
    """Close the iterator, and run what waits for that in a thread."""
    try:
        close = getattr(response.response, "aclose", None)
        if close is not None:
            await close()
    finally:
        if response._on_close:
            variables = copy_context()
            await run(lambda: variables.run(response.close))
