"""JSON as the current app writes and reads it, or as the default if there is no app."""

from __future__ import annotations

import json as _json
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, AnyStr

from tantalus_http import DefaultJSONProvider

from ..globals import _cv_app, current_app

if TYPE_CHECKING:  # requests and responses read their JSON with this module
    from ..wrappers import Response
    from . import provider as provider  # loaded when it is first used

__all__ = ["dump", "dumps", "jsonify", "load", "loads"]


_default = DefaultJSONProvider.default
#: What writes and reads where there is no app.
_LIBRARY = SimpleNamespace(
    dumps=partial(_json.dumps, default=_default),
    dump=partial(_json.dump, default=_default),
    loads=_json.loads,
    load=_json.load,
)


def _provider() -> Any:
    context = _cv_app.get(None)
    return _LIBRARY if context is None else context.app.json


def dumps(obj: Any, **kwargs: Any) -> str:
    """Return `obj` as JSON text. See the app's `json.dumps()`."""
    text: str = _provider().dumps(obj, **kwargs)
    return text


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    """Write `obj` as JSON to a file opened for text. See the app's `json.dump()`."""
    _provider().dump(obj, fp, **kwargs)


def loads(s: str | bytes, **kwargs: Any) -> Any:
    """Return what a JSON text means; bytes are UTF-8. See the app's `json.loads()`.

    Raises:
        ValueError: It is no JSON.
    """
    return _provider().loads(s, **kwargs)


def load(fp: IO[AnyStr], **kwargs: Any) -> Any:
    """Return what the JSON in a file means. See the app's `json.load()`.

    Raises:
        ValueError: It is no JSON.
    """
    return _provider().load(fp, **kwargs)


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """Return a JSON response made by the current app's `json.response()`.

    Args:
        args: One value, or several that become a list; None if there is nothing.
        kwargs: The items of a dict, instead of `args`.

    Raises:
        TypeError: There are both.
        RuntimeError: There is no current app.
    """
    context = _cv_app.get(None)
    # Without an app, the proxy raises the error that explains it.
    app = current_app if context is None else context.app
    return app.json.response(*args, **kwargs)  # type: ignore[return-value]  # its class


if not TYPE_CHECKING:  # pragma: no branch - a checker would take any name to be there

    def __getattr__(name: str) -> Any:
        if name == "provider":
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
