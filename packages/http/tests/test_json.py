from __future__ import annotations

import gc
import io
import json
import math
import sys
import tracemalloc
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.wrappers import Response

from tantalus_http import (
    DefaultJSONProvider,
    JSONProvider,
    StrictJSONProvider,
    _json,
)
from tantalus_http._json_checks import has_more_items


class FakeApp:
    def __init__(self, *, debug: bool = False) -> None:
        self.debug = debug
        self.response_class = Response


@pytest.fixture
def app() -> FakeApp:
    return FakeApp()


@pytest.fixture
def default(app: FakeApp) -> DefaultJSONProvider:
    return DefaultJSONProvider(app)


@pytest.fixture
def strict(app: FakeApp) -> StrictJSONProvider:
    return StrictJSONProvider(app)


@dataclass
class Point:
    x: int
    y: int


class Loud(JSONProvider):
    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return json.dumps(obj, **kwargs).upper()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return json.loads(s.lower(), **kwargs)


def test_a_provider_holds_its_app_weakly() -> None:
    app = FakeApp()
    provider = Loud(app)
    gone = weakref.ref(app)

    del app
    gc.collect()

    assert gone() is None
    with pytest.raises(ReferenceError):
        provider._app.debug  # noqa: B018 - reading is what fails


def test_two_methods_make_a_provider(app: FakeApp) -> None:
    provider = Loud(app)
    file = io.StringIO()

    provider.dump(["a"], file)

    assert file.getvalue() == '["A"]'
    assert provider.load(io.BytesIO(b'["A"]')) == ["a"]
    response = provider.response("a")
    assert response.get_data() == b'"A"'
    assert response.mimetype == "application/json"


def test_a_provider_must_write_both_methods(app: FakeApp) -> None:
    provider = JSONProvider(app)

    with pytest.raises(NotImplementedError):
        provider.dumps(1)
    with pytest.raises(NotImplementedError):
        provider.loads("1")


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ((), {}, "null"),
        ((1,), {}, "1"),
        (([],), {}, "[]"),
        ((1, 2), {}, "[1,2]"),
        ((), {"b": 1, "a": 2}, '{"a":2,"b":1}'),
    ],
)
def test_a_response_holds_one_value_a_list_or_a_dict(
    default: DefaultJSONProvider,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    text: str,
) -> None:
    response = default.response(*args, **kwargs)

    assert response.get_data(as_text=True) == f"{text}\n"
    assert response.headers["Content-Type"] == "application/json"


def test_values_and_items_at_once_are_refused(default: DefaultJSONProvider) -> None:
    with pytest.raises(TypeError, match="either args or kwargs, not both"):
        default.response(1, a=2)


@pytest.mark.parametrize(
    ("debug", "compact", "text"),
    [
        (False, None, '{"a":[1]}\n'),
        (True, None, '{\n  "a": [\n    1\n  ]\n}\n'),
        (True, True, '{"a":[1]}\n'),
        (False, False, '{\n  "a": [\n    1\n  ]\n}\n'),
    ],
)
def test_layout_follows_compact_and_else_debug_mode(
    debug: bool, compact: bool | None, text: str
) -> None:
    app = FakeApp(debug=debug)
    provider = DefaultJSONProvider(app)
    provider.compact = compact

    assert provider.response({"a": [1]}).get_data(as_text=True) == text


def test_responses_are_written_by_the_dumps_of_a_subclass_or_of_an_instance(
    app: FakeApp,
) -> None:
    class Shouting(DefaultJSONProvider):
        def dumps(self, obj: Any, **kwargs: Any) -> str:
            return super().dumps(obj, **kwargs).upper()

    patched: Any = DefaultJSONProvider(app)
    patched.dumps = lambda obj, **kwargs: f"patched {sorted(kwargs)}"

    assert Shouting(app).response(a="b").get_data(as_text=True) == '{"A":"B"}\n'
    assert patched.response(a="b").get_data(as_text=True) == "patched ['separators']\n"


def test_the_type_of_responses_can_be_set(default: DefaultJSONProvider) -> None:
    default.mimetype = "application/problem+json"

    assert default.response(1).mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 1, 2), '"Fri, 02 Jan 2026 00:00:00 GMT"'),
        (datetime(2026, 1, 2, 3, 4, 5), '"Fri, 02 Jan 2026 03:04:05 GMT"'),
        (
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
            '"Fri, 02 Jan 2026 01:04:05 GMT"',
        ),
        (datetime(2026, 1, 2, tzinfo=UTC), '"Fri, 02 Jan 2026 00:00:00 GMT"'),
        (Decimal("1.10"), '"1.10"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Point(1, 2), '{"x": 1, "y": 2}'),
        (Markup("<b>"), '"<b>"'),
        (OrderedDict(b=1, a=2), '{"a": 2, "b": 1}'),
        ((1, "ü"), '[1, "\\u00fc"]'),
        (1e22, "1e+22"),
        (None, "null"),
    ],
)
def test_values_are_written(
    default: DefaultJSONProvider, value: Any, text: str
) -> None:
    assert default.dumps(value) == text


def test_what_has_an_html_form_is_written_as_that(default: DefaultJSONProvider) -> None:
    class Widget:
        def __html__(self) -> str:
            return "<i>"

    assert default.dumps([Widget()]) == '["<i>"]'


@pytest.mark.parametrize("value", [object(), Point, {1, 2}])
def test_what_has_no_json_form_is_refused(
    default: DefaultJSONProvider, value: Any
) -> None:
    with pytest.raises(TypeError):
        default.dumps(value)


def test_an_unknown_type_is_named(default: DefaultJSONProvider) -> None:
    with pytest.raises(TypeError, match="Object of type set is not JSON serializable"):
        default.dumps([{1}])


def test_settings_hold_from_the_moment_they_are_set(
    default: DefaultJSONProvider,
) -> None:
    value = {"b": "ü", "a": {1}}
    default.default = list

    assert default.dumps(value) == '{"a": [1], "b": "\\u00fc"}'
    default.ensure_ascii = False
    default.sort_keys = False
    assert default.dumps(value) == '{"b": "ü", "a": [1]}'
    default.default = len
    assert default.dumps(value) == '{"b": "ü", "a": 1}'


def test_settings_can_be_those_of_a_subclass(app: FakeApp) -> None:
    class Plain(DefaultJSONProvider):
        sort_keys = False

        def default(self, o: Any) -> Any:
            return self.mimetype

    provider = Plain(app)

    assert provider.dumps({"b": {1}, "a": 1}) == '{"b": "application/json", "a": 1}'
    assert provider.response({2}).get_data() == b'"application/json"\n'


def test_keywords_go_to_the_library_with_the_settings_as_defaults(
    default: DefaultJSONProvider,
) -> None:
    value = {"b": "ü", "a": Decimal(1)}

    assert default.dumps(value, indent=1) == '{\n "a": "1",\n "b": "\\u00fc"\n}'
    assert default.dumps(value, sort_keys=False) == '{"b": "\\u00fc", "a": "1"}'
    assert default.dumps(value, separators=(";", "=")) == '{"a"="1";"b"="\\u00fc"}'
    assert default.dumps(value, separators=(",", ":")) == '{"a":"1","b":"\\u00fc"}'
    assert default.loads("1.5", parse_float=Decimal) == Decimal("1.5")


def test_a_value_that_contains_itself_is_refused(default: DefaultJSONProvider) -> None:
    circle: list[Any] = []
    circle.append(circle)

    with pytest.raises(ValueError, match="Circular reference detected"):
        default.dumps(circle)


def test_a_failed_value_leaves_the_provider_usable(
    default: DefaultJSONProvider,
) -> None:
    value: dict[str, Any] = {"a": [{1}]}
    with pytest.raises(TypeError):
        default.dumps(value)

    value["a"] = [1]

    assert default.dumps(value) == '{"a": [1]}'


def test_threads_can_write_the_same_value_at_once(
    default: DefaultJSONProvider,
) -> None:
    shared = {"a": [Decimal(1)]}
    start = Barrier(4)
    texts: list[str] = []

    def wait(_: Any) -> str:
        start.wait(60)
        return "1"

    default.default = wait

    def work() -> None:
        texts.append(default.dumps(shared))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert texts == ['{"a": ["1"]}'] * 4


def test_without_the_fast_encoder_the_documented_one_writes(
    default: DefaultJSONProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_json, "_C_ENCODER", None)

    assert default.dumps({"b": Decimal(1), "a": "ü"}) == '{"a": "\\u00fc", "b": "1"}'


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(
    json_values,
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, (",", ":")]),
)
def test_the_kept_encoder_writes_what_the_library_writes(
    value: Any, ascii_only: bool, sort: bool, separators: tuple[str, str] | None
) -> None:
    app = FakeApp()
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = ascii_only
    provider.sort_keys = sort
    given_separators = {} if separators is None else {"separators": separators}

    text = provider.dumps(value, **given_separators)

    assert text == json.dumps(
        value, ensure_ascii=ascii_only, sort_keys=sort, separators=separators
    )


JSON_TEXTS = st.text(
    st.sampled_from(list(' \n"\\[]{}:,.-+eE0123456789truefalsn\ufeff\x00\ud800üNaIy'))
) | json_values.map(json.dumps)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])


def outcome(loads: Callable[..., Any], s: str | bytes) -> tuple[str, str]:
    try:
        return "value", repr(loads(s))
    except ValueError as err:
        return type(err).__name__, str(err)


@given(JSON_TEXTS, ENCODINGS)
def test_texts_and_bytes_mean_what_they_mean_to_the_library(
    text: str, encoding: str
) -> None:
    app = FakeApp()
    provider = DefaultJSONProvider(app)
    encoded = text.encode(encoding, "surrogatepass")

    assert outcome(provider.loads, text) == outcome(json.loads, text)
    assert outcome(provider.loads, encoded) == outcome(json.loads, encoded)


@pytest.mark.parametrize("s", [None, 5, ["[]"]])
def test_only_text_and_bytes_can_be_read(default: DefaultJSONProvider, s: Any) -> None:
    with pytest.raises(TypeError, match="must be str, bytes or bytearray"):
        default.loads(s)


def test_a_bytearray_can_be_read(default: DefaultJSONProvider) -> None:
    assert default.loads(cast(bytes, bytearray(b"[1]"))) == [1]


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


TOO_MUCH = {
    "not a number": "[NaN]",
    "infinity": '{"a": Infinity}',
    "negative infinity": "-Infinity",
    "a float beyond all floats": "[1e999]",
    "a negative float beyond all floats": "-1E+400",
    "an integer of too many digits": "1" * (sys.get_int_max_str_digits() + 1),
    "lists nested one too deep": nested(257),
    "dicts nested one too deep": '{"a":' * 257 + "1" + "}" * 257,
    "nested beyond the stack": nested(200_000),
    "unfinished and beyond the stack": "[" * 200_000,
    "blanks around too deep lists": f" {nested(257)} ",
    "too many empty lists": f"[{'[],' * 250_000}[]]",
    "too many numbers": f"[{'1,' * 500_000}1]",
    "too many keys": "{" + '"":1,' * 500_000 + '"":1}',
    "too many texts": "[" + '"a",' * 500_000 + "1]",
    "too many strings that are none": '"' * 3_000_000 + "," * 500_001,
}


@pytest.mark.parametrize("text", TOO_MUCH.values(), ids=TOO_MUCH.keys())
@pytest.mark.parametrize("kwargs", [{}, {"object_hook": dict}], ids=["plain", "hook"])
def test_the_strict_provider_refuses(
    strict: StrictJSONProvider, text: str, kwargs: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        strict.loads(text, **kwargs)
    with pytest.raises(ValueError, match=r"."):
        strict.loads(text.encode(), **kwargs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[NaN]", "'NaN' is not JSON"),
        ("[1e999]", "The JSON number '1e999' is too large"),
        (nested(257), "The JSON is nested too deep"),
        (nested(200_000), "The JSON is nested too deep"),
    ],
)
def test_the_strict_provider_says_why(
    strict: StrictJSONProvider, text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        strict.loads(text)


def test_the_strict_provider_reads_up_to_its_limits(
    strict: StrictJSONProvider,
) -> None:
    assert strict.loads("1.7976931348623157e308") == sys.float_info.max
    assert strict.loads("1" * 4300) == int("1" * 4300)
    assert strict.dumps(strict.loads(nested(256))) == nested(256)
    assert strict.loads("[" + "[]," * 300 + "{}]") == [[] for _ in range(300)] + [{}]
    assert strict.loads('"' + "[" * 300 + '"') == "[" * 300


def test_the_depth_that_is_read_can_be_set(strict: StrictJSONProvider) -> None:
    strict.max_depth = 2

    assert strict.loads("[[],[],{}]") == [[], [], {}]
    with pytest.raises(ValueError, match="nested too deep"):
        strict.loads('[[{"a":1}]]')


@given(JSON_TEXTS)
def test_the_strict_provider_agrees_or_refuses(text: str) -> None:
    app = FakeApp()
    expected = outcome(json.loads, text)

    found = outcome(StrictJSONProvider(app).loads, text)

    assert found == expected or found[0] == "ValueError"


@given(json_values)
def test_what_the_strict_provider_reads_is_finite(value: Any) -> None:
    app = FakeApp()
    try:
        read = StrictJSONProvider(app).loads(json.dumps(value))
    except ValueError:
        return

    assert all(math.isfinite(number) for number in floats_in(read))


def floats_in(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from floats_in(inner)


def test_the_same_bytes_as_flask() -> None:
    flask = pytest.importorskip("flask.json.provider")
    values = [
        {"b": [1, 2.5, None, True], "a": "ü</script>"},
        [date(2026, 1, 2), Decimal("1.5"), UUID(int=7), Point(3, 4), Markup("<b>")],
        {10: 1, 9: 2},
        {},
        "",
    ]

    for debug in (False, True):
        app = FakeApp(debug=debug)
        ours, theirs = DefaultJSONProvider(app), flask.DefaultJSONProvider(app)
        for value in values:
            assert ours.dumps(value) == theirs.dumps(value)
            assert ours.response(value).get_data() == theirs.response(value).get_data()


NAN, INFINITY = float("nan"), float("inf")
ODD: dict[str, tuple[Any, str]] = {
    "alone": (NAN, r"nan at \$ is not JSON"),
    "in a dict": ({"a": {"b": [1, -INFINITY]}}, r"-inf at \$\.a\.b\[1\] is not JSON"),
    "in a tuple": ((0, [INFINITY]), r"inf at \$\[1\]\[0\]"),
    "below an odd key": ({"x y": {1: NAN}}, r"nan at \$\['x y'\]\[1\]"),
    "a key": ({"a": {NAN: 1}}, r"nan at a key in \$\.a"),
    "in what default makes": ([Point(1, cast(int, NAN))], r"nan at \$\[0\]\.y"),
    "a subclass": ([type("Real", (float,), {})("inf")], r"inf at \$\[0\]"),
    "behind others": (["a", 1, None, True, 1.5, NAN], r"nan at \$\[5\]"),
    "beside keys of several kinds": ({1: NAN, "a": 1}, r"nan at \$\[1\]"),
}


@pytest.mark.parametrize(("value", "place"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("kind", [DefaultJSONProvider, StrictJSONProvider])
@pytest.mark.parametrize(
    "kwargs", [{}, {"indent": 2}, {"separators": (",", ":")}, {"sort_keys": False}]
)
def test_a_number_that_json_does_not_know_is_refused_with_its_place(
    app: FakeApp,
    kind: type[DefaultJSONProvider],
    value: Any,
    place: str,
    kwargs: dict[str, Any],
) -> None:
    provider = kind(app)

    with pytest.raises(ValueError, match=place):
        provider.dumps(value, **kwargs)
    with pytest.raises(ValueError, match=place):
        provider.response(value)


def test_numbers_that_json_does_not_know_can_be_allowed(
    default: DefaultJSONProvider,
) -> None:
    default.allow_nan = True

    assert default.dumps([NAN, -INFINITY]) == "[NaN, -Infinity]"
    assert default.dumps([NAN], indent=None) == "[NaN]"
    with pytest.raises(ValueError, match="nan at"):
        default.dumps(NAN, allow_nan=False)


def test_of_two_errors_the_first_is_told(default: DefaultJSONProvider) -> None:
    circle: list[Any] = [{"a": 1}]
    circle.append(circle)
    mixed: dict[Any, Any] = {1: 2, "a": 3}
    mixed["self"] = mixed

    with pytest.raises(ValueError, match="Circular"):
        default.dumps(circle)
    with pytest.raises(ValueError, match="Circular"):
        default.dumps(mixed)
    default.allow_nan = True
    with pytest.raises(ValueError, match="Circular"):
        default.dumps(circle)
    with pytest.raises(TypeError, match="Object of type set"):
        default.dumps({1: {2}, "a": NAN})
    with pytest.raises(TypeError, match="Object of type set"):
        default.dumps({1: {2}, "a": 1}, default=None)


MIXED: dict[str, tuple[Any, str]] = {
    "numbers and texts": (
        {"b": 1, 10: 2, "a": 3, 9: 4},
        '{"9": 4, "10": 2, "a": 3, "b": 1}',
    ),
    "None": ({None: 0, 32: "x", "z": 1}, '{"32": "x", "null": 0, "z": 1}'),
    "booleans": ({True: 0, "a": 1, 0.5: 2}, '{"0.5": 2, "true": 0, "a": 1}'),
    "inside": ([{"a": ({"1": 1, 2: 2},)}], '[{"a": [{"2": 2, "1": 1}]}]'),
    "in what default makes": ({1, "b"}, '{"1": 0, "b": 0}'),
    "numbers alone": ({10: 1, 9: 2}, '{"9": 2, "10": 1}'),
}


@pytest.mark.parametrize(("value", "text"), MIXED.values(), ids=MIXED)
@pytest.mark.parametrize("kind", [DefaultJSONProvider, StrictJSONProvider])
def test_keys_of_several_kinds_have_an_order(
    app: FakeApp, kind: type[DefaultJSONProvider], value: Any, text: str
) -> None:
    provider = kind(app)
    provider.default = lambda value: dict.fromkeys(value, 0)

    assert provider.dumps(value) == text
    assert json.loads(provider.dumps(value, indent=1)) == json.loads(text)
    assert json.loads(provider.response(value).get_data()) == json.loads(text)


def test_another_value_error_is_left_as_it_is(default: DefaultJSONProvider) -> None:
    with pytest.raises(ValueError, match="4300"):
        default.dumps(["a", 10**5000])


def test_keys_that_have_no_form_are_refused(default: DefaultJSONProvider) -> None:
    with pytest.raises(TypeError, match="keys must be str, int"):
        default.dumps({"a": 1, (1, 2): 2})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 1, 2), '"2026-01-02"'),
        (datetime(2026, 1, 2, 3, 4, 5), '"2026-01-02T03:04:05"'),
        (
            datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
            '"2026-01-02T03:04:05.000006+00:00"',
        ),
        (Decimal("1.10"), '"1.10"'),
        ({"at": [date(2026, 1, 2)]}, '{"at": ["2026-01-02"]}'),
    ],
)
def test_the_strict_provider_writes_dates_in_iso_8601(
    strict: StrictJSONProvider, value: Any, text: str
) -> None:
    assert strict.dumps(value) == text


def test_each_provider_can_write_dates_as_the_other(
    default: DefaultJSONProvider, strict: StrictJSONProvider
) -> None:
    default.default, strict.default = strict.default, default.default

    assert default.dumps(date(2026, 1, 2)) == '"2026-01-02"'
    assert strict.dumps(date(2026, 1, 2)) == '"Fri, 02 Jan 2026 00:00:00 GMT"'


@pytest.mark.parametrize("kwargs", [{}, {"object_hook": dict}], ids=["plain", "hook"])
def test_nesting_beyond_the_stack_is_a_value_error_by_default_too(
    default: DefaultJSONProvider, kwargs: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        default.loads(nested(200_000), **kwargs)


def test_of_the_same_key_twice_the_last_value_holds(
    default: DefaultJSONProvider, strict: StrictJSONProvider
) -> None:
    assert default.loads('{"a":1,"a":2}') == strict.loads('{"a":1,"a":2}') == {"a": 2}


FEW = {
    "one long text": '"' + "x,[{" * 300_000 + '"',
    "texts with escapes": "[" + r'",\",[",' * 9_000 + "1]",
    "keys with commas": "{" + '"k,[{":"v,w",' * 60_000 + '"a":1}',
    "a row of backslashes": '["' + "\\" * 300_000 + '",1]',
    "blanks": "[" + " " * 600_000 + "]",
    "as many as may be": f"[{'1,' * 499_999}1]",
}


@pytest.mark.parametrize("text", FEW.values(), ids=FEW)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be"])
def test_what_is_long_but_has_not_many_items_is_read(
    strict: StrictJSONProvider, text: str, encoding: str
) -> None:
    expected = json.loads(text)

    assert strict.loads(text) == expected
    assert strict.loads(text.encode(encoding)) == expected


def test_how_many_items_are_read_can_be_set(strict: StrictJSONProvider) -> None:
    strict.max_items = 4

    assert strict.loads('[1,2,{"a,b":"[[[["}]') == [1, 2, {"a,b": "[[[["}]
    with pytest.raises(ValueError, match="The JSON has more than 4 items"):
        strict.loads("[1,2,3,4,5]")
    strict.max_items = None
    assert strict.loads("[1,2,3,4,5]") == [1, 2, 3, 4, 5]


def test_many_items_are_refused_before_anything_is_made_of_them(
    strict: StrictJSONProvider,
) -> None:
    text = b"[" + b"[]," * 5_000_000 + b"[]]"
    tracemalloc.start()

    with pytest.raises(ValueError, match="more than 500000 items"):
        strict.loads(text)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * len(text)


def items_in(value: Any) -> int:
    """Return how many commas and opening brackets the text of a value has."""
    if not isinstance(value, dict | list):
        return 0
    inner = list(value.values()) if isinstance(value, dict) else value
    return 1 + max(0, len(inner) - 1) + sum(map(items_in, inner))


HARD_TEXTS = st.text(st.sampled_from(list('"\\,[{]}:aü\ud800')))
NESTED = st.recursive(
    st.integers() | HARD_TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(HARD_TEXTS, inner),
    max_leaves=12,
)


@given(
    NESTED,
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-32"]),
    st.booleans(),
    st.integers(0, 12),
)
def test_items_are_counted_as_they_are_written(
    value: Any, encoding: str, ascii_only: bool, most: int
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    expected = items_in(value) > most

    assert has_more_items(text, most) == expected
    assert has_more_items(text.encode(encoding, "surrogatepass"), most) == expected
