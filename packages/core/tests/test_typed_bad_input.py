"""What no client should send, and some do, to typed views of both classes and faces.

Each is refused with its own status, none is a 500, and no value gets into a log or an
answer. Coroutine views refuse alike.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import msgspec
import pytest

from tantalus import App, Flask
from tantalus.testing import FlaskClient
from tantalus_typed import File, Form, Header, JsonPart, Query

SECRET = "pa55word"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Order:
    name: str
    count: int = 1


class Closed(msgspec.Struct, forbid_unknown_fields=True):
    name: str


def order(order: Order) -> Order:
    return order


def closed(order: Closed) -> Closed:
    return order


def page(page: int = 1) -> list[int]:
    return [page]


def tags(tag: Query[list[int]]) -> list[int]:
    return tag


def text(text: str = "none") -> list[str]:
    return [text]


def form(name: Form[str]) -> list[str]:
    return [name]


def upload(photo: File[bytes], name: Form[str], meta: JsonPart[Order]) -> list[Any]:
    return [len(photo), name, meta.name]


def header(x_name: Header[str]) -> list[str]:
    return [x_name]


VIEWS: list[Callable[..., Any]] = [
    order,
    closed,
    page,
    tags,
    text,
    form,
    upload,
    header,
]


def awaited(view: Callable[..., Any]) -> Callable[..., Any]:
    async def wait(*args: Any, **named: Any) -> Any:
        return view(*args, **named)

    wait.__wrapped__ = view  # type: ignore[attr-defined]  # where signatures are found
    wait.__annotations__ = view.__annotations__
    wait.__name__ = f"{view.__name__}_awaited"
    return wait


@pytest.fixture(scope="module", params=[App, Flask], ids=["App", "Flask"])
def app(request: pytest.FixtureRequest) -> App:
    app: App = request.param("bad", typed=True)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024
    app.config["LIMIT_URLENCODED_FORMS"] = True
    for view in VIEWS:
        for one in (view, awaited(view)):
            app.route(f"/{one.__name__}", methods=["GET", "POST"])(one)
    return app


@pytest.fixture(params=["wsgi", "asgi"])
def client(request: pytest.FixtureRequest, app: App) -> FlaskClient:
    return FlaskClient(app, app.response_class, protocol=request.param)


@pytest.fixture(params=["", "_awaited"], ids=["plain", "coroutine"])
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def many_fields() -> dict[str, Any]:
    return {"data": "name=a&" * 1001, "content_type": FORM}


def parts(**more: str) -> Callable[[], dict[str, Any]]:
    """Return what makes the parts of a form; `@` in front of a text makes it a file."""
    texts = {"photo": "@1", "name": "a", "meta": '{"name": "m"}'} | more
    return lambda: {
        "data": {
            name: (BytesIO(text[1:].encode()), "a.txt") if text[0] == "@" else text
            for name, text in texts.items()
        }
    }


@pytest.mark.parametrize(
    ("view", "sent", "status"),
    [
        pytest.param(
            "order",
            {"data": '{"name": "a"}', "content_type": "text/plain"},
            415,
            id="text/plain",
        ),
        pytest.param("order", {"data": '{"name": "a"}'}, 415, id="no type"),
        pytest.param("order", {"data": '{"name": "\\ud800"}'}, 400, id="surrogate"),
        pytest.param("order", {"data": '{"name": NaN}'}, 400, id="NaN"),
        pytest.param("order", {"data": "[" * 100_000}, 400, id="deep list"),
        pytest.param("order", {"data": '{"a":' * 100_000}, 400, id="deep object"),
        pytest.param("order", {"data": b'{"name": "\xff"}'}, 400, id="bad UTF-8"),
        pytest.param("order", {"data": ""}, 400, id="empty"),
        pytest.param("order", {"data": "null"}, 422, id="null"),
        pytest.param(
            "order", {"data": '{"name": "a", "name": "b"}'}, 200, id="duplicate keys"
        ),
        pytest.param(
            "order", {"data": '{"name": "a", "x": 1}'}, 200, id="unknown field"
        ),
        pytest.param(
            "closed", {"data": '{"name": "a", "x": 1}'}, 422, id="forbidden field"
        ),
        pytest.param(
            "order", {"data": b'"' + b"a" * 20_000_000 + b'"'}, 413, id="20 MB"
        ),
        pytest.param("page", {"query_string": "page=1_0"}, 422, id="underscore"),
        pytest.param("page", {"query_string": "page=%D9%A1"}, 422, id="Arabic digit"),
        pytest.param("page", {"query_string": "page=+1"}, 422, id="blank"),
        pytest.param("page", {"query_string": "page="}, 200, id="empty number"),
        pytest.param("page", {"query_string": "page=1&page=x"}, 200, id="repeated"),
        pytest.param("page", {"query_string": "page=%FF"}, 422, id="no UTF-8"),
        pytest.param("tags", {"query_string": "tag=1&tag=x"}, 422, id="bad item"),
        pytest.param("tags", {"query_string": "tag="}, 422, id="no item"),
        pytest.param("text", {"query_string": "text="}, 200, id="empty text"),
        pytest.param("text", {"query_string": "text=%ED%A0%80"}, 422, id="half"),
        pytest.param("form", many_fields(), 413, id="1,001 fields"),
        pytest.param("form", {"data": "{}"}, 415, id="JSON as form"),
        pytest.param(
            "form", {"data": "name=%FF", "content_type": FORM}, 200, id="odd form"
        ),
        pytest.param("upload", parts(name="@1"), 422, id="file as text"),
        pytest.param("upload", parts(photo="text"), 422, id="text as file"),
        pytest.param("upload", parts(meta="{"), 400, id="part that is no JSON"),
        pytest.param("upload", parts(meta="{}"), 422, id="part without a field"),
        pytest.param(
            "header", {"headers": [("X-Name", "J\xfcrgen")]}, 200, id="beyond ASCII"
        ),
        pytest.param("header", {}, 422, id="no header"),
    ],
)
def test_bad_input_has_a_status_of_its_own(
    client: FlaskClient, kind: str, view: str, sent: Any, status: int
) -> None:
    sent = sent() if callable(sent) else sent
    options: dict[str, Any] = {"method": "POST", **sent}
    if isinstance(options.get("data"), str | bytes) and view in ("order", "closed"):
        options.setdefault("content_type", JSON)
    if sent == {"data": '{"name": "a"}'}:
        options["content_type"] = None

    response = client.open(f"/{view}{kind}", **options)

    assert response.status_code == status
    if status >= 400:
        assert response.mimetype == "application/problem+json"
        assert response.get_json()["status"] == status


def test_a_body_on_get_is_no_matter(client: FlaskClient, kind: str) -> None:
    response = client.get(f"/page{kind}?page=2", data="[" * 1000, content_type=JSON)

    assert response.get_json() == [2]


@pytest.mark.parametrize(
    ("view", "sent"),
    [
        ("order", {"json": {"name": [SECRET]}}),
        ("order", {"json": {"name": "a", "count": SECRET}}),
        ("order", {"data": f'{{"{SECRET}', "content_type": JSON}),
        ("page", {"query_string": f"page={SECRET}"}),
        ("page", {"query_string": f"page={SECRET}%FF"}),
        ("upload", {"data": {"name": SECRET, "meta": f'{{"name": ["{SECRET}"]}}'}}),
    ],
)
@pytest.mark.parametrize("trapped", [False, True])
def test_no_value_gets_into_a_log_or_an_answer(
    app: App,
    client: FlaskClient,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    view: str,
    sent: dict[str, Any],
    trapped: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    # So that what is refused is logged, as a fault of the program is.
    monkeypatch.setitem(app.config, "TRAP_HTTP_EXCEPTIONS", trapped)

    response = client.post(f"/{view}{kind}", **sent)

    assert response.status_code == (500 if trapped else response.status_code)
    assert response.status_code >= 400
    # An event loop tells asyncio's log which selector it uses.
    assert any(one.name != "asyncio" for one in caplog.records) is trapped
    assert SECRET not in caplog.text
    assert SECRET not in response.text
