"""The document of an app, the page that shows it, and links."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from msgspec import Meta
from openapi_spec_validator import validate

from tantalus import App, Blueprint, Flask
from tantalus._typed._commands import openapi_command
from tantalus.views import MethodView, View
from tantalus_cli import ScriptInfo
from tantalus_typed import Header, In, Query, SetupError, Status, Use


@dataclass
class Order:
    sku: str
    count: int = 1


def user(x_token: Header[str]) -> str:
    return x_token


User = Annotated[
    str, Use(user, security={"token": {"type": "http", "scheme": "bearer"}})
]


class Stock(MethodView):
    def get(self, sku: str, page: int = 1) -> list[int]:
        return [page]

    def put(
        self, sku: str, order: Order, class_: Annotated[int, In("query", "class")]
    ) -> Order:
        return order


class Whole(View):
    def dispatch_request(self, q: Query[str]) -> str:  # type: ignore[override]  # reads requests
        return q


def make_app(app_class: type[App] = App) -> App:
    app = app_class("shop", typed=True)
    orders = Blueprint("orders", "shop", url_prefix="/orders")
    orders.post("/<int:shop>")(create)
    orders.get("/", defaults={"page": 1})(index)
    orders.get("/page/<int:page>")(index)
    app.register_blueprint(orders)
    app.add_url_rule("/stock/<sku>", view_func=Stock.as_view("stock"))
    app.add_url_rule("/whole", view_func=Whole.as_view("whole"))
    app.route("/both", methods=["GET", "POST"], endpoint="both")(both)
    return app


def create(shop: int, order: Order, user: User) -> Annotated[Order, Status(201)]:
    """Create an order.

    It is sent at once.
    """
    return order


def index(page: int, since: date | None = None, tag: Query[list[str]] = ()) -> Any:  # type: ignore[assignment]  # nothing
    return [page]


def both(day: date | None = None) -> str:
    return ""


@pytest.fixture(params=[App, Flask], ids=["App", "Flask"])
def app(request: pytest.FixtureRequest) -> App:
    return make_app(request.param)


def test_the_document_of_an_app_is_valid(app: App) -> None:
    made = app.openapi()

    validate(made)
    assert made["info"] == {"title": "shop", "version": "1"}


def test_each_method_of_each_rule_is_an_operation(app: App) -> None:
    paths = app.openapi()["paths"]

    assert {
        f"{method} {path}": operation["operationId"]
        for path, methods in paths.items()
        for method, operation in methods.items()
    } == {
        "get /both": "both_get",
        "post /both": "both_post",
        "get /orders/": "orders.index_get",
        "get /orders/page/{page}": "orders.index_get_2",
        "post /orders/{shop}": "orders.create",
        "get /stock/{sku}": "stock_get",
        "put /stock/{sku}": "stock_put",
        "get /whole": "whole",
    }


def test_an_operation_tells_what_its_view_is(app: App) -> None:
    operation = app.openapi()["paths"]["/orders/{shop}"]["post"]

    assert operation["summary"] == "Create an order."
    assert operation["description"] == "It is sent at once."
    assert operation["tags"] == ["orders"]
    assert operation["security"] == [{"token": []}]
    assert "404" in operation["responses"]


def test_defaults_of_a_rule_are_nothing_that_clients_send(app: App) -> None:
    paths = app.openapi()["paths"]

    names = [one["name"] for one in paths["/orders/"]["get"]["parameters"]]
    assert names == ["since", "tag"]
    assert app.test_client().get("/orders/?page=7").get_json() == [1]


def test_what_a_rule_asks_of_its_variables_is_told() -> None:
    app = App("shop", typed=True)
    first = "/<int(max=9):a>/<float(signed=True):b>/<any(y, x):c>"
    app.get(f"{first}/<uuid:d>/<int(min=2):e>/<f>")(least)

    operation = app.openapi()["paths"]["/{a}/{b}/{c}/{d}/{e}/{f}"]["get"]

    assert {one["name"]: one["schema"] for one in operation["parameters"]} == {
        "a": {"type": "integer", "minimum": 3, "maximum": 9},
        "b": {"type": "number"},
        "c": {"type": "string", "enum": ["x", "y"]},
        "d": {"type": "string", "format": "uuid"},
        "e": {"type": "integer", "minimum": 2},
        "f": {"type": "string"},
    }


def least(
    a: Annotated[int, Meta(ge=3)], b: float, c: str, d: UUID, e: int, f: str
) -> str:
    return ""


def test_refusals_may_be_pages(app: App) -> None:
    problem = app.openapi()["components"]["responses"]["Problem"]

    assert list(problem["content"]) == ["application/problem+json", "text/html"]


def test_an_app_without_typed_views_has_a_document() -> None:
    app = App("empty")
    app.get("/")(lambda: "")

    validate(app.openapi())
    assert app.openapi()["paths"] == {}


def test_the_page_is_off_until_asked_for(app: App) -> None:
    assert app.test_client().get("/docs").status_code == 404


@pytest.mark.parametrize("path", ["/docs", "/a/b"])
def test_the_page_is_served_with_document_and_style(app: App, path: str) -> None:
    app.add_openapi(
        path, title="<Shop>", version="2", edit=lambda made: made.update(tags=[])
    )
    client = app.test_client()

    page = client.get(path)
    source = client.get(f"{path}/openapi.json")
    style = client.get(f"{path}/style.css")

    below = path.rpartition("/")[2]
    assert page.mimetype == "text/html"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    assert "&lt;Shop&gt;" in page.text
    assert f'href="{below}/style.css"' in page.text
    assert f'href="{below}/openapi.json"' in page.text
    assert source.mimetype == "application/json"
    assert source.get_json() == app.openapi()
    assert source.get_json()["tags"] == []
    assert source.get_json()["info"] == {"title": "<Shop>", "version": "2"}
    assert not [one for one in source.get_json()["paths"] if one.startswith(path)]
    assert (style.mimetype, style.status_code) == ("text/css", 200)


@pytest.mark.parametrize("path", ["/docs", "/a/b"])
def test_swagger_ui_is_served_with_its_files(app: App, path: str) -> None:
    app.add_openapi(path, title="<Shop>", swagger_ui=True)
    client = app.test_client()

    page = client.get(path)
    files = re.findall(r'(?:src|href)="([^"]+/ui/[^"]+)"', page.text)

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; s")
    assert "&lt;Shop&gt;" in page.text
    assert len(files) == 3
    kinds = []
    for name in files:
        with client.get(urljoin(path, name)) as file:
            kinds.append(file.mimetype)
    assert kinds == ["text/css", "text/javascript", "text/javascript"]
    assert client.get(f"{path}/openapi.json").get_json() == app.openapi()
    assert client.get(f"{path}/ui/other.js").status_code == 404
    assert client.get(f"{path}/style.css").status_code == 404


def test_swagger_ui_that_is_not_there_is_told_at_set_up(
    app: App, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match=r"has no swagger-ui-bundle\.js"):
        app.add_openapi(swagger_ui=tmp_path)


def test_without_the_package_there_is_no_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tantalus_typed", None)
    app = App("small")

    with pytest.raises(ImportError, match=r"App\.openapi\(\) needs the package"):
        app.openapi()
    with pytest.raises(ImportError, match=r"App\.add_openapi\(\) needs the package"):
        app.add_openapi()


# The command.


def invoke(app: App, *arguments: str) -> Result:
    return CliRunner().invoke(
        openapi_command, list(arguments), obj=ScriptInfo(create_app=lambda: app)
    )


def test_the_command_prints_the_document(app: App) -> None:
    result = invoke(app)

    assert result.exit_code == 0
    assert json.loads(result.output) == app.openapi()


def test_the_command_writes_a_file_and_compares_it(app: App, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"

    assert invoke(app, "--output", str(path)).output == ""
    same = invoke(app, "--check", str(path))
    made = json.loads(path.read_text())
    made["info"]["title"] = "Other"
    del made["paths"]["/stock/{sku}"]
    path.write_text(json.dumps(made))
    other = invoke(app, "--check", str(path))

    assert (same.exit_code, same.output) == (0, f"{path} is the document of the app.\n")
    assert other.exit_code == 1
    assert "They differ at #/info/title, #/paths/~1stock~1{sku}. Write" in other.output


def test_more_differences_are_counted_no_further(app: App, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text('{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}')

    result = invoke(app, "--check", str(path))

    assert "at #/a, #/b, #/c, #/components, #/d and elsewhere." in result.output


def test_a_file_that_is_no_json_is_told(app: App, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text("{")

    assert f"{path} is no JSON" in invoke(app, "--check", str(path)).output


def test_a_mistake_in_a_view_is_told_by_the_command() -> None:
    app = App("wrong")
    app.post("/")(wrong)

    result = invoke(app)

    assert result.exit_code == 1
    assert "wrong wants two bodies" in result.output


def wrong(one: Order, other: list[Order]) -> str:
    return ""


def test_two_views_of_one_path_are_a_mistake() -> None:
    app = App("shop")
    app.get("/", subdomain="a", endpoint="a")(both_marked)
    app.get("/", subdomain="b", endpoint="b")(both_marked)

    with pytest.raises(SetupError, match="GET / is there twice"):
        app.openapi()


def both_marked(q: Query[str]) -> str:
    return q


# Links.


def test_links_have_variables_and_the_query(app: App) -> None:
    names: dict[str, Any] = {}
    exec(app.python_links(), names)
    with app.test_request_context():
        assert names["orders_create"](shop=7) == "/orders/7"
        assert names["stock"](sku="a", page=2, class_=3) == "/stock/a?page=2&class=3"
        assert names["whole"](q="x", _external=True) == "http://localhost/whole?q=x"
        assert names["both"](day=date(2026, 1, 2)) == "/both?day=2026-01-02"


def test_links_have_the_types_of_views_and_rules() -> None:
    app = App("shop")
    app.get("/<uuid:one>/<float:two>/<path:three>", endpoint="all")(lambda **all_: "")
    app.get("/<int:x>", endpoint="mixed")(lambda x: "")
    app.get("/m/<x>/<y>", endpoint="mixed")(app.view_functions["mixed"])
    app.get("/tags", endpoint="tags")(tags)
    app.get("/tags/<tag>", endpoint="both", defaults={"q": "a"})(both_marked)
    app.get("/both/<q>", endpoint="both")(both_marked)

    links = app.python_links()

    assert (
        "from datetime import date\nfrom uuid import UUID\n\nfrom tantalus imp" in links
    )
    assert "def all(*, one: UUID, three: str, two: float, _external:" in links
    assert "def mixed(*, x: object, y: str | None = None, _external:" in links
    assert "tag: list[str],\n" not in links
    assert "    tag: list[str] | None = None,\n    day: date | None = None,\n" in links
    assert "    order: list[object] | None = None,\n" in links
    assert "    shop: object | None = None,\n" in links


def tags(
    tag: Query[list[str]],
    day: Query[date | None],
    order: Query[list[Any]],
    shop: Query[Any] = None,
) -> str:
    return ""


def test_an_app_without_typed_views_has_links() -> None:
    app = App("small", static_folder=None)
    app.get("/<name>")(lambda name: name)

    assert app.python_links().count("def ") == 1


def test_two_endpoints_of_one_name_have_no_links() -> None:
    app = App("small")
    for endpoint in ("a.b", "a_b"):
        app.add_url_rule(f"/{endpoint}", endpoint, lambda: "")

    with pytest.raises(ValueError, match="would both be the function"):
        app.python_links()
