"""The request class: Werkzeug's, with everything read when somebody asks for it.

Query strings, urlencoded forms and small bodies, which most requests have, are read
straight away (see `_forms` and `_body`). A subclass that overrides a part of Werkzeug's
way of reading gets all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from io import BytesIO
from typing import IO, Any, ClassVar, Self, TypeAlias, TypeVar
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import (
    EnvironHeaders,
    FileStorage,
    Headers,
    ImmutableMultiDict,
    MIMEAccept,
    MultiDict,
)
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request as RequestBase

from . import _forms
from ._asgi_types import ASGIScope, Source
from ._blanks import has_many_blanks, with_single_blanks
from ._body import open_body, read_small_body
from ._computed import computed
from ._in_pieces import InPieces
from ._on_demand import scope_requests
from ._response import overrides

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
# The attributes of a request from `max_content_length` to `explains_missing_files`.
FormSettings: TypeAlias = tuple[int | None, int | None, int | None, bool, bool]

# Overriding one of these needs Werkzeug's way of reading the query and the body.
_READING = frozenset(
    {
        "_get_stream_for_parsing",
        "content_length",
        "headers",
        "make_form_data_parser",
        "query_string",
        "stream",
        "want_form_data_parsed",
    }
)
# What is no path at the start of one: slashes, backslashes, which browsers take for
# slashes, and what they leave out.
_NO_PATH = "/\\" + "".join(map(chr, range(0x21)))


class _FromHeader(computed[T]):
    """What is computed of a header of the environ, and of nothing else."""

    reads_header = True


def _decoded(path: str) -> str:
    """Return a path of the environ as text: PEP 3333 hands it over as Latin-1."""
    return path.encode("latin1").decode(errors="replace")


def _reading_ahead(get_data: F) -> F:
    """Return Werkzeug's `get_data`, for which a small body is read at once."""

    @wraps(get_data)
    def get(
        self: Request,
        cache: bool = True,
        as_text: bool = False,
        parse_form_data: bool = False,
    ) -> Any:
        body = None
        if self._reads_directly and not parse_form_data:
            body = read_small_body(self.__dict__, self.max_content_length)
        if body is None:
            return get_data(self, cache, as_text, parse_form_data)
        if cache:
            self._cached_data = body
        return body.decode(errors="replace") if as_text else body

    return get  # type: ignore[return-value]  # same signature


def keeps_data(request: RequestBase) -> bool:
    """Tell whether `get_data` keeps a body where it is put here, a private place."""
    data = request.get_data()
    return vars(request).get("_cached_data") is data


class Request(InPieces, RequestBase):
    """A request: Werkzeug's, whose attributes are computed when they are first read.

    The limits are attributes of the class, or of one request before its body is read.
    """

    form_data_parser_class: type[FormDataParser] = _forms.CheckedFormParser
    #: Bytes a body may have; more is answered with 413. None: no limit.
    max_content_length: int | None = RequestBase.max_content_length
    #: Bytes a form field that is no file may have. None: no limit.
    max_form_memory_size: int | None = RequestBase.max_form_memory_size
    #: Fields and files a form may have. None: no limit.
    max_form_parts: int | None = RequestBase.max_form_parts  # type: ignore[assignment]  # None: no limit
    #: Whether the limits of forms hold for urlencoded bodies too.
    limits_urlencoded_forms: bool = True
    #: Whether asking for a file that its form did not send is explained; see
    #: `explain_missing_files()`. For development.
    explains_missing_files: bool = False

    _reads_directly: ClassVar[bool] = keeps_data(RequestBase({"wsgi.input": BytesIO()}))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if overrides(cls, Request, _READING):
            cls._reads_directly = False

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
        path = environ.get("PATH_INFO") or ""
        if not path.isascii():
            path = _decoded(path)
        self.path = "/" + path.lstrip("/")
        #: `http` or `https`.
        self.scheme = environ.get("wsgi.url_scheme", "http")
        #: Whether this class has read a form that may hold files to close.
        self.has_read_files = False
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    @classmethod
    def from_scope(cls, scope: ASGIScope, body: bytes | Source | None = None) -> Self:
        """Return a request on an ASGI scope; its environ is made when it is asked for.

        Args:
            body: The whole of it, or what `read_ahead()` returns. Without one, reading
                a body that the scope announces raises `BodyNotLoaded`.

        Raises:
            ValueError: The scope is not that of a request.
        """
        request: Self = scope_requests()(cls, Request, scope, body)
        return request

    def accept_header(self) -> str | None:
        """Return the header `Accept` as it came; None if there is none."""
        accept: str | None = self.environ.get("HTTP_ACCEPT")
        return accept

    @computed
    def server(self) -> tuple[str, int | None] | None:
        """Name and port of the server, None if the environ has no name."""
        name = self.environ.get("SERVER_NAME")
        if name is None:
            return None
        port = str(self.environ.get("SERVER_PORT", ""))
        return name, int(port) if port.isdecimal() else None

    @computed
    def root_path(self) -> str:
        """Where the app is mounted: with one slash in front and none at the end.

        Behind some proxies clients have a say in it, and what has no slash there, or
        two, would be read as a part of the host.
        """
        mount = self.environ.get("SCRIPT_NAME")
        path = _decoded(mount).lstrip(_NO_PATH).rstrip("/") if mount else ""
        return f"/{path}" if path else ""

    #: The host, as the header or the server names it; matching has it validated.
    host = computed[str](RequestBase.host.fget)  # type: ignore[attr-defined]  # a property

    @computed
    def query_string(self) -> bytes:
        """What follows the question mark, undecoded.

        Raises:
            BadRequest: The server did not hand over bytes (PEP 3333).
        """
        text = str(self.environ.get("QUERY_STRING", ""))
        try:
            return text.encode("latin1")
        except UnicodeEncodeError as error:
            raise BadRequest("The query string is not UTF-8, nor any bytes.") from error

    @computed
    def headers(self) -> Headers:
        """The headers, read from the environ."""
        return EnvironHeaders(self.environ)

    @_FromHeader
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies, by name; the first of a name is that of the longest path.

        Raises:
            BadRequest: The header has 64 blanks in a row.
        """
        if has_many_blanks(self.environ.get("HTTP_COOKIE", "")):
            raise BadRequest("The Cookie header has 64 blanks in a row.")
        return super().cookies

    @computed
    def accept_mimetypes(self) -> MIMEAccept:
        """The media types that the client accepts."""
        header = self.headers.get("Accept")
        return parse_accept_header(header and with_single_blanks(header), MIMEAccept)

    @computed
    def remote_addr(self) -> str | None:
        """The address of the client."""
        return self.environ.get("REMOTE_ADDR")

    @property
    def mimetype(self) -> str:
        """The type of the body without its parameters, in lower case."""
        state = self.__dict__
        if "headers" in state or not self._reads_directly:
            return super().mimetype
        return _forms.mimetype_of(state["environ"].get("CONTENT_TYPE", ""))

    @computed
    def args(self) -> MultiDict[str, str]:
        """The variables in the query string.

        Raises:
            BadRequest: It is not UTF-8.
        """
        if self.parameter_storage_class is not _forms.STORAGE:
            return self._args_by_werkzeug()
        text = self.environ.get("QUERY_STRING", "")
        state = self.__dict__
        try:
            if (
                not text.isascii()
                or "query_string" in state
                or not self._reads_directly
            ):
                text = self.query_string.decode()
            return _forms.parse_fields(text)
        except UnicodeError:
            return self._args_by_werkzeug()  # which keeps it escaped

    def _args_by_werkzeug(self) -> MultiDict[str, str]:
        _forms.decode(self.query_string, "query string")
        return super().args

    @computed
    def full_path(self) -> str:
        """The path with the query string.

        Raises:
            BadRequest: The query string is not UTF-8.
        """
        return f"{self.path}?{_forms.decode(self.query_string, 'query string')}"

    @computed
    def stream(self) -> IO[bytes]:
        """The body, to be read once; its size is checked while it is read.

        Reading raises `RequestEntityTooLarge` (413) for more than `max_content_length`
        bytes, and `ClientDisconnected` (400) for less than was announced.

        Raises:
            RuntimeError: The request is shallow.
            RequestEntityTooLarge: More is announced than is allowed.
            LengthRequired: Nobody tells where the body ends (411).
        """
        if self.shallow:
            raise RuntimeError(
                "A shallow request has no body to read: it was made with shallow=True,"
                " for somebody who leaves the body to another. Make one without it."
            )
        return open_body(self.environ, self.max_content_length)

    @computed
    def form(self) -> ImmutableMultiDict[str, str]:
        """The fields of a form, those with files not included."""
        self._load_form_data()
        form: ImmutableMultiDict[str, str] = self.__dict__["form"]
        return form

    @computed
    def files(self) -> ImmutableMultiDict[str, FileStorage]:
        """The files that came with a form."""
        self._load_form_data()
        files: ImmutableMultiDict[str, FileStorage] | None = self.__dict__.get("files")
        return _forms.new_multi_dict() if files is None else files

    get_data = _reading_ahead(RequestBase.get_data)

    def make_form_data_parser(self) -> FormDataParser:
        """Return the parser for this form, with the limits that hold for it."""
        parser = super().make_form_data_parser()
        if isinstance(parser, _forms.CheckedFormParser):
            parser.bounded = self.limits_urlencoded_forms
        return parser

    def form_settings(self) -> FormSettings:
        """Return the attributes that decide on how a form is read.

        A subclass may know all of them at once.
        """
        return (
            self.max_content_length,
            self.max_form_memory_size,
            self.max_form_parts,
            self.limits_urlencoded_forms,
            self.explains_missing_files,
        )

    def _load_urlencoded_form(
        self,
        state: dict[str, Any],
        limit: int | None,
        memory_limit: int | None,
        most: int | None,
    ) -> bool:
        """Load the form if it is an ordinary one; otherwise the parser has to.

        Args:
            most: Fields that it may have.
        """
        kind = state["environ"].get("CONTENT_TYPE")
        if (
            self.form_data_parser_class is not _forms.CheckedFormParser
            or self.parameter_storage_class is not _forms.STORAGE
            or not kind
            # The property is asked for what is not plain to see.
            or (
                (kind != _forms.URLENCODED or "headers" in state)
                and self.mimetype != _forms.URLENCODED
            )
        ):
            return False
        if not self._reads_directly:
            return False
        body = read_small_body(state, limit, memory_limit)
        if body is None:
            return False
        return _forms.load_fields(state, body, memory_limit, most)

    def _load_form_data(self) -> None:
        limit, memory_limit, most, limits_urlencoded, explains = self.form_settings()
        state = self.__dict__
        if "form" not in state and not self._load_urlencoded_form(
            state, limit, memory_limit, most if limits_urlencoded else None
        ):
            self._load_checked_form(state)
        if (
            explains
            and self.mimetype != "multipart/form-data"
            and not state.setdefault("files", _forms.new_multi_dict())
        ):
            # Only in development: most programs never load it.
            from ._uploads import explain_missing_files  # noqa: PLC0415 - see above

            explain_missing_files(self)

    def _load_checked_form(self, state: dict[str, Any]) -> None:
        """Load the form by the parser; one that was refused once is refused again.

        What is left of its body is no form.
        """
        refused: HTTPException | None = state.get("_refused_form")
        if refused is not None:
            raise copy(refused)
        try:
            super()._load_form_data()
        except HTTPException as error:
            # Not the error itself, whose frames lead back to the request.
            self._refused_form = copy(error)
            raise
        self.has_read_files = True

    def close(self) -> None:
        """Close the uploaded files, if any were read."""
        if self.__dict__.get("files"):
            super().close()
