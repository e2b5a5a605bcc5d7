"""JSON as the current app writes and reads it, or as the default if there is no app."""

from __future__ import annotations

import json
from functools import partial
from types import SimpleNamespace
from typing import IO, Any, AnyStr

from tantalus_http import DefaultJSONProvider

from ._current import current

_default = DefaultJSONProvider.default
#: What writes and reads where there is no app.
_LIBRARY = SimpleNamespace(
    dumps=partial(json.dumps, default=_default),
    dump=partial(json.dump, default=_default),
    loads=json.loads,
    load=json.load,
)


def _provider() -> Any:
    context = current.get(None)
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
