"""Groups of routes that share a prefix and a name.

A group only records. Including it somewhere plays the record back through a scope,
which joins what the group and its parents say to each route; so a group can be
included any number of times, under different prefixes and names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ._decorators import Options, RouteDecorators, RouteTarget, View, endpoint_of
from ._errors import GroupNameError


class RouteScope(NamedTuple):
    """What surrounds a route: joined to it by `apply()`, to another by `nest()`.

    None means "says nothing", which differs from an empty text.
    """

    prefix: str | None = None
    subdomain: str | None = None
    name: str = ""
    url_defaults: Mapping[str, Any] = MappingProxyType({})

    def nest(
        self,
        *,
        prefix: str | None = None,
        subdomain: str | None = None,
        name: str = "",
        defaults: Mapping[str, Any] | None = None,
    ) -> RouteScope:
        """Return the scope of something inside this one.

        Prefixes and names are joined from the outside in, subdomains from the inside
        out. Defaults are not inherited: pass all that the inner scope shall have.
        """
        if subdomain is not None and self.subdomain is not None:
            subdomain = f"{subdomain}.{self.subdomain}"
        elif subdomain is None:
            subdomain = self.subdomain
        if prefix is not None and self.prefix is not None:
            prefix = f"{self.prefix.rstrip('/')}/{prefix.lstrip('/')}"
        elif prefix is None:
            prefix = self.prefix
        name = f"{self.name}.{name}".strip(".")
        return RouteScope(prefix, subdomain, name, dict(defaults or {}))

    def apply(
        self, rule: str, endpoint: str, options: Mapping[str, Any]
    ) -> tuple[str, str, Options]:
        """Return rule, endpoint and options as they are to be registered.

        A route's own subdomain replaces the scope's; its own defaults are added to
        the scope's and win. `options` is left alone.
        """
        joined = dict(options)
        if self.prefix is not None:
            rule = (
                f"{self.prefix.rstrip('/')}/{rule.lstrip('/')}" if rule else self.prefix
            )
        joined.setdefault("subdomain", self.subdomain)
        joined["defaults"] = {**self.url_defaults, **(joined.get("defaults") or {})}
        return rule, f"{self.name}.{endpoint}".lstrip("."), joined


class GroupRoute(NamedTuple):
    """One recorded or joined route, ready for `add_url_rule()`."""

    rule: str
    endpoint: str
    view: View | None
    provide_automatic_options: bool | None
    options: Options

    def register(self, target: RouteTarget) -> None:
        """Add the route to `target`."""
        options = self.options
        if self.provide_automatic_options is not None:
            automatic = self.provide_automatic_options
            options = {**options, "provide_automatic_options": automatic}
        target.add_url_rule(self.rule, self.endpoint, self.view, **options)


class _Included(NamedTuple):
    """A group inside a group, with what was said where it was included."""

    group: RouteGroup
    prefix: str | None
    subdomain: str | None
    name: str | None
    defaults: Mapping[str, Any]


class RouteGroup(RouteDecorators):
    """Routes that are written together and included elsewhere.

    Args:
        name: Put before the endpoints, with a dot; empty for none.
        prefix: Put before the rules.
        subdomain: For routes that don't name one.
        defaults: Values for the views of all routes.
    """

    def __init__(
        self,
        name: str = "",
        *,
        prefix: str | None = None,
        subdomain: str | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        check_name(name)
        self.name = name
        self.prefix = prefix
        self.subdomain = subdomain
        self.defaults: dict[str, Any] = dict(defaults or {})
        self._entries: list[GroupRoute | _Included] = []

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: View | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Record a route.

        Args:
            rule: Starts with a slash, or is empty for the prefix itself.
            options: Those of the rule class of the target.
        """
        endpoint = endpoint_of(view_func, rule) if endpoint is None else endpoint
        check_name(endpoint)
        self._entries.append(
            GroupRoute(rule, endpoint, view_func, provide_automatic_options, options)
        )

    def include(
        self,
        group: RouteGroup,
        *,
        prefix: str | None = None,
        subdomain: str | None = None,
        name: str | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        """Nest `group` here; what is passed replaces what the group says itself."""
        if self in group.groups():
            raise GroupNameError(group.name, "contains the group that includes it")
        self._entries.append(
            _Included(group, prefix, subdomain, name, dict(defaults or {}))
        )

    def groups(self) -> Iterator[RouteGroup]:
        """Yield this group and all groups inside it."""
        yield self
        for entry in self._entries:
            if isinstance(entry, _Included):
                yield from entry.group.groups()

    def routes(
        self,
        outer: RouteScope | None = None,
        *,
        prefix: str | None = None,
        subdomain: str | None = None,
        name: str | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> Iterator[GroupRoute]:
        """Yield all routes, joined to the scope of this group inside `outer`."""
        outer = outer or RouteScope()
        scope = outer.nest(
            prefix=self.prefix if prefix is None else prefix,
            subdomain=self.subdomain if subdomain is None else subdomain,
            name=self.name if name is None else name,
            defaults={**outer.url_defaults, **self.defaults, **(defaults or {})},
        )
        for entry in self._entries:
            if isinstance(entry, GroupRoute):
                rule, endpoint, options = scope.apply(
                    entry.rule, entry.endpoint, entry.options
                )
                yield entry._replace(rule=rule, endpoint=endpoint, options=options)
            else:
                yield from entry.group.routes(
                    scope,
                    prefix=entry.prefix,
                    subdomain=entry.subdomain,
                    name=entry.name,
                    defaults=entry.defaults,
                )


def check_name(name: str) -> None:
    """Refuse a name with a dot, which joins the names of groups."""
    if "." in name:
        raise GroupNameError(name, "contains a dot, which joins names")
