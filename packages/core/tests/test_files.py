from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.http import parse_date
from werkzeug.test import TestResponse

import tantalus
from tantalus import App, Blueprint, Response, send_file, send_from_directory
from tantalus._answers._files import stamp_static_url

HELLO = b"hello world\n"
HELLO_HASH = "a948904f2f0f479b"  # sha256sum, 16 digits

Make = Callable[..., App]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "hello.txt").write_bytes(HELLO)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


@pytest.fixture
def app(root: Path) -> App:
    return App("files_app", root_path=str(root))


def get(app: App, send: Callable[[], Response], **headers: str) -> TestResponse:
    """Return what a client gets from a view that calls `send`."""
    app.add_url_rule("/sent", "sent", send)
    return fetch(app, "/sent", **headers)


def fetch(app: App, url: str, **headers: str) -> TestResponse:
    """Return the response to a GET request, read to its end and closed."""
    return app.test_client().get(
        url,
        headers={key.replace("_", "-"): headers[key] for key in headers},
        buffered=True,
    )


@pytest.mark.parametrize(
    ("name", "send", "path"),
    [
        ("send_file", lambda: send_file("a.txt", "text/css"), "a.txt"),
        (
            "send_from_directory",
            lambda: send_from_directory("static", "a.txt"),
            "a.txt",
        ),
    ],
    ids=["file", "directory"],
)
def test_what_a_test_puts_in_place_of_werkzeugs_function_sends_the_file(
    app: App,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    send: Callable[[], Response],
    path: str,
) -> None:
    asked: list[dict[str, Any]] = []

    def replaced(*args: Any, **kwargs: Any) -> Response:
        asked.append({"args": args, **kwargs})
        return Response("replaced")

    monkeypatch.setattr(f"werkzeug.utils.{name}", replaced)

    assert get(app, send).data == b"replaced"
    assert asked[0]["environ"]["PATH_INFO"] == "/sent"
    assert asked[0]["_root_path"] == str(root)
    assert asked[0]["response_class"] is Response
    assert asked[0]["args"][-1] == path


def test_a_file_is_sent_relative_to_the_root_of_the_app(app: App) -> None:
    response = get(app, lambda: send_file("static/hello.txt"))

    assert response.data == HELLO
    assert response.mimetype == "text/plain"
    assert response.content_length == 12
    assert response.headers["Content-Disposition"] == "inline; filename=hello.txt"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.get_etag()[0]


def test_a_file_is_an_instance_of_the_response_class(app: App) -> None:
    class Marked(app.response_class):  # type: ignore[name-defined, misc]  # a value
        default_mimetype = "text/x-marked"

    app.response_class = Marked
    with app.test_request_context():
        response = send_file("static/hello.txt")

    assert type(response) is Marked
    response.close()


def test_a_file_can_be_an_attachment_under_another_name(app: App) -> None:
    response = get(
        app,
        lambda: send_file(
            "static/hello.txt", as_attachment=True, download_name="grüße.txt"
        ),
    )

    assert response.headers["Content-Disposition"] == (
        "attachment; filename=grue.txt; filename*=UTF-8''gr%C3%BC%C3%9Fe.txt"
    )


def test_an_opened_file_is_sent_and_closed(app: App, root: Path) -> None:
    file = (root / "static" / "hello.txt").open("rb")

    response = get(app, lambda: send_file(file, mimetype="text/x-greeting"))

    assert response.data == HELLO
    assert response.mimetype == "text/x-greeting"
    assert file.closed


def test_a_file_may_be_sent_in_any_way(app: App) -> None:
    response = get(
        app,
        lambda: send_file(
            "static/hello.txt",
            mimetype="text/x-own",
            conditional=False,
            etag="v1",
            last_modified=0,
        ),
        If_None_Match="v1",
    )

    assert (response.status_code, response.mimetype) == (200, "text/x-own")
    assert response.get_etag() == ("v1", False)
    assert response.last_modified == datetime(1970, 1, 1, tzinfo=UTC)


def test_an_unchanged_file_is_not_sent_again(app: App) -> None:
    first = get(app, lambda: send_file("static/hello.txt"))

    by_tag = fetch(app, "/sent", If_None_Match=first.headers["ETag"])
    by_date = fetch(app, "/sent", If_Modified_Since=first.headers["Last-Modified"])

    assert (by_tag.status_code, by_tag.data) == (304, b"")
    assert (by_date.status_code, by_date.data) == (304, b"")


def test_the_time_to_cache_is_that_of_the_app(app: App) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600

    assert (
        get(app, lambda: send_file("static/hello.txt")).headers["Cache-Control"]
        == "public, max-age=3600"
    )


def test_the_time_to_cache_may_be_a_timedelta(app: App) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(minutes=1)

    assert (
        get(app, lambda: send_file("static/hello.txt")).headers["Cache-Control"]
        == "public, max-age=60"
    )


def test_the_time_to_cache_can_be_given(app: App) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600

    response = get(app, lambda: send_file("static/hello.txt", max_age=0))

    assert response.headers["Cache-Control"] == "no-cache, max-age=0"


def test_the_app_may_choose_the_time_to_cache_by_the_name(root: Path) -> None:
    class Choosy(App):
        def get_send_file_max_age(self, filename: str | None) -> int | None:
            return len(filename or "")

    app = Choosy("files_app", root_path=str(root))

    sent = get(app, lambda: send_file("static/hello.txt"))
    static = fetch(app, "/static/hello.txt")

    path = root / "static" / "hello.txt"
    assert sent.headers["Cache-Control"] == f"public, max-age={len(str(path))}"
    assert static.headers["Cache-Control"] == "public, max-age=9"


def test_the_server_can_be_told_to_send_the_file(app: App, root: Path) -> None:
    app.config["USE_X_SENDFILE"] = True

    response = get(app, lambda: send_file("static/hello.txt"))

    assert response.headers["X-Sendfile"] == str(root / "static" / "hello.txt")
    assert response.data == b""


def test_a_file_is_sent_from_a_folder_relative_to_the_root(app: App) -> None:
    response = get(
        app, lambda: send_from_directory("static", "hello.txt", as_attachment=True)
    )

    assert response.data == HELLO
    assert response.headers["Content-Disposition"] == "attachment; filename=hello.txt"


OUTSIDE = [
    "../secret.txt",
    "/etc/passwd",
    "a/../../secret.txt",
    "..\\secret.txt",
    "missing.txt",
    "",
    ".",
    "..",
    "hello.txt\0",
    "x" * 5000,
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_outside_of_the_folder_is_found(app: App, path: str) -> None:
    with app.test_request_context(), pytest.raises(NotFound):
        send_from_directory("static", path)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/..%2fsecret.txt",
        "/static/..%5csecret.txt",
        "/static/%00",
        "/static/hello.txt%00.png",
        "/static//etc/passwd",
        "/static/",
        "/static/" + "x" * 5000,
    ],
)
def test_no_url_leads_out_of_the_static_folder(app: App, path: str) -> None:
    response = app.test_client().get(path, follow_redirects=True)

    assert response.status_code == 404


def test_a_static_file_is_sent_with_conditions_and_ranges(app: App) -> None:
    whole = fetch(app, "/static/hello.txt")
    part = fetch(app, "/static/hello.txt", Range="bytes=0-4")
    same = fetch(app, "/static/hello.txt", If_None_Match=whole.headers["ETag"])

    assert whole.data == HELLO
    assert (part.status_code, part.data) == (206, b"hello")
    assert (same.status_code, same.data) == (304, b"")


def test_the_url_of_a_static_file_carries_its_hash(app: App) -> None:
    with app.test_request_context():
        assert app.url_for("static", filename="hello.txt") == (
            f"/static/hello.txt?v={HELLO_HASH}"
        )
        assert app.url_for("static", filename="missing.txt") == "/static/missing.txt"


def test_a_hash_that_is_given_stays(app: App) -> None:
    with app.test_request_context():
        assert app.url_for("static", filename="hello.txt", v="1") == (
            "/static/hello.txt?v=1"
        )
        assert app.url_for("static", filename="hello.txt", v=None) == (
            "/static/hello.txt"
        )


def test_without_the_setting_urls_stay_plain(app: App) -> None:
    app.config["STATIC_HASH"] = False

    with app.test_request_context():
        assert app.url_for("static", filename="hello.txt") == "/static/hello.txt"
    response = fetch(app, f"/static/hello.txt?v={HELLO_HASH}")
    assert response.headers["Cache-Control"] == "no-cache"


def test_the_url_of_a_blueprints_file_carries_its_hash(app: App) -> None:
    blueprint = Blueprint("docs", "files_app", static_folder="static", url_prefix="/d")
    blueprint.root_path = app.root_path
    app.register_blueprint(blueprint)

    with app.test_request_context():
        url = app.url_for("docs.static", filename="hello.txt")
    response = fetch(app, url)

    assert url == f"/d/static/hello.txt?v={HELLO_HASH}"
    assert response.headers["Cache-Control"].endswith("immutable")


def test_other_endpoints_carry_no_hash(app: App) -> None:
    values: dict[str, Any] = {"filename": "hello.txt"}

    stamp_static_url(app, "files", values)
    stamp_static_url(app, "unknown.static", values)

    assert values == {"filename": "hello.txt"}


def test_a_static_endpoint_without_a_folder_or_name_carries_no_hash(root: Path) -> None:
    values: dict[str, Any] = {"filename": "hello.txt"}
    stamp_static_url(App("files_app", static_folder=None), "static", values)
    assert values == {"filename": "hello.txt"}

    nothing: dict[str, Any] = {}
    stamp_static_url(App("files_app", root_path=str(root)), "static", nothing)
    assert nothing == {}


def test_a_file_asked_for_under_its_hash_is_cached_for_ever(app: App) -> None:
    response = fetch(app, f"/static/hello.txt?v={HELLO_HASH}")

    assert response.data == HELLO
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    expires = parse_date(response.headers["Expires"])
    assert expires is not None
    assert expires > datetime.now(UTC) + timedelta(days=364)


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000000000000000", "?w=1"])
def test_without_its_hash_a_file_is_served_as_always(app: App, query: str) -> None:
    response = fetch(app, f"/static/hello.txt{query}")

    assert response.data == HELLO
    assert response.headers["Cache-Control"] == "no-cache"


def test_a_changed_file_gets_another_url(app: App, root: Path) -> None:
    path = root / "static" / "hello.txt"
    with app.test_request_context():
        before = app.url_for("static", filename="hello.txt")

    path.write_bytes(b"changed, and of another size")
    with app.test_request_context():
        after = app.url_for("static", filename="hello.txt")

    assert after != before
    outdated = fetch(app, before)
    assert outdated.data == b"changed, and of another size"
    assert outdated.headers["Cache-Control"] == "no-cache"


def test_a_missing_file_is_not_found_under_any_hash(app: App) -> None:
    assert fetch(app, f"/static/no.txt?v={HELLO_HASH}").status_code == 404


REQUESTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "whole": ("GET", "/static/hello.txt", {}),
    "head": ("HEAD", "/static/hello.txt", {}),
    "query": ("GET", "/static/hello.txt?v=1", {}),
    "missing": ("GET", "/static/no.txt", {}),
    "outside": ("GET", "/static/..%2fsecret.txt", {}),
    "part": ("GET", "/static/hello.txt", {"Range": "bytes=2-5"}),
    "unsatisfiable": ("GET", "/static/hello.txt", {"Range": "bytes=99-"}),
    "range of another version": (
        "GET",
        "/static/hello.txt",
        {"Range": "bytes=2-5", "If-Range": '"other"'},
    ),
    "not modified": (
        "GET",
        "/static/hello.txt",
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ),
    "any tag": ("GET", "/static/hello.txt", {"If-None-Match": "*"}),
    "weak tag": ("GET", "/static/hello.txt", {"If-None-Match": 'W/"x", "y"'}),
    "sent": ("GET", "/sent", {}),
    "sent part": ("GET", "/sent", {"Range": "bytes=-3"}),
}


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS.keys())
@pytest.mark.parametrize("settings", [{}, {"SEND_FILE_MAX_AGE_DEFAULT": 60}])
@pytest.mark.usefixtures("still")
def test_the_answer_is_that_of_flask_header_by_header(
    root: Path, asked: tuple[str, str, dict[str, str]], settings: dict[str, Any]
) -> None:
    flask = pytest.importorskip("flask")
    method, url, headers = asked
    answers = []
    for package in (flask, tantalus):
        app = package.Flask("files_app", root_path=str(root))
        app.config.update(settings)
        app.add_url_rule("/sent", "sent", sender(package))
        response = app.test_client().open(
            url, method=method, headers=headers, buffered=True
        )
        response.headers.pop("Date", None)  # of conditional answers; the clock's
        answers.append((response.status, list(response.headers), response.data))

    assert answers[0] == answers[1]


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock that `Expires` is computed from."""
    for name in ("werkzeug.utils.time", "tantalus_http._files.time.time"):
        monkeypatch.setattr(name, lambda: 1_800_000_000.0)


def sender(package: Any) -> Callable[[], Any]:
    return lambda: package.send_from_directory(
        "static", "hello.txt", as_attachment=True, download_name="grüße.txt"
    )
