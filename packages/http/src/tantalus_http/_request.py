"""The request class: Werkzeug's, with everything read when somebody asks for it.

Query strings, urlencoded forms and small bodies, which most requests have, are read
straight away (see `_forms`). A subclass that overrides a part of Werkzeug's way of
reading gets all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from io import BytesIO
from typing import Any, ClassVar, TypeAlias, TypeVar
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import (
    EnvironHeaders,
    FileStorage,
    Headers,
    ImmutableMultiDict,
    MultiDict,
)
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Request as RequestBase

from . import _forms
from ._computed import computed
from ._response import overrides

F = TypeVar("F", bound=Callable[..., Any])
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


def _decoded(path: str) -> str:
    """Return a path of the environ as text: PEP 3333 hands it over as Latin-1."""
    return path.encode("latin1").decode(errors="replace")


@lru_cache(maxsize=64)
def _mimetype(content_type: str) -> str:
    return parse_options_header(content_type)[0].lower()


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
            body = _forms.read_small_body(self.__dict__, self.max_content_length)
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


class Request(RequestBase):
    """A request: Werkzeug's, whose attributes are computed when they are first read.

    The limits are attributes of the class, or of one request before its body is read.
    """

    form_data_parser_class: type[FormDataParser] = _forms.BoundedFormParser
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
        """What follows the question mark, undecoded."""
        return str(self.environ.get("QUERY_STRING", "")).encode("latin1")

    @computed
    def headers(self) -> Headers:
        """The headers, read from the environ."""
        return EnvironHeaders(self.environ)

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
        return _mimetype(state["environ"].get("CONTENT_TYPE", ""))

    @computed
    def args(self) -> MultiDict[str, str]:
        """The variables in the query string."""
        if self.parameter_storage_class is not _forms.STORAGE:
            return super().args
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
            return super().args  # which keeps it escaped, or raises

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
        if isinstance(parser, _forms.BoundedFormParser):
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
            self.form_data_parser_class is not _forms.BoundedFormParser
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
        body = _forms.read_small_body(state, limit, memory_limit)
        if body is None:
            return False
        if most is None or body.count(b"&") < most:
            try:
                state["form"] = _forms.parse_fields(body.decode())
            except UnicodeError:
                pass
            else:
                return True
        state["stream"] = BytesIO(body)
        return False

    def _load_form_data(self) -> None:
        limit, memory_limit, most, limits_urlencoded, explains = self.form_settings()
        state = self.__dict__
        if "form" not in state and not self._load_urlencoded_form(
            state, limit, memory_limit, most if limits_urlencoded else None
        ):
            super()._load_form_data()
            self.has_read_files = True
        if (
            explains
            and self.mimetype != "multipart/form-data"
            and not state.setdefault("files", _forms.new_multi_dict())
        ):
            # Only in development: most programs never load it.
            from ._uploads import explain_missing_files  # noqa: PLC0415 - see above

            explain_missing_files(self)

    def close(self) -> None:
        """Close the uploaded files, if any were read."""
        if self.__dict__.get("files"):
            super().close()
