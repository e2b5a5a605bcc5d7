"""The query of a built URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
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


def encode_unknown(
    values: Mapping[str, Any], known: Collection[str], order: QueryOrder
) -> str:
    """Return the values that a rule does not know as a query, empty or with its '?'.

    Lists, tuples and sets repeat their key; None is left out.
    """
    pairs = []
    for key, value in values.items():
        if key in known or value is None:
            continue
        if order.sort_parameters or not (is_query_text(value) and is_query_text(key)):
            unknown = {key: values[key] for key in values if key not in known}
            return encode_query(unknown, order)
        pairs.append(f"{key}={value}")
    return f"?{'&'.join(pairs)}" if pairs else ""


def encode_query(values: Mapping[str, Any], order: QueryOrder) -> str:
    """Return any values as a query, as `encode_unknown()` does."""
    items: Iterable[tuple[str, Any]] = iter_multi_items(values)
    if order.sort_parameters:
        items = sorted(items, key=order.sort_key)
    pairs = [(key, value) for key, value in items if value is not None]
    return f"?{urlencode(pairs, safe=QUERY_SAFE)}" if pairs else ""


def is_query_text(value: object) -> bool:
    """Return whether `value` needs no encoding, as most do."""
    if type(value) is str:
        plain = value.isascii() and value.isalnum()
        return plain or QUERY_TEXT.fullmatch(value) is not None
    return type(value) is int


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
