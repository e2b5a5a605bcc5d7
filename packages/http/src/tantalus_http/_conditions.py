"""Whether the conditions of a request hold (RFC 9110 §13), in their precedence.

    If-Match                no tag of it is the representation's: 412
    If-Unmodified-Since     without If-Match: it has changed since: 412
    If-None-Match           a tag of it is the representation's: 304, or 412 unless GET
                            or HEAD
    If-Modified-Since       without If-None-Match, of GET and HEAD: not changed: 304

`If-Range` comes last, and only decides on parts: see `_ranges`. Tags of `If-Match` are
compared strongly, those of `If-None-Match` weakly. What cannot be read is no condition.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from wsgiref.types import WSGIEnvironment

from werkzeug.http import http_date, parse_date, parse_etags, unquote_etag

#: The keys of conditions in an environ.
CONDITIONS = frozenset(
    f"HTTP_IF_{name}"
    for name in ("MATCH", "MODIFIED_SINCE", "NONE_MATCH", "RANGE", "UNMODIFIED_SINCE")
)
_READING = frozenset({"GET", "HEAD"})
# Of these there is no representation that a condition could be about (§13.2.1).
_WITHOUT = frozenset({"CONNECT", "OPTIONS", "TRACE"})
_LONGEST_DATE = 64


def unmet_condition(
    environ: WSGIEnvironment,
    etag: str | None,
    modified: datetime | None = None,
    *,
    exists: bool = True,
) -> int | None:
    """Return the status that answers a condition which does not hold: 304 or 412.

    Args:
        etag: Of the representation as it is now, in the form of the header.
        modified: When it was changed last.
        exists: Whether there is one now, as for PUT there may not be.

    Returns:
        None if the request is to be answered.
    """
    method = environ["REQUEST_METHOD"]
    if method in _WITHOUT:
        return None
    reads = method in _READING
    matching = _given(environ, "HTTP_IF_MATCH")
    if matching is not None:
        if not _has(matching, etag, exists, strongly=True):
            return 412
    elif _changed_after(environ, "HTTP_IF_UNMODIFIED_SINCE", modified) is True:
        return 412
    none_matching = _given(environ, "HTTP_IF_NONE_MATCH")
    if none_matching is not None:
        if _has(none_matching, etag, exists, strongly=False):
            return 304 if reads else 412
    elif reads and _changed_after(environ, "HTTP_IF_MODIFIED_SINCE", modified) is False:
        return 304
    return None


def _given(environ: WSGIEnvironment, key: str) -> str | None:
    text: str = environ.get(key, "")
    return text.strip() or None


def _has(listed: str, etag: str | None, exists: bool, *, strongly: bool) -> bool:
    """Tell whether a list of tags has that of the representation."""
    tags = parse_etags(listed)
    if tags.star_tag:
        return exists
    tag, is_weak = unquote_etag(etag)
    if not exists or tag is None:
        return False
    if strongly:
        return not is_weak and tags.is_strong(tag)
    return tags.contains_weak(tag)


def _changed_after(
    environ: WSGIEnvironment, key: str, modified: datetime | None
) -> bool | None:
    """Tell whether it was changed after the date of a header; None if nobody knows."""
    date = read_date(_given(environ, key))
    if date is None or modified is None:
        return None
    return modified.replace(microsecond=0) > date


@lru_cache(maxsize=64)
def write_date(seconds: int) -> str:
    """Return a time since 1970 as a header has it (§5.6.7).

    Remembered, for each answer of a second has the same.
    """
    return http_date(seconds)


def read_date(text: str | None) -> datetime | None:
    """Return the date of a header, None if it is none (§5.6.7)."""
    # Several headers come joined by commas; a date has one at most.
    if text is None or len(text) > _LONGEST_DATE or text.count(",") > 1:
        return None
    try:
        return parse_date(text)
    except OverflowError:  # a year of many digits
        return None


def as_date(value: datetime | float | str | None) -> datetime | None:
    """Return a date of a program, or of a header, as one that can be compared.

    Args:
        value: Also seconds since 1970; a date without a zone is in UTC.
    """
    if value is None or isinstance(value, str):
        return read_date(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(value, UTC)
