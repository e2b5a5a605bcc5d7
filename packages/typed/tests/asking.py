"""Calls of views as a bare WSGI server makes them, for all tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from io import BytesIO
from typing import Any

from tantalus_typed import (
    Binder,
    Body,
    Cookie,
    EnvironRequest,
    Form,
    Header,
    Path,
    Query,
    RequestError,
)

View = Callable[..., Any]
# The same marks, for types that only the test knows.
BODY: Any = Body
COOKIE: Any = Cookie
FORM: Any = Form
HEADER: Any = Header
PATH: Any = Path
QUERY: Any = Query


def environ_of(
    query: str = "",
    body: bytes = b"",
    content_type: str | None = "application/json",
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    for name, value in (headers or {}).items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ


def ask(
    view: View,
    query: str = "",
    body: bytes = b"",
    content_type: str | None = "application/json",
    *,
    headers: Mapping[str, str] | None = None,
    args: Mapping[str, Any] | None = None,
    path: Mapping[str, Any] | Collection[str] | None = None,
    binder: Binder | None = None,
) -> Any:
    """Bind a view, and return what it answers to one request."""
    bound = (binder or Binder()).bind(view, path=path)
    request = EnvironRequest(environ_of(query, body, content_type, headers))
    return bound.call(request, args or {})


def refusal(view: View, *args: Any, **kwargs: Any) -> RequestError:
    """Return the error that a request is refused with."""
    try:
        answer = ask(view, *args, **kwargs)
    except RequestError as error:
        return error
    raise AssertionError(f"not refused: {answer!r}")


def told(view: View, *args: Any, **kwargs: Any) -> list[dict[str, str]]:
    """Return the problems that a client is told."""
    return [one.document() for one in refusal(view, *args, **kwargs).problems]


def multipart(*parts: tuple[str, bytes, str | None]) -> tuple[bytes, str]:
    """Return body and content type of a form: (name, content, file name)."""
    lines = []
    for name, content, filename in parts:
        said = f'; filename="{filename}"' if filename is not None else ""
        head = f'--cut\r\nContent-Disposition: form-data; name="{name}"{said}\r\n\r\n'
        lines.append(head.encode() + content + b"\r\n")
    return b"".join(lines) + b"--cut--\r\n", "multipart/form-data; boundary=cut"
