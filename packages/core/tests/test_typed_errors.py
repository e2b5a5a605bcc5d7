"""What typed views refuse, and what goes wrong in them."""

from __future__ import annotations

import functools
import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from tantalus import App, Blueprint, Flask, abort
from tantalus_typed import (
    Body,
    DependencyError,
    Invalid,
    NotJSON,
    Query,
    RequestError,
    ReturnMismatch,
    Use,
)

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROBLEM = "application/problem+json"


@dataclass
class Order:
    sku: str
    count: int = 1


@pytest.fixture(params=[App, Flask], ids=["App", "Flask"])
def app(request: pytest.FixtureRequest) -> App:
    made: App = request.param("tests")
    made.post("/orders")(create)
    made.get("/page", typed=True)(page)
    made.get("/untyped")(lambda: abort(409, "Not now."))
    return made


def create(order: Order) -> Order:
    return order


def page(page: int) -> str:
    if page == 404:
        abort(404)
    return str(page)


def test_all_that_is_wrong_is_told_as_a_problem_document(app: App) -> None:
    response = app.test_client().post("/orders", json={"sku": 1, "count": "x"})

    assert (response.status_code, response.mimetype) == (422, PROBLEM)
    assert response.get_json() == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "2 values of the request are not valid.",
        "instance": "/orders",
        "errors": [
            {"in": "body", "pointer": "#/sku", "detail": "Expected `str`, got `int`."},
            {
                "in": "body",
                "pointer": "#/count",
                "detail": "Expected `int`, got `str`.",
            },
        ],
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, PROBLEM),
        ("*/*", PROBLEM),
        ("application/json", PROBLEM),
        ("application/problem+json", PROBLEM),
        ("application/json, text/plain, */*", PROBLEM),
        ("text/html;q=0.5, application/json", PROBLEM),
        ("text/plain", PROBLEM),
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("Text/HTML", "text/html"),
        ("application/json;q=0.5, text/html", "text/html"),
        ("application/json, text/html", "text/html"),
    ],
)
def test_browsers_get_a_page(app: App, accept: str | None, kind: str) -> None:
    headers = {"Accept": accept} if accept else {}

    response = app.test_client().get("/page?page=x", headers=headers)

    assert (response.status_code, response.mimetype) == (422, kind)


def test_what_a_typed_view_aborts_with_is_a_document_too(app: App) -> None:
    response = app.test_client().get("/page?page=404")

    assert (response.status_code, response.mimetype) == (404, PROBLEM)
    assert response.get_json()["instance"] == "/page"


@pytest.mark.parametrize("path", ["/none", "/untyped"])
def test_errors_of_all_of_app_are_documents_to_who_asks_for_json(path: str) -> None:
    kinds = {}
    for app_class in (App, Flask):
        app = app_class("tests")
        app.get("/untyped")(lambda: abort(409, "Not now."))
        for accept in ("application/json", BROWSER, "*/*", "application/xml"):
            response = app.test_client().get(path, headers={"Accept": accept})
            kinds[app_class, accept] = response.mimetype

    documents = [key for key, kind in kinds.items() if kind == PROBLEM]
    assert documents == [(App, "application/json")]


def test_a_method_that_is_not_allowed_keeps_its_header(app: App) -> None:
    app.config["PROBLEM_DOCUMENTS"] = True

    response = app.test_client().get("/orders", headers={"Accept": "application/json"})

    assert (response.status_code, response.mimetype) == (405, PROBLEM)
    assert response.headers["Allow"] == "OPTIONS, POST"


def test_a_redirect_is_no_problem() -> None:
    app = App("tests")
    app.get("/folder/")(lambda: "")

    response = app.test_client().get("/folder", headers={"Accept": "application/json"})

    assert (response.status_code, response.mimetype) == (308, "text/html")


def test_a_wrong_content_type_tells_the_right_one(app: App) -> None:
    for accept in (BROWSER, "application/json"):
        response = app.test_client().post(
            "/orders", data="{}", content_type="text/plain", headers={"Accept": accept}
        )

        assert response.status_code == 415
        assert response.headers["Accept"] == "application/json"


def test_a_body_beyond_the_limit_is_413(app: App) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10

    response = app.test_client().post("/orders", json={"sku": "a" * 20})

    assert (response.status_code, response.mimetype) == (413, PROBLEM)


@pytest.mark.parametrize(
    "kind", [422, UnprocessableEntity, HTTPException, Invalid, RequestError, Exception]
)
def test_handlers_answer_as_for_any_http_error(app: App, kind: Any) -> None:
    @app.errorhandler(kind)
    def handle(error: Any) -> tuple[str, int]:
        return f"{error.code} {error.problems[0].parameter}", 400

    response = app.test_client().get("/page?page=x")

    assert (response.status_code, response.text) == (400, "422 page")


def test_the_handler_of_a_blueprint_answers_for_its_views(app: App) -> None:
    blueprint = Blueprint("b", "tests", typed=True)
    blueprint.register_error_handler(NotJSON, lambda error: ("not JSON", error.status))
    blueprint.post("/in")(create)
    app.register_blueprint(blueprint)
    client = app.test_client()

    broken = {"data": "{", "content_type": "application/json"}

    assert client.post("/in", **broken).text == "not JSON"
    assert client.post("/orders", **broken).mimetype == PROBLEM


class Own(RequestError):
    status = 499
    title = "Own"


def test_a_refusal_of_a_dependency_is_answered_as_it_says(app: App) -> None:
    def refuse() -> str:
        raise Own("Not you.")

    def show(user: str) -> str:
        return user

    show.__annotations__["user"] = Annotated[str, Use(refuse)]
    app.get("/refused")(show)

    response = app.test_client().get("/refused")

    assert response.status_code == 499
    assert response.get_json()["detail"] == "Not you."
    assert response.get_json()["title"] == "Own"


async def waits(order: Order) -> Order:
    return order


def test_a_coroutine_view_refuses_alike(app: App) -> None:
    app.post("/waits")(waits)

    response = app.test_client().post("/waits", json={})

    assert response.status_code == 422
    assert response.get_json()["errors"][0]["pointer"] == "#/sku"


# Faults of the program.


def wrong_user() -> str:
    return 7  # type: ignore[return-value]  # the fault


def test_a_dependency_that_breaks_its_word_is_a_500_that_names_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App("tests")
    app.config["CHECK_RETURNS"] = True
    app.get("/")(with_wrong_user)

    response = app.test_client().get("/")

    assert response.status_code == 500
    assert caplog.records[0].exc_info is not None
    error = caplog.records[0].exc_info[1]
    assert isinstance(error, DependencyError)
    assert "wrong_user() gave int" in str(error)


def with_wrong_user(user: Annotated[str, Use(wrong_user)]) -> str:
    return user


def test_a_value_error_of_a_dependency_is_no_fault_of_the_client(app: App) -> None:
    def fails() -> Iterator[str]:
        raise ValueError
        yield ""

    def show(user: str) -> str:
        return user

    show.__annotations__["user"] = Annotated[str, Use(fails)]
    app.get("/fails")(show)

    assert app.test_client().get("/fails").status_code == 500


@pytest.mark.parametrize(
    ("settings", "is_checked"),
    [
        ({}, False),
        ({"TESTING": True}, True),
        ({"DEBUG": True}, True),
        ({"TESTING": True, "CHECK_RETURNS": False}, False),
        ({"CHECK_RETURNS": True}, True),
    ],
)
def test_returns_are_checked_while_testing_and_debugging(
    app: App, settings: dict[str, bool], is_checked: bool
) -> None:
    app.config.update(settings, PROPAGATE_EXCEPTIONS=True)
    app.get("/wrong")(wrong_return)
    client = app.test_client()

    if is_checked:
        with pytest.raises(ReturnMismatch, match=r"wrong_return\(\) returned what"):
            client.get("/wrong?q=a")
    else:
        assert client.get("/wrong?q=a").get_json() == {"sku": 1, "count": 1}


def wrong_return(q: Query[str]) -> Order:
    return Order(1)  # type: ignore[arg-type]  # the fault


def test_a_return_that_is_no_json_names_the_view(app: App) -> None:
    @app.get("/wrong")
    def wrong(q: Query[str]) -> Order:
        return object()  # type: ignore[return-value]  # the fault

    assert app.test_client().get("/wrong?q=a").status_code == 500


# Nothing of a request gets into a log.

SECRET = "pa55word"


@pytest.mark.parametrize("level", [logging.DEBUG])
def test_no_value_of_a_request_is_logged(
    app: App, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    caplog.set_level(level)
    app.post("/body", typed=True)(log_in)
    app.config["TRAP_HTTP_EXCEPTIONS"] = True  # so that refusals are logged as bugs
    client = app.test_client()

    client.post("/body", json={"password": [SECRET], "sku": 1})
    client.post(f"/body?pin={SECRET}", json={"password": SECRET})
    client.post("/body", data=f"{{{SECRET}", content_type="application/json")

    assert len(caplog.records) == 3
    assert SECRET not in caplog.text


@dataclass
class Login:
    password: str


def log_in(login: Body[Login], pin: int = 0) -> str:
    raise AssertionError


# Without the package.


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tantalus_typed", None)


@pytest.mark.usefixtures("not_installed")
def test_without_the_package_a_view_fails_as_it_did() -> None:
    app = App("tests")
    app.testing = True
    app.post("/orders")(create)

    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        app.test_client().post("/orders", json={"sku": "a"})


@pytest.mark.usefixtures("not_installed")
def test_without_the_package_no_route_can_be_typed(app: App) -> None:
    app.testing = True
    app.get("/typed", typed=True)(page)

    with pytest.raises(ImportError, match="typed=True for 'page' needs the package t"):
        app.test_client().get("/untyped")


@pytest.mark.usefixtures("not_installed")
def test_without_the_package_nothing_is_called_or_overridden(app: App) -> None:
    with pytest.raises(
        ImportError, match=r"App.call\(\) needs the package tantalus-ty"
    ):
        app.call(page, page=1)
    with pytest.raises(ImportError, match=r"pip install 'tantalus\[typed\]'"):
        app.overriding({})


# Before anybody has imported it.


def view_of_one_keyword(*, order: Order) -> str:
    return order.sku


def view_of_one(order: Order) -> str:
    return order.sku


def view_of_none(page: int = 1, *, per: int = 2) -> str:
    return str(page)


class Callables:
    def __call__(self, order: Order) -> str:
        return order.sku


@pytest.mark.parametrize(
    ("view", "is_typed"),
    [
        (view_of_one, True),
        (view_of_one_keyword, True),
        (Callables(), True),
        (view_of_none, False),
        (lambda order: order, False),
        (functools.wraps(view_of_one)(lambda: "a"), False),
        (dict, False),
    ],
    ids=["one", "keyword", "object", "none", "bare", "decorated", "in C"],
)
def test_what_would_fail_is_enough_to_be_typed(
    monkeypatch: pytest.MonkeyPatch, view: Any, is_typed: bool
) -> None:
    monkeypatch.delitem(sys.modules, "tantalus_typed")
    app = App("tests")
    app.logger.disabled = True
    app.add_url_rule("/", "view", view, methods=["POST"])

    app.test_client().post("/", json={"sku": "a"})

    assert bool(app.typed_views) is is_typed


UNTYPED = """
import sys
from tantalus import App, Blueprint
from tantalus.views import MethodView

class Show(MethodView):
    def get(self, number: int, *, more: int = 1) -> str:
        return str(number)

app = App("small")
blueprint = Blueprint("b", "small", static_folder="static", url_prefix="/b")
app.register_blueprint(blueprint)
app.add_url_rule("/<int:number>", view_func=Show.as_view("show"))
app.add_url_rule("/<a>/<b>", "dict", dict)

@app.get("/")
def index(page: int = 1, *, per: int = 2) -> str:
    return str(page)

client = app.test_client()
print(client.get("/").text, client.get("/7").text, client.get("/a/b").text.strip())
print("tantalus_typed" in sys.modules, "msgspec" in sys.modules)
"""


def test_views_that_ask_for_nothing_load_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNTYPED], capture_output=True, text=True, check=True
    )

    assert done.stdout.split("\n")[:2] == ['1 7 {"a":"a","b":"b"}', "False False"]


DATACLASS = """
import sys
from dataclasses import dataclass
from tantalus import App

@dataclass
class Order:
    sku: str

app = App("small")

@app.post("/")
def create(*, order: Order):
    return order.sku

print("tantalus_typed" in sys.modules)
print(app.test_client().post("/", json={"sku": "a"}).text)
"""


def test_a_dataclass_is_enough() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DATACLASS], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", "a"]
