"""What matching and building return: small values, and the HTTP errors they stand for.

A request that fits gives a `Match`. Every other result knows the exception that a
bound Werkzeug adapter would raise in its place: `exception()` makes it when somebody
wants it, `exception_for()` does so for an adapter at hand.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, final

from werkzeug import exceptions
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect, Rule
from werkzeug.routing import WebsocketMismatch as WebsocketMismatchError

# An endpoint is whatever the application chose, and arguments are whatever its
# converters make of the path.
Endpoint: TypeAlias = Any
Arguments: TypeAlias = dict[str, Any]
QueryArgs: TypeAlias = Mapping[str, Any] | str | None


class Record(tuple[Any, ...]):
    """A tuple with names for its items, made of the tuple: `Record((...))`.

    As light to make as it gets: a named tuple's own constructor is a Python function.
    """

    __slots__ = ()
    __match_args__: tuple[str, ...]

    def __repr__(self) -> str:
        items = zip(self.__match_args__, self, strict=True)
        shown = ", ".join(f"{name}={item!r}" for name, item in items)
        return f"{type(self).__name__}({shown})"


# Their attributes are read without a Python function too.
MATCH: Any = namedtuple("MATCH", "endpoint view args rule")
BUILT: Any = namedtuple("BUILT", "domain_part path websocket")


@final
class Match(Record):
    """A request that fits a rule; `args` belongs to the caller.

    `view` is None unless a `Router`, which knows the views, made the match.
    """

    __slots__ = ()
    __match_args__ = ("endpoint", "view", "args", "rule")
    endpoint: Endpoint = MATCH.endpoint
    view: Callable[..., Any] | None = MATCH.view
    args: Arguments = MATCH.args
    rule: Rule = MATCH.rule


@final
class Built(Record):
    """A built URL before it gets a host.

    `domain_part` is a subdomain or, with host matching, a whole host; `path` starts
    with a slash and carries the query.
    """

    __slots__ = ()
    __match_args__ = ("domain_part", "path", "websocket")
    domain_part: str = BUILT.domain_part
    path: str = BUILT.path
    websocket: bool = BUILT.websocket


class Binder(Protocol):
    """What a redirect asks of the map it came from."""

    def adapter(
        self,
        server_name: str,
        script_name: str,
        domain: str,
        url_scheme: str,
        path_info: str,
        method: str,
        query_args: QueryArgs,
        /,
    ) -> MapAdapter:
        """Return an adapter for a request to `domain`, without checking anything."""


class NoMatch:
    """No rule fits the path; the HTTP error is a 404."""

    __slots__ = ()

    def http_error(self) -> HTTPException:
        """Return the exception that Werkzeug would raise."""
        return exceptions.NotFound()

    def exception_for(
        self, adapter: MapAdapter, query_args: QueryArgs
    ) -> HTTPException:
        """Return the HTTP error, which is the same for every adapter."""
        return self.http_error()

    def exception(
        self,
        *,
        scheme: str = "http",
        host: str = "",
        script_name: str = "/",
        query_args: QueryArgs = None,
    ) -> HTTPException:
        """Return the HTTP error; the arguments matter to redirects only."""
        return self.http_error()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class WrongMethod(NoMatch):
    """The path fits, the method does not; `valid_methods` would (405)."""

    __slots__ = ("valid_methods",)

    def __init__(self, valid_methods: frozenset[str]) -> None:
        self.valid_methods: frozenset[str] = valid_methods

    def http_error(self) -> HTTPException:
        """Return the exception, with the valid methods in alphabetical order."""
        return exceptions.MethodNotAllowed(valid_methods=sorted(self.valid_methods))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted(self.valid_methods)!r})"


class WrongProtocol(NoMatch):
    """Only WebSocket rules fit an HTTP request, or the other way round (400)."""

    __slots__ = ()

    def http_error(self) -> HTTPException:
        """Return the exception that Werkzeug would raise."""
        return WebsocketMismatchError()


class Redirect(ABC):
    """The request belongs elsewhere; `location()` says where.

    Subclasses differ in why, and each makes the address in `url()`.
    """

    __slots__ = ("domain", "map", "method", "path")

    def __init__(self, map: Binder, domain: str, path: str, method: str) -> None:
        self.map: Binder = map
        self.domain: str = domain
        self.path: str = path
        self.method: str = method

    @abstractmethod
    def url(self, adapter: MapAdapter, query_args: QueryArgs) -> str:
        """Return the absolute address, as seen from `adapter`."""

    def exception_for(
        self, adapter: MapAdapter, query_args: QueryArgs
    ) -> HTTPException:
        """Return the redirect as the exception that `adapter` would raise."""
        return RequestRedirect(self.url(adapter, query_args))

    def location(
        self,
        *,
        scheme: str,
        host: str,
        script_name: str = "/",
        query_args: QueryArgs = None,
    ) -> str:
        """Return the absolute address.

        Args:
            host: The server name with its port, without the matched subdomain.
            query_args: Kept in the address; text is taken as already encoded.
        """
        adapter = self.map.adapter(
            host.lower(),
            script_name,
            self.domain,
            scheme,
            self.path,
            self.method,
            query_args,
        )
        return self.url(adapter, query_args)

    def exception(
        self,
        *,
        scheme: str,
        host: str,
        script_name: str = "/",
        query_args: QueryArgs = None,
    ) -> HTTPException:
        """Return the redirect as an exception; arguments as for `location()`."""
        return RequestRedirect(
            self.location(
                scheme=scheme,
                host=host,
                script_name=script_name,
                query_args=query_args,
            )
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.domain!r}, {self.path!r})"


Result: TypeAlias = Match | Redirect | NoMatch
