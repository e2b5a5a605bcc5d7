"""The query of a built URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict, iter_multi_items

# https://url.spec.whatwg.org/#percent-encoded-bytes
QUERY_SAFE = "!$'()*,/:;?@"
QUERY_TEXT = re.compile(r"[A-Za-z0-9_.~!$'()*,/:;?@-]*")


class QueryOrder(Protocol):
    """How a map wants the parameters of its queries sorted."""

    sort_parameters: bool
    sort_key: Callable[[Any], Any] | None


def encode_query(values: Mapping[str, Any], order: QueryOrder) -> str:
    """Return `values` as a query without its '?', empty if nothing is left.

    Lists, tuples and sets repeat their key; None is left out.
    """
    if len(values) == 1:
        [(key, value)] = values.items()
        if is_query_text(value) and is_query_text(key):
            return f"{key}={value}"
    items: Iterable[tuple[str, Any]] = iter_multi_items(values)
    if order.sort_parameters:
        items = sorted(items, key=order.sort_key)
    pairs = [(key, value) for key, value in items if value is not None]
    return urlencode(pairs, safe=QUERY_SAFE)


def is_query_text(value: object) -> bool:
    """Return whether `value` needs no encoding, as most do."""
    kind = type(value)
    return kind is int or (kind is str and QUERY_TEXT.fullmatch(str(value)) is not None)


def given_values(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a copy of `values` without those that are None.

    The lists of a `MultiDict` are kept, but a list of one becomes its item.
    """
    if not values:
        return {}
    if isinstance(values, MultiDict):
        return {
            key: items[0] if len(items) == 1 else items
            for key, items in values.lists()
            if items
        }
    return {key: value for key, value in values.items() if value is not None}
