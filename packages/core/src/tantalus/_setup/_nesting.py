"""What a blueprint is registered with: its own, or of what is around it."""

from __future__ import annotations

from typing import Any

from tantalus_routing import RouteScope

# Options of routes that a blueprint may have for all of its own.
_OF_ROUTES = ("cors", "cross_site", "typed")


def given(option: Any, own: Any) -> Any:
    """Return what was given to the registration, else what the blueprint has itself."""
    return own if option is None else option


def route_options(blueprint: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of routes that a registration has for those that say nothing.

    Args:
        options: Those of the registration. `route_options` are those around it.
    """
    own = {
        name: given(options.get(name), getattr(blueprint, name)) for name in _OF_ROUTES
    }
    around: dict[str, Any] = options.get("route_options", {})
    return around | {name: value for name, value in own.items() if value is not None}


def nested_options(
    outer: Any, blueprint: Any, options: dict[str, Any]
) -> dict[str, Any]:
    """Return the options to register a nested blueprint with, joined to the outer's.

    Args:
        outer: The state of the registration around it.
    """
    subdomain = given(options.get("subdomain"), blueprint.subdomain)
    prefix = given(options.get("url_prefix"), blueprint.url_prefix)
    joined = RouteScope(prefix=outer.url_prefix, subdomain=outer.subdomain).nest(
        prefix=prefix, subdomain=subdomain
    )
    return {
        **options,
        "subdomain": joined.subdomain,
        "url_prefix": joined.prefix,
        "name_prefix": outer._dotted_name,
        "route_options": outer.route_options,
        # As hooks do, the outer ones reach the views inside, which may have their own.
        "url_defaults": {
            **outer.url_defaults,
            **blueprint.url_values_defaults,
            **dict(options.get("url_defaults", ())),
        },
    }
