from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import annotated_types
import msgspec
import pydantic
import pytest
from asking import refusal
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from shop import Cat, Dog, Item, ItemModel, Node, Order, OrderModel, Page, Point, Ruled

from tantalus_typed import (
    Binder,
    Body,
    Cookie,
    EnvironRequest,
    Form,
    Header,
    In,
    Invalid,
    JsonPart,
    Operation,
    Path,
    Query,
    SetupError,
    Status,
    Upload,
    Use,
    document,
)
from tantalus_typed._problems import PROBLEM_SCHEMA

T = TypeVar("T")
FILE = {
    "type": "string",
    "format": "binary",
    "contentMediaType": "application/octet-stream",
}


def token(x_token: Header[str]) -> str:
    return x_token


Caller = Annotated[
    str, Use(token, security={"bearer": {"type": "http", "scheme": "bearer"}})
]


@dataclass
class Search:
    q: str
    size: Annotated[int, msgspec.Meta(gt=0, le=100, description="Rows.")] = 10


@dataclass
class Profile:
    name: str
    photo: Annotated[Upload, In("file")]
    more: Annotated[list[Upload], In("file")]
    address: Annotated[Item, In("json")]
    nick: str = ""


NO_JSON: Any = object()


def show(
    shop: Path[int],
    who: Caller,
    search: Query[Search],
    sort: Literal["asc", "desc"] = "asc",
    after: Annotated[Any, In("query")] = None,
    odd: Query[int] = NO_JSON,
    seen: Cookie[int] = 0,
) -> Page[Item]:
    """Show a page of items.

    With all that there is to say.
    """
    raise NotImplementedError


def create(shop: Path[int], order: Order) -> Annotated[Cat | Dog, Status(201)]: ...


def model(order: OrderModel | None = None) -> list[ItemModel]: ...


def raw(data: Body[bytes]) -> str: ...


def profile(form: Form[Profile]) -> Node: ...


def login(name: Form[str], password: Form[str] = "") -> Point: ...


def login_of(name: Path[str]) -> Any: ...


def part(meta: JsonPart[Ruled]) -> None:
    """Take a part."""


def nothing() -> Any: ...


def operations(*views: tuple[str, str, Any]) -> list[Operation]:
    binder = Binder()
    return [
        Operation(method, path, binder.bind(view), view.__name__, tags=("shop",))
        for method, path, view in views
    ]


ALL = [
    ("GET", "/shops/<int:shop>", show),
    ("POST", "/shops/{shop:int}", create),
    ("PUT", "/model", model),
    ("PUT", "/raw", raw),
    ("POST", "/profile", profile),
    ("POST", "/login", login),
    ("POST", "/part", part),
    ("GET", "/", nothing),
]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(
        json.dumps(document(operations(*ALL), title="Shop", version="1"))
    )
    return written


NO_JSON = object()


def test_defaults_are_told_as_json() -> None:
    def search(tag: Query[list[str]] = ("a",), other: Query[Any] = NO_JSON) -> str:  # type: ignore[assignment]  # no list
        return ""

    made = document(operations(("GET", "/", search)), title="A", version="1")

    schemas = [one["schema"] for one in made["paths"]["/"]["get"]["parameters"]]
    assert schemas[0]["default"] == ["a"]
    assert "default" not in schemas[1]


def test_the_document_is_valid(made: dict[str, Any]) -> None:
    validate(made)


def test_both_kinds_of_variables_are_those_of_openapi(made: dict[str, Any]) -> None:
    assert list(made["paths"]["/shops/{shop}"]) == ["get", "post"]


def test_an_operation_says_what_its_view_says(made: dict[str, Any]) -> None:
    operation = made["paths"]["/shops/{shop}"]["get"]

    assert operation["operationId"] == "show"
    assert operation["summary"] == "Show a page of items."
    assert operation["description"] == "With all that there is to say."
    assert operation["tags"] == ["shop"]
    assert operation["security"] == [{"bearer": []}]
    assert list(operation["responses"]) == ["200", "401", "403", "404", "422"]


def test_parameters_are_those_of_the_whole_chain(made: dict[str, Any]) -> None:
    parameters = made["paths"]["/shops/{shop}"]["get"]["parameters"]

    assert [
        (one["in"], one["name"], one["required"], one["schema"]) for one in parameters
    ] == [
        ("path", "shop", True, {"type": "integer"}),
        ("header", "x-token", True, {"type": "string"}),
        ("query", "q", True, {"type": "string"}),
        (
            *("query", "size", False),
            {
                "type": "integer",
                "exclusiveMinimum": 0,
                "maximum": 100,
                "description": "Rows.",
            },
        ),
        ("query", "sort", False, {"enum": ["asc", "desc"], "default": "asc"}),
        ("query", "after", False, {}),
        ("query", "odd", False, {"type": "integer"}),
        ("cookie", "seen", False, {"type": "integer", "default": 0}),
    ]


def test_bodies_and_answers_refer_to_schemas(made: dict[str, Any]) -> None:
    operation = made["paths"]["/shops/{shop}"]["post"]

    assert operation["requestBody"] == {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}
        },
    }
    answer = operation["responses"]["201"]
    assert answer["description"] == "Created"
    schema = answer["content"]["application/json"]["schema"]
    assert schema["discriminator"]["propertyName"] == "type"
    assert list(operation["responses"]) == ["201", "400", "404", "413", "415", "422"]


def test_models_of_pydantic_are_described_by_it(made: dict[str, Any]) -> None:
    assert made["components"]["schemas"]["OrderModel"]["required"] == ["name"]
    assert not made["paths"]["/model"]["put"]["requestBody"]["required"]


def test_a_raw_body_is_bytes(made: dict[str, Any]) -> None:
    content = made["paths"]["/raw"]["put"]["requestBody"]["content"]

    assert content == {"application/octet-stream": {"schema": FILE}}


def test_a_form_with_files_is_multipart(made: dict[str, Any]) -> None:
    content = made["paths"]["/profile"]["post"]["requestBody"]["content"]

    schema = content["multipart/form-data"]["schema"]
    assert schema["properties"] == {
        "name": {"type": "string"},
        "photo": FILE,
        "more": {"type": "array", "items": FILE, "minItems": 1},
        "address": {"$ref": "#/components/schemas/Item"},
        "nick": {"type": "string"},
    }
    assert schema["required"] == ["name", "photo", "more", "address"]


def test_a_form_without_files_is_urlencoded(made: dict[str, Any]) -> None:
    content = made["paths"]["/login"]["post"]["requestBody"]["content"]

    assert list(content) == ["application/x-www-form-urlencoded"]


def test_rules_of_a_field_are_in_the_schema(made: dict[str, Any]) -> None:
    properties = made["components"]["schemas"]["Ruled"]["properties"]

    assert properties["count"]["exclusiveMinimum"] == 0
    assert properties["tags"]["maxItems"] == 2


class Counted(NamedTuple):
    number: Annotated[int, annotated_types.Gt(0)]
    at: datetime | None = None


class Tagged(msgspec.Struct, array_like=True, tag="tagged"):
    tags: Annotated[list[str], annotated_types.MaxLen(2)]


@dataclass
class Hard:
    price: Annotated[Decimal, annotated_types.Ge(Decimal("0.5"))] = Decimal(1)
    pair: tuple[int, str] = (0, "")
    rate: float = math.nan
    rates: list[float] = field(default_factory=lambda: [math.inf])
    limits: dict[str, float] = field(default_factory=lambda: {"a": math.nan})
    default: float = math.inf
    more: list[Annotated[int, annotated_types.Gt(0)]] = field(default_factory=list)
    names: Annotated[dict[str, str], annotated_types.MaxLen(1)] | None = None
    name: Annotated[str, annotated_types.MaxLen(3)] = ""
    raw: Annotated[bytes, annotated_types.MinLen(4)] = b"four"
    days: dict[str, datetime] = field(default_factory=dict)
    local: Annotated[datetime, msgspec.Meta(tz=False)] | None = None


def schemas_of(kind: Any) -> dict[str, Any]:
    """Return the schemas of a document that is nothing but JSON, and valid."""

    def view(body: Any, rate: Query[float] = math.nan) -> Any: ...

    view.__annotations__["body"] = kind
    made = document(operations(("POST", "/", view)), title="Shop", version="1")
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    validate(made)
    parameters = made["paths"]["/"]["post"]["parameters"]
    assert parameters[0]["schema"] == {"type": "number"}
    schemas: dict[str, Any] = made["components"]["schemas"]
    return schemas


def test_what_json_cannot_say_is_not_in_the_document() -> None:
    properties = schemas_of(Hard)["Hard"]["properties"]

    assert properties["price"]["minimum"] == 0.5
    assert properties["pair"]["default"] == [0, ""]
    assert properties["rate"] == {"type": "number"}
    assert properties["default"] == {"type": "number"}
    assert "default" not in properties["rates"]
    assert "default" not in properties["limits"]


def test_rules_are_told_wherever_they_stand() -> None:
    properties = schemas_of(Hard)["Hard"]["properties"]

    assert properties["more"]["items"] == {"type": "integer", "exclusiveMinimum": 0}
    assert properties["name"]["maxLength"] == 3
    assert properties["names"]["anyOf"][0]["maxProperties"] == 1
    assert properties["raw"]["minLength"] == 8  # of Base64
    assert properties["days"]["additionalProperties"] == {
        "type": "string",
        "format": "date-time",
    }
    assert properties["local"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_records_that_are_arrays_have_the_rules_of_their_fields() -> None:
    moment = {"type": "string", "format": "date-time"}

    counted = schemas_of(Counted)["Counted"]["prefixItems"]
    tagged = schemas_of(Tagged)["Tagged"]["prefixItems"]

    assert counted == [
        {"type": "integer", "exclusiveMinimum": 0},
        {"anyOf": [moment, {"type": "null"}], "default": None},
    ]
    assert tagged[1] == {"type": "array", "items": {"type": "string"}, "maxItems": 2}


def test_what_refuses_nothing_describes_no_problem() -> None:
    made = document(operations(("GET", "/", nothing)), title="Shop", version="1")

    assert made["paths"]["/"]["get"]["responses"] == {"200": {"description": "OK"}}
    assert made["components"] == {"schemas": {}}


def test_all_of_a_form_may_be_optional() -> None:
    def view(name: Form[str] = "") -> Any: ...

    made = document(operations(("POST", "/", view)), title="Shop", version="1")

    body = made["paths"]["/"]["post"]["requestBody"]
    assert not body["required"]
    assert (
        "required" not in body["content"]["application/x-www-form-urlencoded"]["schema"]
    )


Other = pydantic.create_model("Item", x=(int, ...))


@pytest.mark.parametrize(
    ("scheme", "left"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ["authorization", "key"]),
        ({"type": "apiKey", "in": "query", "name": "key"}, ["x-key", "authorization"]),
        ({"type": "http", "scheme": "basic"}, ["x-key", "key"]),
    ],
    ids=["header", "query", "http"],
)
def test_what_security_describes_is_no_parameter(
    scheme: dict[str, Any], left: list[str]
) -> None:
    def user(x_key: Header[str], authorization: Header[str], key: str) -> str:
        return key

    def view(user: str) -> Any: ...

    view.__annotations__["user"] = Annotated[str, Use(user, security={"s": scheme})]
    made = document(operations(("GET", "/", view)), title="Shop", version="1")

    operation = made["paths"]["/"]["get"]
    assert [one["name"] for one in operation["parameters"]] == left
    assert "422" in operation["responses"]


def test_what_only_security_describes_may_be_refused() -> None:
    def user(authorization: Header[str]) -> str:
        return authorization

    def view(user: str) -> Any: ...

    basic = {"basic": {"type": "http", "scheme": "basic"}}
    view.__annotations__["user"] = Annotated[str, Use(user, security=basic)]
    made = document(operations(("GET", "/", view)), title="Shop", version="1")

    operation = made["paths"]["/"]["get"]
    assert "parameters" not in operation
    assert {"401", "403", "422"} <= operation["responses"].keys()


def test_what_the_router_asks_of_variables_is_told() -> None:
    def view(a: Path[Annotated[int, msgspec.Meta(ge=3)]]) -> Any: ...

    asked: dict[str, Any] = {"a": {"minimum": 0, "maximum": 9}, "b": {"enum": ["x"]}}
    operation = Operation("GET", "/{a}/{b}", Binder().bind(view), "v", (), asked)
    made = document([operation], title="Shop", version="1")

    first, second = made["paths"]["/{a}/{b}"]["get"]["parameters"]
    assert first["schema"] == {"type": "integer", "minimum": 3, "maximum": 9}
    assert second["schema"] == {"type": "string", "enum": ["x"]}


def test_what_two_read_is_described_once() -> None:
    def page(page: Query[int]) -> int:
        return page

    def view(page: Query[int | None] = None, number: int = 1) -> Any: ...

    view.__annotations__["number"] = Annotated[int, Use(page)]
    made = document(operations(("GET", "/", view)), title="Shop", version="1")

    assert len(made["paths"]["/"]["get"]["parameters"]) == 1


def test_two_types_of_one_name_are_told() -> None:
    def view(item: Item) -> Any: ...

    view.__annotations__["return"] = Other

    with pytest.raises(SetupError, match="Two types are called 'Item', of pydantic"):
        document(operations(("POST", "/", view)), title="Shop", version="1")


def test_two_operations_of_one_name_are_told() -> None:
    with pytest.raises(SetupError, match="Two operations are called 'nothing'"):
        document(operations(*[("GET", "/", nothing)] * 2), title="Shop", version="1")


@dataclass
class Ranged(Generic[T]):
    value: T
    count: Annotated[int, annotated_types.Ge(1)] = 1


def test_rules_in_a_generic_type_are_in_its_schemas() -> None:
    def view(a: Ranged[int]) -> Ranged[str]: ...

    made = document(operations(("POST", "/", view)), title="Shop", version="1")

    schemas = made["components"]["schemas"]
    assert [
        schemas[name]["properties"]["count"] for name in ("Ranged_int_", "Ranged_str_")
    ] == [{"type": "integer", "minimum": 1, "default": 1}] * 2


class Text(msgspec.Struct):
    text: Annotated[str, msgspec.Meta(min_length=1)]


def test_a_problem_is_as_the_document_says() -> None:
    def view(text: Text, page: int) -> Any: ...

    error = refusal(view, body=b'{"text": ""}')

    validator = Draft202012Validator(PROBLEM_SCHEMA)
    validator.validate(json.loads(error.body))
    validator.validate(error.document(instance="/shops"))


def test_variables_that_a_view_does_not_read_are_described() -> None:
    made = document(
        operations(("GET", "/<int:a>/{b:path}", nothing)), title="Shop", version="1"
    )

    validate(made)
    assert made["paths"]["/{a}/{b}"]["get"]["parameters"] == [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in "ab"
    ]


@pytest.mark.parametrize(
    ("views", "text"),
    [
        (
            [("GET", "/{other}", login_of)],
            "'login_of': its view reads 'name' of the path",
        ),
        ([("CONNECT", "/", nothing)], "CONNECT / is no method of OpenAPI"),
        ([("GET", "/", nothing), ("get", "/", raw)], "get / is there twice"),
    ],
)
def test_operations_that_cannot_be_are_told(
    views: list[tuple[str, str, Any]], text: str
) -> None:
    with pytest.raises(SetupError, match=text):
        document(operations(*views), title="Shop", version="1")


def test_the_fields_of_a_record_that_may_be_left_out_may_be_left_out() -> None:
    def view(search: Query[Search] | None = None) -> Any: ...

    made = document(operations(("GET", "/", view)), title="Shop", version="1")

    parameters = made["paths"]["/"]["get"]["parameters"]
    assert [one["required"] for one in parameters] == [False, False]


def test_an_empty_answer_is_described() -> None:
    def remove() -> Annotated[None, Status(204)]: ...

    made = document(operations(("DELETE", "/", remove)), title="Shop", version="1")

    assert made["paths"]["/"]["delete"]["responses"] == {
        "204": {"description": "No Content"}
    }


class Pair(NamedTuple):
    x: int
    y: Decimal = Decimal(0)


def test_decimal_numbers_are_told_as_they_are_read() -> None:
    def send(pair: Body[list[Pair]]) -> None: ...

    made = document(operations(("POST", "/", send)), title="A", version="1")

    one = made["components"]["schemas"]["Pair"]["prefixItems"][1]
    assert one["type"] == ["string", "number"]
    assert one["pattern"].startswith("^[+-]?(?:[0-9]+")


def test_a_body_of_bytes_may_be_empty(made: dict[str, Any]) -> None:
    assert made["paths"]["/raw"]["put"]["requestBody"]["required"] is False


def test_json_in_a_form_is_missing_in_the_form() -> None:
    bound = Binder().bind(part)

    with pytest.raises(Invalid) as caught:
        bound.call(EnvironRequest({"CONTENT_TYPE": "multipart/form-data"}), {})

    assert caught.value.problems[0].place == "form"
