"""The headers of a response, none of which can be invalid.

What HTTP can't carry is an error where it is set (RFC 9110 §5.1, §5.5; PEP 3333): a
name that is no token, and in a value a line break, another control character or a
letter beyond Latin-1. Names are checked once; a value of printable ASCII, which the
text itself tells, needs no closer look.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from string import ascii_letters, digits
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.http import dump_options_header

_TOKEN = frozenset("!#$%&'*+.^_`|~-") | frozenset(ascii_letters + digits)
# A tab is no control character of a header, and 0x80 to 0x9F are bytes like others.
_LINE_ENDS = frozenset("\r\n\0")
_CONTROLS = frozenset(map(chr, range(32))) - {"\t"} | {"\x7f"}
# Letters in these are percent-encoded when they are sent.
_URLS = frozenset({"location", "content-location"})

#: Names that are tokens.
_names: set[str] = set()
_REMEMBERED = 512


def check_text(what: str, text: str) -> None:
    """Raise ValueError if HTTP can't carry a text.

    Args:
        what: What it is, as the subject of a sentence.
    """
    if text.isascii() and text.isprintable():
        return
    for position, letter in enumerate(text):
        if letter > "\xff" or letter in _CONTROLS:
            raise ValueError(
                f"{what} has {letter!r} at position {position}, which HTTP cannot"
                " carry: only Latin-1 without line breaks and other control characters."
                " Remove it, or encode it with urllib.parse.quote()."
            )


def check_header(name: str, value: str) -> None:
    """Raise ValueError if HTTP can't carry a header."""
    if name not in _names:
        _check_name(name)
    if value.isascii() and value.isprintable():
        return
    # Whatever else is in a URL is percent-encoded when it is sent.
    if name.lower() in _URLS and _LINE_ENDS.isdisjoint(value):
        value.encode()  # a lone surrogate can't be
        return
    check_text(f"Header {name!r}", value)


def check_message(status: str, headers: Iterable[tuple[str, str]]) -> None:
    """Raise ValueError if HTTP can't carry a status line or one of the headers."""
    check_text("The status", status)
    for name, value in headers:
        check_header(name, value)


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name or not _TOKEN.issuperset(name):
        raise ValueError(
            f"{name!r} is no name of a header. Use letters, digits and hyphens."
        )
    if len(_names) >= _REMEMBERED:
        _names.clear()
    _names.add(name)


class CheckedHeaders(Headers):
    """Werkzeug's, where setting what HTTP can't carry raises ValueError."""

    def add(self, key: str, value: Any, /, **kwargs: Any) -> None:
        """Add a header.

        Args:
            kwargs: Parameters of the value, with underscores for hyphens.
        """
        super().add(key, _checked_value(key, value, kwargs))

    def set(self, key: str, value: Any, /, **kwargs: Any) -> None:
        """Replace all headers of a name by one.

        Args:
            kwargs: Parameters of the value, with underscores for hyphens.
        """
        super().set(key, _checked_value(key, value, kwargs))

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str):
            self.set(key, value)
        elif isinstance(key, int):
            name, each = value
            super().__setitem__(key, (name, _checked_value(name, each, {})))
        else:
            items = [(name, _checked_value(name, each, {})) for name, each in value]
            super().__setitem__(key, items)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return Headers(self) == Headers(other)

    __hash__ = None


def _checked_value(name: str, value: Any, options: dict[str, Any]) -> str:
    if options:
        named = {key.replace("_", "-"): option for key, option in options.items()}
        value = dump_options_header(value, named)
    text = value if isinstance(value, str) else str(value)
    check_header(name, text)
    return text


class DirectHeaders(CheckedHeaders):
    """Checked headers that set a text in one step, where Werkzeug keeps a `_list`."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if (
            type(key) is not str
            or type(value) is not str
            or key not in _names
            or not value.isascii()
            or not value.isprintable()
        ):
            super().__setitem__(key, value)
            return
        size, items = len(key), self._list
        for item in items:
            known = item[0]
            if len(known) == size and (known == key or known.lower() == key.lower()):
                break
        else:
            items.append((key, value))
            return
        if item is items[-1]:
            items[-1] = key, value
        else:
            super().__setitem__(key, value)


_KEEPS_LIST = vars(Headers()).keys() == {"_list"}
_Ours: type[CheckedHeaders] = DirectHeaders if _KEEPS_LIST else CheckedHeaders
# Not through `__init__`, which would check a list that is known to be valid.
made_direct = partial(object.__new__, DirectHeaders)


def checked(headers: Any) -> Headers:
    """Return headers for a response: those given, or a copy if they are others.

    Plain headers stay the same object and become checked ones. A class of somebody's
    own is left alone; what it holds is checked when it is sent.

    Args:
        headers: What Werkzeug takes for them, or None.

    Raises:
        ValueError: HTTP can't carry one of them.
    """
    if type(headers) is Headers:
        for name, value in headers:
            check_header(name, value)
        headers.__class__ = _Ours
    elif not isinstance(headers, Headers):
        return _Ours(headers or None)
    return headers


def has_header(headers: Headers, name: str) -> bool:
    """Tell whether a header is set, in fewer steps than `name in headers`.

    Args:
        name: In lower case.
    """
    # A program may have put a plain dict in their place.
    items = headers._list if type(headers) is DirectHeaders else Headers(headers)
    size = len(name)
    for known, _ in items:  # noqa: SIM110 - a generator takes longer
        if len(known) == size and known.lower() == name:
            return True
    return False


def unchecked(items: list[tuple[str, str]]) -> Headers:
    """Return `items`, which are known to be valid, as headers."""
    if not _KEEPS_LIST:
        return CheckedHeaders(items)
    headers = made_direct()
    headers._list = items
    return headers
