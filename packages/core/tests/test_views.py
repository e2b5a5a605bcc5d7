from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from tantalus import App, request
from tantalus.views import MethodView, View


@pytest.fixture
def app() -> App:
    app = App("views_app")
    app.testing = True
    return app


def allowed(app: App, path: str = "/") -> list[str]:
    response = app.test_client().options(path)
    return sorted(response.headers["Allow"].split(", "))


def test_a_view_answers_with_its_dispatch_method(app: App) -> None:
    class Greet(View):
        """Greet somebody."""

        def __init__(self, greeting: str, *, mark: str) -> None:
            self.greeting, self.mark = greeting, mark

        def dispatch_request(self, name: str) -> str:  # type: ignore[override]  # URL
            return f"{self.greeting} {name}{self.mark}"

    view = Greet.as_view("greet", "Hello", mark="!")
    app.add_url_rule("/<name>", view_func=view)

    assert app.test_client().get("/Ann").text == "Hello Ann!"
    assert view.__name__ == "greet"
    assert view.__doc__ == "Greet somebody."
    assert view.__module__ == __name__
    assert app.view_functions == {"static": app.view_functions["static"], "greet": view}


def test_a_view_without_dispatch_method_names_its_class() -> None:
    class Empty(View):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty has no dispatch_request\(\)"):
        Empty().dispatch_request()


def test_the_methods_of_a_view_are_those_of_the_class(app: App) -> None:
    class Both(View):
        methods = ("GET", "POST")

        def dispatch_request(self) -> str:
            return request.method

    app.add_url_rule("/", view_func=Both.as_view("both"))

    assert app.test_client().post("/").text == "POST"
    assert app.test_client().put("/").status_code == 405
    assert allowed(app) == ["GET", "HEAD", "OPTIONS", "POST"]


def test_options_can_be_left_to_the_view(app: App) -> None:
    class Own(View):
        methods = ("GET", "OPTIONS")
        provide_automatic_options = False

        def dispatch_request(self) -> str:
            return "own"

    class Unanswered(View):
        methods = ("GET",)
        provide_automatic_options = False

        def dispatch_request(self) -> str:
            return ""

    app.add_url_rule("/own", view_func=Own.as_view("own"))
    app.add_url_rule("/unanswered", view_func=Unanswered.as_view("unanswered"))

    assert app.test_client().options("/own").text == "own"
    assert app.test_client().options("/unanswered").status_code == 405


def test_each_request_has_its_own_instance(app: App) -> None:
    class Counter(View):
        count = 0

        def dispatch_request(self) -> str:
            self.count += 1
            return str(self.count)

    class Shared(Counter):
        init_every_request = False

    app.add_url_rule("/own", view_func=Counter.as_view("own"))
    app.add_url_rule("/shared", view_func=Shared.as_view("shared"))
    client = app.test_client()

    assert [client.get("/own").text for _ in range(2)] == ["1", "1"]
    assert [client.get("/shared").text for _ in range(2)] == ["1", "2"]


def test_a_shared_instance_may_be_falsy(app: App) -> None:
    class Empty(View):
        init_every_request = False

        def __len__(self) -> int:
            return 0

        def dispatch_request(self) -> str:
            return str(id(self))

    app.add_url_rule("/", view_func=Empty.as_view("empty"))
    client = app.test_client()

    assert client.get("/").text == client.get("/").text


def test_decorators_are_applied_first_to_last_around_the_view(app: App) -> None:
    def note(text: str) -> Callable[[Any], Any]:
        def decorate(view: Any) -> Any:
            assert (view.__name__, view.__module__) == ("noted", __name__)

            def noted(**kwargs: Any) -> str:
                return f"{text}({view(**kwargs)})"

            noted.__name__, noted.__module__ = view.__name__, view.__module__
            return noted

        return decorate

    class Noted(View):
        """Be noted."""

        methods = ("POST",)
        decorators: ClassVar = [note("inner"), note("outer")]

        def dispatch_request(self) -> str:
            return "view"

    view: Any = Noted.as_view("noted")
    app.add_url_rule("/", view_func=view)

    assert app.test_client().post("/").text == "outer(inner(view))"
    assert view.view_class is Noted
    assert (view.__name__, view.__doc__) == ("noted", "Be noted.")
    assert app.test_client().get("/").status_code == 405


def test_the_class_of_a_view_can_be_replaced(app: App) -> None:
    class Real(View):
        decorators: ClassVar = [lambda view: lambda **kwargs: view(**kwargs)]

        def dispatch_request(self) -> str:
            return "real"

    class Fake(Real):
        def dispatch_request(self) -> str:
            return "fake"

    view: Any = Real.as_view("real")
    view.view_class = Fake
    app.add_url_rule("/", view_func=view)

    assert app.test_client().get("/").text == "fake"


class Read(MethodView):
    def get(self) -> str:
        return "get"


class Write(MethodView):
    def post(self) -> str:
        return "post"


class ReadWrite(Read, Write):
    def delete(self) -> str:
        return "delete"


class Fixed(Read):
    methods = ("GET", "PATCH")


class Below(Fixed):
    def put(self) -> str:
        return "put"


class PlainMixin:
    def trace(self) -> str:
        return "trace"


class Mixed(PlainMixin, MethodView):
    pass


@pytest.mark.parametrize(
    ("view_class", "methods"),
    [
        (MethodView, None),
        (Read, {"GET"}),
        (ReadWrite, {"GET", "POST", "DELETE"}),
        (Fixed, ("GET", "PATCH")),
        (Below, {"GET", "PATCH", "PUT"}),
        (Mixed, {"TRACE"}),
        (type("Nothing", (MethodView,), {}), None),
    ],
)
def test_methods_are_those_the_class_and_its_bases_answer(
    view_class: type[MethodView], methods: object
) -> None:
    assert view_class.methods == methods


def test_each_method_is_answered_by_its_function(app: App) -> None:
    app.add_url_rule("/", view_func=ReadWrite.as_view("read_write"))
    client = app.test_client()

    assert client.get("/").text == "get"
    assert client.post("/").text == "post"
    assert client.delete("/").text == "delete"
    assert client.put("/").status_code == 405
    assert allowed(app) == ["DELETE", "GET", "HEAD", "OPTIONS", "POST"]


def test_head_is_answered_by_get_unless_there_is_a_function_for_it(app: App) -> None:
    class Headed(Read):
        def head(self) -> tuple[str, dict[str, str]]:
            return "", {"X-Head": "own"}

    app.add_url_rule("/get", view_func=Read.as_view("get"))
    app.add_url_rule("/head", view_func=Headed.as_view("head"))
    client = app.test_client()

    assert client.head("/get").content_length == 3
    assert client.head("/head").headers["X-Head"] == "own"


def test_an_options_function_replaces_the_automatic_answer(app: App) -> None:
    class Own(Read):
        def options(self) -> str:
            return "own"

    app.add_url_rule("/", view_func=Own.as_view("own"))

    assert app.test_client().options("/").text == "own"


@pytest.mark.parametrize("method", ["PATCH", "HEAD"])
def test_a_method_that_is_declared_but_not_written_is_named(
    app: App, method: str
) -> None:
    class Declared(MethodView):
        methods = ("PATCH", "HEAD")

    app.add_url_rule("/", view_func=Declared.as_view("declared"))

    with pytest.raises(
        NotImplementedError, match=f"Declared is registered for {method} but has no"
    ):
        app.test_client().open("/", method=method)


def test_url_variables_are_passed_on(app: App) -> None:
    class User(MethodView):
        def get(self, user_id: int) -> str:
            return f"user {user_id + 1}"

    app.add_url_rule("/users/<int:user_id>", view_func=User.as_view("user"))

    assert app.test_client().get("/users/41").text == "user 42"


def test_methods_may_be_async(app: App) -> None:
    class Async(View):
        methods = ("PUT",)

        async def dispatch_request(self) -> str:  # type: ignore[override]  # URL
            return "dispatched"

    class AsyncMethods(MethodView):
        async def get(self) -> str:
            return "got"

    app.add_url_rule("/", view_func=Async.as_view("view"))
    app.add_url_rule("/", view_func=AsyncMethods.as_view("methods"))

    assert app.test_client().put("/").text == "dispatched"
    assert app.test_client().get("/").text == "got"
