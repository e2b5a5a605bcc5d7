from __future__ import annotations

import json
import sys
from collections import Counter, OrderedDict, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

import tantalus_http
from tantalus_http import FastJSONProvider, Response, StrictJSONProvider

COMPACT = (",", ":")


@dataclass
class Point:
    x: int
    _hidden: int = 2


class Text(str):
    __slots__ = ()


class Whole(int):
    pass


class Real(float):
    pass


class Level(IntEnum):
    LOW = 1


class Colour(StrEnum):
    RED = "red"


class Page:
    def __html__(self) -> str:
        return "<b>"


Pair = namedtuple("Pair", "a b")


class Program:
    """What a provider asks for."""

    debug = False
    response_class = Response


PROGRAM = Program()


@pytest.fixture
def slow() -> StrictJSONProvider:
    return StrictJSONProvider(PROGRAM)


@pytest.fixture
def fast() -> FastJSONProvider:
    return FastJSONProvider(PROGRAM)


WRITTEN: dict[str, tuple[Any, str]] = {
    "sorted": ({"b": 1, "a": [1.5, None, True]}, '{"a":[1.5,null,true],"b":1}'),
    "date": (date(2026, 1, 2), '"2026-01-02"'),
    "datetime": (
        datetime(2026, 1, 2, 3, tzinfo=UTC),
        '"2026-01-02T03:00:00+00:00"',
    ),
    "decimal": (Decimal("1.50"), '"1.50"'),
    "uuid": (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    "dataclass": ([Point(1)], '[{"_hidden":2,"x":1}]'),
    "markup": (Markup("<i>"), '"<i>"'),
    "html": (Page(), '"<b>"'),
    "subclasses": (
        [Text("a"), Whole(1), Real(0.5), Level.LOW, Colour.RED, Pair(1, 2)],
        '["a",1,0.5,1,"red",[1,2]]',
    ),
    "mappings": ([OrderedDict(b=1, a=2), Counter("a")], '[{"a":2,"b":1},{"a":1}]'),
    "multi-dict": (MultiDict([("a", "1"), ("a", "2")]), '{"a":"1"}'),
    "large integer": ({"n": 2**64, "a": -(2**70)}, f'{{"a":-{2**70},"n":{2**64}}}'),
    "keys": ({1: "a", 2: "b"}, '{"1":"a","2":"b"}'),
    "keys of several kinds": ({"a": None, 10: 1, 9: 2}, '{"9":2,"10":1,"a":null}'),
    "nothing": ([None, {"a": (None,)}, 1.5], '[null,{"a":[null]},1.5]'),
    "escapes": (
        ["ü\U0001f600\x7f\x1b\n\"'\\/"],
        '["\\u00fc\\ud83d\\ude00\\u007f\\u001b\\n\\"\'\\\\/"]',
    ),
    "surrogate": ("\ud800", '"\\ud800"'),
    "empty": ([{}, [], ""], '[{},[],""]'),
}


@pytest.mark.parametrize(("value", "text"), WRITTEN.values(), ids=WRITTEN)
def test_it_writes_what_the_standard_library_writes(
    fast: FastJSONProvider, slow: StrictJSONProvider, value: Any, text: str
) -> None:
    assert fast.dumps(value) == text
    assert fast.dumps(value, separators=COMPACT) == text
    assert slow.dumps(value, separators=COMPACT) == text
    assert fast.dumps(value, indent=2) == slow.dumps(value, indent=2)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.uuids()
    | st.dates(min_value=date(1000, 1, 1))
    | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
PROVIDERS: tuple[Callable[[Any], StrictJSONProvider], ...] = (
    FastJSONProvider,
    StrictJSONProvider,
)


@given(VALUES, st.booleans(), st.booleans(), st.sampled_from([None, 2]))
def test_its_text_differs_in_the_spelling_of_floats_only(
    value: Any, ensure_ascii: bool, sort_keys: bool, indent: int | None
) -> None:
    providers = [make(PROGRAM) for make in PROVIDERS]
    for provider in providers:
        provider.ensure_ascii, provider.sort_keys = ensure_ascii, sort_keys
    layout = {"separators": COMPACT} if indent is None else {"indent": indent}

    fast, slow = (provider.dumps(value, **layout) for provider in providers)

    assert json.dumps(json.loads(fast), **layout) == json.dumps(
        json.loads(slow), **layout
    )
    assert fast.isascii() or not ensure_ascii


TEXTS = st.one_of(
    VALUES.map(lambda value: StrictJSONProvider(PROGRAM).dumps(value)),
    st.text(alphabet='[]{}",:0123456789.eE-+ntrufalse\\ \ud800ü', max_size=12),
)


@given(TEXTS, st.sampled_from(["utf-8", "utf-16", "utf-32", None]))
def test_it_reads_what_the_standard_library_reads(
    text: str, encoding: str | None
) -> None:
    given_: Any = text
    if encoding is not None:
        given_ = text.encode(encoding, "surrogatepass")

    fast, slow = (read(make(PROGRAM), given_) for make in PROVIDERS)

    assert fast == slow


def read(provider: StrictJSONProvider, text: str | bytes) -> Any:
    """Return the value with its large integers as floats, or what was raised."""
    try:
        return rounded(provider.loads(text))
    except ValueError:
        return ValueError


def rounded(value: Any) -> Any:
    match value:
        case list():
            return [rounded(item) for item in value]
        case dict():
            return {key: rounded(item) for key, item in value.items()}
        case int() if not -(2**63) <= value < 2**64:
            return repr(float(value))
    return repr(value)


def test_settings_hold_from_the_moment_they_are_set(fast: FastJSONProvider) -> None:
    fast.ensure_ascii = False
    fast.sort_keys = False
    fast.default = lambda value: "default"

    assert fast.dumps({"ü": object(), "a": time(1)}) == '{"ü":"default","a":"default"}'


def test_other_keywords_are_for_the_standard_library(fast: FastJSONProvider) -> None:
    assert fast.dumps([1, {}], indent=1) == "[\n 1,\n {}\n]"
    assert fast.dumps([1, 2], separators=(", ", ": ")) == "[1, 2]"
    assert fast.loads("[1.5]", parse_float=Decimal) == [Decimal("1.5")]


def test_what_has_no_form_is_refused(fast: FastJSONProvider) -> None:
    circle: list[Any] = []
    circle.append(circle)

    with pytest.raises(TypeError, match="type object is not JSON serializable"):
        fast.dumps([object()])
    with pytest.raises(ValueError, match="Circular"):
        fast.dumps(circle)


def test_an_error_of_the_default_function_is_raised(fast: FastJSONProvider) -> None:
    def fail(value: object) -> Any:
        raise LookupError("no form")

    fast.default = fail

    with pytest.raises(LookupError, match="no form"):
        fast.dumps([object()])


def test_the_differences_are_those_documented(fast: FastJSONProvider) -> None:
    class Plain(Enum):
        A = "a"

    assert fast.dumps(Plain.A) == '"a"'
    assert fast.loads("[18446744073709551616]") == [18446744073709551616.0]
    assert fast.dumps([1, 2]) == "[1,2]"


def test_without_orjson_the_import_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "tantalus_http._json_fast")
    monkeypatch.delattr(tantalus_http, "FastJSONProvider")
    monkeypatch.setitem(sys.modules, "orjson", None)

    with pytest.raises(ImportError, match=r"pip install tantalus-http\[orjson\]"):
        _ = tantalus_http.FastJSONProvider


ODD: dict[str, tuple[Any, str]] = {
    "alone": (float("nan"), r"nan at \$ is not JSON"),
    "deep": ({"a": [1, {"b": (float("-inf"),)}]}, r"-inf at \$\.a\[1\]\.b\[0\]"),
    "a subclass": ([Real("inf")], r"inf at \$\[0\]"),
    "in a dataclass": ({"p": Point(float("nan"))}, r"nan at \$\.p\.x"),  # type: ignore[arg-type]  # what no checker sees
    "a key": ({float("nan"): 1}, r"nan at a key in \$"),
    "beside a null": ([None, float("inf")], r"inf at \$\[1\]"),
}


@pytest.mark.parametrize(("value", "place"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("kwargs", [{}, {"separators": COMPACT}, {"indent": 2}])
def test_a_number_that_json_does_not_know_is_refused_with_its_place(
    fast: FastJSONProvider, value: Any, place: str, kwargs: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=place):
        fast.dumps(value, **kwargs)


def test_numbers_that_json_does_not_know_can_be_allowed(fast: FastJSONProvider) -> None:
    fast.allow_nan = True

    assert fast.dumps([None, float("nan"), 1]) == "[null,NaN,1]"


def test_it_has_the_limits_of_the_strict_provider(fast: FastJSONProvider) -> None:
    with pytest.raises(ValueError, match="more than 500000 items"):
        fast.loads(b"[" + b"[]," * 500_000 + b"[]]")
    with pytest.raises(ValueError, match="nested too deep"):
        fast.loads("[" * 100_000 + "]" * 100_000)
    assert fast.loads('{"a":1,"a":2}') == {"a": 2}
