"""Views whose parameters are the data of the request."""

from __future__ import annotations

import asyncio
import functools
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from tantalus import App, Blueprint, Flask, Request, g, session
from tantalus.ctx import _AppCtxGlobals
from tantalus.views import MethodView, View
from tantalus_sessions import SessionMixin
from tantalus_typed import (
    Cookie,
    Form,
    Header,
    Path,
    Query,
    SetupError,
    Status,
    Use,
)

if TYPE_CHECKING:
    from pathlib import PurePath


@dataclass
class Order:
    sku: str
    count: int = 1


@pytest.fixture(params=[App, Flask], ids=["App", "Flask"])
def app(request: pytest.FixtureRequest) -> App:
    made: App = request.param("tests")
    made.config.update(TESTING=True, SECRET_KEY="a key that is long enough")
    return made


def test_a_body_is_read_into_the_type_of_a_parameter(app: App) -> None:
    @app.post("/shops/<int:shop>/orders")
    def create(shop: int, order: Order) -> Annotated[Order, Status(201)]:
        return Order(f"{shop}-{order.sku}", order.count)

    response = app.test_client().post("/shops/7/orders", json={"sku": "a"})

    assert response.status_code == 201
    assert response.get_json() == {"sku": "7-a", "count": 1}


def test_what_nothing_marks_is_left_alone(app: App) -> None:
    @app.get("/")
    def index(page: int = 1, order: Order | None = None) -> str:
        return f"{page!r} {order!r}"

    assert app.test_client().get("/?page=2&order=x").text == "1 None"


def test_a_signature_that_fails_today_and_says_no_place_still_fails(app: App) -> None:
    @app.get("/")
    def index(page: int) -> str:
        return str(page)

    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        app.test_client().get("/?page=2")


def opt_in_by_route() -> tuple[App, App]:
    app = App("tests")
    app.get("/", typed=True)(show_page)
    return app, app


def opt_in_by_blueprint() -> tuple[App, App]:
    app, blueprint = App("tests"), Blueprint("b", "tests", typed=True)
    blueprint.get("/")(show_page)
    app.register_blueprint(blueprint)
    return app, app


def opt_in_by_registration() -> tuple[App, App]:
    app, blueprint = App("tests"), Blueprint("b", "tests")
    blueprint.get("/")(show_page)
    app.register_blueprint(blueprint, typed=True)
    return app, app


def opt_in_by_outer_blueprint() -> tuple[App, App]:
    app, outer = App("tests"), Blueprint("outer", "tests", typed=True)
    inner = Blueprint("inner", "tests")
    inner.get("/")(show_page)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app, app


def opt_in_by_app() -> tuple[App, App]:
    app = App("tests", typed=True)
    app.get("/")(show_page)
    return app, app


def show_page(page: int = 1) -> str:
    return str(page)


@pytest.mark.parametrize(
    "make",
    [
        opt_in_by_route,
        opt_in_by_blueprint,
        opt_in_by_registration,
        opt_in_by_outer_blueprint,
        opt_in_by_app,
    ],
)
def test_bare_scalars_come_from_the_query_once_opted_in(
    make: Callable[[], tuple[App, App]],
) -> None:
    app, _ = make()
    client = app.test_client()

    assert client.get("/").text == "1"
    assert client.get("/?page=2").text == "2"
    assert client.get("/?page=x").status_code == 422


@pytest.mark.parametrize("where", ["route", "blueprint", "inner"])
def test_a_part_of_a_typed_app_may_opt_out(where: str) -> None:
    app = App("tests", typed=True)
    outer = Blueprint("outer", "tests", typed=False if where == "blueprint" else None)
    inner = Blueprint("inner", "tests", typed=False if where == "inner" else None)
    inner.get("/", **({"typed": False} if where == "route" else {}))(show_page)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)

    assert app.test_client().get("/?page=2").text == "1"


def test_views_that_cannot_be_typed_are_let_be_by_a_typed_app() -> None:
    app = App("tests", typed=True)
    app.get("/<name>")(lambda **kwargs: kwargs)

    assert app.test_client().get("/a?page=1").get_json() == {"name": "a"}
    assert app.test_client().get("/static/none.css").mimetype == "text/html"


def test_a_route_that_is_to_be_typed_has_to_be(app: App) -> None:
    app.get("/<name>", typed=True)(lambda **kwargs: kwargs)

    with pytest.raises(SetupError, match="nothing says what of a request"):
        app.test_client().get("/a")


@pytest.mark.parametrize("bound_twice", [False, True])
def test_mistakes_show_when_the_set_up_ends(app: App, bound_twice: bool) -> None:
    @app.post("/")
    def create(order: Order, other: Order, page: Query[PurePath]) -> str:
        return ""

    app.get("/other")(lambda: "")

    with pytest.raises(SetupError, match=r"annotation of 'page' names 'PurePath'"):
        app.test_client().get("/other")
    with pytest.raises(SetupError):
        app.check_settings()


def test_an_annotation_that_is_not_there_matters_only_where_it_is_needed(
    app: App,
) -> None:
    @app.get("/<int:number>")
    def show(number: int, path: PurePath | None = None) -> Annotated[str, 1]:
        return str(number)

    assert app.test_client().get("/1").text == "1"


def test_a_required_parameter_of_an_unknown_type_is_a_mistake(app: App) -> None:
    @app.get("/")
    def show(path: PurePath) -> str:
        return str(path)

    with pytest.raises(SetupError, match="'PurePath', which cannot be found"):
        app.test_client().get("/")


def test_every_place_of_a_request_can_be_read(app: App) -> None:
    @app.post("/<name>")
    def show(
        name: Path[str], q: Query[int], x_a: Header[str], c: Cookie[str], f: Form[int]
    ) -> list[Any]:
        return [name, q, x_a, c, f]

    client = app.test_client()
    client.set_cookie("c", "cookie")
    response = client.post("/n?q=1", data={"f": "2"}, headers={"X-A": "a"})

    assert response.get_json() == ["n", 1, "a", "cookie", 2]


def test_what_is_current_is_given_by_its_type(app: App) -> None:
    @app.before_request
    def remember() -> None:
        g.who, session["a"] = "ada", 1

    @app.get("/")
    def show(
        request: Request, session: SessionMixin, namespace: _AppCtxGlobals, app: App
    ) -> list[Any]:
        return [request.path, session["a"], namespace.who, app.name]

    assert app.test_client().get("/").get_json() == ["/", 1, "ada", "tests"]


class OwnRequest(Request):
    pass


def test_what_is_given_has_the_class_that_is_asked_for(app: App) -> None:
    app.get("/")(own_request)

    with pytest.raises(SetupError, match="wants a OwnRequest, and the app has a Requ"):
        app.test_client().get("/")

    app.request_class = OwnRequest
    assert app.test_client().get("/").text == "OwnRequest"


def own_request(request: OwnRequest) -> str:
    return type(request).__name__


class Upper(BaseConverter):
    def to_python(self, value: str) -> str:
        return value.upper()


@pytest.mark.parametrize(
    ("rule", "path", "hint", "answer"),
    [
        ("<int:x>", "7", int, "7"),
        ("<int:x>", "7", float, "7"),
        ("<float:x>", "7.5", float, "7.5"),
        ("<x>", "7", int, "7"),
        ("<x>", "seven", str, "'seven'"),
        ("<path:x>", "a/b", str, "'a/b'"),
        ("<any(a,b):x>", "a", str, "'a'"),
        ("<uuid:x>", "0" * 32, None, None),
        ("<uuid:x>", str(uuid.UUID(int=0)), uuid.UUID, repr(uuid.UUID(int=0))),
        ("<upper:x>", "a", str, "'A'"),
    ],
)
def test_variables_of_the_path_have_the_type_of_the_parameter(
    app: App, rule: str, path: str, hint: Any, answer: str | None
) -> None:
    def show(x: Any) -> str:
        return repr(x)

    show.__annotations__["x"] = hint
    app.url_map.converters["upper"] = Upper
    app.get(f"/{rule}", typed=True)(show)

    response = app.test_client().get(f"/{path}")

    assert (response.text if response.status_code == 200 else None) == answer


def test_an_annotation_that_the_rule_denies_is_a_mistake(app: App) -> None:
    @app.post("/<int:x>")
    def show(x: float, y: int, order: Order) -> str:
        return ""

    with pytest.raises(SetupError):
        app.test_client().get("/")


def test_a_path_that_does_not_convert_is_not_found(app: App) -> None:
    @app.get("/<x>", typed=True)
    def show(x: int) -> str:
        return str(x)

    response = app.test_client().get("/a")

    assert response.status_code == 404
    assert response.get_json()["errors"] == [
        {"in": "path", "parameter": "x", "detail": "Expected a whole number."}
    ]


def test_a_function_may_answer_for_several_rules(app: App) -> None:
    @app.get("/", typed=True)
    @app.get("/<int:page>", typed=True)
    @app.get("/untyped/<int:page>", endpoint="untyped")
    def show(page: int = 1) -> str:
        return repr(page)

    client = app.test_client()

    assert [client.get(path).text for path in ("/?page=3", "/2", "/untyped/4")] == [
        "3",
        "2",
        "4",
    ]
    assert client.get("/?page=x").status_code == 422


def test_a_blueprint_that_is_registered_twice_is_bound_twice(app: App) -> None:
    blueprint = Blueprint("b", "tests")
    blueprint.get("/")(marked)
    app.register_blueprint(blueprint, url_prefix="/a")
    app.register_blueprint(blueprint, url_prefix="/b", name="other")

    client = app.test_client()

    assert client.get("/a/?page=2").text == client.get("/b/?page=2").text == "2"
    assert client.get("/b/?page=x").status_code == 422


def marked(page: Query[int]) -> str:
    return repr(page)


def test_defaults_of_a_rule_are_values_of_its_path(app: App) -> None:
    @app.get("/", defaults={"page": 5})
    def show(page: int, q: Query[str] = "") -> str:
        return f"{page}{q}"

    assert app.test_client().get("/?q=a&page=6").text == "5a"


def logged(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        wrapper.seen = kwargs  # type: ignore[attr-defined]  # for the test
        return view(*args, **kwargs)

    return wrapper


def test_a_decorated_view_gets_what_is_marked_by_name(app: App) -> None:
    decorated = logged(marked)
    app.get("/")(decorated)

    assert app.test_client().get("/?page=2").text == "2"
    assert decorated.seen == {"page": 2}  # type: ignore[attr-defined]  # set above


def test_what_a_decorator_may_fill_is_left_to_it(app: App) -> None:
    def ordered(view: Callable[..., Any]) -> Callable[..., Any]:
        return functools.wraps(view)(lambda: view(Order("given")))

    @app.get("/")
    @ordered
    def show(order: Order) -> str:
        return order.sku

    assert app.test_client().get("/").text == "given"


def test_a_decorated_view_is_typed_once_opted_in(app: App) -> None:
    @app.post("/", typed=True)
    @logged
    def create(order: Order) -> str:
        return order.sku

    assert app.test_client().post("/", json={"sku": "a"}).text == "a"


@pytest.mark.parametrize("by_blueprint", [False, True])
def test_what_a_hook_may_fill_is_left_to_it(app: App, by_blueprint: bool) -> None:
    blueprint = Blueprint("b", "tests")
    (blueprint if by_blueprint else app).url_value_preprocessor(fill_order)
    blueprint.post("/<user>")(show_order)
    app.register_blueprint(blueprint)

    assert app.test_client().post("/ada", json={"sku": "sent"}).text == "ada's"


def fill_order(endpoint: str | None, values: dict[str, Any] | None) -> None:
    assert values is not None
    values["order"] = Order(f"{values.pop('user')}'s")


def show_order(order: Order) -> str:
    return order.sku


def test_a_hook_of_another_blueprint_fills_nothing(app: App) -> None:
    other = Blueprint("show", "tests")
    other.url_value_preprocessor(fill_order)
    app.register_blueprint(other)
    app.post("/")(show_order)

    assert app.test_client().post("/", json={"sku": "sent"}).text == "sent"


class Orders(MethodView):
    init_every_request = False

    def get(self, page: Query[int] = 1) -> list[int]:
        return [page]

    def post(self, order: Order) -> Order:
        return order

    @staticmethod
    def put(order: Order) -> str:
        return order.sku

    def delete(self) -> str:
        return "deleted"

    async def patch(self, order: Order) -> str:
        return f"{order.sku} awaited"


@pytest.fixture
def by_class(app: App) -> App:
    app.add_url_rule("/orders", view_func=Orders.as_view("orders"))
    return app


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("GET", "[2]"),
        ("POST", '{"sku":"a","count":1}'),
        ("PUT", "a"),
        ("DELETE", "deleted"),
        ("PATCH", "a awaited"),
    ],
)
def test_methods_of_a_class_are_typed_as_functions_are(
    by_class: App, method: str, text: str
) -> None:
    client = by_class.test_client()

    response = client.open("/orders?page=2", method=method, json={"sku": "a"})

    assert response.text == text


def test_head_goes_to_the_typed_get(by_class: App) -> None:
    assert by_class.test_client().head("/orders?page=x").status_code == 422


class Shown(View):
    def dispatch_request(self, name: str, order: Order) -> str:  # type: ignore[override]  # reads requests
        return f"{name}: {order.sku}"


def test_a_view_class_is_typed_too(app: App) -> None:
    app.add_url_rule("/<name>", view_func=Shown.as_view("shown"), methods=["POST"])

    assert app.test_client().post("/a", json={"sku": "b"}).text == "a: b"
    assert app.test_client().post("/a", json={}).status_code == 422


def test_a_decorated_method_keeps_its_instance(app: App) -> None:
    class Decorated(MethodView):
        word = "mine"

        @logged
        def get(self, page: Query[int]) -> str:
            return f"{self.word} {page}"

    app.add_url_rule("/", view_func=Decorated.as_view("decorated"))

    assert app.test_client().get("/?page=2").text == "mine 2"


class Numbered:
    __name__ = "callable"

    def __call__(self, page: Query[int]) -> str:
        return str(page)


@pytest.mark.parametrize(
    "view", [Numbered(), functools.partial(marked)], ids=["object", "partial"]
)
def test_whatever_is_called_may_be_typed(app: App, view: Any) -> None:
    app.add_url_rule("/", "view", view)

    assert app.test_client().get("/?page=2").text == "2"


async def waits(order: Order, page: Query[int] = 1) -> list[Any]:
    return [order.sku, page]


def test_a_coroutine_view_is_typed(app: App) -> None:
    app.post("/")(waits)
    client = app.test_client()

    assert client.post("/?page=2", json={"sku": "a"}).get_json() == ["a", 2]
    assert client.post("/", json={}).status_code == 422


def test_a_coroutine_view_may_answer_for_several_rules(app: App) -> None:
    async def waits(order: Order, page: int = 1) -> list[Any]:
        return [order.sku, page]

    app.post("/", typed=True)(waits)
    app.post("/<int:page>", endpoint="other")(waits)
    client = app.test_client()

    assert client.post("/?page=2", json={"sku": "a"}).get_json() == ["a", 2]
    assert client.post("/3", json={"sku": "a"}).get_json() == ["a", 3]


def test_views_that_are_added_between_two_runs_are_bound(app: App) -> None:
    app.get("/")(marked)
    app.test_client().get("/?page=1")
    app._got_first_request = False

    app.post("/later")(show_order)

    assert app.test_client().post("/later", json={"sku": "a"}).text == "a"
    assert app.test_client().get("/?page=2").text == "2"


def test_websockets_and_rules_without_a_view_are_no_views(app: App) -> None:
    app.add_url_rule("/none", "none", methods=["POST"])
    app.get("/")(marked)

    assert app.test_client().get("/?page=2").text == "2"


# Dependencies.


def token(x_token: Header[str]) -> str:
    return x_token


def user(token: Annotated[str, Use(token)]) -> str:
    if token == "none":
        raise NotFound("No such user.")
    return f"user of {token}"


def greet(user: Annotated[str, Use(user)], token: Annotated[str, Use(token)]) -> str:
    return f"{user}, {token}"


def test_dependencies_are_called_for_a_view(app: App) -> None:
    app.get("/")(greet)
    client = app.test_client()

    assert client.get("/", headers={"X-Token": "t"}).text == "user of t, t"
    assert client.get("/").status_code == 422
    assert client.get("/", headers={"X-Token": "none"}).status_code == 404


def test_plain_dependencies_of_a_coroutine_view_run_in_one_worker(app: App) -> None:
    def settings() -> str:
        return threading.current_thread().name

    def connection(settings: str, request: Request) -> Iterator[list[str]]:
        yield [settings, threading.current_thread().name, g.who, request.path]
        g.closed = threading.current_thread().name

    async def show(connection: list[str], settings: str) -> list[str]:
        return [*connection, threading.current_thread().name]

    connection.__annotations__["settings"] = Annotated[str, Use(settings)]
    show.__annotations__ |= {
        "connection": Annotated[list[str], Use(connection)],
        "settings": Annotated[str, Use(settings)],
    }

    @app.before_request
    def remember() -> None:
        g.who = "ada"

    app.get("/")(show)
    with app.test_client() as client:
        first, second, *seen, on_loop = client.get("/").get_json()
        closed = g.closed

    assert first == second
    assert seen == ["ada", "/"]
    assert on_loop not in {first, closed}


def test_what_never_waits_stays_on_the_loop(app: App) -> None:
    def here() -> str:
        return threading.current_thread().name

    here.is_nonblocking = True  # type: ignore[attr-defined]  # as the decorator does

    async def show(here: str) -> bool:
        return here == threading.current_thread().name

    show.__annotations__["here"] = Annotated[str, Use(here)]
    app.get("/")(show)

    assert app.test_client().get("/").get_json() is True


def test_a_dependency_can_be_overridden(app: App) -> None:
    app.get("/")(greet)
    client = app.test_client()

    with app.overriding({user: lambda: "ada"}):
        assert client.get("/", headers={"X-Token": "t"}).text == "ada, t"
    assert client.get("/", headers={"X-Token": "t"}).text == "user of t, t"


def test_an_override_that_no_view_uses_is_an_error(app: App) -> None:
    with (
        pytest.raises(SetupError, match="No view uses user, so it cannot be overridde"),
        app.overriding({user: lambda: "ada"}),
    ):
        pass


def test_generators_are_closed_before_the_hooks_after_the_request(app: App) -> None:
    events: list[str] = []

    def database() -> Iterator[str]:
        events.append("open")
        try:
            yield "db"
        finally:
            events.append("close")

    @app.after_request
    def after(response: Any) -> Any:
        events.append("after_request")
        return response

    def show(db: Annotated[str, Use(database)]) -> str:
        events.append(db)
        return db

    show.__annotations__["db"] = Annotated[str, Use(database)]
    app.get("/")(show)
    app.test_client().get("/")

    assert events == ["open", "db", "close", "after_request"]


def test_a_function_is_called_with_its_dependencies_outside_of_requests(
    app: App,
) -> None:
    def job(user: Annotated[str, Use(user)], app: App, g: _AppCtxGlobals) -> str:
        return f"{user} {app.name} {hasattr(g, 'seen')}"

    assert app.call(job, x_token="t") == "user of t tests False"
    with app.app_context() as context:
        context.g.seen = True
        assert app.call(job, x_token="t") == "user of t tests True"


def test_a_coroutine_function_is_awaited_with_its_dependencies(app: App) -> None:
    async def job(user: Annotated[str, Use(user)], app: App) -> str:
        return f"{user} {app.name}"

    assert asyncio.run(app.call(job, x_token="t")) == "user of t tests"
