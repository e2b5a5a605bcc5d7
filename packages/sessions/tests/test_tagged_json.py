from __future__ import annotations

import json
import json.encoder
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.json.tag import TaggedJSONSerializer as FlaskSerializer
from hypothesis import given
from markupsafe import Markup
from strategies import values

from tantalus_sessions import (
    JSONTag,
    PassDict,
    TagDict,
    TaggedJSON,
    TaggedJSONSerializer,
    TagTuple,
)

APP = Flask("tests")

WIRE = [
    ((1, 2), '{" t":[1,2]}'),
    (b"\x00a", '{" b":"AGE="}'),
    (Markup("<b>"), '{" m":"<b>"}'),
    (UUID(int=1), '{" u":"00000000000000000000000000000001"}'),
    (datetime(2026, 1, 2, tzinfo=UTC), '{" d":"Fri, 02 Jan 2026 00:00:00 GMT"}'),
    ({" t": 1}, '{" di":{" t__":1}}'),
    ({"b": [(1,)], "a": {}}, '{"a":{},"b":[{" t":[1]}]}'),
    ({"a": "é"}, '{"a":"\\u00e9"}'),
    ([1, "x", None, 1.5, True], '[1,"x",null,1.5,true]'),
]


@pytest.mark.parametrize(("value", "text"), WIRE, ids=[text for _, text in WIRE])
def test_a_value_has_this_form_and_comes_back(value: object, text: str) -> None:
    serializer = TaggedJSON()

    assert serializer.dumps(value) == text
    assert serializer.loads(text) == value


@given(values)
def test_every_value_comes_back_with_its_type(value: Any) -> None:
    serializer = TaggedJSON()

    back = serializer.loads(serializer.dumps(value))

    assert back == value
    assert type(back) is type(value)


@given(values)
def test_the_text_is_that_of_flask(value: Any) -> None:
    with APP.app_context():
        theirs = FlaskSerializer().dumps(value)

    assert TaggedJSON().dumps(value) == theirs


@given(values)
def test_text_of_flask_is_read(value: Any) -> None:
    text = FlaskSerializer().dumps(value)

    assert TaggedJSON().loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        ' {"a": 1} ',
        '{ " t" : [1] }',
        '{"\\u0020t":[1]}',
        '[" t"]',
        '{" ?":1}',
        '"a\\" "',
    ],
)
def test_foreign_spellings_are_read_as_flask_reads_them(text: str) -> None:
    assert TaggedJSON().loads(text) == FlaskSerializer().loads(text)


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":1} x', "nan", '{" b":"A"}', '{" u":1}']
)
def test_what_is_no_text_of_ours_is_an_error_as_in_flask(text: str) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 whatever Flask raises
        FlaskSerializer().loads(text)
    with pytest.raises(theirs.type):
        TaggedJSON().loads(text)


@dataclass
class Point:
    x: int


class Html:
    def __html__(self) -> str:
        return "<i>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 1, 2), '{"v":"Fri, 02 Jan 2026 00:00:00 GMT"}'),
        (Decimal("1.5"), '{"v":"1.5"}'),
        (Point(3), '{"v":{"x":3}}'),
        (Html(), '{"v":{" m":"<i>"}}'),
    ],
)
def test_what_has_no_tag_is_written_as_plain_json(value: object, text: str) -> None:
    assert TaggedJSON().dumps({"v": value}) == text


def test_a_value_that_cannot_be_written_says_what_to_do() -> None:
    with pytest.raises(
        TypeError, match=r"type set is not JSON serializable\. Register"
    ):
        TaggedJSON().dumps({"v": {1}})
    with pytest.raises(TypeError, match="type type is not"):
        TaggedJSON().dumps({"v": Point})


class UntaggedHtml(TaggedJSON):
    default_tags = (PassDict,)


def test_html_and_uuids_without_a_tag_become_text() -> None:
    assert UntaggedHtml().dumps({"v": Html()}) == '{"v":"<i>"}'
    assert UntaggedHtml().dumps({"v": UUID(int=0)}) == f'{{"v":"{UUID(int=0)}"}}'


class TagOrderedDict(JSONTag):
    key = " od"

    def check(self, value: Any) -> bool:
        return isinstance(value, OrderedDict)

    def to_json(self, value: Any) -> Any:
        return [[key, self.serializer.tag(item)] for key, item in value.items()]

    def to_python(self, value: Any) -> Any:
        return OrderedDict(value)


class TagNumber(JSONTag):
    key = "number"

    def check(self, value: Any) -> bool:
        return isinstance(value, int)

    def to_json(self, value: Any) -> Any:
        return str(value)

    def to_python(self, value: Any) -> Any:
        return int(value)


def test_a_registered_tag_in_front_is_asked_first() -> None:
    serializer = TaggedJSON()
    serializer.register(TagOrderedDict, index=0)
    value = OrderedDict([("b", (1,)), ("a", 2)])

    back = serializer.loads(serializer.dumps({"v": value}))

    assert serializer.dumps(value) == '{" od":[["b",{" t":[1]}],["a",2]]}'
    assert isinstance(back["v"], OrderedDict)
    assert list(back["v"]) == ["b", "a"]


def test_a_registered_tag_at_the_end_sees_what_no_other_took() -> None:
    serializer = TaggedJSON()
    serializer.register(TagNumber)

    assert serializer.dumps([1, "x"]) == '[{"number":"1"},"x"]'
    assert serializer.loads('[{"number":"1"},"x"]') == [1, "x"]


def test_a_key_that_is_taken_is_refused_unless_forced() -> None:
    serializer = TaggedJSON()

    with pytest.raises(KeyError, match=r"Tag ' t' is already registered\. Pass force"):
        serializer.register(TagTuple)
    serializer.register(TagTuple, force=True)

    assert isinstance(serializer.tags[" t"], TagTuple)


def test_the_base_tag_has_to_be_completed() -> None:
    tag = JSONTag(TaggedJSON())

    for method in (tag.check, tag.to_json, tag.to_python):
        with pytest.raises(NotImplementedError):
            method(1)


def test_flask_and_tantalus_have_the_same_tags_in_the_same_order() -> None:
    ours = [type(tag).__name__ for tag in TaggedJSON().order]

    assert ours == [type(tag).__name__ for tag in FlaskSerializer().order]
    assert set(TaggedJSON().tags) == set(FlaskSerializer().tags)
    assert TaggedJSONSerializer is TaggedJSON


class Counting(TaggedJSON):
    def encode(self, value: Any) -> str:
        return json.dumps(value, separators=(",", ":")) + " "

    def decode(self, text: str) -> Any:
        return json.loads(text)


def test_another_json_library_can_be_plugged_in() -> None:
    serializer = Counting()

    text = serializer.dumps({"b": (1,), "a": [b""]})

    assert text == '{"b":{" t":[1]},"a":[{" b":""}]} '
    assert serializer.loads(text) == {"b": (1,), "a": [b""]}


class Wrapping(TaggedJSON):
    def decode(self, text: str) -> Any:
        return [super().decode(text)]


def test_a_decoder_of_ones_own_may_ask_ours() -> None:
    assert Wrapping().loads('{" t":[1]}') == [(1,)]


class Shouting(TaggedJSON):
    def tag(self, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else super().tag(value)


def test_an_overridden_tag_method_is_used() -> None:
    assert Shouting().dumps({"a": ["x"]}) == '{"a":["X"]}'


def test_a_dict_of_one_suffixed_key_comes_back() -> None:
    serializer = TaggedJSON()
    tag = TagDict(serializer)

    assert tag.to_json({" t": (1,)}) == {" t__": {" t": [1]}}
    assert tag.to_python({" t__": 1}) == {" t": 1}
