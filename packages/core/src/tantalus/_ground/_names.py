"""The dotted names of nested blueprints, and the scopes that they span."""

from __future__ import annotations

from functools import lru_cache

APP_ONLY: tuple[str | None, ...] = (None,)


@lru_cache(
    maxsize=4096
)  # endpoints may come from outside: `url_for(request.args[...])`
def _split_blueprint_path(name: str) -> list[str]:
    """Return `name` and the names around it, innermost first."""
    parts = name.split(".")
    return [".".join(parts[:size]) for size in range(len(parts), 0, -1)]


def blueprint_scopes(name: str | None) -> tuple[str | None, ...]:
    """Return the keys of the hook registries for blueprint `name`, app (None) first."""
    return APP_ONLY if name is None else (None, *_split_blueprint_path(name)[::-1])


@lru_cache(
    maxsize=4096
)  # endpoints may come from outside: `url_for(request.args[...])`
def endpoint_scopes(endpoint: str) -> tuple[str | None, ...]:
    """Return the same for the blueprint that `endpoint` belongs to."""
    return blueprint_scopes(endpoint.rpartition(".")[0] or None)
