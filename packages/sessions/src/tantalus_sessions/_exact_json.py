"""Tagged JSON whose values come back equal, or are refused when they are written."""

from __future__ import annotations

from datetime import datetime

from ._tagged_json import BUILT_IN_TAGS, JSONTag, TagDateTime, TaggedJSON, Value


class ExactJSON(TaggedJSON):
    """A serializer whose values come back equal, or are refused when they are written.

    It reads what `TaggedJSON` wrote. Of a datetime it keeps what that drops, and NaN
    and Infinity, which are no JSON, are errors.
    """

    __slots__ = ()
    allows_nan = False


class TagExactDateTime(JSONTag):
    """A datetime as it is: with microseconds, and naive or with its offset."""

    __slots__ = ()
    key = " dt"

    def check(self, value: Value) -> bool:
        """Return whether `value` is a datetime."""
        return isinstance(value, datetime)

    def to_json(self, value: Value) -> Value:
        """Return the datetime as ISO 8601."""
        return value.isoformat()

    def to_python(self, value: Value) -> Value:
        """Return the datetime; its zone, if any, is an offset from UTC."""
        return datetime.fromisoformat(value)


# Before the tag of `TaggedJSON`, which only reads here.
ExactJSON.default_tags = (*BUILT_IN_TAGS[:-1], TagExactDateTime, TagDateTime)
ExactJSON._unreplaced = tuple(ExactJSON.default_tags)

#: The serializer of sessions that need not be interchangeable with Flask's.
exact_json_serializer = ExactJSON()
