"""Every kind of type, from every place."""

from __future__ import annotations

import datetime
import enum
import sys
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, NewType, TypedDict

import annotated_types
import attrs
import msgspec
import pydantic
import pytest
import typing_extensions
from asking import BODY, PATH, QUERY, ask, multipart, refusal, told
from shop import (
    ORDERS,
    Cat,
    Dog,
    Filters,
    Item,
    ItemModel,
    Lost,
    Node,
    Order,
    OrderModel,
    Page,
    Point,
    Ruled,
)

from tantalus_typed import (
    Binder,
    Body,
    Codec,
    Cookie,
    File,
    Form,
    Header,
    In,
    JsonPart,
    MsgspecCodec,
    Operation,
    Problem,
    PydanticCodec,
    Query,
    SetupError,
    Upload,
    Use,
    document,
)
from tantalus_typed._shape import kernel


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


Aliased = typing_extensions.TypeAliasType("Aliased", int)
UserId = NewType("UserId", int)
Positive = Annotated[int, msgspec.Meta(gt=0)]


def taking(hint: Any, *default: Any) -> Any:
    """Return a view that takes one parameter `value`, and returns it."""

    def view(value: Any) -> Any:
        return value

    view.__annotations__ = {"value": hint, "return": Any}
    view.__defaults__ = default
    return view


TEXTS: list[tuple[Any, str, object]] = [
    (int, "3", 3),
    (float, "3.5", 3.5),
    (float, "1e3", 1000.0),
    (bool, "on", True),
    (bool, "False", False),
    (str, "a+b%20c", "a b c"),
    (Decimal, "1.50", Decimal("1.50")),
    (datetime.date, "2026-02-03", datetime.date(2026, 2, 3)),
    (datetime.datetime, "2026-02-03T04:05:06", datetime.datetime(2026, 2, 3, 4, 5, 6)),
    (datetime.timedelta, "P1D", datetime.timedelta(days=1)),
    (uuid.UUID, "0" * 32, uuid.UUID(int=0)),
    (Colour, "red", Colour.RED),
    (Level, "1", Level.LOW),
    (Literal["asc", "desc"], "asc", "asc"),
    (Literal[1, 2], "2", 2),
    (int | Literal["all"], "all", "all"),
    (int | Literal["all"], "7", 7),
    (float | Literal["all"], "7.5", 7.5),
    (int | str, "1e3", "1e3"),
    (Colour | None, "red", Colour.RED),
    (int | None, "3", 3),
    (Decimal | None, "3", Decimal(3)),
    (str | None, "", ""),
    (UserId, "3", 3),
    (Positive, "3", 3),
    (Positive | None, "3", 3),
    (pydantic.conint(gt=0), "3", 3),
    (list[int], "3&value=4", [3, 4]),
    (set[str], "a&value=a", {"a"}),
    (tuple[int, ...], "3&value=4", (3, 4)),
    (frozenset[bool], "on", frozenset({True})),
    (list, "3", ["3"]),
    (list[Positive], "3", [3]),
    (Any, "3", "3"),
    (Aliased, "3", 3),
]


@pytest.mark.parametrize(("hint", "text", "value"), TEXTS)
def test_a_text_becomes_a_value(hint: Any, text: str, value: object) -> None:
    assert ask(taking(QUERY[hint]), f"value={text}") == value


@pytest.mark.parametrize(
    ("hint", "text", "detail"),
    [
        (int, "a", "Expected a whole number."),
        (float, "nan", "Expected a number."),
        (float, "1e999", "Expected a number."),
        (float, "1_0", "Expected a number."),
        (Decimal, "NaN", "Expected a number."),
        (bool, "yes", "Expected true or false."),
        (datetime.datetime, "1700000000", "Expected a date or time as in RFC 3339."),
        (datetime.date, "monday", "Invalid RFC3339 encoded date."),
        (uuid.UUID, "x", "Invalid UUID."),
        (Colour, "green", "Expected one of 'red', 'blue'."),
        (Literal["asc", "desc"], "up", "Expected one of 'asc', 'desc'."),
        (int | Literal["all"], "%00", "Expected one of the allowed values."),
        (Positive, "0", "Expected `int` >= 1."),
        (Literal[1, 1000], "1e3", "Expected a whole number."),
        (Literal[1, 1000], "2", "Expected one of 1, 1000."),
        (Level, "1.0", "Expected a whole number."),
        (int | Literal["all"], "1.0", "Expected a whole number."),
        (int | Literal["all"], "NaN", "Expected one of the allowed values."),
        (float | Literal["all"], "-inf", "Expected one of the allowed values."),
        (int | float, "nan", "Expected one of the allowed values."),
        (list[int], "1&value=a", "Expected a whole number."),
        (list[Positive], "1&value=0", "Expected `int` >= 1."),
        (
            Annotated[list[int], annotated_types.MaxLen(1)],
            "1&value=2",
            "Expected `array` of length <= 1.",
        ),
        (
            Annotated[int, annotated_types.Interval(ge=1, lt=5)],
            "5",
            "Expected `int` <= 4.",
        ),
        (
            Annotated[str, annotated_types.Len(2, 3)],
            "a",
            "Expected `str` of length >= 2.",
        ),
        (
            Annotated[int, annotated_types.MultipleOf(5)],
            "3",
            "Expected `int` that's a multiple of 5.",
        ),
        (
            Annotated[int, pydantic.Field(gt=0)],
            "0",
            "Input should be greater than 0.",
        ),
        (int, "", "Missing."),
        (list[int], "", "Missing."),
        (list[int], "&value=", "Missing."),
        (str, "%FF", "Expected text in UTF-8."),
    ],
)
def test_a_text_that_cannot_be_the_value_is_told(
    hint: Any, text: str, detail: str
) -> None:
    assert told(taking(QUERY[hint]), f"value={text}") == [
        {"in": "query", "parameter": "value", "detail": detail}
    ]


def test_pydantic_says_its_rules_of_text_that_is_parsed_as_everywhere() -> None:
    view = taking(Query[Annotated[int, pydantic.Field(gt=0)]])

    assert ask(view, "value=3") == 3
    assert told(view, "value=1_0")[0]["detail"] == "Expected a whole number."


@pytest.mark.parametrize("default", [None, 3, [1]])
@pytest.mark.parametrize("hint", [int, list[int]])
def test_a_default_stands_for_what_is_missing(hint: Any, default: object) -> None:
    assert ask(taking(QUERY[hint], default), "value=") == default
    assert ask(taking(QUERY[hint], default)) == default


def test_a_header_is_read_by_its_name_with_hyphens() -> None:
    def view(
        x_token: Header[str], content_type: Header[str], n: Header[int] = 1
    ) -> Any:
        return x_token, content_type, n

    assert ask(view, headers={"x-token": "a"}) == ("a", "application/json", 1)
    assert told(view) == [
        {"in": "header", "parameter": "x-token", "detail": "Missing."}
    ]


def test_a_list_of_a_header_is_cut_at_commas() -> None:
    view = taking(Header[list[str]], [])

    assert ask(view, headers={"value": "a, b,c"}) == ["a", "b", "c"]
    assert ask(view) == []


def test_a_cookie_is_read_by_its_name() -> None:
    view = taking(Cookie[int], 1)

    assert ask(view, headers={"Cookie": 'a=b; value="3"; value=4'}) == 3
    assert ask(view) == 1
    assert told(view, headers={"cookie": "value=x"}) == [
        {"in": "cookie", "parameter": "value", "detail": "Expected a whole number."}
    ]


def test_a_list_of_a_cookie_has_one_item() -> None:
    view = taking(Cookie[list[str]], [])

    assert ask(view, headers={"cookie": "value=3"}) == ["3"]
    assert ask(view) == []


@pytest.mark.parametrize(
    ("hint", "given", "value"),
    [
        (str, "J\xfcrgen", "J\xfcrgen"),
        (int, "3", 3),
        (int, 3, 3),
        (Positive, 3, 3),
        (Positive, "3", 3),
        (str, "3", "3"),
    ],
)
def test_a_variable_of_the_path_is_converted_if_the_router_did_not(
    hint: Any, given: object, value: object
) -> None:
    assert ask(taking(PATH[hint]), args={"value": given}) == value


def test_a_variable_that_the_router_converts_goes_on_as_it_is() -> None:
    assert ask(taking(int), args={"value": 3}, path={"value": int}) == 3


@pytest.mark.parametrize(
    ("hint", "given", "status"),
    [
        (int, "x", 404),
        (uuid.UUID, "x", 404),
        (str, "\udcff", 404),
        (Colour, "green", 404),
        (Positive, "0", 422),
        (Positive, 0, 422),
    ],
)
def test_what_does_not_convert_is_not_found_and_what_breaks_a_rule_is_invalid(
    hint: Any, given: object, status: int
) -> None:
    error = refusal(taking(PATH[hint]), args={"value": given})

    assert error.status == status
    assert error.problems[0].place == "path"


BODIES: list[tuple[Any, bytes, object]] = [
    (Order, b'{"name": "a", "items": [{"sku": "b"}]}', Order("a", [Item("b")])),
    (list[Item], b'[{"sku": "b"}]', [Item("b")]),
    (dict[str, Item], b'{"x": {"sku": "b"}}', {"x": Item("b")}),
    (Page[Item], b'{"entries": [{"sku": "b"}], "total": 1}', Page([Item("b")], 1)),
    (Cat | Dog, b'{"type": "dog", "name": "a"}', Dog("a")),
    (Point, b"[1]", Point(1)),
    (Filters, b'{"size": 1}', {"size": 1}),
    (int, b"3", 3),
    (bytes, b"raw", b"raw"),
    (ItemModel, b'{"sku": "b"}', ItemModel(sku="b")),
    (list[ItemModel], b'[{"sku": "b"}]', [ItemModel(sku="b")]),
    (Node, b'{"name":"a","children":[{"name":"b"}]}', Node("a", [Node("b")])),
    (Ruled, b'{"count": 1}', Ruled(1)),
    (dict[int, str], b'{"1": "a"}', {1: "a"}),
    (list[Decimal], b'["1.5", 2]', [Decimal("1.5"), Decimal(2)]),
    (dict[str, Annotated[int, annotated_types.Gt(0)]], b'{"a": 1}', {"a": 1}),
]


@pytest.mark.parametrize(("hint", "body", "value"), BODIES)
def test_a_body_becomes_a_value(hint: Any, body: bytes, value: object) -> None:
    assert ask(taking(BODY[hint]), body=body) == value


PROBLEMS: list[tuple[Any, bytes, dict[str, str]]] = [
    (
        Page[Item],
        b'{"entries": [{"sku": 1}], "total": "x"}',
        {
            "#/entries/0/sku": "Expected `str`, got `int`.",
            "#/total": "Expected `int`, got `str`.",
        },
    ),
    (
        Cat | Dog,
        b'{"type": "cow"}',
        {"#": "Expected an object of one of the kinds 'cat', 'dog'."},
    ),
    (Cat | Dog, b'{"type": "dog"}', {"#/name": "Missing."}),
    (Cat | Dog, b"[]", {"#": "Expected `object`, got `array`."}),
    (Point, b'["x", "y"]', dict.fromkeys(["#/0", "#/1"], "Expected `int`, got `str`.")),
    (tuple[int, str], b"[1, 2]", {"#/1": "Expected `str`, got `int`."}),
    (tuple[int, str], b"[1]", {"#": "Expected `array` of length 2, got 1."}),
    (list, b"{}", {"#": "Expected `array`, got `object`."}),
    (dict[str, Item], b'{"x/~": {}}', {"#/x~1~0/sku": "Missing."}),
    (Item | None, b'{"sku": 1}', {"#/sku": "Expected `str`, got `int`."}),
    (Item | int, b'{"sku": 1}', {"#/sku": "Expected `str`, got `int`."}),
    (list[int] | int, b'["x"]', {"#/0": "Expected `int`, got `str`."}),
    (Ruled, b'{"count": 0}', {"#/count": "Expected `int` >= 1."}),
    (
        list[Ruled],
        b'[{"count": 1, "tags": ["a", "b", "c"]}]',
        {"#/0/tags": "Expected `array` of length <= 2."},
    ),
    (
        Node,
        b'{"name":"a","children":[{"name":"b","children":[{"name":1}]}]}',
        {"#/children/0/children/0/name": "Expected `str`, got `int`."},
    ),
    (dict[int, str], b'{"x": "a"}', {"#": "Expected `int`, got `str`."}),
    (
        dict[str, Annotated[int, annotated_types.Gt(0)] | None],
        b'{"a": 0}',
        {"#/a": "Expected `int` >= 1."},
    ),
    (Decimal, b'"NaN"', {"#": "Expected a number."}),
    (Decimal, b'"1_0"', {"#": "Expected a number."}),
    (Decimal, b'" 1"', {"#": "Expected a number."}),
    (Decimal, '"\u0661"'.encode(), {"#": "Expected a number."}),
    (
        dict[str, list[Decimal] | None],
        b'{"a": ["1.5", " -Infinity "]}',
        {"#/a/1": "Expected a number."},
    ),
    (list[int], b"[1e999]", {"#": "A number is out of range."}),
]


@pytest.mark.parametrize(("hint", "body", "problems"), PROBLEMS)
def test_all_that_is_wrong_with_a_body_is_told_with_pointers(
    hint: Any, body: bytes, problems: dict[str, str]
) -> None:
    found = told(taking(BODY[hint]), body=body)

    assert {one["pointer"]: one["detail"] for one in found} == problems


@pytest.mark.parametrize("kind", ORDERS)
def test_all_problems_have_the_same_pointers_in_every_library(kind: Any) -> None:
    body = b'{"items": [{"count": "x"}, {"sku": []}]}'

    found = told(taking(BODY[kind]), body=body)

    assert {one["pointer"] for one in found} == {
        *("#/name", "#/items/0/sku", "#/items/0/count", "#/items/1/sku"),
    }


def test_a_long_name_in_a_pointer_is_cut() -> None:
    body = b'{"' + b"k" * 1000 + b'": "x"}'

    (problem,) = told(taking(BODY[dict[str, int]]), body=body)

    assert problem["pointer"] == "#/" + "k" * 100 + "…"


def test_a_problem_deep_down_is_told_at_the_last_level_that_is_entered() -> None:
    body = b'{"name":"a","children":[' * 100 + b'{"name":1}' + b"]}" * 100

    (problem,) = told(taking(Node), body=body)

    assert problem["pointer"] == "#" + "/children/0" * 20


def test_an_optional_body_may_be_left_out() -> None:
    view = taking(Order | None, None)

    assert ask(view, content_type=None) is None
    assert ask(view, body=b'{"name": "a"}') == Order("a")
    assert refusal(view, "", b"{}", None).status == 415


@dataclass
class Range:
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("The end is before the start.")


class Search(TypedDict, total=False):
    q: str
    size: list[int]


class Corner(NamedTuple):
    x: int
    y: int = 0


@attrs.define
class Token:
    _value: int = attrs.field(alias="number")
    made: int = attrs.field(init=False, default=1)


@dataclass
class Sized:
    size: int
    area: int = field(init=False, default=1)


class Window(pydantic.BaseModel):
    start: int = pydantic.Field(ge=0)
    end: int = pydantic.Field(alias="to")
    step: int = 1


class Renamed(msgspec.Struct, rename="kebab"):
    per_page: int


@pytest.mark.parametrize(
    ("hint", "query", "value"),
    [
        (Range, "start=1&end=2", Range(1, 2)),
        (Search, "q=a&size=1&size=2", {"q": "a", "size": [1, 2]}),
        (Search, "", {}),
        (Corner, "x=1", Corner(1, 0)),
        (Sized, "size=2", Sized(2)),
        (Token, "_value=3", Token(3)),
        (Window, "start=1&to=2", Window(start=1, to=2)),
        (Renamed, "per-page=3", Renamed(3)),
    ],
)
def test_a_record_may_be_all_of_the_query(hint: Any, query: str, value: object) -> None:
    assert ask(taking(QUERY[hint]), query) == value


@pytest.mark.parametrize(
    ("hint", "query", "problems"),
    [
        (Range, "start=x", {"start": "Expected a whole number.", "end": "Missing."}),
        (Range, "start=2&end=1", {None: "The end is before the start."}),
        (Renamed, "per-page=x", {"per-page": "Expected a whole number."}),
        (Window, "start=-1&to=x", {"to": "Expected a whole number."}),
        (
            Window,
            "start=-1&to=1",
            {"start": "Input should be greater than or equal to 0."},
        ),
    ],
)
def test_problems_of_a_record_name_its_parameters(
    hint: Any, query: str, problems: dict[str | None, str]
) -> None:
    found = told(taking(QUERY[hint]), query)

    assert {one.get("parameter"): one["detail"] for one in found} == problems


@dataclass
class Profile:
    name: str
    photo: Annotated[Upload, In("file")]
    address: Annotated[Item, In("json")]
    tags: list[str] | None = None


PARTS = [("name", b"Ada", None), ("photo", b"GIF", "a.gif"), ("tags", b"x", None)]


def test_one_form_holds_texts_files_and_json() -> None:
    body, kind = multipart(*PARTS, ("address", b'{"sku": "b"}', None))

    profile = ask(taking(Form[Profile]), "", body, kind)

    assert (profile.name, profile.address) == ("Ada", Item("b"))
    assert (profile.photo.filename, profile.photo.read(2)) == ("a.gif", b"GI")


def test_all_that_is_wrong_with_a_form_is_told() -> None:
    body, kind = multipart(("address", b'{"sku": 1}', None))

    error = refusal(taking(Form[Profile]), "", body, kind)

    assert error.status == 422
    assert [one.document() for one in error.problems] == [
        {"in": "form", "parameter": "name", "detail": "Missing."},
        {"in": "file", "parameter": "photo", "detail": "Missing."},
        {
            "in": "form",
            "parameter": "address",
            "pointer": "#/sku",
            "detail": "Expected `str`, got `int`.",
        },
    ]


def part(
    meta: JsonPart[Item], photo: File[list[bytes]], other: File[Any] = None
) -> Any:
    return meta, photo, other


def test_parameters_of_a_form_may_stand_alone() -> None:
    body, kind = multipart(
        ("meta", b'{"sku": "b"}', None),
        ("photo", b"1", "1.gif"),
        ("photo", b"2", "2.gif"),
        ("other", b"", ""),
    )

    assert ask(part, "", body, kind) == (Item("b"), [b"1", b"2"], None)


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"sku": NaN}', 400),
        (b"{}", 422),
        (b"", 422),
    ],
)
def test_json_in_a_form_is_refused_as_a_body_is(meta: bytes, status: int) -> None:
    body, kind = multipart(("meta", meta, None), ("photo", b"1", "1.gif"))

    assert refusal(part, "", body, kind).status == status


@pytest.mark.parametrize("content_type", [None, ""])
def test_without_a_body_a_form_is_empty(content_type: str | None) -> None:
    def view(n: Form[int] = 1, photo: File[bytes] | None = None) -> Any:
        return n, photo

    assert ask(view, "", b"", content_type) == (1, None)
    assert refusal(taking(Form[str]), "", b"", content_type).status == 422


@pytest.mark.parametrize("content_type", [None, "", "text/plain"])
def test_a_form_must_call_itself_one(content_type: str | None) -> None:
    error = refusal(taking(Form[str]), "", b"value=1", content_type)

    assert error.status == 415
    assert error.headers["Accept"] == (
        "application/x-www-form-urlencoded, multipart/form-data"
    )


def test_a_urlencoded_form_is_read() -> None:
    kind = "application/x-www-form-urlencoded"

    assert ask(taking(Form[list[int]]), "", b"value=1&value=2", kind) == [1, 2]
    assert ask(taking(Form[int]), "", b"value=1&value=2", kind) == 1


class Given:
    pass


class Own(Given):
    pass


def test_a_type_the_host_gives_is_not_read_from_the_request() -> None:
    own = Own()
    binder = Binder(provide={Given: lambda request: own, int: lambda request: 7})

    assert ask(taking(Own), binder=binder) is own
    assert ask(taking(int | None), binder=binder) == 7


def test_several_libraries_are_mixed_in_one_view() -> None:
    def view(
        order: OrderModel,
        filters: Query[Filters],
        pages: Query[Annotated[int, pydantic.Field(le=9)]] = 1,
    ) -> list[OrderModel]:
        return [order] * pages

    body, status, _ = ask(view, "size=1&pages=2", b'{"name": "a"}')

    assert (body, status) == (b'[{"name":"a","items":[]},{"name":"a","items":[]}]', 200)


@dataclass
class Mixed:
    count: Annotated[int, pydantic.Field(gt=0)]
    total: Annotated[int, msgspec.Meta(gt=0)]


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (Annotated[int, "note"], "nobody of msgspec and pydantic understands 'note'"),
        (
            Annotated[int, msgspec.Meta(gt=0), pydantic.Field(gt=0)],
            "only msgspec of msgspec and pydantic understands",
        ),
        (Body[Mixed], r"only pydantic of .* understands .* at Mixed.count"),
        (Annotated[int, Use.__class__], "nobody of"),
        (Annotated[int, annotated_types.Predicate(bool), msgspec.Meta(gt=1)], "only"),
        (Query[Given], "cannot read <class 'test_types.Given'>. Use a dataclass"),
        (BODY[dict[str, Given]], "cannot read"),
        (dict[str, int], r"dict\[str, int\] cannot be written as texts. Use a list"),
        (tuple[int, str], "cannot be written as texts"),
        (BODY[Iterable[int]], "cannot read"),
        (list[list[int]], "cannot be written as texts"),
        (QUERY[Annotated[str, annotated_types.Gt(3)]], r"Gt\(gt=3\) says nothing of <"),
        (BODY[list[Annotated[int, annotated_types.MinLen(3)]]], "says nothing of <"),
        (PATH[list[int]], "cannot be written as texts"),
        (Annotated[Given, annotated_types.Gt(1)], "cannot read"),
        (Lost, "shop.Lost: its annotations name 'Nowhere', which cannot be found"),
    ],
)
def test_what_no_library_understands_is_refused_at_set_up(hint: Any, text: str) -> None:
    with pytest.raises(SetupError, match=text):
        Binder().bind(taking(hint))


def test_without_pydantic_its_rules_are_unknown() -> None:
    with pytest.raises(SetupError, match="nobody of msgspec understands FieldInfo"):
        Binder(codecs=[MsgspecCodec()]).bind(
            taking(Query[Annotated[int, pydantic.Field(gt=0)]])
        )


def test_pydantic_alone_reads_what_it_knows() -> None:
    binder = Binder(codecs=[PydanticCodec()])

    assert ask(taking(Order), body=b'{"name": "a"}', binder=binder) == Order("a")
    with pytest.raises(SetupError, match="pydantic cannot read"):
        binder.bind(taking(Cat))


def test_a_document_of_a_type_is_no_rule() -> None:
    class Doc:
        documentation = "How many."

    assert ask(taking(Query[Annotated[int, Doc()]]), "value=3") == 3


class Tagged(pydantic.BaseModel):
    pet: Annotated[
        OneCat | OneDog,
        pydantic.Field(discriminator="kind"),
    ]
    id: uuid.UUID | None = None


class OneCat(pydantic.BaseModel):
    kind: Literal["cat"]


class OneDog(pydantic.BaseModel):
    kind: Literal["dog"]
    name: int | bool


Tagged.model_rebuild()


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (
            b'{"pet": {"kind": "cow"}}',
            {"#/pet": "Expected an object of one of the kinds 'cat', 'dog'."},
        ),
        (b'{"pet": {"kind": "dog"}}', {"#/pet/name": "Missing."}),
        (
            b'{"pet": {"kind": "cat"}, "id": "zz"}',
            {"#/id": "Expected a UUID."},
        ),
    ],
)
def test_pydantic_tells_pointers_and_no_values(
    body: bytes, problems: dict[str, str]
) -> None:
    found = told(taking(Tagged), body=body)

    assert {one["pointer"]: one["detail"] for one in found} == problems


@attrs.define
class Guarded:
    age: int = attrs.field(validator=attrs.validators.gt(5))


def test_rules_of_attrs_are_obeyed_and_do_not_tell_the_value() -> None:
    assert told(taking(Guarded), body=b'{"age": 3}') == [
        {"in": "body", "pointer": "#", "detail": "Refused by a rule of the whole."}
    ]


class Money:
    def __init__(self, text: str) -> None:
        self.cents = int(text)


class MoneyCodec:
    """A codec of a class that no library knows: money in JSON is a text."""

    name = "money"
    errors: tuple[type[Exception], ...] = (ValueError,)

    def handles(self, hint: object, /) -> bool:
        return kernel(hint) is Money

    def understands(self, metadata: object, /) -> bool:
        return False

    def decoder(self, hint: Any, /) -> Callable[[bytes], Any]:
        return lambda raw: Money(msgspec.json.decode(raw, type=str))

    def converter(self, hint: Any, /) -> Callable[[Any], Any]:
        return Money

    def encoder(self, hint: Any, /) -> Callable[[Any], bytes]:
        return lambda money: msgspec.json.encode(str(money.cents))

    def checker(self, hint: Any, /) -> Callable[[Any], list[Problem]]:
        return lambda money: []

    def json_problems(
        self, raw: bytes, hint: Any, error: Exception, /
    ) -> list[Problem]:
        return [Problem("body", "Expected money.", pointer="#")]

    def problems(self, value: object, hint: Any, error: Exception, /) -> list[Problem]:
        return [Problem("query", "Expected money.")]

    def schemas(
        self, hints: Sequence[Any], ref: str, /
    ) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
        return [{"type": "string", "format": "money"} for _ in hints], {}


def pay(price: Body[Money], tip: Query[Money]) -> Money:
    return Money(str(price.cents + tip.cents))


def test_a_codec_of_yours_reads_and_writes_your_classes() -> None:
    codecs: list[Codec] = [MoneyCodec(), MsgspecCodec()]
    binder = Binder(codecs=codecs)

    assert ask(pay, "tip=2", b'"3"', binder=binder)[0] == b'"5"'
    assert told(pay, "tip=x", b'"y"', binder=binder) == [
        {"in": "body", "pointer": "#", "detail": "Expected money."},
        {"in": "query", "parameter": "tip", "detail": "Expected money."},
    ]
    operation = Operation("POST", "/", binder.bind(pay), "pay")
    made = document([operation], title="Shop", version="1")
    assert made["paths"]["/"]["post"]["parameters"][0]["schema"] == {
        "type": "string",
        "format": "money",
    }


def test_without_a_codec_nothing_can_be_read() -> None:
    with pytest.raises(SetupError, match="no library cannot read"):
        Binder(codecs=[]).bind(pay)


def test_pydantic_is_asked_once_something_has_loaded_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "pydantic")

    with pytest.raises(SetupError, match=r"view\(value\): msgspec cannot read"):
        Binder().bind(taking(ItemModel))


def test_codecs_explain_what_is_no_error_of_theirs() -> None:
    problem = Problem("body", "Cannot be read.", pointer="#")

    assert PydanticCodec().problems(1, int, RecursionError()) == [problem]
    assert MsgspecCodec().problems(1, int, RecursionError()) == [problem]


def test_hidden_rules_hold_for_plain_values_too() -> None:
    convert = MsgspecCodec().converter(Ruled)

    assert convert({"count": "1"}) == Ruled(1)
    with pytest.raises(ValueError, match="Expected `int` >= 1"):
        convert({"count": "0"})


Short = Annotated[bytes, annotated_types.MaxLen(2)]


def test_bytes_may_have_a_rule_about_their_length() -> None:
    body, kind = multipart(("value", b"abc", "a.txt"))

    assert ask(taking(BODY[Short]), body=b"ab") == b"ab"
    assert told(taking(BODY[Short]), body=b"abc") == [
        {"in": "body", "detail": "Its length is not allowed."}
    ]
    assert told(taking(File[Short]), "", body, kind) == [
        {"in": "file", "parameter": "value", "detail": "Its length is not allowed."}
    ]


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (File[int], "a file is no int. Write File"),
        (File[list[str]], "a file is no str"),
        (Annotated[Upload, In("file"), "note"], "nothing obeys 'note' here"),
        (Annotated[Given, "note"], "nothing obeys 'note' here"),
        (Annotated[int, Use(len), "note"], "nothing obeys 'note' here"),
        (BODY[Annotated[bytes, "note"]], "nobody of"),
    ],
)
def test_rules_that_would_be_ignored_are_refused(hint: Any, text: str) -> None:
    binder = Binder(provide={Given: lambda request: None})

    with pytest.raises(SetupError, match=text):
        binder.bind(taking(hint))


@dataclass
class Marked:
    count: Annotated[int, In("query")]
    user: Annotated[int, Use(len)] = 0


@dataclass
class Chain:
    name: str
    next: Chain | None = None


@dataclass
class Nested:
    size: Sized
    name: str


def test_a_record_in_a_record_is_read_from_the_same_place() -> None:
    view = taking(Query[Nested])

    assert ask(view, "size=3&name=a") == Nested(Sized(3), "a")
    assert told(view, "size=x") == [
        {"in": "query", "parameter": "size", "detail": "Expected a whole number."},
        {"in": "query", "parameter": "name", "detail": "Missing."},
    ]


def test_a_record_may_be_left_out_as_a_whole() -> None:
    view = taking(QUERY[Range | None], None)

    assert ask(view) is None
    assert ask(view, "start=1&end=2") == Range(1, 2)
    assert told(view, "start=1") == [
        {"in": "query", "parameter": "end", "detail": "Missing."}
    ]
    assert told(view, "start=%FF&end=2") == [
        {"in": "query", "parameter": "start", "detail": "Expected text in UTF-8."}
    ]


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (Body[Marked], r"In\('query'\) stands inside of the type"),
        (JsonPart[Marked], "stands inside of the type"),
        (Query[list[Header[int]]], r"In\('header'\) stands inside"),
        (Query[Marked], r"view\(value\).user: a field uses nothing"),
        (Query[Chain], "the records of a query hold each other"),
        (Query[list[Sized]], "cannot be written as texts"),
    ],
)
def test_marks_where_nobody_looks_are_refused(hint: Any, text: str) -> None:
    with pytest.raises(SetupError, match=text):
        Binder().bind(taking(hint))
