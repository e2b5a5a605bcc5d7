"""The request and response classes of an app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import EnvironHeaders, Headers
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.routing import Rule
from werkzeug.wrappers import Request as RequestBase

from . import json
from ._blueprint_names import _split_blueprint_path
from ._forms import BoundedFormParser
from ._response import Response
from .debughelpers import attach_enctype_error_multidict
from .globals import _cv_app

__all__ = ["Request", "Response"]

T = TypeVar("T")


class _computed(Generic[T]):  # noqa: N801 - reads as the decorator it is
    """An attribute computed from the environ when first read, then kept.

    Unlike `functools.cached_property` it takes no lock: a request belongs to one
    thread. Assigning to the attribute replaces the value.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, request: None, owner: type) -> Self: ...

    @overload
    def __get__(self, request: object, owner: type) -> T: ...

    def __get__(self, request: object, owner: type) -> T | Self:
        if request is None:
            return self
        value = request.__dict__[self._name] = self._compute(request)
        return value


def _decoded(path: str | None) -> str:
    """Return a path of the environ as text: PEP 3333 hands it over as Latin-1."""
    if path is None or path.isascii():
        return path or ""
    return path.encode("latin1").decode(errors="replace")


class Request(RequestBase):
    """A request: Werkzeug's, with what routing found out about it.

    Every attribute is computed when it is first read, but for the two that routing
    reads of each request.
    """

    json_module: Any = json
    form_data_parser_class: type[FormDataParser] = BoundedFormParser
    #: The rule that matched, None while unmatched or if nothing matched.
    url_rule: Rule | None = None
    #: The values of the rule's variables, None if nothing matched.
    view_args: dict[str, Any] | None = None
    #: Why nothing matched; raised when the request is dispatched.
    routing_exception: HTTPException | None = None

    _max_content_length: int | None = None
    _max_form_memory_size: int | None = None
    _max_form_parts: int | None = None

    def __init__(
        self,
        environ: WSGIEnvironment,
        populate_request: bool = True,
        shallow: bool = False,
    ) -> None:
        self.environ = environ
        self.shallow = shallow
        self.method = environ.get("REQUEST_METHOD", "GET").upper()
        #: The path below the mount point, with exactly one leading slash.
        self.path = "/" + _decoded(environ.get("PATH_INFO")).lstrip("/")
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    @_computed
    def scheme(self) -> str:
        """`http` or `https`."""
        return str(self.environ.get("wsgi.url_scheme", "http"))

    @_computed
    def server(self) -> tuple[str, int | None] | None:
        """Name and port of the server, None if the environ has no name."""
        name = self.environ.get("SERVER_NAME")
        if name is None:
            return None
        port = str(self.environ.get("SERVER_PORT", ""))
        return name, int(port) if port.isdecimal() else None

    @_computed
    def root_path(self) -> str:
        """Where the app is mounted, without a final slash."""
        return _decoded(self.environ.get("SCRIPT_NAME")).rstrip("/")

    #: The host, as the header or the server names it; matching has it validated.
    host = _computed[str](RequestBase.host.fget)  # type: ignore[attr-defined]  # a property

    @_computed
    def query_string(self) -> bytes:
        """What follows the question mark, undecoded."""
        return str(self.environ.get("QUERY_STRING", "")).encode("latin1")

    @_computed
    def headers(self) -> Headers:
        """The headers, read from the environ."""
        return EnvironHeaders(self.environ)

    @_computed
    def remote_addr(self) -> str | None:
        """The address of the client."""
        return self.environ.get("REMOTE_ADDR")

    def _limit(self, own: int | None, key: str, default: int | None) -> int | None:
        """Return a limit: this request's own, else the app's, else Werkzeug's."""
        if own is not None:
            return own
        context = _cv_app.get(None)
        if context is None:
            return default
        limit: int | None = context.app.config[key]
        return limit

    @property
    def max_content_length(self) -> int | None:
        """Bytes a body may have; more is answered with 413. None: no limit."""
        return self._limit(
            self._max_content_length,
            "MAX_CONTENT_LENGTH",
            RequestBase.max_content_length,
        )

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    @property
    def max_form_memory_size(self) -> int | None:
        """Bytes a form field that is no file may have. None: no limit."""
        return self._limit(
            self._max_form_memory_size,
            "MAX_FORM_MEMORY_SIZE",
            RequestBase.max_form_memory_size,
        )

    @max_form_memory_size.setter
    def max_form_memory_size(self, value: int | None) -> None:
        self._max_form_memory_size = value

    @property  # type: ignore[override]  # None: no limit
    def max_form_parts(self) -> int | None:
        """Fields and files a form may have. None: no limit."""
        return self._limit(
            self._max_form_parts, "MAX_FORM_PARTS", RequestBase.max_form_parts
        )

    @max_form_parts.setter
    def max_form_parts(self, value: int | None) -> None:
        self._max_form_parts = value

    @property
    def endpoint(self) -> str | None:
        """The endpoint that matched."""
        rule = self.url_rule
        return None if rule is None else rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The dotted name of the blueprint whose view matched."""
        endpoint = self.endpoint
        if endpoint is None or "." not in endpoint:
            return None
        return endpoint.rpartition(".")[0]

    @property
    def blueprints(self) -> list[str]:
        """The matched blueprint and those around it, innermost first."""
        name = self.blueprint
        return [] if name is None else list(_split_blueprint_path(name))

    def make_form_data_parser(self) -> FormDataParser:
        """Return the parser for this form, with the limits that hold for it."""
        parser = super().make_form_data_parser()
        context = _cv_app.get(None)
        if context is not None and isinstance(parser, BoundedFormParser):
            parser.bounded = context.app.config["LIMIT_URLENCODED_FORMS"]
        return parser

    def _load_form_data(self) -> None:
        super()._load_form_data()
        context = _cv_app.get(None)
        if (
            context is not None
            and context.app.debug
            and self.mimetype != "multipart/form-data"
            and not self.files
        ):
            attach_enctype_error_multidict(self)

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Answer 400; the reason is told while debugging only.

        Raises:
            BadRequest: The body is no JSON, or (415) is not said to be JSON.
        """
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            context = _cv_app.get(None)
            if context is not None and context.app.debug:
                raise
            raise BadRequest() from error

    def close(self) -> None:
        """Close the uploaded files, if any were read."""
        if self.__dict__.get("files"):
            super().close()
