"""The groups that an endpoint lies in: what stands around it, by its dotted name.

What a program keeps for all its routes stands under None, what it keeps for those of a
group under the group's name: these are the scopes.
"""

from __future__ import annotations

from functools import lru_cache

#: The scope of what lies in no group.
NO_GROUP: tuple[str | None, ...] = (None,)
# Endpoints may come from outside: `url_for(request.args[...])`.
_REMEMBERED = 4096


@lru_cache(maxsize=_REMEMBERED)
def enclosing_groups(name: str) -> list[str]:
    """Return the name of a group and those around it, innermost first.

    `"shop.cart"` lies in itself and in `"shop"`. The list is shared: change a
    copy of it.
    """
    parts = name.split(".")
    return [".".join(parts[:size]) for size in range(len(parts), 0, -1)]


def group_scopes(name: str | None) -> tuple[str | None, ...]:
    """Return the scopes of a group: None first, then from the outermost group in."""
    return NO_GROUP if name is None else (None, *enclosing_groups(name)[::-1])


@lru_cache(maxsize=_REMEMBERED)
def endpoint_scopes(endpoint: str) -> tuple[str | None, ...]:
    """Return the scopes of the group that `endpoint` belongs to."""
    return group_scopes(endpoint.rpartition(".")[0] or None)
