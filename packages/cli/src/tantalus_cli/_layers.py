"""What stands around an app, and what functions hold: middleware, closures, partials.

Context proxies are passed by: outside a context, each attribute of theirs raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from types import FunctionType

# A middleware may hold anything; this many objects are looked at.
_MOST = 500


def layers(app: object) -> Iterator[object]:
    """Yield `app` and the callables around its `wsgi_app`, each once, from outside.

    A middleware keeps what it wraps in an attribute, in a dict of mounted apps, or in
    the closure of a function. Of an app with a `config`, only `wsgi_app` is entered.
    """
    seen: dict[int, object] = {}
    waiting = [app]
    while waiting and len(seen) < _MOST:
        layer = waiting.pop(0)
        if id(layer) not in seen:
            seen[id(layer)] = layer
            yield layer
            parts = [part for part in _parts(layer) if not is_proxy(part)]
            waiting += [part for part in parts if callable(part)]


def is_configured(layer: object) -> bool:
    """Tell whether `layer` is an app with settings, and no middleware.

    Settings have names in capitals; what else is called `config` is something else.
    """
    config = getattr(layer, "config", None)
    if not isinstance(config, Mapping):
        return False
    return not config or any(str(name).isupper() for name in config)


def closure_values(function: FunctionType) -> Iterator[object]:
    """Yield what the variables of a closure hold, if they hold something yet."""
    for cell in function.__closure__ or ():
        with suppress(ValueError):
            yield cell.cell_contents


def is_proxy(value: object) -> bool:
    """Tell whether `value` is a context proxy, without waking it."""
    return hasattr(type(value), "_get_current_object")


def _parts(layer: object) -> Iterator[object]:
    if is_configured(layer):
        yield getattr(layer, "wsgi_app", None)
        return
    if isinstance(layer, partial):
        yield from (layer.func, *layer.args, *layer.keywords.values())
    if isinstance(layer, FunctionType):
        yield from closure_values(layer)
    yield from (getattr(layer, name, None) for name in ("__self__", "__func__"))
    for kind in type(layer).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            yield getattr(layer, name, None)
    for value in getattr(layer, "__dict__", {}).values():
        yield value
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list | tuple):
            yield from value
