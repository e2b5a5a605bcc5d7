"""Links to the endpoints of an app, as the source of a module."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from tantalus_routing import Link, links_module

from .._ground._flags import is_installed
from .._state._app import AppState
from ._binding import bind_typed_views
from ._variables import type_given_by

# What types are called in the module; anything else is an object.
_NAMES: dict[Any, str] = {
    int: "int",
    float: "float",
    bool: "bool",
    str: "str",
    uuid.UUID: "UUID",
    datetime.date: "date",
    datetime.datetime: "datetime",
}


def python_links(app: AppState) -> str:
    """Return the source of a module with a function for each endpoint."""
    bind_typed_views(app)
    return links_module(_links(app), url_for="flask" if is_installed() else "tantalus")


def _links(app: AppState) -> Iterator[Link]:
    rules: dict[str, list[Any]] = {}
    for rule in app.url_map.iter_rules():
        rules.setdefault(rule.endpoint, []).append(rule)
    for endpoint, several in rules.items():
        variables: dict[str, str] = {}
        for rule in several:
            for name, converter in rule._converters.items():
                hint = _name_of(type_given_by(converter))
                if variables.setdefault(name, hint) != hint:
                    variables[name] = "object"
        everywhere = set.intersection(*({*rule._converters} for rule in several))
        required = {name: variables[name] for name in sorted(everywhere)}
        optional = {
            name: variables[name] for name in sorted(variables.keys() - everywhere)
        }
        for name, hint in _queried(app, several).items():
            if name not in variables:
                optional[name] = hint
        yield Link(endpoint, required, optional)


def _queried(app: AppState, rules: list[Any]) -> dict[str, str]:
    """Return the parameters of the query that typed views have, with their types."""
    if app.typed_views is None:
        return {}
    wanted = {id(rule) for rule in rules}
    return {
        name: _name_of(hint)
        for one, bound in app.typed_views.all()
        if id(one.rule) in wanted
        for name, hint in bound.query.items()
    }


def _name_of(hint: Any) -> str:
    if get_origin(hint) in (list, set, tuple, frozenset) and get_args(hint):
        return f"list[{_name_of(get_args(hint)[0])}]"
    return _NAMES.get(hint, "object")
