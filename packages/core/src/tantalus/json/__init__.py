"""JSON as the current app writes and reads it, or as the default if there is no app."""

from __future__ import annotations

from typing import Any

from .._ground._current import NO_APP, current
from .._ground._json import dump, dumps, load, loads
from ..wrappers import Response
from . import provider as provider

__all__ = ["dump", "dumps", "jsonify", "load", "loads"]


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """Return a JSON response made by the current app's `json.response()`.

    Args:
        args: One value, or several that become a list; None if there is nothing.
        kwargs: The items of a dict, instead of `args`.

    Raises:
        TypeError: There are both.
        RuntimeError: There is no current app.
    """
    context = current.get(None)
    if context is None:
        raise RuntimeError(NO_APP)
    response: Response = context.app.json.response(*args, **kwargs)
    return response
