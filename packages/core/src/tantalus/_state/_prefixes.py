"""Which blueprint answers for a URL that no rule has.

A blueprint owns what lies under its URL prefix, on its subdomain or, with host
matching, on the hosts that its rules name; with a subdomain and no prefix it owns the
subdomain. Without either it owns nothing. A prefix is matched by the router itself, so
a variable in it stands for what its converter takes.

If a URL lies under several prefixes, longer and more definite ones go first, then those
that were registered first: of all these blueprints the first answers that has a handler
for this HTTP error. Only owners with handlers are matched, and each prefix is compiled
when it is first needed: an app whose URLs are known pays for a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from werkzeug.routing import MapAdapter

from tantalus_routing import Map, Match, Rule

from .._ground._names import blueprint_scopes
from ._handlers import Scopes, Spec

_SLASHES = re.compile("//+")
# The end of a prefix, which comes after each kind of segment: longer ones go first.
_END = 3


class PrefixTable:
    """The URL prefixes of the registered blueprints, on the domains where they are."""

    def __init__(self) -> None:
        self._prefixes: dict[tuple[str, str], _Prefix] = {}
        self._in_order: list[_Prefix] = []

    def add(self, name: str, prefix: str, domain: str) -> None:
        """Set-up: let blueprint `name` own what lies under `prefix` on `domain`.

        Args:
            domain: A subdomain or, with host matching, a host.
        """
        key = domain, prefix.strip("/")
        known = self._prefixes.get(key)
        if known is None:
            known = self._prefixes[key] = _Prefix(*key)
            self._in_order = sorted(self._prefixes.values(), key=_Prefix.place)
        if name not in known.owners:
            known.owners.append(name)

    def owners(
        self, spec: Spec, url_map: Map, adapter: MapAdapter
    ) -> Iterator[tuple[str, Scopes]]:
        """Yield the blueprints that own a URL and have handlers.

        The nearest comes first, each with the scopes of its handlers, innermost first.

        Args:
            url_map: That of the app, which says how URLs are read.
            adapter: Bound to the URL.
        """
        for prefix in self._in_order:
            scopes_of = {name: blueprint_scopes(name)[:0:-1] for name in prefix.owners}
            found = [
                (name, scopes)
                for name, scopes in scopes_of.items()
                if any(scope in spec for scope in scopes)
            ]
            if found and prefix.holds(url_map, adapter):
                yield from found


class _Prefix:
    """One prefix on one domain, and the blueprints registered there in order."""

    def __init__(self, domain: str, path: str) -> None:
        self.domain = domain
        self.path = path
        self.owners: list[str] = []
        self._map: Map | None = None

    def place(self) -> tuple[bool, list[int]]:
        """Return what to sort by: longer and more definite prefixes go first."""
        parts = self.path.split("/") if self.path else []
        kinds = [("<" in part) + ("<path:" in part) for part in parts]
        return "<" in self.domain, [*kinds, _END]

    def holds(self, url_map: Map, adapter: MapAdapter) -> bool:
        """Tell whether the URL that `adapter` is bound to lies under this prefix."""
        if self._map is None:
            self._map = self._compiled(url_map)
        path = f"/{adapter.path_info.lstrip('/')}"
        if url_map.merge_slashes:
            path = _SLASHES.sub("/", path)
        result = self._map.match(
            "GET", path, adapter.server_name, subdomain=adapter.subdomain
        )
        return isinstance(result, Match)

    def _compiled(self, url_map: Map) -> Map:
        start = f"/{self.path}/" if self.path else "/"
        rules = [
            Rule(
                rule,
                endpoint="",
                # The map reads one of the two.
                host=self.domain,
                subdomain=self.domain,
                strict_slashes=False,
                merge_slashes=False,
            )
            for rule in (start, f"{start}<path:below_the_prefix>")
        ]
        return Map(
            rules,
            default_subdomain=url_map.default_subdomain,
            converters=url_map.converters,
            host_matching=url_map.host_matching,
        )
