from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from werkzeug.formparser import FormDataParser
from werkzeug.test import EnvironBuilder, create_environ, run_wsgi_app
from werkzeug.wrappers import Request as WerkzeugRequest

from tantalus import App, Flask, Request, Response, request, session
from tantalus_http import CrossOrigin


def test_an_unmatched_request_has_no_endpoint() -> None:
    asked = Request(EnvironBuilder().get_environ())

    assert asked.endpoint is None
    assert asked.blueprint is None
    assert asked.blueprints == []


FORM = "application/x-www-form-urlencoded"
LIMITS = (
    ("max_content_length", "MAX_CONTENT_LENGTH"),
    ("max_form_memory_size", "MAX_FORM_MEMORY_SIZE"),
    ("max_form_parts", "MAX_FORM_PARTS"),
)


@pytest.mark.parametrize(("attribute", "setting"), LIMITS)
def test_limits_come_from_the_app_unless_set(
    app: App, attribute: str, setting: str
) -> None:
    app.config[setting] = 7
    asked = Request(EnvironBuilder().get_environ())

    assert getattr(asked, attribute) == getattr(WerkzeugRequest, attribute)
    with app.app_context():
        assert getattr(asked, attribute) == 7
        setattr(asked, attribute, 8)
        assert getattr(asked, attribute) == 8


def echo(app: App) -> Any:
    app.add_url_rule(
        "/", "echo", lambda: dict(request.form.lists()), methods=["GET", "POST"]
    )
    return app.test_client()


def test_an_app_limits_the_size_of_bodies(app: App) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10

    assert echo(app).post("/", data={"a": "x" * 20}).status_code == 413


def test_a_limit_of_one_request_counts_before_that_of_the_app(app: App) -> None:
    app.config["MAX_FORM_MEMORY_SIZE"] = 100

    @app.before_request
    def limit() -> None:
        request.max_form_memory_size = int(request.args["most"])

    client = echo(app)

    assert client.post("/?most=10", data={"a": "x" * 20}).status_code == 413
    assert client.post("/?most=1000", data={"a": "x" * 200}).status_code == 200


def test_a_limit_of_a_request_class_counts_before_that_of_the_app(app: App) -> None:
    class Small(Request):
        max_content_length = 10

    class Plain(Request):
        """Has nothing of its own."""

    app.config["MAX_CONTENT_LENGTH"] = 100
    client = echo(app)

    assert client.post("/", data={"a": "x" * 20}).status_code == 200
    app.request_class = Small
    assert client.post("/", data={"a": "x" * 20}).status_code == 413
    app.request_class = Plain
    assert client.post("/", data={"a": "x" * 20}).status_code == 200
    assert client.post("/", data={"a": "x" * 200}).status_code == 413


@pytest.mark.parametrize("kind", [Request, type("Own", (Request,), {})])
def test_a_limit_that_is_set_on_a_class_in_use_counts(
    kind: type[Request], app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["MAX_FORM_MEMORY_SIZE"] = 100
    app.request_class = kind
    client = echo(app)
    assert client.post("/", data={"a": "x" * 20}).status_code == 200

    monkeypatch.setattr(Request, "max_form_memory_size", 10)

    assert client.post("/", data={"a": "x" * 20}).status_code == 413


def test_an_app_limits_the_fields_of_urlencoded_forms(app: App) -> None:
    app.config["MAX_FORM_PARTS"] = 3
    client = echo(app)

    assert client.post("/", data="a=1&b=2&c=3", content_type=FORM).status_code == 200
    assert client.post("/", data="a=1&b&c&d", content_type=FORM).status_code == 413


def test_an_app_limits_the_memory_of_urlencoded_forms(app: App) -> None:
    app.config["MAX_FORM_MEMORY_SIZE"] = 10
    client = echo(app)

    assert client.post("/", data="a=12345678", content_type=FORM).status_code == 200
    assert client.post("/", data="a=123456789", content_type=FORM).status_code == 413


@pytest.mark.parametrize("app_class", [App, Flask])
def test_an_escape_that_is_not_utf_8_stays_and_a_byte_is_a_400(
    app_class: type[App],
) -> None:
    client = echo(app_class("tests"))

    form = client.post("/", data="a=%C3%B6&a=%FF+x", content_type=FORM)
    broken = client.post("/", data=b"a=1&b=\xff", content_type=FORM)

    assert form.json == {"a": ["ö", "%FF x"]}
    assert broken.status_code == 400
    assert "The form is not UTF-8" in broken.text


@pytest.mark.parametrize("app_class", [App, Flask])
@pytest.mark.parametrize("name", ["args", "full_path", "values"])
@pytest.mark.parametrize("path", ["/", "/unknown", "/slash"])
def test_a_query_that_is_not_utf_8_is_never_a_500(
    app_class: type[App], name: str, path: str
) -> None:
    app = app_class("tests")
    app.add_url_rule("/", "read", lambda: str(getattr(request, name)))
    app.add_url_rule("/slash/", "slash", lambda: "")

    pieces, status, _ = run_wsgi_app(
        app, create_environ(path) | {"QUERY_STRING": "a=\xff"}
    )

    assert b"".join(pieces)
    assert status[:3] == {"/": "400", "/unknown": "404", "/slash": "308"}[path]


LIMIT = 100_000
READERS: dict[str, Callable[[], Any]] = {
    "data": lambda: request.data,
    "get_data": lambda: request.get_data(),
    "stream": lambda: request.stream.read(),
    "pieces": lambda: b"".join(iter(partial(request.stream.read, 50_000), b"")),
    "lines": lambda: b"".join(request.stream),
    "form": lambda: request.form,
    "json": lambda: request.get_json(silent=True),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("app_class", [App, Flask])
@pytest.mark.parametrize("kind", ["text/plain", FORM, "application/json"])
@pytest.mark.parametrize("by", ["setting", "request"])
@pytest.mark.parametrize(("size", "status"), [(LIMIT, "200"), (LIMIT + 1, "413")])
def test_a_chunked_body_beyond_the_limit_is_refused_and_not_cut(
    read: Callable[[], Any],
    app_class: type[App],
    kind: str,
    by: str,
    size: int,
    status: str,
) -> None:
    app = app_class("tests")
    app.config.update(MAX_CONTENT_LENGTH=LIMIT if by == "setting" else 7)

    @app.post("/")
    def index() -> str:
        if by == "request":
            request.max_content_length = LIMIT
        read()
        return str(len(request.get_data()))

    environ = create_environ(
        "/", method="POST", content_type=kind, input_stream=BytesIO(b"x" * size)
    )
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    pieces, given, _ = run_wsgi_app(app, environ | chunked)

    assert given[:3] == status
    assert status == "200" or b"max_content_length" in b"".join(pieces)


def test_the_limits_of_forms_can_be_lifted(app: App) -> None:
    app.config.update(MAX_FORM_MEMORY_SIZE=None, MAX_FORM_PARTS=None)

    body = "&".join(f"a{number}=1" for number in range(2000))

    assert echo(app).post("/", data=body, content_type=FORM).status_code == 200


def test_flask_does_not_limit_urlencoded_forms(flask_app: Flask) -> None:
    flask_app.config["MAX_FORM_PARTS"] = 3

    answer = echo(flask_app).post("/", data="a=1&b=1&c=1&d=1", content_type=FORM)

    assert answer.status_code == 200


def test_an_own_form_parser_is_left_alone(app: App) -> None:
    class Own(Request):
        form_data_parser_class = FormDataParser

    app.request_class = Own
    app.config["MAX_FORM_PARTS"] = 1

    assert echo(app).post("/", data="a=1&b=1", content_type=FORM).status_code == 200


def test_uploaded_files_are_closed_with_the_request(app: App) -> None:
    kept: list[Any] = []

    @app.route("/", methods=["POST"])
    def upload() -> str:
        kept.append(request.files["file"].stream)
        return "fine"

    app.test_client().post("/", data={"file": (BytesIO(b"x"), "x.txt")})

    assert kept[0].closed


def test_a_request_class_may_close_more(app: App) -> None:
    closed: list[str] = []

    class Own(Request):
        def close(self) -> None:
            closed.append(self.path)

    app.request_class = Own

    app.test_client().get("/nowhere")

    assert closed == ["/nowhere"]


def test_a_form_without_its_files_is_explained_while_debugging(app: App) -> None:
    app.debug = True
    app.add_url_rule("/", "up", lambda: str(request.files["f"]), methods=["POST"])

    with pytest.raises(KeyError, match="multipart/form-data"):
        app.test_client().post("/", data={"f": "name.txt"})


@pytest.mark.parametrize("body", ["{", "NaN", "[" * 100_000, "1" * 5000, "\udcff"])
def test_bad_json_is_a_400(app: App, body: str) -> None:
    app.add_url_rule("/", "read", lambda: request.get_json(), methods=["POST"])

    answer = app.test_client().post(
        "/",
        data=body.encode(errors="surrogateescape"),
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert "decode" not in answer.text


def test_bad_json_is_explained_while_debugging(app: App) -> None:
    app.config["DEBUG"] = True
    app.add_url_rule("/", "read", lambda: request.get_json(), methods=["POST"])

    answer = app.test_client().post("/", data="{", content_type="application/json")

    assert answer.status_code == 400
    assert "Failed to decode JSON object" in answer.text


def test_a_body_that_is_no_json_is_a_415(app: App) -> None:
    app.add_url_rule("/", "read", lambda: request.get_json(), methods=["POST"])

    assert app.test_client().post("/", data="{}").status_code == 415


def test_the_largest_cookie_is_a_setting(app: App) -> None:
    app.config["MAX_COOKIE_SIZE"] = 100

    assert Response().max_cookie_size == 4093
    with app.app_context():
        assert Response().max_cookie_size == 100


@pytest.mark.parametrize("cls", [App, Flask])
@pytest.mark.parametrize("by_hook", [False, True], ids=["view", "hook"])
def test_the_headers_of_a_response_may_be_replaced_by_a_dict(
    cls: type[App], by_hook: bool
) -> None:
    app = cls("dict")
    app.secret_key = "k" * 40
    app.config["CORS"] = CrossOrigin(["https://other.example"])

    def replace(response: Any) -> Any:
        response.headers = {"X-Own": "1", "Content-Type": "text/plain"}
        return response

    if by_hook:
        app.after_request(replace)

    @app.get("/")
    def index() -> Any:
        session.get("a")
        return Response("x") if by_hook else replace(Response("x"))

    asked = {"Cookie": "a=b", "Origin": "https://other.example"}
    answer = app.test_client().get("/", headers=asked)

    assert (answer.status_code, answer.headers["X-Own"]) == (200, "1")
    assert answer.headers.getlist("Vary") == ["Cookie", "Origin"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://other.example"
    assert ("X-Content-Type-Options" in answer.headers) == (cls is App)
