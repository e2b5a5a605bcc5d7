"""Views of any shape: what can be called answers, whatever else it has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import MagicMock, create_autospec

import pytest

from tantalus import App, Flask
from tantalus.views import MethodView


def plain() -> str:
    return "answered"


def having(**attributes: Any) -> Callable[[], str]:
    """Return a view of its own with these attributes."""

    def view() -> str:
        return "answered"

    vars(view).update(attributes)
    return view


def of_no_module(module: Any) -> Callable[[], str]:
    view = having()
    view.__module__ = module
    return view


def around_itself() -> Callable[[], str]:
    view = having()
    vars(view)["__wrapped__"] = view
    return view


def method_around_itself(view: Any) -> str:
    return "answered"


vars(method_around_itself)["__wrapped__"] = method_around_itself


class Called:
    def __call__(self) -> str:
        return "answered"


class NotCalledByAnInstance(MethodView):
    def get(self) -> str:
        return "answered"

    def post() -> str:  # type: ignore[misc]  # what the test is about
        return "never"


class OfTheClassOfClasses(type(MethodView)):  # type: ignore[misc]  # computed
    def __getattr__(cls, name: str) -> Callable[..., str]:
        if name == "get":
            return lambda self: "answered"
        raise AttributeError(name)


class Computed(MethodView, metaclass=OfTheClassOfClasses):
    methods = frozenset({"GET"})

    def dispatch_request(self, **kwargs: Any) -> str:
        return "answered"


def answered_by(get: Any) -> Callable[..., Any]:
    """Return the view of a class whose function is any callable."""

    function = get

    class Odd(MethodView):
        get = function

    return Odd.as_view("odd")


VIEWS: dict[str, Callable[..., Any]] = {
    "whose class is no class": having(view_class=5),
    "whose class is a function": having(view_class=plain),
    "whose class is a stand-in": having(view_class=MagicMock()),
    "whose class is another": having(view_class=Called),
    "whose class is a generic": having(view_class=list[int]),
    "of no module": of_no_module(None),
    "of a number for a module": of_no_module(5),
    "that wraps itself": around_itself(),
    "that wraps nothing": having(__wrapped__=None),
    "that is a stand-in": create_autospec(plain, return_value="answered"),
    "that is partial": partial(plain),
    "of a method that wraps itself": answered_by(method_around_itself),
    "of an object": answered_by(Called()),
    "of a partial": answered_by(partial(lambda *_: "answered")),
    "of a stand-in": answered_by(MagicMock(return_value="answered")),
    "beside what takes no instance": NotCalledByAnInstance.as_view("odd"),
    "that its class computes": Computed.as_view("odd"),
}


# Python 3.13 says that such a method will be given its object one day.
@pytest.mark.filterwarnings("ignore:functools.partial will be:FutureWarning")
@pytest.mark.parametrize("app_class", [App, Flask])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_view_answers(app_class: type[App], view: Callable[..., Any]) -> None:
    app = app_class("tests")
    app.testing = True
    app.add_url_rule("/", "index", view)

    assert app.test_client().get("/").text == "answered"
