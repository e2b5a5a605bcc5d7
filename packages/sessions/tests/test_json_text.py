from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tantalus_sessions import SessionValueError, TaggedJSON, exact_json_serializer
from tantalus_sessions._json_text import Encoder, to_json


def encoder(allows_nan: bool = False) -> Encoder:
    return Encoder(to_json, {" t": None}, allows_nan)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1: "a", "b": 2}, '{"1":"a","b":2}'),
        ({None: 1, "x": 2, True: 3}, '{"null":1,"true":3,"x":2}'),
        ({"a": [{2.5: 1, "c": {3: 4, "d": 5}}]}, '{"a":[{"2.5":1,"c":{"3":4,"d":5}}]}'),
        ({1: Decimal("1.5"), "a": (True, None)}, '{"1":"1.5","a":[true,null]}'),
    ],
    ids=["number", "none and bool", "inside", "with other types"],
)
def test_keys_of_mixed_kinds_become_text(value: Any, text: str) -> None:
    assert encoder().encode(value) == text


def test_a_session_with_keys_of_mixed_kinds_is_read_again() -> None:
    serializer = TaggedJSON()

    text = serializer.dumps({"cart": {7: "tea", "note": (1,)}})

    assert serializer.loads(text) == {"cart": {"7": "tea", "note": (1,)}}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (float("nan"), ""),
        ({"score": float("inf")}, "['score']"),
        ({"a": [1, {"b": float("-inf")}]}, "['a'][1]['b']"),
        ({"a": {" t": [0, float("nan")]}}, "['a'][1]"),
    ],
    ids=["itself", "key", "deep", "behind a tag"],
)
def test_a_number_that_is_none_is_refused_with_its_place(
    value: Any, place: str
) -> None:
    with pytest.raises(SessionValueError, match="is no number in JSON") as raised:
        encoder().encode(value)

    assert raised.value.place == place
    assert str(raised.value).startswith(f"session{place}: ")


def test_where_flask_writes_a_number_that_is_none_so_does_its_format() -> None:
    assert TaggedJSON().dumps({"a": float("inf"), 1: "b"}) == '{"1":"b","a":Infinity}'


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": {(1, 2): 3}}, r"session\['a'\]\[\(1, 2\)\]: a tuple cannot be a key"),
        ({"a": {1: 2, "1": 3}}, r"session\['a'\]\['1'\]: two keys .* both be '1'"),
        ({"a": [object()]}, r"session\['a'\]\[0\]: Object of type object is not JSON"),
    ],
    ids=["key", "two keys", "value"],
)
def test_what_has_no_form_in_json_is_refused_with_its_place(
    value: Any, problem: str
) -> None:
    with pytest.raises(SessionValueError, match=problem):
        encoder().encode(value)


def test_what_json_does_not_know_is_asked_of_the_application() -> None:
    def dumps(value: object) -> str:
        return json.dumps({"set": sorted(value)})  # type: ignore[call-overload] # a set

    text = exact_json_serializer.dumps_with({"a": {3, 1}, "b": (1,)}, dumps)

    assert text == '{"a":{"set":[1,3]},"b":{" t":[1]}}'


def test_the_applications_json_is_asked_too_if_something_else_is_odd() -> None:
    text = exact_json_serializer.dumps_with({"a": {1}, 2: 0}, lambda value: '"set"')

    assert text == '{"2":0,"a":"set"}'


def test_what_was_made_for_an_application_is_kept_for_it() -> None:
    one, other = (lambda value: "1"), (lambda value: "2")
    used = encoder()

    assert used.using(one) is used.using(one)
    assert used.using(other).encode(object()) == "2"


class WithAnotherLibrary(TaggedJSON):
    def encode(self, value: Any) -> str:
        return json.dumps(value, default=lambda _: "mine")


def test_a_class_with_its_own_encoder_does_without_the_applications() -> None:
    assert WithAnotherLibrary().dumps_with({1}, lambda value: '"app"') == '"mine"'


def test_without_the_private_encoder_of_json_the_text_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json.encoder, "c_make_encoder", None)

    text = encoder().encode({"b": [1.5, "é"], "a": Decimal(1)})

    assert text == '{"a":"1","b":[1.5,"\\u00e9"]}'
