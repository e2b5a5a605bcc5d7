"""Why a request that fits a rule is sent elsewhere, and where to."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from werkzeug.routing import MapAdapter, Rule

from ._converters import quote_path, to_url
from ._results import Arguments, Binder, QueryArgs, Redirect
from ._rules import compiled_rule

PLACEHOLDER = re.compile(r"<([^<>]+)>")
SCHEME_OR_HOST = re.compile(r"\A(?://|[A-Za-z][A-Za-z0-9+.-]*:)")


class PathRedirect(Redirect):
    """The same page has another spelling: a slash more, or fewer slashes."""

    __slots__ = ("target",)

    def __init__(
        self, map: Binder, domain: str, path: str, method: str, target: str
    ) -> None:
        super().__init__(map, domain, path, method)
        self.target = target

    def url(self, adapter: MapAdapter, query_args: QueryArgs) -> str:
        """Return the address of the other path on the same host."""
        return adapter.make_redirect_url(quote_path(self.target), query_args or {})

    def location(
        self,
        *,
        scheme: str,
        host: str,
        script_name: str = "/",
        query_args: QueryArgs = None,
    ) -> str:
        """Return the absolute address; without an adapter if there is nothing to it."""
        if script_name != "/" or self.domain or query_args or not (scheme and host):
            return super().location(
                scheme=scheme,
                host=host,
                script_name=script_name,
                query_args=query_args,
            )
        return f"{scheme}://{host.lower()}/{quote_path(self.target).lstrip('/')}"


class RuleRedirect(Redirect):
    """The rule that fits names another place; `rule` and `args` as matched."""

    __slots__ = ("args", "rule")

    def __init__(
        self,
        map: Binder,
        domain: str,
        path: str,
        method: str,
        rule: Rule,
        args: Arguments,
    ) -> None:
        super().__init__(map, domain, path, method)
        self.rule = rule
        self.args = args


class AliasRedirect(RuleRedirect):
    """The rule is an alias of another rule of the endpoint."""

    __slots__ = ()

    def url(self, adapter: MapAdapter, query_args: QueryArgs) -> str:
        """Return the address that the endpoint's first suitable rule builds.

        Raises:
            BuildError: The endpoint has no rule but aliases that fit.
        """
        return adapter.make_alias_redirect_url(
            f"{self.domain}|{self.path}",
            self.rule.endpoint,
            self.args,
            self.method,
            query_args or {},
        )


class DefaultRedirect(RuleRedirect):
    """Another rule of the endpoint gives the same values as its defaults."""

    __slots__ = ("domain_part", "target")

    def __init__(
        self,
        map: Binder,
        domain: str,
        path: str,
        method: str,
        rule: Rule,
        args: Arguments,
        built: tuple[str, str],
    ) -> None:
        super().__init__(map, domain, path, method, rule, args)
        self.domain_part, self.target = built

    def url(self, adapter: MapAdapter, query_args: QueryArgs) -> str:
        """Return the address that the rule with the defaults builds."""
        return adapter.make_redirect_url(
            self.target, query_args or {}, domain_part=self.domain_part
        )


class TargetRedirect(RuleRedirect):
    """The rule has a `redirect_to`."""

    __slots__ = ()

    def url(self, adapter: MapAdapter, query_args: QueryArgs) -> str:
        """Return `redirect_to`, filled in or called, joined to the script's root.

        What is filled in is a part of the path, whatever it looks like: only
        `redirect_to` itself can lead to another host.
        """
        server = adapter.server_name
        host = f"{adapter.subdomain}.{server}" if adapter.subdomain else server
        root = f"{adapter.url_scheme or 'http'}://{host}{adapter.script_name}"
        target = self.rule.redirect_to
        if callable(target):
            return urljoin(root, target(adapter, **self.args))
        assert target is not None  # a rule without one makes no such redirect
        filled = PLACEHOLDER.sub(self._fill_in, target)
        if SCHEME_OR_HOST.match(PLACEHOLDER.sub("x", target)):
            return urljoin(root, filled)
        path = filled.lstrip("/\\")
        return urljoin(root, f"/{path}" if filled.startswith("/") else f"./{path}")

    def _fill_in(self, placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        converters = compiled_rule(self.rule)[1]
        return to_url(converters[name])(self.args[name])
