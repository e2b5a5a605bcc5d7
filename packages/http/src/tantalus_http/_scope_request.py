"""Requests on an ASGI scope, whose WSGI environ is made when somebody asks for it.

A class of requests gets a subclass for scopes, made with its first. A class that looks
into the environ while it is made, or overrides what is read from the scope here, gets
the environ at once.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, TypeVar
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import MultiDict

from . import _forms
from ._asgi_types import ASGIScope, Source
from ._blocks import FileBlocks
from ._computed import computed
from ._received import NoBody, ReceivedBody
from ._response import overrides
from ._scope import (
    SCHEMES,
    announces_body,
    check_scope,
    environ_of,
    headers_of,
    length_of,
    server_of,
    split_path,
)

R = TypeVar("R")

# The subclasses for scopes by class; None for one that gets the environ at once.
_classes: dict[type[Any], type[Any] | None] = {}
# Attributes of a request whose body was read, or is being read.
_READ = frozenset({"_cached_data", "stream"})
_NOT_OVERRIDDEN = frozenset({"__init__", "__setattr__", "__getattribute__"})


class OnScope:
    """What is read from the scope by a request that has one."""

    scope: ASGIScope
    max_content_length: int | None
    _input: Source
    #: Whether the environ was asked for.
    has_environ = False

    @computed
    def environ(self) -> WSGIEnvironment:
        """The WSGI environ, made when it is first asked for."""
        environ = environ_of(self.scope, self._input)
        environ["werkzeug.request"] = self
        environ["wsgi.file_wrapper"] = FileBlocks
        self.has_environ = True
        return environ

    def accept_header(self) -> str | None:
        """Return the header `Accept` as it came; None if there is none."""
        first = self._first_headers
        if self.has_environ or len(first) < len(self.scope["headers"]):
            return super().accept_header()  # type: ignore[misc,no-any-return]  # of a request
        accept = first.get(b"accept")
        return None if accept is None else accept.decode("latin1")

    @computed
    def _first_headers(self) -> dict[bytes, bytes]:
        return headers_of(self.scope)

    @computed
    def server(self) -> tuple[str, int | None] | None:
        """Name and port of the server."""
        return server_of(self.scope)

    @computed
    def remote_addr(self) -> str | None:
        """The address of the client."""
        client = self.scope.get("client")
        return None if client is None else client[0]

    @computed
    def query_string(self) -> bytes:
        """What follows the question mark, undecoded."""
        query: bytes = self.scope.get("query_string", b"")
        return query

    @computed
    def args(self) -> MultiDict[str, str]:
        """The variables in the query string.

        Raises:
            BadRequest: It is not UTF-8.
        """
        if self.parameter_storage_class is _forms.STORAGE:  # type: ignore[attr-defined]  # of a request
            try:
                return _forms.parse_fields(self.query_string.decode())
            except UnicodeError:
                pass
        return self._args_by_werkzeug()  # type: ignore[attr-defined,no-any-return]  # idem

    @property
    def mimetype(self) -> str:
        """The type of the body without its parameters, in lower case."""
        if "headers" in self.__dict__:
            return super().mimetype  # type: ignore[misc,no-any-return]  # of a request
        kind = self._first_headers.get(b"content-type", b"")
        return _forms.mimetype_of(kind.decode("latin1"))

    @computed
    def content_length(self) -> int | None:
        """How many bytes of a body are announced; None if that is not known."""
        return length_of(self._first_headers)

    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> Any:
        """Return the body, as bytes or as text."""
        body = None if parse_form_data else self._whole_body(self.max_content_length)
        if body is None:
            if _READ.isdisjoint(self.__dict__):
                _ = self.environ  # which is looked into for the stream
            return super().get_data(cache, as_text, parse_form_data)  # type: ignore[misc]
        if cache:
            self._cached_data = body
        return body.decode(errors="replace") if as_text else body

    def _load_urlencoded_form(
        self,
        state: dict[str, Any],
        limit: int | None,
        memory_limit: int | None,
        most: int | None,
    ) -> bool:
        if (
            self.form_data_parser_class is _forms.CheckedFormParser  # type: ignore[attr-defined]  # of a request
            and self.parameter_storage_class is _forms.STORAGE  # type: ignore[attr-defined]  # idem
            and self.mimetype == _forms.URLENCODED
        ):
            body = self._whole_body(limit, memory_limit)
            if body is not None:
                return _forms.load_fields(state, body, memory_limit, most)
        _ = self.environ  # which is looked into for what is left
        return super()._load_urlencoded_form(state, limit, memory_limit, most)  # type: ignore[misc,no-any-return]  # idem

    def _whole_body(
        self, limit: int | None, other_limit: int | None = None
    ) -> bytes | None:
        """Return the body if it is there and nothing is wrong with it; else None."""
        state, source = self.__dict__, self._input
        if not _READ.isdisjoint(state):
            return None
        body: bytes | None = None
        if isinstance(source, ReceivedBody):
            body = source.whole()
        elif type(source) is BytesIO and not source.tell():
            body = source.getvalue()
        if body is None:
            return None
        size = len(body)
        if (
            size < (length_of(self._first_headers) or 0)
            or (limit is not None and size > limit)
            or (other_limit is not None and size > other_limit)
        ):
            return None
        state["stream"] = BytesIO()
        return body

    def _source(self) -> Source:
        return self._input


def from_scope(
    cls: type[R], base: type[Any], scope: ASGIScope, body: bytes | Source | None
) -> R:
    """Return a request of a class on a scope.

    Args:
        base: The class that all classes of requests come from.
    """
    if scope["type"] != "http":
        check_scope(scope)
    if body is None:
        announced = announces_body(scope, headers_of(scope))
        source: Source = NoBody() if announced else BytesIO()
    else:
        source = BytesIO(body) if isinstance(body, bytes) else body
    try:
        made = _classes[cls]
    except KeyError:
        made = _classes[cls] = _class_for_scopes(cls, base)
    if made is None:
        return cls(environ_of(scope, source))  # type: ignore[call-arg]  # a request
    request: Any = object.__new__(made)
    request.scope = scope
    request._input = source
    request.shallow = False
    request.method = scope.get("method", "GET").upper()
    path = split_path(scope)[1] if scope.get("root_path") else scope["path"]
    request.path = path if path[:1] == "/" != path[1:2] else "/" + path.lstrip("/")
    scheme = scope.get("scheme", "http")
    request.scheme = SCHEMES.get(scheme, scheme)
    request.has_read_files = False
    return request  # type: ignore[no-any-return]  # of a subclass


def _class_for_scopes(cls: type[Any], base: type[Any]) -> type[Any] | None:
    ours = {name for name in vars(OnScope) if name[:2] != "__"} - {"environ"}
    if overrides(cls, base, _NOT_OVERRIDDEN | ours & vars(base).keys()) or (
        not cls._reads_directly
    ):
        return None
    made = type(cls.__name__, (OnScope, cls), {"__doc__": cls.__doc__})
    made.__module__, made.__qualname__ = cls.__module__, cls.__qualname__
    # What it overrides is of ours.
    made._reads_directly = True  # type: ignore[attr-defined]  # a request
    return made
