"""Views whose answers depend on what the client has: each row, and parts of files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tantalus import App, Flask, conditional, request, send_file
from tantalus.ctx import has_request_context

NOW, BEFORE = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT"
CHANGED = datetime(1994, 11, 6, 8, 49, 37)
VERSIONS: dict[int, str | None] = {1: "v1", 2: None}


def version_of(number: int) -> str | None:
    assert has_request_context()
    return VERSIONS[number]


class Store:
    """An app over items, and the calls of its view."""

    def __init__(self, cls: type[App] = App) -> None:
        self.app = cls("store")
        self.calls: list[str] = []
        methods = ["GET", "PUT", "DELETE", "POST"]
        self.app.add_url_rule("/<int:number>", "item", self.item, methods=methods)

    @conditional(etag=lambda self, number: version_of(number), modified=CHANGED)
    def item(self, number: int) -> str:
        self.calls.append(request.method)
        return "text"

    def ask(self, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.app.test_client().open("/1", method=method, headers=named)


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"If_Match": '"v1"'}, 200),
        ("GET", {"If_Match": '"v2"'}, 412),
        ("GET", {"If_Match": 'W/"v1"'}, 412),
        ("GET", {"If_Unmodified_Since": NOW}, 200),
        ("GET", {"If_Unmodified_Since": BEFORE}, 412),
        ("GET", {"If_None_Match": '"v1"'}, 304),
        ("HEAD", {"If_None_Match": 'W/"v1"'}, 304),
        ("GET", {"If_None_Match": '"v2"'}, 200),
        ("GET", {"If_None_Match": '"v2"', "If_Modified_Since": NOW}, 200),
        ("GET", {"If_Modified_Since": NOW}, 304),
        ("GET", {"If_Modified_Since": BEFORE}, 200),
        ("PUT", {"If_Match": '"v1"'}, 200),
        ("PUT", {"If_Match": '"v0"'}, 412),
        ("PUT", {"If_None_Match": "*"}, 412),
        ("PUT", {"If_Unmodified_Since": BEFORE}, 412),
        ("DELETE", {"If_Match": "*"}, 200),
        ("POST", {"If_Modified_Since": NOW}, 200),
    ],
)
@pytest.mark.parametrize("cls", [App, Flask])
def test_the_view_runs_only_if_the_conditions_hold(
    cls: type[App], method: str, headers: dict[str, str], status: int
) -> None:
    store = Store(cls)

    answer = store.ask(method, **headers)

    assert answer.status_code == status
    assert store.calls == ([method] if status == 200 else [])


def test_an_answer_has_tag_and_date_and_a_304_the_tag() -> None:
    answer, again = Store().ask(), Store().ask(If_None_Match='"v1"')

    assert answer.headers["ETag"] == again.headers["ETag"] == '"v1"'
    assert answer.headers["Last-Modified"] == NOW


def test_the_answer_to_a_change_has_not_the_tag_of_before() -> None:
    assert "ETag" not in Store().ask("PUT").headers


def only_etag(**values: Any) -> Any:
    return conditional(**values)(lambda: "text")


def made(view: Any, **options: Any) -> App:
    app = App("page")
    app.add_url_rule("/", "page", view, **options)
    return app


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"If-Match": "*"}, 412), ({"If-None-Match": "*"}, 200), ({}, 200)],
)
def test_what_does_not_exist_can_be_made_once(
    headers: dict[str, str], status: int
) -> None:
    app = made(only_etag(etag=lambda: None), methods=["PUT"])

    assert app.test_client().put("/", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("given", "sent"),
    [("v1", '"v1"'), ('"v1"', '"v1"'), ('W/"v1"', 'W/"v1"'), (lambda: "v1", '"v1"')],
)
def test_a_tag_is_written_as_it_is_or_quoted(given: Any, sent: str) -> None:
    answer = made(only_etag(etag=given)).test_client().get("/")

    assert answer.headers["ETag"] == sent
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize(
    "given",
    [
        CHANGED,
        CHANGED.replace(tzinfo=UTC),
        784_111_777,
        784_111_777.9,
        lambda: CHANGED,
        lambda: 784_111_777,
    ],
)
def test_a_date_may_have_a_zone_or_be_seconds(given: Any) -> None:
    answer = made(only_etag(modified=given)).test_client().get("/")

    assert answer.headers["Last-Modified"] == NOW
    assert "ETag" not in answer.headers


def test_an_error_of_the_view_has_no_tag() -> None:
    app = made(conditional(etag="v1")(lambda: ("Not here.", 404)))

    assert "ETag" not in app.test_client().get("/").headers


def test_conditions_are_there_again_if_the_view_fails() -> None:
    app, seen = App("page"), []

    @app.get("/")
    @conditional(etag="v1")
    def fail() -> str:
        seen.append(request.headers.get("If-None-Match"))
        raise LookupError

    @app.errorhandler(LookupError)
    def tell(error: LookupError) -> str:
        return str(request.headers["If-None-Match"])

    answer = app.test_client().get("/", headers={"If-None-Match": '"v2"'})

    assert (seen, answer.text) == ([None], '"v2"')


def test_a_coroutine_view_is_awaited() -> None:
    app, calls = App("page"), []

    @app.get("/")
    @conditional(etag="v1")
    async def page() -> str:
        calls.append(1)
        return "text"

    client = app.test_client()

    assert client.get("/").headers["ETag"] == '"v1"'
    assert client.get("/", headers={"If-None-Match": '"v1"'}).status_code == 304
    assert client.get("/", headers={"If-Match": '"v2"'}).status_code == 412
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({}, 200, "0123456789"),
        ({"Range": "bytes=2-4"}, 206, "234"),
        ({"Range": "bytes=2-4", "If-Range": '"v1"'}, 206, "234"),
        ({"Range": "bytes=2-4", "If-Range": '"v0"'}, 200, "0123456789"),
        ({"Range": "bytes=2-4", "If-Range": NOW}, 206, "234"),
        ({"Range": "bytes=2-4", "If-Range": BEFORE}, 200, "0123456789"),
        ({"Range": "bytes=2-4", "If-None-Match": '"v1"'}, 304, ""),
        ({"Range": "bytes=2-4", "If-Match": '"v0"'}, 412, None),
        ({"Range": "bytes=2-4", "If-Match": '"v1"'}, 206, "234"),
        ({"Range": "bytes=2-4", "If-Unmodified-Since": BEFORE}, 412, None),
        ({"Range": "bytes=20-"}, 416, None),
    ],
)
def test_parts_of_a_file_are_judged_by_the_same_tag(
    tmp_path: Path, headers: dict[str, str], status: int, body: str | None
) -> None:
    (tmp_path / "a.txt").write_text("0123456789")
    view = conditional(etag="v1", modified=CHANGED)(
        lambda: send_file(tmp_path / "a.txt")
    )

    answer = made(view).test_client().get("/", headers=headers, buffered=True)

    assert answer.status_code == status
    assert body is None or answer.text == body
    assert status == 412 or status == 416 or answer.headers["ETag"] == '"v1"'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "compares nothing: pass 'etag', 'modified' or both"),
        ({"etag": 7}, "etag=7 is neither text nor a function"),
        ({"modified": "today"}, "modified='today' is no date"),
        ({"modified": True}, "modified=True is no date"),
    ],
)
def test_what_cannot_be_compared_is_refused_at_set_up(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        conditional(**arguments)


def test_outside_of_a_request_there_is_no_condition() -> None:
    with pytest.raises(RuntimeError, match="'conditional' can only be used when"):
        only_etag(etag="v1")()
