"""How a program writes and reads JSON, and answers with it.

The encoder of the standard library is built once for each set of settings, instead of
once for each value.
"""

from __future__ import annotations

import dataclasses
import json
import json.encoder
import math
import uuid
import weakref
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import IO, Any, AnyStr, NoReturn, Protocol

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from ._json_checks import careful_dumps, has_more_items, is_deeper

Separators = tuple[str, str]
Encode = Callable[[Any], str]
# Takes a text and where to begin; returns a value and where it ends.
Scan = Callable[[str, int], tuple[Any, int]]

_SPACED: Separators = (", ", ": ")
_COMPACT: Separators = (",", ":")
_PACKED: dict[str, Any] = {"separators": _COMPACT}
_INDENTED: dict[str, Any] = {"indent": 2}
_TOO_DEEP = "The JSON is nested too deep."
_C_ENCODER: Any = getattr(json.encoder, "c_make_encoder", None)
_QUOTE = json.encoder.encode_basestring
_QUOTE_ASCII = json.encoder.encode_basestring_ascii


class JSONApp(Protocol):
    """What a provider asks of its app."""

    @property
    def debug(self) -> bool:
        """Whether responses are indented."""
        ...

    @property
    def response_class(self) -> Callable[..., Response]:
        """Called with the text and a `mimetype`."""
        ...


class JSONProvider:
    """The JSON operations of an app. Subclasses write `dumps()` and `loads()`.

    Args:
        app: Kept as a weak proxy in `_app`.
    """

    def __init__(self, app: JSONApp) -> None:
        self._app: JSONApp = weakref.proxy(app)

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return `obj` as JSON text. The keywords are the library's own."""
        raise NotImplementedError

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        """Write `obj` as JSON to a file opened for text, best in UTF-8."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return what a JSON text means; bytes are UTF-8.

        Raises:
            ValueError: It is no JSON.
        """
        raise NotImplementedError

    def load(self, fp: IO[AnyStr], **kwargs: Any) -> Any:
        """Return what the JSON in a file means."""
        return self.loads(fp.read(), **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a JSON response.

        Args:
            args: One value, or several that become a list; None if there is nothing.
            kwargs: The items of a dict, instead of `args`.

        Raises:
            TypeError: There are both.
        """
        obj = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(self.dumps(obj), mimetype="application/json")

    def _prepare_response_obj(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if args and kwargs:
            raise TypeError(
                "A JSON response takes either args or kwargs, not both: one value, or"
                " the items of a dict."
            )
        if len(args) == 1:
            return args[0]
        return args or kwargs or None


def _default(o: Any) -> Any:
    """Return what stands in JSON for a date, Decimal, UUID, dataclass or markup."""
    # Imported here: measured, it takes as long as five modules of this package.
    from decimal import Decimal  # noqa: PLC0415 - see above

    if isinstance(o, date):
        return http_date(o)
    if isinstance(o, Decimal | uuid.UUID):
        return str(o)
    if dataclasses.is_dataclass(o):
        # A class is refused by `asdict()`, as is any other that is no instance.
        return dataclasses.asdict(o)  # type: ignore[arg-type]
    if hasattr(o, "__html__"):
        return str(o.__html__())
    raise TypeError(
        f"Object of type {type(o).__name__} is not JSON serializable. Convert it, or"
        " teach the app's JSON provider in its `default` function."
    )


def _default_by_iso(o: Any) -> Any:
    """Return what `_default()` returns, but for dates their text in ISO 8601."""
    return o.isoformat() if isinstance(o, date) else _default(o)


class DefaultJSONProvider(JSONProvider):
    """JSON by the standard library, for more types than it knows.

    A date or datetime becomes an HTTP date, a `Decimal` or `UUID` its text, a dataclass
    a dict, and what has `__html__()` the text of that.
    """

    #: Called with what the library can't write; returns what it can.
    default: Callable[[Any], Any] = staticmethod(_default)

    #: Write other characters than ASCII as escapes.
    ensure_ascii = True

    #: Sort the keys of dicts; of several kinds, numbers stand before texts.
    sort_keys = True

    #: Write the words `NaN` and `Infinity`, which are not JSON, instead of refusing
    #: these numbers.
    allow_nan = False

    #: False indents responses, True packs them; None indents in debug mode only.
    compact: bool | None = None

    #: The type of responses.
    mimetype = "application/json"

    def __init__(self, app: JSONApp) -> None:
        super().__init__(app)
        self._encoders: dict[Separators, tuple[Any, Encode]] = {}
        self._find_app = weakref.ref(app)
        # Whether responses need not ask `dumps()`, as nobody has replaced it.
        self._writes_itself = type(self).dumps is DefaultJSONProvider.dumps

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "dumps":
            self._writes_itself = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return `obj` as JSON text.

        Args:
            kwargs: As for `json.dumps()`; the attributes are the defaults.

        Raises:
            TypeError: Something in `obj` has no form in JSON.
            ValueError: `obj` contains itself, or a number that JSON does not know.
        """
        if not kwargs or kwargs == _PACKED:
            return self._encoder(_COMPACT if kwargs else _SPACED)(obj)
        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        kwargs.setdefault("sort_keys", self.sort_keys)
        kwargs.setdefault("allow_nan", self.allow_nan)
        return careful_dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return what a JSON text means.

        Args:
            s: Text, or bytes in UTF-8, UTF-16 or UTF-32.
            kwargs: As for `json.loads()`.

        Raises:
            ValueError: It is no JSON, or nested beyond Python's limit.
        """
        try:
            return json.loads(s, **kwargs) if kwargs else _decode(s, _SCAN, {})
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a JSON response; `compact` and debug mode decide on its layout.

        Args:
            args: One value, or several that become a list; None if there is nothing.
            kwargs: The items of a dict, instead of `args`.

        Raises:
            TypeError: There are both.
        """
        obj: Any = kwargs
        if len(args) == 1 and not kwargs:
            obj = args[0]
        elif args or not kwargs:
            obj = self._prepare_response_obj(args, kwargs)
        # The proxy tells that the app is gone, but takes longer.
        find_app = self._find_app
        app: JSONApp = find_app() or self._app
        compact = self.compact
        if compact is None:
            compact = not app.debug
        if compact and self._writes_itself:
            encode = self._encoder(_COMPACT)
            text = encode(obj)
        else:
            text = self.dumps(obj, **(_PACKED if compact else _INDENTED))
        return app.response_class(f"{text}\n", mimetype=self.mimetype)

    def _encoder(self, separators: Separators) -> Encode:
        """Return what writes JSON with the settings of today, made once for them."""
        settings = (
            self.default,
            self.ensure_ascii,
            self.sort_keys,
            self.allow_nan,
        )
        known = self._encoders.get(separators)
        if known is None or known[0] != settings:
            known = settings, _build_encoder(*settings, separators)
            self._encoders[separators] = known
        return known[1]


class StrictJSONProvider(DefaultJSONProvider):
    """The default provider, with limits on what it reads, and dates in ISO 8601.

    Refused are the words `NaN` and `Infinity`, which JSON does not know, numbers too
    large for a float or for Python's limit on digits, values nested too deep, and too
    many of them.
    """

    default: Callable[[Any], Any] = staticmethod(_default_by_iso)

    #: How deep lists and dicts may be nested. Well below Python's own limit, so that
    #: what was read can also be walked and written again.
    max_depth = 256

    #: How many items a text may have: its commas, lists and dicts are counted before
    #: anything is made of them. None: no limit.
    max_items: int | None = 500_000

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return what a JSON text means.

        Args:
            s: Text, or bytes in UTF-8, UTF-16 or UTF-32.
            kwargs: As for `json.loads()`.

        Raises:
            ValueError: It is no JSON, or beyond the limits.
        """
        most = self.max_items
        if most is not None and len(s) > most and has_more_items(s, most):
            raise ValueError(f"The JSON has more than {most} items.")
        try:
            value = json.loads(s, **_LIMITS | kwargs) if kwargs else self._read(s)
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None
        deepest = self.max_depth
        # Counting costs little, and few values have that many lists and dicts.
        if (
            len(s) > deepest
            and _count_openings(s) > deepest
            and is_deeper(value, deepest)
        ):
            raise ValueError(_TOO_DEEP)
        return value

    def _read(self, s: str | bytes) -> Any:
        return _decode(s, _STRICT_SCAN, _LIMITS)


def _build_encoder(
    default: Callable[[Any], Any],
    ensure_ascii: bool,
    sort_keys: bool,
    allow_nan: bool,
    separators: Separators,
) -> Encode:
    """Return a function like `json.dumps()` with these settings fixed."""
    documented = partial(
        careful_dumps,
        default=default,
        ensure_ascii=ensure_ascii,
        sort_keys=sort_keys,
        allow_nan=allow_nan,
        separators=separators,
    )
    quote = _QUOTE_ASCII if ensure_ascii else _QUOTE
    item, key = separators
    try:
        # Not documented, and missing in some interpreters. It is given no `markers` to
        # detect circles with, because they would be shared between threads.
        write = _C_ENCODER(
            None, default, quote, None, key, item, sort_keys, False, allow_nan
        )
    except TypeError:
        return documented

    def encode(obj: Any) -> str:
        try:
            return "".join(write(obj, 0))
        except (RecursionError, TypeError, ValueError):
            pass  # the call below knows how, or has the right error
        return documented(obj)

    return encode


def _decode(s: str | bytes, scan: Scan, options: Mapping[str, Any]) -> Any:
    """Return what `s` means, straight away if it is UTF-8 with no blanks around it.

    Args:
        options: As for `json.loads()`; `scan` is made with them.
    """
    try:
        text = s.decode() if isinstance(s, bytes) else s
        value, end = scan(text, 0)
        if end == len(text):
            return value
    except (TypeError, ValueError, StopIteration):
        pass  # the call below finds the other encoding, or the right error
    return json.loads(s, **options)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"The JSON number {text[:20]!r} is too large.")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant!r} is not JSON.")


_LIMITS: dict[str, Callable[[str], Any]] = {
    "parse_float": _finite,
    "parse_constant": _refuse,
}


def _scan_of(decoder: json.JSONDecoder) -> Scan:
    """Return the scanner inside a decoder: not documented, but it was always there."""
    scan: Scan = getattr(decoder, "scan_once", decoder.raw_decode)
    return scan


_SCAN = _scan_of(json.JSONDecoder())
_STRICT_SCAN = _scan_of(json.JSONDecoder(parse_float=_finite, parse_constant=_refuse))


def _count_openings(s: str | bytes) -> int:
    if isinstance(s, str):
        return s.count("[") + s.count("{")
    return s.count(b"[") + s.count(b"{")
