"""Single values: how a text, or a value of a TOML file, becomes one of a type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any

from ._flaws import Flaw, Unfit
from ._secret import Secret

_WHOLE = re.compile(r"[+-]?[0-9](?:_?[0-9])*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STEP = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[wdhms]) ?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TRUE = frozenset({"1", "on", "true", "yes"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """Reads one kind of value.

    Args:
        wanted: What it reads, for errors.
        cure: How that is written.
        parse: Makes the value of a text; raises ValueError.
        kinds: Types of values that are taken as they are.
        take: Makes the value of one of another type; raises ValueError.
    """

    wanted: str
    cure: str
    parse: Callable[[str], Any]
    kinds: tuple[type[Any], ...]
    take: Callable[[Any], Any]

    def text(self, text: str, /) -> Any:
        """Return the value that a text stands for."""
        return self._made(self.parse, text)

    def value(self, value: Any, /) -> Any:
        """Return the value, or what is made of it."""
        if type(value) in self.kinds:
            return value
        return self._made(self.take, value)

    def _made(self, make: Callable[[Any], Any], value: Any) -> Any:
        try:
            return make(value)
        except (ValueError, OverflowError, InvalidOperation):
            flaw = Flaw(f"is not {self.wanted}", self.cure, value)
        # Outside of the handler: what was caught quotes the value.
        raise Unfit(flaw)


@dataclass(frozen=True, slots=True)
class Choice:
    """Reads one of several values, by what they are written as.

    Args:
        options: Each with the texts that stand for it.
    """

    options: tuple[tuple[Any, tuple[str, ...]], ...]

    @property
    def wanted(self) -> str:
        """What it reads, for errors."""
        return "one of " + ", ".join(repr(texts[0]) for _, texts in self.options)

    def text(self, text: str, /) -> Any:
        """Return the option that a text stands for: by its value, then by its name."""
        for place in (0, 1):
            for option, texts in self.options:
                if text in texts[place : place + 1]:
                    return option
        raise Unfit(Flaw(f"is not {self.wanted}", "Choose one of these.", text))

    def value(self, value: Any, /) -> Any:
        """Return the option that is equal to a value, or that a text stands for."""
        for option, _ in self.options:
            inner = option.value if isinstance(option, Enum) else option
            if value is option or (type(value) is type(inner) and value == inner):
                return option
        if isinstance(value, str):
            return self.text(value)
        raise Unfit(Flaw(f"is not {self.wanted}", "Choose one of these.", value))


def choice_of(options: list[Any]) -> Choice:
    """Return the reader of a `Literal`, or of the members of an `Enum`."""
    return Choice(tuple((option, _texts_of(option)) for option in options))


def _texts_of(option: Any) -> tuple[str, ...]:
    if isinstance(option, Enum):
        return _written(option.value), option.name
    return (_written(option),)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refuse(value: Any) -> Any:
    raise ValueError(type(value).__name__)


def _as_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(type(value).__name__)
    return value


def _as_secret(value: Any) -> Secret:
    return Secret(_as_text(value))


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(word)


def _whole(text: str) -> int:
    return int(_matched(_WHOLE, text))


def _number(text: str) -> float:
    return _finite(float(_matched(_NUMBER, text)))


def _finite(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(type(value).__name__)
    return float(value)


def _decimal(text: str) -> Decimal:
    return Decimal(_matched(_NUMBER, text))


def _as_decimal(value: Any) -> Decimal:
    return Decimal(value) if type(value) is int else _decimal(_as_text(value))


def _path(value: Any) -> Path:
    text = str(value) if isinstance(value, Path) else _as_text(value)
    if not text or "\0" in text:
        raise ValueError(text)
    return Path(text)


def _duration(text: str) -> timedelta:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return timedelta(seconds=float(text))
    seconds, position = 0.0, 0
    while position < len(text) or not position:
        step = _STEP.match(text, position)
        if step is None:
            raise ValueError(text)
        seconds += float(step[1]) * _SECONDS[step[2]]
        position = step.end()
    return timedelta(seconds=seconds)


def _as_duration(value: Any) -> timedelta:
    if isinstance(value, str):
        return _duration(value)
    return timedelta(seconds=_finite(value))


def _matched(pattern: re.Pattern[str], text: str) -> str:
    text = text.strip()
    if pattern.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _moment(kind: Any) -> Scalar:
    """Return the reader of a date or time (ISO 8601)."""

    def take(value: Any) -> Any:
        return kind.fromisoformat(_as_text(value))

    name = {date: "date", datetime: "date and time", time: "time"}[kind]
    return Scalar(f"a {name}", "Write it as ISO 8601 has it.", take, (kind,), take)


def _any(value: Any) -> Any:
    return value


_DIGITS = "Write digits only, as in 8000."
_DIGITS_AND_POINT = "Write digits and a point, as in 0.5."
_WORDS = "Write true or false."
_UNITS = "Write seconds, or numbers with w, d, h, m, s, ms, as in '1h 30m'."

#: The readers of single values by their type.
SCALARS: dict[Any, Scalar] = {
    Any: Scalar("anything", "", _any, (), _any),
    str: Scalar("text", "Write it in quotes.", str, (), _as_text),
    Secret: Scalar("text", "Write it in quotes.", Secret, (), _as_secret),
    bool: Scalar("true or false", _WORDS, _boolean, (bool,), _refuse),
    int: Scalar("a whole number", _DIGITS, _whole, (int,), _refuse),
    float: Scalar("a finite number", _DIGITS_AND_POINT, _number, (), _finite),
    Decimal: Scalar("a number", _DIGITS_AND_POINT, _decimal, (Decimal,), _as_decimal),
    Path: Scalar("a path", "Name a file or a folder.", _path, (), _path),
    timedelta: Scalar("a duration", _UNITS, _duration, (timedelta,), _as_duration),
    date: _moment(date),
    datetime: _moment(datetime),
    time: _moment(time),
}
