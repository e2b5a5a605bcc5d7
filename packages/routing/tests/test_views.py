"""Views written as classes, in a router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request

from tantalus_routing import MethodView, Router, View


class Item(MethodView):
    """An item."""

    def __init__(self, items: dict[int, str]) -> None:
        self.items = items

    def get(self, request: Request, id: int) -> str:
        return self.items[id]

    def put(self, request: Request, id: int) -> str:
        self.items[id] = request.get_data(as_text=True)
        return "put"


def client(view: Callable[..., Any], rule: str = "/") -> Client:
    router = Router()
    router.add_url_rule(rule, view_func=view)
    return Client(router)


def test_a_method_view_answers_by_the_function_of_the_method() -> None:
    asked = client(Item.as_view("item", {1: "one"}), "/<int:id>")

    assert asked.put("/2", data="two").text == "put"
    assert [asked.get("/1").text, asked.get("/2").text] == ["one", "two"]
    assert asked.head("/1").status_code == 200
    assert asked.post("/1").headers["Allow"] == "GET, HEAD, OPTIONS, PUT"


def test_the_view_function_looks_like_its_class() -> None:
    view: Any = Item.as_view("item", {})

    assert (view.__name__, view.__doc__, view.__module__) == (
        "item",
        "An item.",
        __name__,
    )
    assert view.view_class is Item
    assert view.methods == {"GET", "PUT"}


def test_a_view_is_made_for_each_request_unless_it_says_otherwise() -> None:
    class Counts(View):
        def __init__(self) -> None:
            self.count = 0

        def dispatch_request(self, request: Request) -> str:
            self.count += 1
            return str(self.count)

    class Shared(Counts):
        init_every_request = False

    each, shared = client(Counts.as_view("each")), client(Shared.as_view("shared"))

    assert [each.get("/").text, each.get("/").text] == ["1", "1"]
    assert [shared.get("/").text, shared.get("/").text] == ["1", "2"]


def test_decorators_are_applied_first_to_last() -> None:
    def adding(text: str) -> Callable[..., Any]:
        return lambda view: lambda request: view(request) + text

    class Decorated(View):
        decorators: ClassVar = [adding("a"), adding("b")]

        def dispatch_request(self, request: Request) -> str:
            return ""

    assert client(Decorated.as_view("decorated")).get("/").text == "ab"


def test_methods_of_bases_are_kept_and_own_ones_count() -> None:
    class More(Item):
        def delete(self, request: Request, id: int) -> str:
            return "deleted"

    class Fewer(Item):
        methods: ClassVar = ["GET"]

    assert More.methods == {"GET", "PUT", "DELETE"}
    assert Fewer.methods == ["GET"]


def test_a_class_without_any_function_says_nothing_of_methods() -> None:
    class Bare(MethodView):
        pass

    assert Bare.methods is None


def test_a_view_without_its_function_says_which() -> None:
    class Empty(MethodView):
        methods: ClassVar = ["HEAD", "LOCK"]

    with pytest.raises(NotImplementedError, match=r"Empty .* LOCK but has no lock\(\)"):
        Empty().function_for("LOCK")
    with pytest.raises(NotImplementedError, match=r"has no head\(\)"):
        Empty().function_for("HEAD")
    with pytest.raises(NotImplementedError, match=r"View has no dispatch_request\(\)"):
        View().dispatch_request()


def test_a_framework_may_adapt_the_methods() -> None:
    class Loud(MethodView):
        @staticmethod
        def ensure_sync(function: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *args: function(*args).upper()

        def get(self, request: Request) -> str:
            return "quiet"

    assert client(Loud.as_view("loud")).get("/").text == "QUIET"
