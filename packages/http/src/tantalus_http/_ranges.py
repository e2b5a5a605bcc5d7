"""Which part of its content a response gives (RFC 9110 §13.1.5 and §14).

The one unit is bytes. What is malformed, or asks for several parts, is ignored, as
§14.2 permits: the answer is the whole. So is a `Range` that is longer than one part
needs, before it is read.
"""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_date
from werkzeug.wrappers import Response


def _tells_ranges_unasked() -> bool:
    response = Response("text")
    response.make_conditional({"REQUEST_METHOD": "GET"}, accept_ranges=True)
    return "Accept-Ranges" in response.headers


#: Whether Werkzeug says that it has ranges where nobody asks for one: since 3.1.7.
ALWAYS_TELLS_RANGES = _tells_ranges_unasked()
_LONGEST = 1000  # letters of a header
_LONGEST_DATE = 64


def part_of(header: str, size: int) -> tuple[int, int] | None:
    """Return where the part begins and before which byte it ends; None for the whole.

    Args:
        header: What `Range` says.
        size: Bytes of the whole.

    Raises:
        RequestedRangeNotSatisfiable: Nothing that is asked for is there (416).
    """
    unit, _, listed = header.partition("=")
    if len(header) > _LONGEST or unit.strip().lower() != "bytes":
        return None
    ranges = [_read(text) for each in listed.split(",") if (text := each.strip())]
    parts = [_within(*limits, size) for limits in ranges if limits is not None]
    if not parts or len(parts) < len(ranges):
        return None
    satisfiable = [part for part in parts if part is not None]
    if not satisfiable:
        raise RequestedRangeNotSatisfiable(size)
    return satisfiable[0] if len(satisfiable) == 1 else None


def _read(text: str) -> tuple[int | None, int | None] | None:
    """Return the first and last byte of `first-last`; None if it is malformed.

    Either may be missing. Without the first, the other counts from the end.
    """
    first, hyphen, last = text.partition("-")
    digits = first + last
    if not hyphen or not (digits.isascii() and digits.isdigit()):
        return None
    if first and last and int(last) < int(first):
        return None
    return int(first) if first else None, int(last) if last else None


def _within(first: int | None, last: int | None, size: int) -> tuple[int, int] | None:
    """Return the part within `size` bytes; None if there is none."""
    if first is None:
        start, stop = max(size - (last or 0), 0), size
    else:
        start, stop = first, size if last is None else min(last + 1, size)
    return (start, stop) if start < stop else None


def is_current(
    environ: WSGIEnvironment, etag: str | None, last_modified: str | None
) -> bool:
    """Tell whether a part fits what the client has, which `If-Range` names.

    A weak tag or another date than that of the last change does not.
    """
    condition: str | None = environ.get("HTTP_IF_RANGE")
    if condition is None:
        return True
    condition = condition.strip()
    if condition.startswith('"'):
        return condition == etag
    if last_modified is None or len(condition) > _LONGEST_DATE:
        return False
    date = parse_date(condition)
    return date is not None and date == parse_date(last_modified)
