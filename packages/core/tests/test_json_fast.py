from __future__ import annotations

from decimal import Decimal

import pytest

from tantalus import App, jsonify, request
from tantalus.json.fast import FastJSONProvider


@pytest.fixture
def app() -> App:
    app = App("fast")
    app.json = FastJSONProvider(app)
    return app


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b'"\xff"', b"[NaN]", b"[1e999]", b"[" * 257 + b"]" * 257, b"1" * 5000],
    ids=["cut", "empty", "UTF-8", "NaN", "infinity", "deep", "digits"],
)
def test_a_broken_body_is_a_bad_request(app: App, body: bytes) -> None:
    app.add_url_rule("/", "index", lambda: jsonify(request.get_json()), methods=["PUT"])

    response = app.test_client().put("/", data=body, content_type="application/json")

    assert response.status_code == 400


def test_what_is_not_too_deep_can_be_sent_back(app: App) -> None:
    app.add_url_rule("/", "index", lambda: jsonify(request.get_json()), methods=["PUT"])
    body = b"[" * 256 + b"]" * 256

    response = app.test_client().put("/", data=body, content_type="application/json")

    assert response.data == body + b"\n"


def test_a_response_is_indented_while_debugging(app: App) -> None:
    app.add_url_rule("/", "index", lambda: {"a": Decimal(1)})
    client = app.test_client()

    packed = client.get("/").data
    app.debug = True

    assert packed == b'{"a":"1"}\n'
    assert client.get("/").data == b'{\n  "a": "1"\n}\n'
