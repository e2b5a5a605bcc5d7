"""JSON that brings tuples, bytes, dates, UUIDs and Markup back as they were.

A value that JSON does not know becomes an object of one key, the tag:
`(1, 2)` is written `{" t":[1,2]}`. A dict that looks like one gets its key
suffixed. The format is that of Flask's session cookie.

Values are offered to the tags in `order`; the first whose `check` agrees writes.
While `order` is the built-in one, plain JSON types skip the checks. What no tag takes
and JSON does not know, an application may write with its own JSON: see `dumps_with`.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from markupsafe import Markup
from werkzeug.http import http_date, parse_date

from ._json_text import Decoder, Encoder, to_json

# What a session may hold is for the tags to say; JSON has no static type.
Value: TypeAlias = Any


class TaggedJSON:
    """A serializer of text with `dumps` and `loads`, open to tags of your own.

    Attributes:
        tags: The tag for each key that may stand in the text.
        order: The tags in the order in which they are asked.
    """

    __slots__ = (
        "__weakref__",
        "_built_in",
        "_decoder",
        "_decodes_plainly",
        "_encoder",
        "_plain",
        "order",
        "tags",
    )

    default_tags: ClassVar[Sequence[type[JSONTag]]]
    # The default tags that none of plain JSON types is for.
    _unreplaced: ClassVar[tuple[type[JSONTag], ...]]
    #: Whether NaN and Infinity are written, which JSON does not know.
    allows_nan: ClassVar[bool] = True

    def __init__(self) -> None:
        self.tags: dict[str, JSONTag] = {}
        self.order: list[JSONTag] = []
        for tag_class in self.default_tags:
            self.register(tag_class)
        built_in = type(self).tag is TaggedJSON.tag and (
            tuple(self.default_tags) == type(self)._unreplaced
        )
        self._built_in = list(self.order) if built_in else None
        self._decodes_plainly = type(self).decode is TaggedJSON.decode
        self._encoder = Encoder(to_json, self.tags, self.allows_nan)
        constant = None if self.allows_nan else _refuse
        self._decoder = Decoder(
            object_hook=lambda found: self.untag(found), parse_constant=constant
        )
        self._plain = _plain_decoder if self.allows_nan else _finite_decoder

    def register(
        self, tag_class: type[JSONTag], force: bool = False, index: int | None = None
    ) -> None:
        """Add a tag, at the end of `order` or at `index`.

        Args:
            force: Replace the tag that has the same key.

        Raises:
            KeyError: The key is taken and `force` is false.
        """
        tag = tag_class(self)
        if tag.key:
            if not force and tag.key in self.tags:
                raise KeyError(
                    f"Tag {tag.key!r} is already registered. Pass force=True to"
                    " replace it."
                )
            self.tags[tag.key] = tag
        self.order.insert(len(self.order) if index is None else index, tag)

    def tag(self, value: Value) -> Value:
        """Return `value` in JSON types, tagged where it needs to be."""
        for tag in self.order:
            if tag.check(value):
                return tag.tag(value)
        return value

    def untag(self, value: dict[str, Value]) -> Value:
        """Return what a decoded object stands for; itself if it has no known tag."""
        if len(value) != 1:
            return value
        ((key, content),) = value.items()
        tag = self.tags.get(key)
        return value if tag is None else tag.to_python(content)

    def dumps(self, value: Value) -> str:
        """Return `value` as compact text.

        Raises:
            SessionValueError: Something in it has no form in JSON.
        """
        return self.encode(self._tag_whole(value))

    def dumps_with(self, value: Value, json_dumps: Callable[[Any], str]) -> str:
        """Return `value` as compact text.

        Args:
            json_dumps: Returns as JSON what no tag takes and JSON does not know, or
                raises TypeError. A class that overrides `dumps` or `encode` does
                without it.

        Raises:
            SessionValueError: Something in it has no form in JSON.
        """
        kind = type(self)
        if kind.encode is TaggedJSON.encode and kind.dumps is TaggedJSON.dumps:
            return self._encoder.using(json_dumps).encode(self._tag_whole(value))
        return self.dumps(value)

    def loads(self, value: str) -> Value:
        """Return the value that `dumps` wrote as the text `value`.

        Raises:
            ValueError: It is no JSON; NaN and Infinity are none unless `allows_nan`.
        """
        if not self._decodes_plainly:
            return self._untag_all(self.decode(value))
        # Each built-in tag starts with a space, so most texts cannot hold one.
        tagged = '" ' in value or "\\u0020" in value or self.order != self._built_in
        decoder = self._decoder if tagged else self._plain
        scan = decoder.scan
        try:
            found, end = scan(value, 0)
        except (StopIteration, ValueError):
            return decoder.decode(value)
        # There is white space around it, or rubbish behind it.
        return found if end == len(value) else decoder.decode(value)

    def encode(self, value: Value) -> str:
        """Return JSON text, keys sorted; override to use another JSON library."""
        return self._encoder.encode(value)

    def decode(self, text: str) -> Value:
        """Return decoded JSON, tags untouched; override together with `encode`."""
        return json.loads(text)

    def _tag_whole(self, value: Value) -> Value:
        return (
            self._tag_plain(value) if self.order == self._built_in else self.tag(value)
        )

    def _tag_plain(self, value: Value) -> Value:
        """Do what `tag` does, but copy a plain dict or list only if an item changes."""
        kind = type(value)
        if kind is dict and not (len(value) == 1 and next(iter(value)) in self.tags):
            if _PLAIN_TYPES.issuperset(map(type, value.values())):
                return value
            items: Iterable[tuple[Value, Value]] = value.items()
        elif kind is list:
            if _PLAIN_TYPES.issuperset(map(type, value)):
                return value
            items = enumerate(value)
        else:
            return value if kind in _PLAIN_TYPES else self.tag(value)
        tagged = value
        for place, item in items:
            if type(item) not in _PLAIN_TYPES:
                written = self._tag_plain(item)
                if written is not item:
                    tagged = value.copy() if tagged is value else tagged
                    tagged[place] = written
        return tagged

    def _untag_all(self, value: Value) -> Value:
        if isinstance(value, dict):
            return self.untag({k: self._untag_all(v) for k, v in value.items()})
        if isinstance(value, list):
            return [self._untag_all(item) for item in value]
        return value


class JSONTag:
    """How one type is written and read; subclass it for a type of your own.

    Attributes:
        key: The tag in the text. Empty for a tag that only walks a container.
        serializer: The `TaggedJSON` this belongs to, for tagging what is inside.
    """

    __slots__ = ("serializer",)

    key: str = ""

    def __init__(self, serializer: TaggedJSON) -> None:
        self.serializer: TaggedJSON = serializer

    def check(self, value: Value) -> bool:
        """Return whether this tag writes `value`."""
        raise NotImplementedError

    def to_json(self, value: Value) -> Value:
        """Return `value` in JSON types, without the tag."""
        raise NotImplementedError

    def to_python(self, value: Value) -> Value:
        """Return what `to_json` was given."""
        raise NotImplementedError

    def tag(self, value: Value) -> Value:
        """Return `value` in JSON types under the tag."""
        return {self.key: self.to_json(value)}


class TagDict(JSONTag):
    """A dict of one key that is itself a tag: the key gets two underscores."""

    __slots__ = ()
    key = " di"

    def check(self, value: Value) -> bool:
        """Return whether `value` could be mistaken for a tagged value."""
        return (
            isinstance(value, dict)
            and len(value) == 1
            and next(iter(value)) in self.serializer.tags
        )

    def to_json(self, value: Value) -> Value:
        """Return the dict with its key suffixed."""
        ((key, content),) = value.items()
        return {f"{key}__": self.serializer.tag(content)}

    def to_python(self, value: Value) -> Value:
        """Return the dict with its own key."""
        ((key, content),) = value.items()
        return {key[:-2]: content}


class PassDict(JSONTag):
    """Any other dict: stays an object, its values are tagged."""

    __slots__ = ()

    def check(self, value: Value) -> bool:
        """Return whether `value` is a dict."""
        return isinstance(value, dict)

    def to_json(self, value: Value) -> Value:
        """Return the dict with tagged values."""
        return {key: self.serializer.tag(item) for key, item in value.items()}

    tag = to_json


class TagTuple(JSONTag):
    """A tuple."""

    __slots__ = ()
    key = " t"

    def check(self, value: Value) -> bool:
        """Return whether `value` is a tuple."""
        return isinstance(value, tuple)

    def to_json(self, value: Value) -> Value:
        """Return a list of tagged items."""
        return [self.serializer.tag(item) for item in value]

    def to_python(self, value: Value) -> Value:
        """Return the tuple."""
        return tuple(value)


class PassList(JSONTag):
    """A list: stays an array, its items are tagged."""

    __slots__ = ()

    def check(self, value: Value) -> bool:
        """Return whether `value` is a list."""
        return isinstance(value, list)

    def to_json(self, value: Value) -> Value:
        """Return a list of tagged items."""
        return [self.serializer.tag(item) for item in value]

    tag = to_json


class TagBytes(JSONTag):
    """Bytes, in base 64."""

    __slots__ = ()
    key = " b"

    def check(self, value: Value) -> bool:
        """Return whether `value` is bytes."""
        return isinstance(value, bytes)

    def to_json(self, value: Value) -> Value:
        """Return base 64 text."""
        return b64encode(value).decode("ascii")

    def to_python(self, value: Value) -> Value:
        """Return the bytes."""
        return b64decode(value)


class TagMarkup(JSONTag):
    """Whatever has `__html__`; it comes back as `Markup`."""

    __slots__ = ()
    key = " m"

    def check(self, value: Value) -> bool:
        """Return whether `value` knows its own HTML."""
        return callable(getattr(value, "__html__", None))

    def to_json(self, value: Value) -> Value:
        """Return the HTML."""
        return str(value.__html__())

    def to_python(self, value: Value) -> Value:
        """Return the HTML as safe text."""
        return Markup(value)


class TagUUID(JSONTag):
    """A UUID, as 32 hexadecimal digits."""

    __slots__ = ()
    key = " u"

    def check(self, value: Value) -> bool:
        """Return whether `value` is a UUID."""
        return isinstance(value, UUID)

    def to_json(self, value: Value) -> Value:
        """Return the digits."""
        return value.hex

    def to_python(self, value: Value) -> Value:
        """Return the UUID."""
        return UUID(value)


class TagDateTime(JSONTag):
    """A datetime, as an HTTP date: whole seconds, in UTC."""

    __slots__ = ()
    key = " d"

    def check(self, value: Value) -> bool:
        """Return whether `value` is a datetime."""
        return isinstance(value, datetime)

    def to_json(self, value: Value) -> Value:
        """Return the HTTP date."""
        return http_date(value)

    def to_python(self, value: Value) -> Value:
        """Return an aware datetime in UTC."""
        return parse_date(value)


_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})
BUILT_IN_TAGS: tuple[type[JSONTag], ...] = (
    TagDict,
    PassDict,
    TagTuple,
    PassList,
    TagBytes,
    TagMarkup,
    TagUUID,
    TagDateTime,
)
TaggedJSON.default_tags = list(BUILT_IN_TAGS)
TaggedJSON._unreplaced = BUILT_IN_TAGS
TaggedJSONSerializer = TaggedJSON


_plain_decoder = Decoder()


def _refuse(name: str) -> Value:
    raise ValueError(f"{name} is no JSON.")


_finite_decoder = Decoder(parse_constant=_refuse)

#: The serializer of cookie sessions that are interchangeable with Flask's.
session_json_serializer = TaggedJSON()
