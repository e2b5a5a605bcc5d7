from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import pytest
from driver import Exchange, body_in, scope_of
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    HTTPException,
    RequestEntityTooLarge,
)

from tantalus_http import BodyNotLoaded, Request, environ_of, read_ahead

ATTRIBUTES = (
    "method",
    "scheme",
    "server",
    "root_path",
    "path",
    "full_path",
    "query_string",
    "remote_addr",
    "host",
    "url",
    "is_secure",
    "mimetype",
    "mimetype_params",
    "content_length",
    "cookies",
    "args",
)
FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/json; charset=utf-8")
MULTIPART = (b"content-type", b"multipart/form-data; boundary=x")
UPLOAD = (
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    b"%s\r\n--x--\r\n"
)


def length(size: int) -> tuple[bytes, bytes]:
    return b"content-length", str(size).encode()


@pytest.mark.parametrize(
    "scope",
    [
        scope_of("//a//b", "post"),
        scope_of("/smör", query=b"a=%C3%B6&b=1+2&a=3"),
        scope_of("/smör", query=b"a=\xc3\xb6"),
        scope_of("/\ufffd", raw_path=b"/%FF"),
        scope_of("/mount/a", root_path="/mount/"),
        scope_of("", root_path="/mount"),
        scope_of(scheme="wss", server=("h", 443)),
        scope_of(server=("/socket", None), client=None),
        scope_of(headers=[(b"cookie", b"a=1"), (b"cookie", b"b=2")]),
        scope_of(headers=[JSON, length(5)]),
        scope_of(headers=[length(5), (b"transfer-encoding", b"chunked")]),
        scope_of(headers=[length(5), (b"transfer-encoding", b"gzip")]),
        scope_of(headers=[(b"content-length", b"five")]),
    ],
    ids=[
        "method",
        "escapes",
        "bytes",
        "no utf-8",
        "mount",
        "bare mount",
        "https",
        "socket",
        "cookies",
        "type",
        "chunked",
        "encoded",
        "no number",
    ],
)
def test_attributes_are_those_of_a_request_of_the_environ(scope: Any) -> None:
    expected = Request(environ_of(scope))

    made = Request.from_scope(scope)

    found = {name: getattr(made, name) for name in ATTRIBUTES}
    assert found == {name: getattr(expected, name) for name in ATTRIBUTES}
    assert dict(made.headers) == dict(expected.headers)


def test_an_environ_is_made_when_it_is_asked_for() -> None:
    request = Request.from_scope(
        scope_of("/a", "POST", b"b=1", [FORM, length(3)]), body=b"c=2"
    )

    _ = request.path, request.args, request.form, request.mimetype
    before = "environ" in vars(request)

    assert not before
    assert request.environ["werkzeug.request"] is request
    assert request.environ["PATH_INFO"] == "/a"


def test_reading_what_the_scope_tells_makes_no_environ() -> None:
    request = Request.from_scope(
        scope_of("/a", "POST", b"b=1", [JSON, length(7)]), body=b'{"a":1}'
    )

    read = request.args["b"], request.get_json(), request.get_data(as_text=True)

    assert read == ("1", {"a": 1}, '{"a":1}')
    assert "environ" not in vars(request)
    assert isinstance(request, Request)
    assert type(request).__name__ == "Request"


def test_a_query_that_is_no_utf_8_is_a_400() -> None:
    request = Request.from_scope(scope_of(query=b"a=\xff"))

    with pytest.raises(BadRequest, match="query string is not UTF-8"):
        _ = request.args


def test_a_storage_of_somebodys_own_holds_the_query() -> None:
    class Stored(Request):
        parameter_storage_class: Any = MultiDict

    request = Stored.from_scope(scope_of(query=b"a=1"))

    assert type(request.args) is MultiDict
    assert request.args["a"] == "1"


def test_escapes_that_are_no_utf_8_stay() -> None:
    request = Request.from_scope(scope_of(query=b"a=%ff"))

    assert request.args["a"] == "%FF"


@pytest.mark.parametrize(
    ("headers", "body", "form"),
    [
        ([FORM, length(7)], b"a=1&b=2", {"a": "1", "b": "2"}),
        ([FORM, (b"transfer-encoding", b"chunked")], b"a=1", {"a": "1"}),
        ([FORM, length(5)], b"a=%ff", {"a": "%FF"}),
        ([JSON, length(2)], b"{}", {}),
        ([MULTIPART], b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'
            b"\r\n--x--\r\n", {"a": "1"}),
    ],
    ids=["form", "chunked", "no utf-8", "json", "multipart"],
)  # fmt: skip
def test_a_form_is_read(
    headers: list[tuple[bytes, bytes]], body: bytes, form: dict[str, str]
) -> None:
    request = Request.from_scope(scope_of("/", "POST", headers=headers), body=body)

    assert request.form.to_dict() == form
    assert request.get_data() == (b"{}" if body == b"{}" else b"")


class Limited(Request):
    max_content_length = 10
    max_form_memory_size = 5
    max_form_parts = 2


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        ([FORM, length(9)], b"a=1", ClientDisconnected),
        ([FORM, length(6)], b"a=1234", RequestEntityTooLarge),
        ([FORM, length(5)], b"a&b&c", RequestEntityTooLarge),
        ([FORM, length(11)], b"a=123456789", RequestEntityTooLarge),
        ([FORM, length(2)], b"a=" + b"1" * 20, RequestEntityTooLarge),
    ],
    ids=["short", "memory", "parts", "announced", "longer"],
)
def test_the_limits_of_a_form_hold(
    headers: list[tuple[bytes, bytes]], body: bytes, error: type[HTTPException]
) -> None:
    request = Limited.from_scope(scope_of("/", "POST", headers=headers), body=body)

    with pytest.raises(error):
        _ = request.form


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        ([length(9)], b"ab", ClientDisconnected),
        ([length(11)], b"a" * 11, RequestEntityTooLarge),
        ([], b"a" * 11, RequestEntityTooLarge),
    ],
    ids=["short", "long", "longer than said"],
)
def test_the_limits_of_a_body_hold(
    headers: list[tuple[bytes, bytes]], body: bytes, error: type[HTTPException]
) -> None:
    request = Limited.from_scope(scope_of("/", "POST", headers=headers), body=body)

    with pytest.raises(error):
        request.get_data()


def test_a_body_is_kept_or_not_as_asked_for() -> None:
    scope = scope_of("/", "POST", headers=[length(2)])
    kept, passed_on = (Request.from_scope(scope, body=b"ab") for _ in range(2))

    assert (kept.get_data(), kept.get_data()) == (b"ab", b"ab")
    assert passed_on.get_data(cache=False) == b"ab"
    assert passed_on.get_data() == b""
    assert Request.from_scope(scope, body=b"ab").stream.read() == b"ab"
    assert Request.from_scope(scope, body=BytesIO(b"ab")).data == b"ab"


def test_a_body_that_somebody_has_read_is_not_read_again() -> None:
    body = BytesIO(b"ab")
    request = Request.from_scope(scope_of("/", "POST"), body=body)
    body.read()

    assert request.get_data() == b""


@pytest.mark.parametrize("read", ["read", "readline", "readlines"])
def test_a_body_that_was_not_handed_over_is_an_error_that_names_the_cure(
    read: str,
) -> None:
    request = Request.from_scope(scope_of("/", "POST", headers=[length(2)]))

    with pytest.raises(BodyNotLoaded, match=r"body=await read_ahead\(receive, "):
        getattr(request.environ["wsgi.input"], read)()
    with pytest.raises(BodyNotLoaded):
        request.get_data()
    with pytest.raises(BodyNotLoaded):
        asyncio.run(request.load())


def test_a_request_without_a_body_needs_none() -> None:
    request = Request.from_scope(scope_of())

    asyncio.run(request.load())

    assert request.get_data() == b""
    assert request.form == ImmutableMultiDict()


def test_a_scope_without_a_request_is_refused() -> None:
    with pytest.raises(ValueError, match="'lifespan'"):
        Request.from_scope({"type": "lifespan"})


class WithInit(Request):
    def __init__(self, environ: Any) -> None:
        super().__init__(environ)
        self.seen = environ["PATH_INFO"]


class WithArgs(Request):
    @property
    def args(self) -> Any:
        return super().args.getlist("a")


class WithStream(Request):
    @property
    def stream(self) -> Any:
        return BytesIO(b"own")


@pytest.mark.parametrize("kind", [WithInit, WithArgs, WithStream])
def test_a_class_that_reads_in_its_own_way_gets_its_environ_at_once(
    kind: type[Request],
) -> None:
    request = kind.from_scope(scope_of("/a", query=b"a=1"))

    assert type(request) is kind
    assert request.environ["werkzeug.request"] is request
    assert request.path == "/a"


class Named(Request):
    """A request with something more."""

    @property
    def shout(self) -> str:
        return self.path.upper()


def test_a_subclass_stays_what_it_is() -> None:
    first, second = (Named.from_scope(scope_of("/a")) for _ in range(2))

    assert isinstance(first, Named)
    assert first.shout == "/A"
    assert type(first) is type(second)
    assert type(first).__doc__ == Named.__doc__


def answered(
    messages: list[dict[str, Any]],
    headers: list[tuple[bytes, bytes]],
    use: Any,
    kind: type[Request] = Request,
) -> tuple[Any, int]:
    """Return what is made of a request, and how often a message was asked for."""

    async def work() -> tuple[Any, int]:
        exchange = Exchange(messages)
        scope = scope_of("/", "POST", headers=headers)
        body = await read_ahead(exchange.receive, 4, scope=scope)
        return await use(kind.from_scope(scope, body=body)), exchange.received

    return asyncio.run(work())


def test_whoever_forgets_to_load_is_told_to() -> None:
    async def forget(request: Request) -> Any:
        with pytest.raises(BodyNotLoaded, match=r"call 'await request\.load\(\)'"):
            _ = request.form
        await request.load()
        return request.form.to_dict()

    messages = body_in(b"a=12", b"34&b=1")

    assert answered(messages, [FORM, length(10)], forget)[0] == {"a": "1234", "b": "1"}


@pytest.mark.parametrize("kind", [Request, WithInit])
def test_a_body_is_loaded_once(kind: type[Request]) -> None:
    async def load(request: Request) -> Any:
        await request.load()
        await request.load()
        return request.get_json()

    made = answered(body_in(b'{"a"', b":[1,2]}"), [JSON, length(11)], load, kind)

    assert made == ({"a": [1, 2]}, 2)


@pytest.mark.parametrize(
    ("headers", "pieces", "most"),
    [([length(11)], [b"a" * 11], 0), ([], [b"abcdef", b"ghijkl", b"m"], 2)],
    ids=["announced", "chunked"],
)
def test_a_body_that_is_too_long_is_refused_as_soon_as_it_is_known(
    headers: list[tuple[bytes, bytes]], pieces: list[bytes], most: int
) -> None:
    async def load(request: Request) -> None:
        with pytest.raises(RequestEntityTooLarge, match="more than 10 bytes"):
            await request.load()
        with pytest.raises(RequestEntityTooLarge, match="more than 10 bytes"):
            request.get_data()

    chunked = [] if headers else [(b"transfer-encoding", b"chunked")]

    assert answered(body_in(*pieces), [*headers, *chunked], load, Limited)[1] == most


def test_a_body_that_ends_early_is_a_400() -> None:
    async def load(request: Request) -> None:
        await request.load()
        with pytest.raises(ClientDisconnected, match="after 6 of 9 bytes"):
            request.get_data()

    answered(body_in(b"abc", b"def"), [length(9)], load)


def test_an_upload_is_parsed_while_it_comes() -> None:
    async def load(request: Request) -> Any:
        await request.load()
        await request.load()
        file = request.files["f"]
        with file.stream:
            return file.filename, file.read()

    sent = UPLOAD % (b"z" * 1_000)
    messages = body_in(*(sent[at : at + 100] for at in range(0, len(sent), 100)))

    made, _ = answered(messages, [MULTIPART, length(len(sent))], load)

    assert made == ("a", b"z" * 1_000)


def test_an_upload_that_is_broken_is_refused_while_it_is_loaded() -> None:
    async def load(request: Request) -> None:
        with pytest.raises(BadRequest):
            await request.load()

    answered(body_in(b"--x\r\n", b"nothing"), [MULTIPART, length(12)], load)


async def collected(request: Request) -> list[bytes]:
    return [piece async for piece in request.chunks()]


def test_a_body_is_taken_piece_by_piece() -> None:
    async def take(request: Request) -> Any:
        return await collected(request), await collected(request)

    made, _ = answered(body_in(b"abc", b"def"), [length(6)], take)

    assert made == ([b"abc", b"def"], [])


@pytest.mark.parametrize(
    ("headers", "pieces", "error"),
    [
        ([length(9)], [b"abc", b"def"], ClientDisconnected),
        ([length(11)], [b"a" * 11], RequestEntityTooLarge),
    ],
    ids=["short", "long"],
)
def test_pieces_are_within_the_limits(
    headers: list[tuple[bytes, bytes]], pieces: list[bytes], error: type[Exception]
) -> None:
    async def take(request: Request) -> None:
        with pytest.raises(error):
            await collected(request)

    answered(body_in(*pieces), headers, take, Limited)


def test_what_was_read_before_is_a_piece_too() -> None:
    async def take(request: Request) -> Any:
        await request.load()
        _ = request.get_data()
        return await collected(request)

    assert answered(body_in(b"abc", b"def"), [length(6)], take)[0] == [b"abcdef"]


def test_what_a_file_was_made_of_is_read_as_one() -> None:
    async def take(request: Request) -> Any:
        await request.load()
        _ = request.stream.read(2)
        return await collected(request)

    assert answered(body_in(b"abc", b"def"), [length(6)], take)[0] == [b"cdef"]


@pytest.mark.parametrize("body", [b"abc", b""])
def test_under_wsgi_a_body_is_loaded_and_taken_in_pieces_too(body: bytes) -> None:
    environ = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
    request = Request(environ)

    asyncio.run(request.load())

    assert asyncio.run(collected(request)) == [body][: len(body)]
    assert request.get_data() == b""


def test_nothing_that_was_read_before_is_no_piece() -> None:
    request = Request.from_scope(scope_of())
    request.get_data()

    assert asyncio.run(collected(request)) == []


def test_under_wsgi_what_was_read_before_is_a_piece_too() -> None:
    request = Request({"CONTENT_LENGTH": "3", "wsgi.input": BytesIO(b"abc")})
    request.get_data()

    assert asyncio.run(collected(request)) == [b"abc"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], None),
        ([(b"accept", b"text/html")], "text/html"),
        ([(b"Accept", b"text/html")], "text/html"),
        ([(b"accept", b"text/html"), (b"accept", b"*/*")], "text/html,*/*"),
    ],
    ids=["none", "one", "spelled otherwise", "two"],
)
@pytest.mark.parametrize("has_environ", [False, True])
def test_what_is_accepted_is_told_with_and_without_an_environ(
    headers: list[tuple[bytes, bytes]], expected: str | None, has_environ: bool
) -> None:
    request = Request.from_scope(scope_of(headers=headers))
    if has_environ:
        _ = request.environ

    assert request.accept_header() == expected
    assert Request(environ_of(request.scope)).accept_header() == expected  # type: ignore[attr-defined]  # on a scope


def test_a_request_tells_whether_it_has_an_environ() -> None:
    request = Request.from_scope(scope_of())
    assert not request.has_environ  # type: ignore[attr-defined]  # on a scope

    _ = request.environ

    assert request.has_environ  # type: ignore[attr-defined]  # idem
