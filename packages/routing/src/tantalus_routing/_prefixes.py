"""Who owns a URL that no rule has, by the prefix that it lies under.

A prefix is matched as rules are, so a variable in it stands for what its converter
takes. If a URL lies under several, longer and more definite ones go first, then those
that were added first. Each is compiled when it is first asked for: a program whose URLs
are known pays for a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from werkzeug.routing import BaseConverter, MapAdapter
from werkzeug.routing import Map as WerkzeugMap

from ._map import Map
from ._results import Match
from ._rules import Rule

SLASHES = re.compile("//+")
# The end of a prefix, which comes after each kind of segment: longer ones go first.
END = 3


class PrefixTable:
    """URL prefixes with their owners, on the domains where they are."""

    def __init__(self) -> None:
        self._prefixes: dict[tuple[str, str], Prefix] = {}
        self._in_order: list[Prefix] = []

    def add(self, owner: str, prefix: str, domain: str = "") -> None:
        """Set-up: let `owner` have what lies under `prefix` on `domain`.

        Args:
            prefix: As the beginning of a rule. Without one it is the whole domain.
            domain: A subdomain or, with host matching, a host.
        """
        key = domain, prefix.strip("/")
        known = self._prefixes.get(key)
        if known is None:
            known = self._prefixes[key] = Prefix(*key)
            self._in_order = sorted(self._prefixes.values(), key=Prefix.place)
        if owner not in known.owners:
            known.owners.append(owner)

    def owners(
        self, adapter: MapAdapter, is_asked: Callable[[str], bool] = lambda owner: True
    ) -> Iterator[str]:
        """Yield the owners of a URL, the nearest first.

        Args:
            adapter: Bound to the URL. Its map says how URLs are read.
            is_asked: Tells of an owner whether it matters; prefixes of which none does
                are not matched.
        """
        path = f"/{adapter.path_info.lstrip('/')}"
        if adapter.map.merge_slashes:
            path = SLASHES.sub("/", path)
        for prefix in self._in_order:
            if not path.startswith(prefix.start):
                continue  # a program may have hundreds of them
            asked = [owner for owner in prefix.owners if is_asked(owner)]
            if asked and prefix.holds(adapter, path):
                yield from asked


class Anything(BaseConverter):
    """What may stand below a prefix: also the line ends that a path has not."""

    part_isolating = False
    regex = "[^/](?s:.*)"


class Prefix:
    """One prefix on one domain, and its owners in order."""

    def __init__(self, domain: str, path: str) -> None:
        self.domain = domain
        self.path = path
        #: What all paths under it begin with.
        self.start = f"/{path.partition('<')[0]}"
        self.owners: list[str] = []
        self._map: Map | None = None

    def place(self) -> tuple[bool, list[int]]:
        """Return what to sort by: longer and more definite prefixes go first."""
        parts = self.path.split("/") if self.path else []
        kinds = [("<" in part) + ("<path:" in part) for part in parts]
        return "<" in self.domain, [*kinds, END]

    def holds(self, adapter: MapAdapter, path: str) -> bool:
        """Tell whether a path lies under this prefix, on the domain of `adapter`."""
        if self._map is None:
            self._map = self._compiled(adapter.map)
        result = self._map.match(
            "GET", path, adapter.server_name, subdomain=adapter.subdomain
        )
        return isinstance(result, Match)

    def _compiled(self, url_map: WerkzeugMap) -> Map:
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
            for rule in (start, f"{start}<anything:below_the_prefix>")
        ]
        return Map(
            rules,
            default_subdomain=url_map.default_subdomain,
            converters={**url_map.converters, "anything": Anything},
            host_matching=url_map.host_matching,
        )
