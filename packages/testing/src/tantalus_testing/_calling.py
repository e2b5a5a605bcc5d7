"""How an app is called, by WSGI or by ASGI, and the class of what it answers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIEnvironment

from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from ._errors import describe
from ._scope import Parts, is_asgi

if TYPE_CHECKING:  # it loads asyncio, which clients of WSGI apps do without
    from ._face import Face


def face_of(app: Any, protocol: str | None) -> Face | None:
    """Return how an ASGI app is called; None for a WSGI app."""
    if protocol not in (None, "wsgi", "asgi"):
        raise ValueError(f"protocol={protocol!r} is neither 'wsgi' nor 'asgi'.")
    if protocol == "wsgi" or (protocol is None and not is_asgi(app)):
        return None
    # Who tests by WSGI needs no asyncio, which takes long to import.
    from ._face import Face  # noqa: PLC0415 - see above

    return Face(app)


def suspect_protocol(error: TypeError, app: object) -> None:
    """Add what WSGI asks for to an error that calling the app, not its code, raised."""
    frame = error.__traceback__
    # The first frame is the client's, the second Werkzeug's; an app's would be third.
    if frame and frame.tb_next and not frame.tb_next.tb_next:
        error.add_note(
            f"Does {describe(app)} keep to WSGI? It is called with an environ and a"
            " function start_response, has to call that function, and to return an"
            " iterable of bytes (PEP 3333)."
        )


def made_response(
    wrapper: type[TestResponse], parts: Parts, environ: WSGIEnvironment, app: object
) -> TestResponse:
    """Return the response that an app has given, which reads JSON as the app does."""
    response = wrapper(*parts, request=Request(environ, populate_request=False))
    json_module = getattr(app, "json", None)
    if json_module is not None:
        response.json_module = json_module
    return response


# A class per client would cost more than the client, and tests make one client each.
@lru_cache(maxsize=32)
def test_response_class(wrapper: type[Response]) -> type[TestResponse]:
    """Return `wrapper` with the additions of Werkzeug's `TestResponse`."""
    if issubclass(wrapper, TestResponse):
        return wrapper
    return type(f"Test{wrapper.__name__}", (TestResponse, wrapper), {})
