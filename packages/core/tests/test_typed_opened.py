"""What lifespan functions have opened, in the signatures of typed views."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import tantalus_testing as testing
from tantalus import App, Blueprint
from tantalus.views import MethodView
from tantalus_typed import Query, SetupError, Use

if TYPE_CHECKING:
    from pathlib import PurePath


class Pool:
    """What is opened once in a process."""

    is_open = True


class Queue:
    """Another."""


def pool() -> Iterator[Pool]:
    opened = Pool()
    yield opened
    opened.is_open = False


def pool_by_app(app: App) -> Generator[Pool, None, None]:
    yield Pool()


async def async_pool() -> AsyncIterator[Pool]:
    yield Pool()


async def async_pool_2() -> AsyncGenerator[Pool, None]:
    yield Pool()


def settings() -> Iterator[dict[str, int]]:
    yield {"limit": 7}


def connection(pool: Pool) -> str:
    return f"of {type(pool).__name__}"


@pytest.fixture
def app() -> App:
    app = App("opened")
    app.testing = True
    return app


@pytest.mark.parametrize("function", [pool, pool_by_app, async_pool, async_pool_2])
def test_a_view_that_names_the_class_gets_what_is_open(
    app: App, function: Callable[..., Any]
) -> None:
    app.lifespan(function)

    @app.get("/<int:number>")
    def view(number: int, pool: Pool) -> list[Any]:
        return [number, pool is app.lifespan[function], pool.is_open]

    with app.test_client() as client:
        assert client.get("/7").json == [7, True, True]


def test_a_view_may_name_the_function_whatever_that_yields(app: App) -> None:
    app.lifespan(settings)

    @app.get("/")
    def view(limits: Annotated[dict[str, int], Use(settings)], page: Query[int]) -> Any:
        return [limits["limit"], page]

    with app.test_client() as client:
        assert client.get("/?page=2").json == [7, 2]


def test_it_is_no_body_and_no_parameter_of_the_query(app: App) -> None:
    app.lifespan(pool)

    @app.get("/", typed=True)
    def view(pool: Pool, page: int) -> list[Any]:
        return [pool.is_open, page]

    with app.test_client() as client:
        assert client.get("/?page=2&pool=x").json == [True, 2]
    (operation,) = app.openapi()["paths"]["/"].values()
    assert [one["name"] for one in operation["parameters"]] == ["page"]


def test_methods_and_dependencies_have_it_too(app: App) -> None:
    app.lifespan(pool)

    class View(MethodView):
        def get(self, pool: Pool, found: Annotated[str, Use(connection)]) -> str:
            return f"{pool.is_open} {found}"

    app.add_url_rule("/", view_func=View.as_view("view"))

    with app.test_client() as client:
        assert client.get("/").text == "True of Pool"


def test_a_blueprint_that_opens_it_gives_it_to_all_views(app: App) -> None:
    shop = Blueprint("shop", __name__)
    shop.lifespan(pool)
    app.register_blueprint(shop)

    @app.get("/")
    def view(pool: Pool) -> str:
        return str(pool.is_open)

    with app.test_client() as client:
        assert client.get("/").text == "True"


def test_a_view_on_the_loop_gets_it_without_a_thread(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.lifespan(pool)

    @app.get("/")
    async def view(pool: Pool) -> str:
        return str(pool.is_open)

    async def hop(call: Callable[[], Any]) -> Any:
        raise AssertionError("this one waits for nothing")

    monkeypatch.setattr("tantalus._typed._views.in_worker", hop)

    async def work() -> Any:
        async with testing.AsyncClient(app) as client:
            return (await client.get("/")).text

    assert asyncio.run(work()) == "True"


def test_a_test_may_put_something_else_in_its_place(app: App) -> None:
    app.lifespan(pool)

    class Fake(Pool):
        is_open = False

    @app.get("/")
    def view(pool: Pool) -> str:
        return str(pool.is_open)

    with app.test_client() as client:
        with app.overriding({pool: Fake}):
            assert client.get("/").text == "False"
        assert client.get("/").text == "True"


def test_a_job_begins_it_if_nothing_has(app: App) -> None:
    app.lifespan(pool)

    def job(pool: Pool) -> bool:
        return pool.is_open

    assert app.call(job)
    assert app.lifespan.is_started
    app.lifespan.stop()
    with app.running():
        assert app.call(job)


def test_one_that_nothing_yields_is_an_error_at_set_up(app: App) -> None:
    app.lifespan(pool)

    @app.get("/")
    def view(queue: Queue) -> str:
        return "never"

    with pytest.raises(
        SetupError,
        match=re.escape(
            "view(queue): nothing gives a Queue. None of the lifespan functions (pool)"
            " says that it yields one: write -> Iterator[Queue] there, or mark the"
            " parameter with Use(...)."
        ),
    ):
        app.check_settings()
    assert not app.lifespan.is_started


def test_one_that_two_yield_is_an_error_at_set_up(app: App) -> None:
    app.lifespan(pool)
    app.lifespan(async_pool)

    @app.get("/")
    def view(pool: Pool) -> str:
        return "never"

    with pytest.raises(
        SetupError,
        match=re.escape(
            "view(pool): pool and async_pool give a Pool each. Say which:"
            " Annotated[Pool, Use(pool)]."
        ),
    ):
        app.check_settings()


def test_two_are_told_apart_by_their_functions(app: App) -> None:
    app.lifespan(pool)
    app.lifespan(async_pool)

    @app.get("/")
    def view(
        a: Annotated[Pool, Use(pool)], b: Annotated[Pool, Use(async_pool)]
    ) -> list[bool]:
        return [a is app.lifespan[pool], b is app.lifespan[async_pool]]

    with app.test_client() as client:
        assert client.get("/").json == [True, True]


def test_a_function_that_gives_something_else_is_an_error_at_set_up(app: App) -> None:
    app.lifespan(pool)

    @app.get("/")
    def view(queue: Annotated[Queue, Use(pool)]) -> str:
        return "never"

    with pytest.raises(SetupError, match=r"wants Queue, but pool gives Pool"):
        app.check_settings()


def test_a_function_that_is_no_lifespan_function_is_called_for_each_request(
    app: App,
) -> None:
    app.lifespan(settings)

    @app.get("/")
    def view(pool: Annotated[Pool, Use(pool)]) -> str:
        return str(pool.is_open)

    with app.test_client() as client:
        assert client.get("/").text == "True"


def unknown() -> Iterator[PurePath]:
    yield None  # type: ignore[misc]  # it does not matter


def silent():  # type: ignore[no-untyped-def]  # nor here
    yield Pool()


@pytest.mark.parametrize("function", [unknown, silent])
def test_a_function_whose_annotation_says_nothing_is_named_in_the_view(
    app: App, function: Any
) -> None:
    app.lifespan(function)

    def view(opened: Any) -> str:
        return type(opened).__name__

    view.__annotations__["opened"] = Annotated[Any, Use(function)]
    app.get("/")(view)

    with app.test_client() as client:
        assert client.get("/").text == type(app.lifespan[function]).__name__


def test_what_a_hook_or_a_decorator_may_fill_is_left_to_it(app: App) -> None:
    app.lifespan(settings)

    def with_queue(function: Callable[..., Any]) -> Any:
        @wraps(function)
        def call() -> Any:
            return function(queue=Queue())

        return call

    @app.get("/")
    @with_queue
    def view(queue: Queue) -> str:
        return type(queue).__name__

    with app.test_client() as client:
        assert client.get("/").text == "Queue"


def test_plain_views_beside_it_stay_plain(app: App) -> None:
    app.lifespan(pool)

    @app.get("/<name>")
    def view(name: str, greeting: str = "Hello", queue: Queue | None = None) -> str:
        return f"{greeting}, {name}!"

    with app.test_client() as client:
        assert client.get("/Ada").text == "Hello, Ada!"
