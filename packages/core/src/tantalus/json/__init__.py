"""JSON as the current app writes and reads it, or as the default if there is no app."""

from __future__ import annotations

import json as _json
from typing import IO, TYPE_CHECKING, Any, AnyStr

from ..globals import current_app
from .provider import _default

if TYPE_CHECKING:  # requests and responses read their JSON with this module
    from ..wrappers import Response

__all__ = ["dump", "dumps", "jsonify", "load", "loads"]


def dumps(obj: Any, **kwargs: Any) -> str:
    """Return `obj` as JSON text. See the app's `json.dumps()`."""
    if current_app:
        return current_app.json.dumps(obj, **kwargs)
    kwargs.setdefault("default", _default)
    return _json.dumps(obj, **kwargs)


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    """Write `obj` as JSON to a file opened for text. See the app's `json.dump()`."""
    if current_app:
        current_app.json.dump(obj, fp, **kwargs)
        return
    kwargs.setdefault("default", _default)
    _json.dump(obj, fp, **kwargs)


def loads(s: str | bytes, **kwargs: Any) -> Any:
    """Return what a JSON text means; bytes are UTF-8. See the app's `json.loads()`.

    Raises:
        ValueError: It is no JSON.
    """
    if current_app:
        return current_app.json.loads(s, **kwargs)
    return _json.loads(s, **kwargs)


def load(fp: IO[AnyStr], **kwargs: Any) -> Any:
    """Return what the JSON in a file means. See the app's `json.load()`.

    Raises:
        ValueError: It is no JSON.
    """
    if current_app:
        return current_app.json.load(fp, **kwargs)
    return _json.load(fp, **kwargs)


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """Return a JSON response made by the current app's `json.response()`.

    Args:
        args: One value, or several that become a list; None if there is nothing.
        kwargs: The items of a dict, instead of `args`.

    Raises:
        TypeError: There are both.
        RuntimeError: There is no current app.
    """
    return current_app.json.response(*args, **kwargs)  # type: ignore[return-value]
