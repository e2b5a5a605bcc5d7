from __future__ import annotations

import pytest
from targets import Recorder

from tantalus_routing import endpoint_of


def view() -> str:
    return "seen"


def test_a_decorator_registers_the_view_and_returns_it() -> None:
    recorder = Recorder()

    same = recorder.route("/x", endpoint="name", methods=["GET", "POST"])(view)

    assert same is view
    assert recorder.calls == [("/x", "name", view, {"methods": ["GET", "POST"]})]


def test_a_decorator_may_be_used_twice() -> None:
    recorder = Recorder()
    register = recorder.route("/x", endpoint="name")

    register(view)
    register(view)

    assert [call[1] for call in recorder.calls] == ["name", "name"]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch"])
def test_a_method_has_its_decorator(method: str) -> None:
    recorder = Recorder()

    getattr(recorder, method)("/x", strict_slashes=False)(view)

    options = {"methods": [method.upper()], "strict_slashes": False}
    assert recorder.calls == [("/x", None, view, options)]


def test_the_decorator_of_a_method_refuses_other_methods() -> None:
    with pytest.raises(TypeError, match="Use the 'route' decorator to use the 'meth"):
        Recorder().get("/x", methods=["POST"])


def test_the_endpoint_is_the_name_of_the_view() -> None:
    assert endpoint_of(view, "/x") == "view"
    with pytest.raises(TypeError, match="Rule '/x' has neither an endpoint nor a view"):
        endpoint_of(None, "/x")
