"""What becomes of the results of views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import pydantic
import pytest
from asking import ask
from shop import Item, ItemModel, Order, OrderModel

from tantalus_typed import Answer, Binder, ReturnMismatch, SetupError, Status


class Response:
    pass


def returning(hint: Any, result: object) -> Any:
    def view() -> Any:
        return result

    view.__annotations__["return"] = hint
    return view


@pytest.mark.parametrize(
    ("hint", "result", "body"),
    [
        (Order, Order("a"), b'{"name":"a","items":[]}'),
        (list[Order], [Order("a")], b'[{"name":"a","items":[]}]'),
        (Order | None, None, b"null"),
        (dict[str, int], {"a": 1}, b'{"a":1}'),
        (int, 3, b"3"),
        (ItemModel, ItemModel(sku="a"), b'{"sku":"a","count":1}'),
    ],
)
def test_a_result_is_encoded_by_its_annotation(
    hint: Any, result: object, body: bytes
) -> None:
    assert ask(returning(hint, result)) == (
        body,
        200,
        {"Content-Type": "application/json"},
    )


@pytest.mark.parametrize(
    ("hint", "result"),
    [
        (str, "text"),
        (bytes, b"bytes"),
        (tuple[str, int], ("a", 201)),
        (str | Order, Order("a")),
        (dict, {}),
        (list, []),
        (None, None),
        (Any, 3),
        (Response, Response()),
        (Iterator[bytes], iter(())),
    ],
)
def test_what_the_host_knows_better_is_left_to_it(hint: Any, result: object) -> None:
    assert ask(returning(hint, result)) is result


def test_a_host_says_what_is_left_to_it() -> None:
    binder = Binder(as_is=[dict])

    assert ask(returning(dict[str, int], {"a": 1}), binder=binder) == {"a": 1}


def test_the_status_of_an_answer_is_said_in_its_annotation() -> None:
    _, status, _ = ask(returning(Annotated[Order, Status(201)], Order("a")))

    assert status == 201


def test_the_response_is_the_hosts() -> None:
    answer = ask(returning(Item, Item("a")), binder=Binder(respond=Answer))

    assert isinstance(answer, Answer)
    assert answer.body == b'{"sku":"a","count":1}'


def test_each_answer_has_its_own_headers() -> None:
    bound = Binder().bind(returning(int, 3))

    bound.call(None, {})[2]["X-Own"] = "1"

    assert bound.call(None, {})[2] == {"Content-Type": "application/json"}


@dataclass
class Ruled:
    n: Annotated[int, msgspec.Meta(gt=0)]


@pytest.mark.parametrize(
    ("hint", "result", "text"),
    [
        (list[Order], [Order(3)], r"#/0/name: Expected `str`, got `int`"),  # type: ignore[arg-type]
        (Ruled, Ruled(0), "#/n: Expected `int` >= 1"),
        (int, object(), "Cannot be JSON: Encoding objects of type object"),
        (
            OrderModel,
            OrderModel.model_construct(name=3, items=[]),
            "Expected `str`",
        ),
    ],
)
def test_a_result_is_compared_with_its_annotation_where_asked(
    hint: Any, result: object, text: str
) -> None:
    binder = Binder(check=True)

    with pytest.raises(ReturnMismatch, match=r"(?s)view\(\) returned .*" + text):
        ask(returning(hint, result), binder=binder)


@pytest.mark.parametrize(
    ("hint", "result"), [(Order, Order("a")), (OrderModel, OrderModel(name="a"))]
)
def test_a_result_that_keeps_its_word_passes_the_check(
    hint: Any, result: object
) -> None:
    assert ask(returning(hint, result), binder=Binder(check=True))[1] == 200


@pytest.mark.parametrize("check", [True, False], ids=["checked", "unchecked"])
@pytest.mark.parametrize(
    "hint",
    [Order, OrderModel, dict[str, int], Order | None, Annotated[Order, Status(201)]],
)
def test_a_status_in_a_tuple_is_not_sent_as_data(hint: Any, check: bool) -> None:
    with pytest.raises(ReturnMismatch, match=r"view\(\) returned"):
        ask(returning(hint, ({"error": "none"}, 404)), binder=Binder(check=check))


@pytest.mark.parametrize("hint", [tuple[int, int], list[int], Order | tuple[int, int]])
def test_a_tuple_is_data_where_it_may_be(hint: Any) -> None:
    result = Binder(as_is=()).bind(returning(hint, (1, 2))).call(None, {})

    assert result[0] == b"[1,2]"


@pytest.mark.parametrize(
    "hint", [dict[str, Response], list[Response], Annotated[Order, 3], Order | Response]
)
def test_what_nobody_can_encode_is_refused_at_set_up(hint: Any) -> None:
    with pytest.raises(
        SetupError, match=r"view\(\) returns .*which no codec can encode"
    ):
        Binder().bind(returning(hint, None))


def test_a_rule_of_the_result_is_one_that_somebody_understands() -> None:
    hint = Annotated[int, pydantic.Field(gt=0)]

    assert ask(returning(hint, 3))[0] == b"3"


def test_an_empty_answer_has_a_status() -> None:
    assert ask(returning(Annotated[None, Status(204)], None)) == (b"", 204, {})


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (Annotated[Order, Status(204)], "an answer of status 204 has no body"),
        (Annotated[str, Status(201)], r"Status\(201\) would be ignored"),
        (Annotated[Response, Status(201)], r"Status\(201\) would be ignored"),
    ],
)
def test_a_status_that_would_be_ignored_is_refused(hint: Any, text: str) -> None:
    with pytest.raises(SetupError, match=text):
        Binder().bind(returning(hint, None))


def test_what_a_check_tells_holds_no_value() -> None:
    bound = Binder(check=True).bind(
        returning(list[OrderModel], [OrderModel.model_construct(name=b"hunter2")])
    )

    with pytest.raises(ReturnMismatch) as caught:
        bound.call(None, {})

    assert "hunter2" not in str(caught.value)
    assert "Expected `str`." in str(caught.value)


class Strange(pydantic.BaseModel):
    n: Any


def test_what_pydantic_cannot_encode_is_told() -> None:
    with pytest.raises(ReturnMismatch, match="Cannot be JSON"):
        ask(returning(Strange, Strange(n=object())), binder=Binder(check=True))
