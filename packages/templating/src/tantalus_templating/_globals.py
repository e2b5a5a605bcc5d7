"""The globals of one template over those of its environment."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import KeysView
from typing import Any


class GlobalsChain(ChainMap[str, Any]):
    """A chain of maps that can be had as one dict, at the cost of copying two.

    It is live, as Jinja documents: a global set on the environment later is seen.
    """

    def flattened(self) -> dict[str, Any]:
        """Return a new dict of all names; the first map that has a name wins."""
        names: dict[str, Any] = {}
        for mapping in reversed(self.maps):
            names.update(mapping)
        return names

    def keys(self) -> KeysView[str]:
        """Return the names as they are now; Jinja subtracts them at each import."""
        return self.flattened().keys()
