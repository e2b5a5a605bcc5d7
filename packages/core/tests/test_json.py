from __future__ import annotations

import io
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tantalus import App, Flask, json, jsonify, render_template_string, request
from tantalus.json.provider import DefaultJSONProvider, StrictJSONProvider


class Shouting(DefaultJSONProvider):
    """Shows that it was asked."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(obj, **kwargs).upper()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return [super().loads(s, **kwargs)]


@pytest.fixture
def app() -> App:
    app = App("json_app")
    app.json = Shouting(app)
    return app


def test_the_module_of_the_provider_is_reached_through_the_package() -> None:
    assert json.provider is sys.modules["tantalus.json.provider"]


def test_any_other_name_is_missing_as_from_every_module() -> None:
    missing = "nowhere"

    with pytest.raises(AttributeError, match=r"module 'tantalus\.json' has no attr"):
        getattr(json, missing)


def test_without_an_app_the_default_provider_writes_and_reads() -> None:
    file = io.StringIO()

    json.dump({"b": Decimal(1), "a": "ü"}, file, indent=0)

    assert json.dumps({"b": Decimal(1), "a": "ü"}) == '{"b": "1", "a": "\\u00fc"}'
    assert file.getvalue() == '{\n"b": "1",\n"a": "\\u00fc"\n}'
    assert json.loads(b"[1.5]", parse_float=Decimal) == [Decimal("1.5")]
    assert json.load(io.BytesIO(b"[1]")) == [1]


def test_with_an_app_its_provider_writes_and_reads(app: App) -> None:
    file = io.StringIO()

    with app.app_context():
        json.dump(["a"], file)

        assert file.getvalue() == '["A"]'
        assert json.dumps(["a"]) == '["A"]'
        assert json.loads("1") == [1]
        assert json.load(io.StringIO("1")) == [1]


def test_a_response_is_made_by_the_provider_of_the_app(app: App) -> None:
    with app.app_context():
        response = jsonify(a="b")

    assert response.get_data() == b'{"A":"B"}\n'
    assert isinstance(response, app.response_class)


def test_a_response_needs_an_app() -> None:
    with pytest.raises(RuntimeError, match="Working outside of application context"):
        jsonify(1)


def test_dicts_and_lists_from_views_are_made_by_the_provider_too(app: App) -> None:
    app.add_url_rule("/dict", "dict", lambda: {"a": 1})
    app.add_url_rule("/list", "list", lambda: ["a"])
    client = app.test_client()

    assert client.get("/dict").data == b'{"A":1}\n'
    assert client.get("/list").data == b'["A"]\n'


def test_the_provider_of_the_app_reads_requests_and_test_responses(app: App) -> None:
    seen = []

    @app.post("/")
    def index() -> str:
        seen.append(app.json.loads("2"))
        return "3"

    response = app.test_client().post("/", data="1", content_type="application/json")

    assert seen == [[2]]
    assert response.get_json(force=True) == [3]


def test_debug_mode_indents_responses() -> None:
    app = App("json_app")
    app.debug = True
    app.add_url_rule("/", "index", lambda: {"a": 1})

    assert app.test_client().get("/").data == b'{\n  "a": 1\n}\n'


@pytest.fixture
def echo() -> App:
    app = App("json_app")

    @app.post("/")
    def index() -> Any:
        return jsonify(request.get_json())

    return app


BROKEN = {
    "nothing": b"",
    "no JSON": b"{broken",
    "two values": b"{} {}",
    "bad UTF-8": b'"\xff"',
    "a lone quote": b'"',
    "not a number": b"[NaN]",
    "infinity": b"[-Infinity]",
    "a float beyond all floats": b"[1e999]",
    "an integer of too many digits": b"1" * 5000,
    "too deep": b"[" * 500 + b"]" * 500,
    "deeper than the stack": b"[" * 100_000 + b"]" * 100_000,
    "unfinished and deep": b'{"a":' * 100_000,
    "millions of lists": b"[" + b"[]," * 4_000_000 + b"[]]",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_body_is_a_bad_request(echo: App, body: bytes) -> None:
    response = echo.test_client().post("/", data=body, content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize("depth", range(1, 1100, 37))
def test_whatever_depth_is_read_can_be_sent_back(echo: App, depth: int) -> None:
    body = "[" * depth + "]" * depth

    response = echo.test_client().post("/", data=body, content_type="application/json")

    assert response.status_code == (200 if depth <= 256 else 400)


def test_the_class_flask_reads_what_flask_does() -> None:
    app = Flask("json_app")
    assert type(app.json) is DefaultJSONProvider
    assert type(App("json_app").json) is StrictJSONProvider

    with app.app_context():
        assert json.loads("[1e999]") == [float("inf")]


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"1" * 5000], ids=["deeper than the stack", "digits"]
)
def test_the_class_flask_answers_400_to_what_nobody_can_read(body: bytes) -> None:
    app = Flask("json_app")
    app.add_url_rule("/", "read", lambda: request.get_json(), methods=["POST"])

    answer = app.test_client().post("/", data=body, content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize("app_class", [App, Flask])
def test_a_template_writes_no_number_that_json_does_not_know(
    app_class: type[App],
) -> None:
    with (
        app_class("json_app").test_request_context(),
        pytest.raises(ValueError, match=r"nan at \$\[0\] is not JSON"),
    ):
        render_template_string("{{ [number]|tojson }}", number=float("nan"))


@pytest.mark.parametrize(
    ("app_class", "text"),
    [(App, "2026-01-02"), (Flask, "Fri, 02 Jan 2026 00:00:00 GMT")],
)
def test_dates_are_written_as_the_class_does(app_class: type[App], text: str) -> None:
    app = app_class("json_app")
    app.add_url_rule("/", "day", lambda: {"day": date(2026, 1, 2)})

    assert app.test_client().get("/").json == {"day": text}
