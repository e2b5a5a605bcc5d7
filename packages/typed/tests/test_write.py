"""The function that a plan is written out as."""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from typing import Annotated, Any

import pytest
from asking import ask, environ_of
from shop import Order

from tantalus_typed import Binder, EnvironRequest, Header, In, Path, Query, Use


def evil_name_of_a_dependency(secret_header: Header[str]) -> str:
    return secret_header


def everything(
    shop: Path[int],
    order: Order,
    evil: Annotated[str, Use(evil_name_of_a_dependency)],
    *,
    keyword: Query[int] = 1,
    other: Query[list[str]] = ["default text"],  # noqa: B006  # is not changed
) -> Any:
    return shop, order, evil, keyword, other


def test_nothing_of_the_user_is_in_the_source() -> None:
    source = Binder().bind(everything).source

    words = set(re.findall(r"[A-Za-z_]+", re.sub(r"\b[av][0-9]+\b", "", source)))
    assert words == {
        *("def", "bind", "call", "request", "args", "try", "found", "copy", "text"),
        *("environ", "get", "QUERY_STRING", "if", "CONTENT_TYPE", "application"),
        *("json", "get_data", "is", "not", "raise", "else", "except", "refused"),
        "return",
    }


def test_keyword_only_parameters_are_passed_by_name() -> None:
    answer = ask(
        everything,
        "keyword=2&other=a&other=b",
        b'{"name": "n"}',
        headers={"secret-header": "s"},
        args={"shop": "7"},
    )

    assert answer == (7, Order("n"), "s", 2, ["a", "b"])


def test_views_of_one_shape_share_what_was_compiled() -> None:
    def first(page: int = 1) -> Any:
        return page

    def second(size: float = 2.5) -> Any:
        return size

    calls = [Binder().bind(view).call for view in (first, second)]

    assert calls[0].__code__ is calls[1].__code__


def test_a_traceback_shows_the_line_of_what_was_written() -> None:
    def failing(page: int = 1) -> Any:
        raise LookupError

    with pytest.raises(LookupError) as caught:
        ask(failing)

    linecache.checkcache()
    lines = traceback.extract_tb(caught.value.__traceback__)
    assert [one.line for one in lines if "tantalus_typed: call" in one.filename] == [
        "return v2(a0)"
    ]


def test_the_source_can_be_inspected() -> None:
    bound = Binder().bind(everything)

    assert "def call(request, args):" in inspect.getsource(bound.call)


def test_a_view_of_nothing_is_only_called() -> None:
    def view() -> str:
        return "a"

    assert Binder().bind(view).source == (
        "def bind(v0):\n"
        "    def call(request, args):\n"
        "        return v0()\n"
        "    return call\n"
    )


def test_one_name_may_be_read_alone_and_as_a_list() -> None:
    def view(
        one: Annotated[str, In("query", "name")],
        all_of_them: Annotated[list[str], In("query", "name")],
    ) -> Any:
        return one, all_of_them

    bound = Binder().bind(view)

    request = EnvironRequest(environ_of("name=a&name=b"))
    assert bound.call(request, {}) == ("a", ["a", "b"])
