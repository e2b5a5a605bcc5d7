from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    LengthRequired,
    RequestEntityTooLarge,
)

from tantalus_http import Request
from tantalus_http._body import Body, open_body, read_small_body

FORM = "application/x-www-form-urlencoded"
LIMIT = 10


class Chunks(BytesIO):
    """An input that gives what a socket has, never more than a chunk at a time."""

    def __init__(self, body: bytes, sizes: list[int]) -> None:
        super().__init__(body)
        self._sizes = sizes or [1_000_000]
        self._calls = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._calls += 1
        chunk = self._sizes[self._calls % len(self._sizes)]
        return super().read(chunk if size is None or size < 0 else min(size, chunk))

    def readline(self, size: int | None = -1, /) -> bytes:
        self._calls += 1
        return super().readline(-1 if size is None else size)


class Broken(BytesIO):
    """An input whose connection is lost."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("lost")


def in_pieces(size: int) -> Callable[[Request], bytes]:
    def read(request: Request) -> bytes:
        return b"".join(iter(lambda: request.stream.read(size), b""))

    return read


def into_buffers(request: Request) -> bytes:
    buffer, stream, body = bytearray(3), cast(Any, request.stream), b""
    while count := stream.readinto(buffer):
        body += bytes(buffer[:count])
    return body


#: Every way in which the bytes of a body can be had.
WAYS: dict[str, Callable[[Request], bytes]] = {
    "data": lambda request: request.data,
    "get_data": lambda request: request.get_data(),
    "get_data, not kept": lambda request: request.get_data(cache=False),
    "get_data as text": lambda request: request.get_data(as_text=True).encode(),
    "stream.read()": lambda request: request.stream.read(),
    "stream.read(None)": lambda request: cast(Any, request.stream).read(None),
    "one byte at a time": in_pieces(1),
    "three bytes at a time": in_pieces(3),
    "the limit at a time": in_pieces(LIMIT),
    "more than the limit at a time": in_pieces(LIMIT + 1),
    "readinto": into_buffers,
    "lines": lambda request: b"".join(request.stream),
    "readlines": lambda request: b"".join(request.stream.readlines()),
    "readline": lambda request: b"".join(iter(request.stream.readline, b"")),
    "readline(2)": lambda request: b"".join(
        iter(lambda: request.stream.readline(2), b"")
    ),
    "readline(None)": lambda request: b"".join(
        iter(lambda: cast(Any, request.stream).readline(None), b"")
    ),
}
#: What reads a body for what it means.
READERS: dict[str, tuple[str, bytes, Callable[[Request], Any]]] = {
    "form": (FORM, b"a=", lambda request: request.form),
    "files": (FORM, b"a=", lambda request: request.files),
    "values": (FORM, b"a=", lambda request: request.values),
    "json": ("application/json", b'"', lambda request: request.json),
    "silent json": (
        "application/json",
        b'"',
        lambda request: request.get_json(silent=True),
    ),
    "forced json": (
        "",
        b'"',
        lambda request: request.get_json(force=True, silent=True),
    ),
    "multipart": (
        "multipart/form-data; boundary=B",
        b"--B\r\n",
        lambda request: request.files,
    ),
}
#: How a server hands over a body.
SERVERS: dict[str, dict[str, Any]] = {
    "a length": {"length": True},
    "a length, and it ends the input": {"length": True, "wsgi.input_terminated": True},
    "chunked": {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    "no length, and it ends the input": {"wsgi.input_terminated": True},
}


class Limited(Request):
    max_content_length = LIMIT


class Indirect(Limited):
    """A request that is read as a stream in any case."""

    _reads_directly = False


def received(
    body: bytes,
    changes: dict[str, Any],
    kind: type[Request] = Limited,
    sizes: list[int] | None = None,
    content_type: str = "",
) -> Request:
    """Return a request with a body as a server hands it over."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "wsgi.input": Chunks(body, sizes or []),
        **changes,
    }
    if environ.pop("length", False):
        environ["CONTENT_LENGTH"] = str(len(body))
    return kind(environ)


@pytest.mark.parametrize("kind", [Limited, Indirect])
@pytest.mark.parametrize("changes", SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_body_of_the_limit_is_read_and_one_byte_more_is_413(
    way: Callable[[Request], bytes], changes: dict[str, Any], kind: type[Request]
) -> None:
    exact = received(b"0123\n56789", changes, kind)
    larger = received(b"0123\n56789x", changes, kind)

    assert way(exact) == b"0123\n56789"
    assert way(exact) in {b"", b"0123\n56789"}
    for _ in "12":
        with pytest.raises(RequestEntityTooLarge, match=r"more than 10 bytes \(max_"):
            way(larger)


@pytest.mark.parametrize("changes", SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize(
    ("content_type", "begin", "read"), READERS.values(), ids=READERS
)
def test_what_a_body_means_is_not_read_beyond_the_limit(
    content_type: str,
    begin: bytes,
    read: Callable[[Request], Any],
    changes: dict[str, Any],
) -> None:
    asked = received(begin.ljust(LIMIT + 1, b"x"), changes, content_type=content_type)

    for _ in "12":
        with pytest.raises(RequestEntityTooLarge, match="max_content_length"):
            read(asked)


@pytest.mark.parametrize("changes", SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_limit_may_be_set_on_the_request(
    way: Callable[[Request], bytes], changes: dict[str, Any]
) -> None:
    lower = received(b"01234", changes)
    lower.max_content_length = 4
    higher = received(b"0123456789x", changes)
    higher.max_content_length = 11

    assert way(higher) == b"0123456789x"
    with pytest.raises(RequestEntityTooLarge, match="more than 4 bytes"):
        way(lower)


@pytest.mark.parametrize("changes", SERVERS.values(), ids=SERVERS)
def test_a_limit_of_nothing_allows_nothing(changes: dict[str, Any]) -> None:
    empty, one = received(b"", changes), received(b"x", changes)
    empty.max_content_length = one.max_content_length = 0

    assert empty.stream.read(5) == b""
    with pytest.raises(RequestEntityTooLarge):
        one.stream.read(5)


@pytest.mark.parametrize(
    "ends", [{}, {"wsgi.input_terminated": True}], ids=["", "ends"]
)
@pytest.mark.parametrize("kind", [Request, Limited, Indirect])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_body_that_ends_early_is_400(
    way: Callable[[Request], bytes], kind: type[Request], ends: dict[str, Any]
) -> None:
    asked = received(b"012\n", {"CONTENT_LENGTH": "7", **ends}, kind)

    for _ in "12":
        with pytest.raises(ClientDisconnected, match=r"The body ended after \d of \d "):
            way(asked)


@pytest.mark.parametrize(
    "ends", [{}, {"wsgi.input_terminated": True}], ids=["", "ends"]
)
@pytest.mark.parametrize(
    ("content_type", "begin", "read"), READERS.values(), ids=READERS
)
def test_what_a_body_means_is_not_read_from_half_of_it(
    content_type: str,
    begin: bytes,
    read: Callable[[Request], Any],
    ends: dict[str, Any],
) -> None:
    asked = received(begin, {"CONTENT_LENGTH": "9", **ends}, content_type=content_type)

    with pytest.raises(ClientDisconnected):
        read(asked)


@pytest.mark.parametrize("changes", SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize("kind", [Request, Limited, Indirect])
def test_an_input_with_a_fault_is_a_lost_client(
    kind: type[Request], changes: dict[str, Any]
) -> None:
    asked = received(b"abc", changes, kind)
    asked.environ["wsgi.input"] = Broken()

    with pytest.raises(ClientDisconnected, match="could not be read") as caught:
        asked.get_data()

    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize("coding", ["chunked", "gzip, chunked", "gzip"])
@pytest.mark.parametrize("kind", [Limited, Indirect])
def test_a_body_of_which_nobody_knows_the_end_is_411(
    kind: type[Request], coding: str
) -> None:
    asked = received(b"5\r\nhello\r\n", {"HTTP_TRANSFER_ENCODING": coding}, kind)

    with pytest.raises(LengthRequired, match="where a body without Content-Length"):
        asked.get_data()
    assert asked.environ["wsgi.input"].tell() == 0


def test_a_request_without_a_length_has_no_body() -> None:
    asked = received(b"of the next request", {})

    assert asked.get_data() == b""
    assert asked.environ["wsgi.input"].tell() == 0


def test_no_more_is_read_than_was_announced() -> None:
    asked = received(b"01234567", {"CONTENT_LENGTH": "4"}, Indirect)

    assert asked.stream.read(99) == b"0123"
    assert asked.stream.read(99) == asked.stream.readline() == b""
    assert asked.environ["wsgi.input"].tell() == 4


def test_a_body_that_a_middleware_unpacked_may_be_longer_than_was_announced() -> None:
    changes = {"CONTENT_LENGTH": "3", "wsgi.input_terminated": True}

    assert received(b"01234567", changes).get_data() == b"01234567"
    assert received(b"01234567", changes, Indirect).get_data() == b"01234567"


def test_a_form_that_a_middleware_unpacked_has_the_limits_of_forms() -> None:
    changes = {"CONTENT_LENGTH": "3", "wsgi.input_terminated": True}
    asked = received(b"a=1234567", changes, content_type=FORM)
    asked.max_form_memory_size = 5

    with pytest.raises(RequestEntityTooLarge, match="max_form_memory_size"):
        _ = asked.form


@pytest.mark.parametrize("changes", SERVERS.values(), ids=SERVERS)
def test_a_form_is_read_whole_though_it_comes_in_pieces(
    changes: dict[str, Any],
) -> None:
    asked = received(b"a=1&b=2&c=3", changes, Request, [2], content_type=FORM)

    assert asked.form.to_dict() == {"a": "1", "b": "2", "c": "3"}


def test_a_stream_tells_what_it_is_and_where() -> None:
    stream = cast(
        Body, open_body({"CONTENT_LENGTH": "3", "wsgi.input": BytesIO(b"abc")}, None)
    )

    assert stream.readable()
    assert stream.read(0) == b""
    assert stream.read(2) == b"ab"
    assert stream.tell() == 2


@pytest.mark.parametrize("ends", [False, True])
def test_a_small_body_is_left_alone_if_it_is_too_large(ends: bool) -> None:
    environ = {
        "CONTENT_LENGTH": "2",
        "wsgi.input": BytesIO(b"ab"),
        "wsgi.input_terminated": ends,
    }

    assert read_small_body(vars(Request(environ)), 1) is None
    assert read_small_body(vars(Request(environ)), 9, 1) is None
    assert read_small_body(vars(Request(environ)), 2) == b"ab"


def model(
    body: bytes, length: int | None, changes: dict[str, Any], limit: int | None
) -> Any:
    """Return what reading a whole body must give: bytes or the code of an error."""
    if "HTTP_TRANSFER_ENCODING" in changes:
        length = None
    if length is not None and limit is not None and length > limit:
        return 413
    if "wsgi.input_terminated" in changes:
        if limit is not None and len(body) > limit:
            return 413
        return 400 if length is not None and len(body) < length else body
    if length is None:
        return 411 if changes else b""
    return 400 if len(body) < length else body[:length]


def result(read: Callable[[Request], bytes], request: Request) -> Any:
    try:
        return read(request)
    except HTTPException as error:
        return error.code


@given(
    st.binary(max_size=12) | st.text("a\n", max_size=12).map(str.encode),
    st.none() | st.integers(0, 12),
    st.sampled_from(
        [{}, *(change for change in SERVERS.values() if "length" not in change)]
    ),
    st.none() | st.integers(0, 12),
    st.lists(st.integers(1, 5), max_size=4),
    st.sampled_from(sorted(WAYS)) | st.integers(1, 14),
    st.booleans(),
)
def test_a_body_is_whole_or_an_error_however_it_comes_and_is_read(
    body: bytes,
    length: int | None,
    changes: dict[str, Any],
    limit: int | None,
    sizes: list[int],
    way: str | int,
    direct: bool,
) -> None:
    announced = {} if length is None else {"CONTENT_LENGTH": str(length)}
    asked = received(
        body, {**announced, **changes}, Limited if direct else Indirect, sizes
    )
    asked.max_content_length = limit
    read = in_pieces(way) if isinstance(way, int) else WAYS[way]

    found = result(read, asked)

    expected = model(body, length, changes, limit)
    if way == "get_data as text" and isinstance(expected, bytes):
        expected = expected.decode(errors="replace").encode()
    assert found == expected
