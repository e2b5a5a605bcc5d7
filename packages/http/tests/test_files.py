from __future__ import annotations

import io
import mimetypes
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable
from werkzeug.http import http_date
from werkzeug.test import Client, EnvironBuilder, TestResponse

from tantalus_http import Response, send_file, send_from_directory

HELLO = b"hello world\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "hello.txt").write_bytes(HELLO)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


def environ() -> dict[str, Any]:
    return EnvironBuilder().get_environ()


def fetch(
    root: Path,
    file: Any = "static/hello.txt",
    headers: dict[str, str] | None = None,
    **options: Any,
) -> TestResponse:
    """Return what a client gets from a program that sends a file, and close it."""

    def program(environ: Any, start_response: Any) -> Any:
        response = send_file(file, environ, root_path=str(root), **options)
        return response(environ, start_response)

    return Client(program).get("/", headers=headers, buffered=True)


def test_a_folder_may_be_relative_to_the_current_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)

    with send_from_directory(
        "static", "hello.txt", environ(), root_path=root.name
    ) as response:
        assert response.status_code == 200


def test_a_file_is_sent_relative_to_a_folder(root: Path) -> None:
    response = fetch(root)

    assert response.data == HELLO
    assert response.mimetype == "text/plain"
    assert response.content_length == 12
    assert response.headers["Content-Disposition"] == "inline; filename=hello.txt"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.get_etag()[0]


def test_without_a_folder_paths_are_relative_to_the_current_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)

    with send_file("static/hello.txt", environ()) as response:
        assert response.content_length == 12
    with send_from_directory("static", "hello.txt", environ()) as response:
        assert response.content_length == 12


def test_a_file_is_an_instance_of_the_response_class(root: Path) -> None:
    class Own(Response):
        pass

    file = root / "static/hello.txt"
    with send_file(file, environ(), response_class=Own) as response:
        assert type(response) is Own
    with send_file(io.BytesIO(), environ(), "a/b", response_class=Own) as response:
        assert type(response) is Own


def test_a_file_can_be_an_attachment_under_another_name(root: Path) -> None:
    response = fetch(root, as_attachment=True, download_name="grüße.txt")

    assert response.headers["Content-Disposition"] == (
        "attachment; filename=grue.txt; filename*=UTF-8''gr%C3%BC%C3%9Fe.txt"
    )


def test_an_opened_file_is_sent_and_closed(root: Path) -> None:
    file = (root / "static" / "hello.txt").open("rb")

    response = fetch(root, file, mimetype="text/x-greeting")

    assert response.data == HELLO
    assert response.mimetype == "text/x-greeting"
    assert file.closed


def test_a_file_in_memory_is_sent(root: Path) -> None:
    response = fetch(
        root, io.BytesIO(HELLO), download_name="a.json", etag="v1", last_modified=0
    )

    assert response.data == HELLO
    assert response.mimetype == "application/json"
    assert response.get_etag() == ("v1", False)
    assert response.last_modified == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file", "kwargs", "error"),
    [
        (io.BytesIO(), {}, TypeError),
        (io.BytesIO(), {"mimetype": "a/b", "as_attachment": True}, TypeError),
        (io.StringIO(), {"mimetype": "a/b"}, ValueError),
        ("missing.txt", {}, FileNotFoundError),
    ],
)
def test_what_cannot_be_sent_is_told(
    root: Path, file: Any, kwargs: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        send_file(file, environ(), root_path=str(root), **kwargs)


def test_an_unchanged_file_is_not_sent_again(root: Path) -> None:
    first = fetch(root)

    by_tag = fetch(root, headers={"If-None-Match": first.headers["ETag"]})
    by_date = fetch(root, headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert (by_tag.status_code, by_tag.data) == (304, b"")
    assert (by_date.status_code, by_date.data) == (304, b"")


def headers_of(
    root: Path, file: str = "static/hello.txt", **options: Any
) -> dict[str, str]:
    """Return the headers that a file is sent with, but those of the clock."""
    with send_file(file, environ(), root_path=str(root), **options) as response:
        clock = {"Date", "Expires"}
        return {key: value for key, value in response.headers if key not in clock}


def test_the_headers_are_those_of_the_file_as_it_is_now(root: Path) -> None:
    file = root / "static/hello.txt"
    os.utime(file, (1_000_000_000, 1_000_000_000))
    headers_of(root)

    os.utime(file, (1_000_000_001, 1_000_000_001))
    touched = headers_of(root)
    file.write_text("longer than before")
    os.utime(file, (1_000_000_001, 1_000_000_001))
    longer = headers_of(root)

    assert touched["Last-Modified"] == "Sun, 09 Sep 2001 01:46:41 GMT"
    assert longer["Content-Length"] == "18"
    assert longer["ETag"] != touched["ETag"]


def test_the_same_file_may_be_sent_in_different_ways(root: Path) -> None:
    ways: list[dict[str, Any]] = [
        {},
        {"as_attachment": True},
        {"download_name": "a.html"},
        {"mimetype": "text/x-own"},
        {"mimetype": ""},
        {"etag": "own"},
        {"etag": False},
        {"last_modified": 0},
        {"max_age": 7},
        {"max_age": len},
    ]

    answers = [headers_of(root, **way) for way in ways * 2]

    assert answers[: len(ways)] == answers[len(ways) :]
    assert all(answers.count(answer) == 2 for answer in answers)


def test_a_type_that_becomes_known_is_sent(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "static/a.own").write_bytes(HELLO)
    monkeypatch.setattr(mimetypes, "_db", mimetypes.MimeTypes())
    unknown = headers_of(root, "static/a.own")

    mimetypes.add_type("text/x-own", ".own")
    known = headers_of(root, "static/a.own")

    assert unknown["Content-Type"] == "application/octet-stream"
    assert known["Content-Type"] == "text/x-own; charset=utf-8"


def test_only_so_many_files_are_remembered(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered: dict[Any, Any] = {}
    monkeypatch.setattr("tantalus_http._files._headers", remembered)
    monkeypatch.setattr("tantalus_http._files._REMEMBERED", 2)

    for number in range(5):
        headers_of(root, max_age=number)

    assert 1 <= len(remembered) <= 2


def test_the_server_may_wrap_the_file(root: Path) -> None:
    wrapped: list[Any] = []

    def wrapper(file: Any, size: int) -> Any:
        wrapped.append(file)
        return file

    path, asked = root / "static/hello.txt", environ() | {"wsgi.file_wrapper": wrapper}
    with send_file(path, asked) as response:
        assert wrapped == [response.response]


def test_conditions_can_be_ignored(root: Path) -> None:
    headers = {
        "If-Modified-Since": http_date(datetime(2100, 1, 1)),
        "Range": "bytes=0-4",
    }

    response = fetch(root, headers=headers, conditional=False)

    assert (response.status_code, response.data) == (200, HELLO)


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ("bytes=0-4", b"hello"),
        ("bytes=6-", b"world\n"),
        ("bytes=-6", b"world\n"),
        ("bytes=6-99", b"world\n"),
    ],
)
def test_a_part_of_a_file_is_sent(root: Path, asked: str, body: bytes) -> None:
    response = fetch(root, headers={"Range": asked})

    assert (response.status_code, response.data) == (206, body)


@pytest.mark.parametrize("asked", ["bytes=99-", "bytes=-0"])
def test_a_part_that_a_file_does_not_have_is_refused(root: Path, asked: str) -> None:
    headers = {"HTTP_RANGE": asked}

    with pytest.raises(RequestedRangeNotSatisfiable):
        send_file("static/hello.txt", environ() | headers, root_path=str(root))


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=0-1,3-4", "bytes=5-1"])
def test_a_file_is_sent_whole_to_who_asks_for_no_part_of_it(
    root: Path, asked: str
) -> None:
    response = fetch(root, headers={"Range": asked})

    assert (response.status_code, response.data) == (200, HELLO)


def test_a_download_that_asks_for_the_length_is_told_the_whole(root: Path) -> None:
    asked = {"REQUEST_METHOD": "HEAD", "HTTP_RANGE": "bytes=0-3"}

    with send_file("static/hello.txt", environ() | asked, root_path=str(root)) as head:
        assert (head.status_code, head.content_length) == (200, len(HELLO))


def written(position: int) -> io.BytesIO:
    file = io.BytesIO()
    file.write(HELLO)
    file.seek(position)
    return file


@pytest.mark.parametrize(
    ("position", "rest"),
    [(0, HELLO), (6, HELLO[6:]), (11, b"\n"), (12, HELLO), (99, HELLO)],
)
@pytest.mark.parametrize("asked", [None, "bytes=0-2", "bytes=-3"])
def test_a_file_in_memory_is_sent_from_its_position(
    position: int, rest: bytes, asked: str | None
) -> None:
    headers = {} if asked is None else {"HTTP_RANGE": asked}
    parts = {None: rest, "bytes=0-2": rest[:3], "bytes=-3": rest[-3:]}

    with send_file(
        written(position), environ() | headers, mimetype="text/plain"
    ) as response:
        body = b"".join(response.iter_encoded())
        assert body == parts[asked]
        assert response.content_length == len(body)


def test_an_empty_file_in_memory_is_sent() -> None:
    with send_file(io.BytesIO(), environ(), mimetype="text/plain") as response:
        assert response.content_length == 0


def test_an_opened_file_is_sent_from_its_position(root: Path) -> None:
    file = open(root / "static" / "hello.txt", "rb")  # noqa: SIM115 - it is sent
    file.seek(6)

    with send_file(file, environ(), mimetype="text/plain") as response:
        assert b"".join(response.iter_encoded()) == HELLO[6:]
        assert response.content_length is None


@pytest.mark.parametrize("value", ["", "yesterday", "99999", "\xff", "Thu, 99 Foo 1"])
def test_a_broken_date_is_passed_over(root: Path, value: str) -> None:
    response = fetch(root, headers={"If-Modified-Since": value})

    assert (response.status_code, response.data) == (200, HELLO)


@pytest.mark.parametrize(
    ("max_age", "told"),
    [
        (None, "no-cache"),
        (0, "no-cache, max-age=0"),
        (3600, "public, max-age=3600"),
        (lambda path: len(os.path.basename(path)), "public, max-age=9"),
        (lambda path: None, "no-cache"),
    ],
    ids=["ask", "no time", "an hour", "by name", "ask by name"],
)
def test_the_time_to_cache_can_be_given(root: Path, max_age: Any, told: str) -> None:
    assert fetch(root, max_age=max_age).headers["Cache-Control"] == told


def test_the_server_can_be_told_to_send_the_file(root: Path) -> None:
    response = fetch(root, use_x_sendfile=True)

    assert response.headers["X-Sendfile"] == str(root / "static" / "hello.txt")
    assert response.data == b""


def test_a_file_is_sent_from_a_folder(root: Path) -> None:
    with send_from_directory(
        "static", "hello.txt", environ(), root_path=str(root), as_attachment=True
    ) as response:
        assert response.content_length == 12
        assert response.headers["Content-Disposition"] == (
            "attachment; filename=hello.txt"
        )


@pytest.mark.parametrize(
    "path",
    [
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
    ],
)
def test_nothing_outside_of_the_folder_is_found(root: Path, path: str) -> None:
    with pytest.raises(NotFound):
        send_from_directory("static", path, environ(), root_path=str(root))
