"""An application out of views: the routing of this package, ready to serve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import BadHost, HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.routing import Rule as WerkzeugRule
from werkzeug.wrappers import Request, Response

from ._adapter import MapAdapter
from ._conflicts import Conflicts
from ._decorators import RouteDecorators, View, ViewT, endpoint_of
from ._errors import EndpointTaken, NameTaken, ViewMissing
from ._explain import Attempt, RouteInfo, explain, list_routes
from ._groups import RouteGroup
from ._map import Map
from ._methods import AUTOMATIC, route_methods
from ._mounts import Mounts
from ._protocols import Application, ASGIApplication, Scope
from ._replies import anchored, as_application, check_view
from ._results import Match, Redirect, Result
from ._rules import Rule
from ._scope import environ_of
from ._script import script_path
from ._upgrade import is_websocket


class RouterRule(Rule):
    """A rule that knows whether its router answers OPTIONS for it."""

    provide_automatic_options: bool = False


class Router(RouteDecorators):
    """Dispatches requests to views; itself a WSGI application, with an ASGI one beside.

    A WSGI server has views called as `view(request, **args)`; they return a Werkzeug
    response, text, bytes, or any WSGI application. `asgi_app` says how ASGI calls them.
    Registering is set-up; serving may happen in any number of threads.

    Args:
        server_name: Host, with its port if it has one, for URLs made outside a
            request, and the parent of all subdomains.
        url_scheme: For URLs made outside a request.
        script_name: Path under which the application is mounted, for the same.
        host_matching: Rules have a `host=` instead of a `subdomain=`.
        conflicts: What to do about a rule that can never be reached.
        round_trip: Build only URLs that lead back to endpoint and values.
    """

    request_class: type[Request] = Request

    def __init__(
        self,
        *,
        server_name: str | None = None,
        url_scheme: str = "http",
        script_name: str = "/",
        host_matching: bool = False,
        strict_slashes: bool = True,
        merge_slashes: bool = True,
        converters: Mapping[str, type[BaseConverter]] | None = None,
        conflicts: Conflicts = "raise",
        round_trip: bool = True,
    ) -> None:
        self.server_name = server_name
        self.url_scheme = url_scheme
        self.script_name = script_name
        self.url_map: Map = Map(
            host_matching=host_matching,
            strict_slashes=strict_slashes,
            merge_slashes=merge_slashes,
            converters=converters,
            conflicts=conflicts,
            round_trip=round_trip,
        )
        self.views: dict[str, View] = {}
        self._mounts = Mounts()
        self._names: set[str] = set()
        self._check_asgi: Callable[[WerkzeugRule, View], None] | None = None

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: View | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Register a route.

        Args:
            endpoint: The view's name if not given.
            provide_automatic_options: Answer OPTIONS without the view; by default as
                the view's attribute of this name says, else unless `methods` has it.
            options: Those of `Rule`; `methods` are those of the view's attribute of
                this name if not given, else GET.

        Raises:
            RuleError: The rule cannot be read.
            TypeError: `methods` is one text, or the view cannot be called.
            EndpointMissing: The view has no name to be the endpoint.
            EndpointTaken: The endpoint has another view.
            ShadowedRule: No request can reach the rule.
            MountedRule: All its requests go to a mounted application.
            ASGIViewError: `asgi_app` is there already, and cannot call the view.
        """
        endpoint = endpoint_of(view_func, rule) if endpoint is None else endpoint
        check_view(rule, view_func)
        methods, provide_automatic_options = route_methods(
            rule,
            view_func,
            options.pop("methods", None) or None,
            provide_automatic_options,
        )
        taken_by = self.views.get(endpoint)
        if view_func is not None and taken_by not in (None, view_func):
            raise EndpointTaken(endpoint, rule, taken_by, view_func)
        self._mounts.check(rule)
        made = RouterRule(rule, endpoint=endpoint, methods=methods, **options)
        made.provide_automatic_options = provide_automatic_options
        self.url_map.add(made)
        if view_func is not None:
            if self._check_asgi is not None:
                self._check_asgi(made, view_func)
            self.views[endpoint] = view_func

    def websocket(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        """Register the decorated view for WebSockets; only ASGI servers have them."""
        options.setdefault("provide_automatic_options", False)
        return self.route(rule, methods=["GET"], websocket=True, **options)

    def include(
        self,
        group: RouteGroup,
        *,
        prefix: str | None = None,
        subdomain: str | None = None,
        name: str | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        """Register all routes of a group; what is passed replaces what it says.

        Raises:
            NameTaken: Another group is included under this name.
        """
        full_name = group.name if name is None else name
        if full_name in self._names:
            raise NameTaken(full_name)
        for route in group.routes(
            prefix=prefix, subdomain=subdomain, name=name, defaults=defaults
        ):
            route.register(self)
        if full_name:
            self._names.add(full_name)

    def mount(
        self, prefix: str, application: Application, *, protocol: str | None = None
    ) -> None:
        """Hand every request for `prefix`, or below it, to another application.

        Of several prefixes the longest that fits is taken. Under `asgi_app` a WSGI
        application runs in threads, as a `WSGIBridge`; under WSGI there can be no
        ASGI application.

        Args:
            protocol: "wsgi" or "asgi", where the application does not show it.

        Raises:
            MountedRule: A route lies under the prefix.
            PrefixError: The prefix is no path, or is taken.
            ProtocolUnknown: The application shows no protocol, and none was passed.
            TypeError: The application cannot be called.
        """
        rules = [rule.rule for rule in self.url_map.rules_in_order()]
        self._mounts.add(prefix, application, rules, protocol)

    def fall_back_to(
        self, application: Application, *, protocol: str | None = None
    ) -> None:
        """Hand every request that has no route to another application, as it came.

        A path whose routes have other methods goes there too; a path that only lacks
        a slash is redirected. So a program can be moved route by route.

        Raises:
            FallbackTaken: There is one already.
            ProtocolUnknown, TypeError: As for `mount()`.
        """
        self._mounts.fall_back_to(application, protocol)

    def match(
        self,
        method: str,
        path: str,
        host: str | None = None,
        *,
        websocket: bool = False,
    ) -> Result:
        """Return the `Match` with its view, or why there is none.

        Args:
            host: Needed where rules depend on it. With host matching it is the
                host of the rules; else what stands before `server_name` is the
                subdomain.
        """
        domain = self._domain(host)
        result = self.url_map.match(method, path, domain, websocket, subdomain=domain)
        if type(result) is Match:
            endpoint, _, args, rule = result
            return Match((endpoint, self.views.get(endpoint), args, rule))
        return result

    def url_for(
        self,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """Return the URL of an endpoint: a path, or absolute if asked for.

        Args:
            _anchor: Put behind a '#'.
            _method: Take a rule with this method.
            _scheme: Make an absolute URL with this scheme.
            _external: Make an absolute URL.
            values: For the rule's variables; others become the query.

        Raises:
            BuildError: The endpoint has no rule for these values.
            ValueError: An absolute URL without `server_name`, or a scheme in a
                relative one.
        """
        if _scheme is not None and _external is False:
            raise ValueError("A URL with '_scheme' is absolute: drop _external=False.")
        external = _external or _scheme is not None
        if external and self.server_name is None:
            raise ValueError(
                f"The URL of {endpoint!r} cannot be absolute without a host. Pass"
                " server_name= to the router."
            )
        if not external and not self.url_map.host_matching:
            built = self.url_map.build(endpoint, values, _method)
            home = self.url_map.default_subdomain
            if built.domain_part == home and not built.websocket:
                path = f"{script_path(self.script_name)}{built.path.lstrip('/')}"
                return anchored(path, _anchor)
        adapter = self.url_map.bind(
            self.server_name or "", self.script_name, url_scheme=self.url_scheme
        )
        return anchored(
            adapter.build(endpoint, values, _method, external, url_scheme=_scheme),
            _anchor,
        )

    def bind(self, request: Request) -> MapAdapter:
        """Return the adapter of a request, whose `build()` makes URLs as seen from it.

        Raises:
            BadHost: The request has no usable host.
        """
        if not request.host:
            raise BadHost()
        if self.url_map.host_matching or self.server_name is None:
            default = None if self.url_map.host_matching else ""
            return self.url_map.bind_to_environ(request.environ, None, default)
        return self.url_map.bind_to_environ(
            request.environ, self.server_name, self._subdomain(request.host)
        )

    def bind_scope(self, scope: Scope) -> MapAdapter:
        """Return the adapter of an ASGI request, as `bind()` does.

        Raises:
            BadHost: The request has no usable host, or several.
        """
        return self.bind(Request(environ_of(scope)))

    def explain(self, method: str, path: str, host: str | None = None) -> list[Attempt]:
        """Return what each rule makes of a request, and why."""
        return explain(self.url_map, method, path, self._domain(host))

    def routes(self) -> list[RouteInfo]:
        """Return the table of routes in order of registration."""
        return list_routes(self.url_map)

    @cached_property
    def asgi_app(self) -> ASGIApplication:
        """The router for an ASGI server.

        A view is called as `await view(scope, receive, send, **args)`, so it is an ASGI
        application that takes the arguments of its rule. What it returns, if anything,
        is the answer: text, bytes, a Werkzeug response or an ASGI application.

        Raises:
            ASGIViewError: A view cannot be called so.
        """
        # Who serves by WSGI needs no asyncio, which takes long to import.
        from ._asgi import ASGIRouter, check_asgi_view  # noqa: PLC0415 - see above

        for rule in self.url_map.rules_in_order():
            view = self.views.get(rule.endpoint)
            if view is not None:
                check_asgi_view(rule, view)
        self._check_asgi = check_asgi_view
        return ASGIRouter(self)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        return self.wsgi_app(environ, start_response)

    def wsgi_app(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        mounted = self._mounts.find(environ)
        if mounted is not None:
            return mounted(environ, start_response)
        request = self.request_class(environ)
        try:
            application = self.dispatch(request)
        except HTTPException as error:
            application = error.get_response(environ)
        return application(environ, start_response)

    def dispatch(self, request: Request) -> WSGIApplication:
        """Return what answers a request: the response of its view.

        Raises:
            HTTPException: The view's own, or what the failed match stands for.
        """
        environ = request.environ
        result = self._match_request(request)
        if not isinstance(result, Match):
            query = environ.get("QUERY_STRING", "")
            if isinstance(result, Redirect):
                raise result.exception_for(self.bind(request), query)
            if self._mounts.fallback is not None:
                return self._mounts.fallback.wsgi
            raise result.http_error()
        if request.method == AUTOMATIC and self._answers_options(result.rule):
            return self._allow(request)
        view = self.views.get(result.endpoint)
        if view is None:
            raise ViewMissing(result.rule.rule, result.endpoint)
        return as_application(view(request, **result.args), view)

    def _match_request(self, request: Request) -> Result:
        # The host is not looked at unless something depends on it.
        if not self._looks_at_host():
            return self.url_map.match(
                request.method, request.path, websocket=is_websocket(request.environ)
            )
        adapter = self.bind(request)
        return self.url_map.match(
            request.method,
            request.path,
            adapter.server_name,
            adapter.websocket,
            subdomain=adapter.subdomain,
        )

    def _looks_at_host(self) -> bool:
        return self.url_map.host_matching or self.server_name is not None

    def _allow(self, request: Request) -> Response:
        """Return the answer to OPTIONS: all methods of the path."""
        adapter = self.bind(request)
        response = Response()
        response.allow.update(adapter.allowed_methods())
        return response

    def _domain(self, host: str | None) -> str:
        """Return what stands for a host in the map: itself, or its subdomain."""
        if self.url_map.host_matching:
            return (host or "").lower()
        if host is None or self.server_name is None:
            return self.url_map.default_subdomain
        return self._subdomain(host)

    def _subdomain(self, host: str) -> str:
        """Return what stands before the server's name in `host`, ports aside."""
        name = host.lower().partition(":")[0]
        parent = (self.server_name or "").lower().partition(":")[0]
        if name == parent:
            return ""
        # No variable takes a slash alone, so a foreign host finds nothing.
        return name.removesuffix(f".{parent}") if name.endswith(f".{parent}") else "/"

    @staticmethod
    def _answers_options(rule: WerkzeugRule) -> bool:
        return isinstance(rule, RouterRule) and rule.provide_automatic_options
