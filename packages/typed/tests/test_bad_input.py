"""What no client should send, and some do: each is refused, and none is a crash."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest
from asking import BODY, ask, multipart, refusal, told
from shop import ORDERS, Closed, Order, OrderModel

from tantalus_typed import Binder, File, Form, Header, MsgspecCodec, Query

View = Callable[..., Any]


def taking(kind: Any) -> View:
    """Return a view that takes a body of a type, and returns it."""

    def view(order: Any) -> Any:
        return order

    view.__annotations__ = {"order": BODY[kind], "return": object}
    return view


def page(page: int = 1) -> Any:
    return page


def flag(flag: bool = False) -> Any:
    return flag


def text(text: str = "none") -> Any:
    return text


def tags(tag: Query[list[int]]) -> Any:
    return tag


def upload(photo: File[bytes], name: Form[str]) -> Any:
    return photo, name


def name_only(name: Form[str]) -> Any:
    return name


def header(x_name: Header[str]) -> Any:
    return x_name


GOOD = b'{"name": "a"}'


@pytest.mark.parametrize("kind", ORDERS)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b'{"name": "\\ud800"}', 400, id="lone surrogate"),
        pytest.param(b'{"name": NaN}', 400, id="NaN"),
        pytest.param(b'{"name": -Infinity}', 400, id="Infinity"),
        pytest.param(b"[" * 100_000, 400, id="deep list"),
        pytest.param(b'{"a":' * 100_000, 400, id="deep object"),
        pytest.param(b'{"name": "\xff"}', 400, id="bad UTF-8"),
        pytest.param(b"", 400, id="empty"),
        pytest.param(b"  ", 400, id="blank"),
        pytest.param(b"{", 400, id="cut off"),
        pytest.param(b"{'name': 'a'}", 400, id="single quotes"),
        pytest.param(b'\xef\xbb\xbf{"name": "a"}', 400, id="byte order mark"),
        pytest.param(b"null", 422, id="null"),
        pytest.param(b'"text"', 422, id="text"),
        pytest.param(b"[]", 422, id="list"),
        pytest.param(b"{}", 422, id="missing field"),
        pytest.param(b'{"name": 1e999}', 422, id="number out of range"),
        pytest.param(b'{"name": ' + b"9" * 5000 + b"}", 422, id="5,000 digits"),
        pytest.param(b'{"name": "a", "items": {}}', 422, id="object for a list"),
    ],
)
def test_json_that_is_none_is_refused_by_every_library(
    kind: Any, body: bytes, status: int
) -> None:
    error = refusal(taking(kind), body=body)

    assert error.status == status
    assert error.problems


@pytest.mark.parametrize("kind", ORDERS)
def test_the_last_of_duplicate_keys_counts(kind: Any) -> None:
    order = ask(taking(kind), body=b'{"name": "a", "name": "b"}')

    assert (order["name"] if isinstance(order, dict) else order.name) == "b"


@pytest.mark.parametrize("kind", ORDERS)
def test_unknown_fields_are_let_through(kind: Any) -> None:
    assert ask(taking(kind), body=b'{"name": "a", "extra": 1}')


def test_a_struct_forbids_unknown_fields_by_a_word() -> None:
    assert told(taking(Closed), body=b'{"name": "a", "extra": 1}') == [
        {"in": "body", "pointer": "#/extra", "detail": "There is no such field."}
    ]


def test_a_codec_forbids_unknown_fields_everywhere() -> None:
    binder = Binder(codecs=[MsgspecCodec(forbid_unknown_fields=True)])
    body = b'{"name": "a", "items": [{"sku": "b", "extra": 1}]}'

    assert told(taking(Order), body=body, binder=binder) == [
        {
            "in": "body",
            "pointer": "#/items/0/extra",
            "detail": "There is no such field.",
        }
    ]
    assert ask(taking(Order), body=GOOD, binder=binder) == Order("a")


@pytest.mark.parametrize("kind", [Order, OrderModel])
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "", None, "application/x-www-form-urlencoded", "text/json"],
)
def test_what_does_not_call_itself_json_is_not_read_as_json(
    kind: Any, content_type: str | None
) -> None:
    error = refusal(taking(kind), "", GOOD, content_type)

    assert error.status == 415
    assert error.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/problem+json",
    ],
)
def test_kinds_of_json_are_json(content_type: str) -> None:
    assert ask(taking(Order), "", GOOD, content_type) == Order("a")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("1_0", id="underscore"),
        pytest.param("%D9%A1", id="Arabic digit"),
        pytest.param("%20" + "1", id="space before"),
        pytest.param("1+", id="space after"),
        pytest.param("1.0", id="fraction"),
        pytest.param("1e3", id="exponent"),
        pytest.param("0x10", id="hexadecimal"),
        pytest.param("--1", id="two signs"),
        pytest.param("%2B", id="sign alone"),
        pytest.param("9" * 5000, id="5,000 digits"),
        pytest.param("%FF", id="bad UTF-8"),
        pytest.param("%00", id="null byte"),
        pytest.param("null", id="null"),
    ],
)
def test_what_is_no_whole_number_is_refused(value: str) -> None:
    error = refusal(page, f"page={value}")

    assert error.status == 422
    assert error.problems[0].parameter == "page"


@pytest.mark.parametrize(
    ("value", "number"), [("10", 10), ("-1", -1), ("%2B7", 7), ("007", 7)]
)
def test_digits_with_a_sign_are_a_whole_number(value: str, number: int) -> None:
    assert ask(page, f"page={value}") == number


@pytest.mark.parametrize("query", ["page=", "page", "&&&", "other=1", ""])
def test_an_empty_number_is_missing(query: str) -> None:
    assert ask(page, query) == 1


@pytest.mark.parametrize("query", ["text=", "text"])
def test_an_empty_text_is_a_text(query: str) -> None:
    assert ask(text, query) == ""


def test_the_first_of_repeated_parameters_counts() -> None:
    assert ask(page, "page=2&page=3") == 2


def test_a_list_takes_all_of_repeated_parameters() -> None:
    assert ask(tags, "tag=2&tag=3&tag=") == [2, 3]


def test_a_body_nobody_asked_for_is_not_read() -> None:
    assert ask(page, "page=2", b"[" * 1000) == 2


def test_a_file_where_text_is_due_is_a_missing_text() -> None:
    body, kind = multipart(("photo", b"1", None), ("name", b"2", "name.txt"))

    assert told(upload, "", body, kind) == [
        {"in": "file", "parameter": "photo", "detail": "Missing."},
        {"in": "form", "parameter": "name", "detail": "Missing."},
    ]


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_a_form_of_1001_fields_is_too_large(form: str) -> None:
    body, kind = multipart(*[("name", b"", None)] * 1001)
    if form == "urlencoded":
        body, kind = b"name=a&" * 1001, "application/x-www-form-urlencoded"

    assert refusal(name_only, "", body, kind).status == 413


def test_a_body_of_20_megabytes_is_too_large() -> None:
    error = refusal(taking(Order), body=b'{"name": "' + b"a" * 20_000_000 + b'"}')

    assert error.status == 413
    assert error.document()["detail"] == "The body has more than 8,388,608 bytes."


def test_a_header_beyond_ascii_is_the_text_that_servers_give() -> None:
    assert ask(header, headers={"x-name": "J\xfcrgen"}) == "J\xfcrgen"


SECRET = "hunter2"


@pytest.mark.parametrize("kind", ORDERS)
@pytest.mark.parametrize(
    "body",
    [
        f'{{"name": ["{SECRET}"]}}',
        f'{{"name": {{"a": "{SECRET}"}}}}',
        f'{{"name": "a", "items": "{SECRET}"}}',
        f'{{"name": "a", "items": [{{"sku": 1, "count": "{SECRET}"}}]}}',
        f'{{"name": "{SECRET}"',
    ],
)
def test_neither_document_nor_traceback_holds_a_value(kind: Any, body: str) -> None:
    error = refusal(taking(kind), body=body.encode())

    assert SECRET not in error.body.decode()
    assert SECRET not in "".join(traceback.format_exception(error))
    assert error.__context__ is None


@pytest.mark.parametrize("query", [f"page={SECRET}", f"page={SECRET}%FF"])
def test_values_of_parameters_are_not_told_either(query: str) -> None:
    error = refusal(page, query)

    assert SECRET not in "".join(traceback.format_exception(error))


def test_at_most_fifty_problems_are_told() -> None:
    body = b'{"name": 1, "items": [' + b",".join([b"{}"] * 200) + b"]}"

    error = refusal(taking(Order), body=body)

    assert len(error.problems) == 50
    assert str(error) == "50 values of the request are not valid. There may be more."
