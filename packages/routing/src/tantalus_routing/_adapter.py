"""A map bound to a server, as Werkzeug's applications know it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Literal, overload
from wsgiref.types import WSGIEnvironment

from werkzeug.routing import Map as WerkzeugMap
from werkzeug.routing import MapAdapter as WerkzeugMapAdapter
from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from ._errors import BuildError
from ._results import Arguments, Built, Endpoint, Match, QueryArgs, Result
from ._script import script_path


class CompiledMap(WerkzeugMap):
    """A map that binds adapters, with what these and explanations need of it."""

    merge_slashes: bool
    redirect_defaults: bool

    @abstractmethod
    def match(
        self,
        method: str,
        path: str,
        host: str | None = None,
        websocket: bool = False,
        subdomain: str | None = None,
    ) -> Result:
        """Return the result for a request."""

    @abstractmethod
    def build(
        self,
        endpoint: Endpoint,
        values: Mapping[str, Any] | None = None,
        method: str | None = None,
        default_method: str = "GET",
        host: str | None = None,
        append_unknown: bool = True,
    ) -> Built:
        """Return the URL of an endpoint."""

    @abstractmethod
    def rules_in_order(self) -> list[Rule]:
        """Return a copy of the rules in order of registration."""

    def bind(
        self,
        server_name: str,
        script_name: str | None = None,
        subdomain: str | None = None,
        url_scheme: str = "http",
        default_method: str = "GET",
        path_info: str | None = None,
        query_args: QueryArgs = None,
    ) -> MapAdapter:
        """Return an adapter for a server; arguments as in Werkzeug.

        Raises:
            BadHost: `server_name` cannot be a host name.
        """
        return MapAdapter.compiled(
            super().bind(
                server_name,
                script_name,
                subdomain,
                url_scheme,
                default_method,
                path_info,
                query_args,
            )
        )

    def bind_to_environ(
        self,
        environ: WSGIEnvironment | Request,
        server_name: str | None = None,
        subdomain: str | None = None,
    ) -> MapAdapter:
        """Return an adapter for a WSGI request; arguments as in Werkzeug.

        Raises:
            BadHost: The host of the request cannot be a host name.
        """
        return MapAdapter.compiled(
            super().bind_to_environ(environ, server_name, subdomain)
        )

    def adapter(
        self,
        server_name: str,
        script_name: str,
        domain: str | None,
        url_scheme: str,
        path_info: str,
        method: str,
        query_args: QueryArgs,
        /,
    ) -> MapAdapter:
        """Return an adapter for a request to `domain`, without checking anything."""
        return MapAdapter(
            self,
            server_name,
            script_name,
            None if self.host_matching else domain,
            url_scheme,
            path_info,
            method,
            query_args,
        )


class MapAdapter(WerkzeugMapAdapter):
    """A map bound to a server and, if made from an environ, to a request.

    Everything works as on Werkzeug's adapter; matching and building are compiled.
    """

    map: CompiledMap

    def __init__(
        self,
        map: WerkzeugMap,
        server_name: str,
        script_name: str,
        subdomain: str | None,
        url_scheme: str,
        path_info: str,
        default_method: str,
        query_args: QueryArgs = None,
    ) -> None:
        super().__init__(
            map,
            server_name,
            script_path(script_name),
            subdomain,
            url_scheme,
            path_info,
            default_method,
            query_args,
        )

    @classmethod
    def compiled(cls, adapter: WerkzeugMapAdapter) -> MapAdapter:
        """Return the same binding as one of our adapters."""
        return cls(
            adapter.map,
            adapter.server_name,
            adapter.script_name,
            adapter.subdomain,
            adapter.url_scheme,
            adapter.path_info,
            adapter.default_method,
            adapter.query_args,
        )

    @overload
    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: Literal[False] = False,
        query_args: QueryArgs = None,
        websocket: bool | None = None,
    ) -> tuple[Endpoint, Arguments]: ...

    @overload
    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: Literal[True] = True,
        query_args: QueryArgs = None,
        websocket: bool | None = None,
    ) -> tuple[Rule, Arguments]: ...

    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: bool = False,
        query_args: QueryArgs = None,
        websocket: bool | None = None,
    ) -> tuple[Endpoint, Arguments]:
        """Return `(endpoint or rule, arguments)`.

        Raises:
            RequestRedirect: The page has another address.
            NotFound: No rule fits.
            MethodNotAllowed: A rule fits but for the method.
            WebsocketMismatch: A rule fits but for the protocol.
        """
        result = self.map.match(
            (method or self.default_method).upper(),
            self.path_info if path_info is None else path_info,
            self.server_name,
            self.websocket if websocket is None else websocket,
            # Without a subdomain, Werkzeug takes the whole server name for it.
            subdomain=self.server_name if self.subdomain is None else self.subdomain,
        )
        if isinstance(result, Match):
            return result.rule if return_rule else result.endpoint, result.args
        raise result.exception_for(
            self, self.query_args if query_args is None else query_args
        )

    def build(
        self,
        endpoint: Endpoint,
        values: Mapping[str, Any] | None = None,
        method: str | None = None,
        force_external: bool = False,
        append_unknown: bool = True,
        url_scheme: str | None = None,
    ) -> str:
        """Return the URL of an endpoint: a path, or absolute if it must be.

        Args:
            force_external: Absolute even on the same host.
            append_unknown: Values that no variable takes become the query.
            url_scheme: For an absolute URL, instead of the adapter's.

        Raises:
            BuildError: The endpoint has no rule for these values and this method.
        """
        try:
            built = self.map.build(
                endpoint,
                values,
                method,
                self.default_method,
                self.server_name,
                append_unknown,
            )
        except BuildError as error:
            error.adapter = self
            raise
        if not (force_external or built.websocket) and self._is_here(built.domain_part):
            return self.script_name + built.path.lstrip("/")
        scheme = self.url_scheme if url_scheme is None else url_scheme
        return self._absolute(built, scheme)

    def _is_here(self, domain_part: str) -> bool:
        if self.map.host_matching:
            return domain_part == self.server_name
        return domain_part == self.subdomain

    def _absolute(self, built: Built, scheme: str | None) -> str:
        """Return the URL with the scheme of its rule's protocol."""
        secure = scheme in {"https", "wss"}
        if built.websocket:
            scheme = "wss" if secure else "ws"
        elif scheme:
            scheme = "https" if secure else "http"
        start = f"{scheme}:" if scheme else ""
        host = self.get_host(built.domain_part)
        return f"{start}//{host}{self.script_name[:-1]}/{built.path.lstrip('/')}"
