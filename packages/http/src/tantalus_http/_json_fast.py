"""JSON by orjson, several times faster than the standard library for large values.

It takes the extra `orjson`. What orjson has no form for, or writes in another one, is
handed to it in plain types; what it refuses altogether goes to the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

from ._json import _INDENTED, _PACKED, StrictJSONProvider
from ._json_checks import has_odd_number

try:
    import orjson
except ImportError as error:  # an optional dependency
    raise ImportError(
        "FastJSONProvider needs orjson, which is not installed. Install it with"
        " `pip install tantalus-http[orjson]`."
    ) from error

# What orjson would write in a form of its own.
_PLAIN_TYPES = (
    orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
# As the standard library writes instances of subclasses.
_PLAIN: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (dict, lambda mapping: dict(mapping.items())),
    ((list, tuple), list),
)
# The standard library escapes DEL too. Outside of strings JSON has nothing of these.
_NOT_ASCII = re.compile(r"[\x7f-\U0010ffff]+")


class FastJSONProvider(StrictJSONProvider):
    """The strict provider by orjson: same settings, same text, same limits.

    Text is compact unless it is indented, an enum becomes its value, and integers of
    more than 64 bits are read as floats. Keywords for `dumps()` and `loads()` are for
    the standard library, which is asked then.
    """

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return `obj` as JSON text.

        Args:
            kwargs: As for `json.dumps()`; the attributes are the defaults.

        Raises:
            TypeError: Something in `obj` has no form in JSON.
            ValueError: `obj` contains itself, or a number that JSON does not know.
        """
        options = _PLAIN_TYPES
        if kwargs == _INDENTED:
            options |= orjson.OPT_INDENT_2
        elif kwargs and kwargs != _PACKED:
            return super().dumps(obj, **kwargs)
        if self.sort_keys:
            options |= orjson.OPT_SORT_KEYS
        made: list[Any] = [obj]
        text: str | None
        try:
            text = orjson.dumps(obj, _plain_by(self.default, made), options).decode()
        except TypeError:
            text = None
        # Of a number that JSON does not know, orjson makes null.
        if text is None or ("null" in text and has_odd_number(made)):
            # It may know more, as larger integers and keys that are no strings;
            # otherwise it has the right error.
            return super().dumps(obj, **(kwargs or _PACKED))
        if self.ensure_ascii and not (text.isascii() and "\x7f" not in text):
            return _NOT_ASCII.sub(_escape, text)
        return text

    def _read(self, s: str | bytes) -> Any:
        try:
            return orjson.loads(s)
        except ValueError:
            # It may be of another encoding; otherwise this has the right error.
            return super()._read(s)


def _plain_by(default: Callable[[Any], Any], made: list[Any]) -> Callable[[Any], Any]:
    """Return a function that makes plain what orjson does not take as it is.

    Args:
        made: Is given all that was made so.
    """

    def plain(value: Any) -> Any:
        converters = (convert for kind, convert in _PLAIN if isinstance(value, kind))
        made.append(next(converters, default)(value))
        return made[-1]

    return plain


def _escape(match: re.Match[str]) -> str:
    return encode_basestring_ascii(match[0])[1:-1]
