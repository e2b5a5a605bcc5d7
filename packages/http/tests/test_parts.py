from __future__ import annotations

import asyncio
import csv
import io
import threading
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from driver import GONE, Exchange, body_in, scope_of
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    HTTPException,
    RequestEntityTooLarge,
)

from tantalus_http import (
    BodyNotLoaded,
    ReceivedBody,
    Request,
    UploadFolder,
    read_ahead,
)

T = TypeVar("T")
KIND = "multipart/form-data; boundary=B"
# What a part was, once it was read: name, safe file name, content.
Seen = tuple[str, str | None, bytes]


def part(disposition: str, value: bytes, *more: str) -> bytes:
    head = "\r\n".join((f"--B\r\nContent-Disposition: form-data; {disposition}", *more))
    return f"{head}\r\n\r\n".encode() + value + b"\r\n"


def field(name: str, value: bytes) -> bytes:
    return part(f'name="{name}"', value)


def file(name: str, filename: str, value: bytes) -> bytes:
    return part(f'name="{name}"; filename="{filename}"', value, "Content-Type: a/b")


END = b"--B--\r\n"
FORM = field("a", b"1") + file("f", "../n.txt", b"content") + field("b", b"2") + END


class Small(Request):
    max_content_length = 1_000
    max_form_memory_size = 100
    max_form_parts = 5


class Pieces(io.RawIOBase):
    """An input that comes in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self._pieces = list(pieces)

    def read(self, size: int | None = -1, /) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def posted(
    *pieces: bytes,
    kind: str = KIND,
    length: int | None = None,
    request_class: type[Request] = Request,
) -> Request:
    """Return a request as WSGI has it."""
    return request_class(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(b"".join(pieces)) if length is None else length),
            "wsgi.input": Pieces(list(pieces)),
        }
    )


def on_loop(
    use: Callable[[Request], Awaitable[T]],
    *pieces: bytes,
    kind: str = KIND,
    length: int | None = None,
    request_class: type[Request] = Request,
    leaves: bool = False,
) -> T:
    """Return what a coroutine function makes of a request as ASGI has it."""

    async def main() -> T:
        messages = body_in(*pieces, is_complete=not leaves)
        exchange = Exchange([*messages, GONE] if leaves else messages)
        size = len(b"".join(pieces)) if length is None else length
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(size).encode()),
        ]
        body = await read_ahead(exchange.receive, 0)
        request = request_class.from_scope(scope_of(headers=headers), body)
        return await use(request)

    return asyncio.run(main())


def read_all(request: Request) -> list[Seen]:
    return [
        (each.name, each.filename, b"".join(each.chunks())) for each in request.parts()
    ]


async def read_all_later(request: Request) -> list[Seen]:
    return [
        (each.name, each.filename, b"".join([piece async for piece in each.chunks()]))
        async for each in request.aparts()
    ]


def by_wsgi(*pieces: bytes, **options: Any) -> list[Seen]:
    return read_all(posted(*pieces, **options))


def by_asgi(*pieces: bytes, **options: Any) -> list[Seen]:
    return on_loop(read_all_later, *pieces, **options)


def by_thread(*pieces: bytes, **options: Any) -> list[Seen]:
    async def use(request: Request) -> list[Seen]:
        return await asyncio.to_thread(read_all, request)

    return on_loop(use, *pieces, **options)


FACES = [by_wsgi, by_asgi, by_thread]
Face = Callable[..., list[Seen]]


def split(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_parts_come_in_their_order(face: Face, size: int) -> None:
    assert face(*split(FORM, size)) == [
        ("a", None, b"1"),
        ("f", "n.txt", b"content"),
        ("b", None, b"2"),
    ]


@pytest.mark.parametrize("face", FACES)
def test_nothing_at_all_is_no_parts(face: Face) -> None:
    assert face() == []
    assert face(END) == []


BROKEN = {
    "no form": ({"kind": "application/json"}, FORM, "the body is 'application/json'"),
    "no boundary": ({"kind": "multipart/form-data"}, FORM, "does not tell its bound"),
    "another boundary": ({"kind": f"{KIND}C"}, FORM, "is not in the form"),
    "cut off": ({}, FORM[:-9], "is cut off"),
    "cut off in a file": ({}, FORM[:100], "is cut off"),
    "too long a length": ({"length": 9_999}, FORM, "ended after 209 of 9999 bytes"),
    "no name": ({}, part('filename="x"', b"x") + END, "has no name"),
    "long headers": (
        {},
        part('name="a"', b"x", "X: " + "y" * 20_000) + END,
        "headers of a part of the form have more than 16384 bytes",
    ),
}


@pytest.mark.parametrize("face", [by_wsgi, by_asgi])
@pytest.mark.parametrize(("options", "body", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_form_is_refused(
    face: Face, options: dict[str, Any], body: bytes, reason: str
) -> None:
    with pytest.raises(HTTPException, match=reason):
        face(*split(body, 60), **options)


def test_what_comes_after_the_announced_length_is_not_read() -> None:
    # Servers of ASGI hold clients to the length that they announce.
    request = posted(FORM, length=50)
    request.environ["wsgi.input"] = io.BytesIO(FORM)

    with pytest.raises(BadRequest, match="is cut off"):
        read_all(request)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (file("f", "x", b"x" * 1_000) + END, "the body has more than 1000 bytes"),
        (field("a", b"1") * 6 + END, "more than 5 parts"),
    ],
    ids=["in total", "count"],
)
def test_more_than_the_request_may_have_is_refused(
    face: Face, body: bytes, reason: str
) -> None:
    with pytest.raises(RequestEntityTooLarge, match=reason):
        face(*split(body, 100), request_class=Small)


def test_ten_thousand_parts_are_refused_at_the_first_too_many() -> None:
    body = field("a", b"1") * 10_000 + END
    parts = posted(body).parts()

    assert len([next(parts) for _ in range(1_000)]) == 1_000
    with pytest.raises(RequestEntityTooLarge, match="more than 1000 parts"):
        next(parts)


def test_ten_thousand_parts_are_read_where_they_may_be() -> None:
    class Large(Request):
        max_form_parts = None

    body = field("a", b"1") * 10_000 + END

    assert len(by_wsgi(*split(body, 65_536), request_class=Large)) == 10_000


@pytest.mark.parametrize("is_read", [True, False])
def test_no_part_may_be_larger_than_is_said(is_read: bool) -> None:
    body = field("a", b"1") + file("f", "x", b"x" * 11) + END
    parts = posted(*split(body, 10)).parts(max_size=10)
    next(parts)

    def go_on() -> None:
        for each in parts:
            if is_read:
                each.read()

    with pytest.raises(RequestEntityTooLarge, match="part 'f' has more than 10 bytes"):
        go_on()
    assert list(parts) == []


def test_no_part_on_the_loop_may_be_larger_than_is_said() -> None:
    async def use(request: Request) -> None:
        async for _ in request.aparts(max_size=10):
            pass

    with pytest.raises(RequestEntityTooLarge, match="part 'f' has more than 10 bytes"):
        on_loop(use, file("f", "x", b"x" * 11) + END)


def test_a_part_is_a_file() -> None:
    body = file("t", "t.csv", b"a,b\r\n1,2\r\n" * 2) + field("a", b"hello") + END
    parts = posted(*split(body, 13)).parts()

    lines = io.TextIOWrapper(io.BufferedReader(next(parts)), newline="")
    assert list(csv.reader(lines)) == [["a", "b"], ["1", "2"]] * 2
    last = next(parts)
    assert (last.read(2), last.read(0), last.read(), last.read()) == (
        b"he",
        b"",
        b"llo",
        b"",
    )
    assert last.size == 5
    assert list(last.chunks()) == []


def test_what_was_begun_as_a_file_is_ended_in_pieces() -> None:
    parts = posted(FORM).parts()
    last = next(each for each in parts if each.name == "f")

    assert (last.read(2), b"".join(last.chunks())) == (b"co", b"ntent")


def test_what_is_not_read_of_a_part_is_passed_over() -> None:
    body = file("f", "x", b"x" * 1_000) + field("a", b"1") + END
    parts = posted(*split(body, 100)).parts()
    first = next(parts)
    first.read(5)

    assert next(parts).text() == "1"
    with pytest.raises(ValueError, match="part 'f' was passed over"):
        first.read()
    assert next(parts, None) is None


def test_what_is_not_read_on_the_loop_is_passed_over() -> None:
    async def use(request: Request) -> tuple[list[str], str]:
        seen = [each async for each in request.aparts()]
        try:
            await seen[0].text()
        except ValueError as error:
            return [each.name for each in seen], str(error)
        return [], ""

    names, reason = on_loop(use, *split(FORM, 10))

    assert names == ["a", "f", "b"]
    assert "part 'a' was passed over" in reason


def test_a_part_tells_what_its_sender_says() -> None:
    [first] = posted(file("f", "C:/x/n.txt", b"") + END).parts()

    assert (first.name, first.filename, first.sent_filename) == (
        "f",
        "n.txt",
        "C:/x/n.txt",
    )
    assert (first.content_type, first.headers["Content-Type"]) == ("a/b", "a/b")


TEXTS = {
    "utf-8": (part('name="a"', "ö".encode()), "ö"),
    "latin-1": (
        part('name="a"', b"\xf6", "Content-Type: text/plain; charset=iso-8859-1"),
        "ö",
    ),
    "nothing": (part('name="a"', b""), ""),
}


async def texts_later(request: Request) -> list[str]:
    return [await each.text() async for each in request.aparts()]


@pytest.mark.parametrize(("body", "text"), TEXTS.values(), ids=TEXTS)
def test_a_field_is_text(body: bytes, text: str) -> None:
    assert [each.text() for each in posted(body + END).parts()] == [text]
    assert on_loop(texts_later, body + END) == [text]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (part('name="a"', b"\xff"), "The form field 'a' is not UTF-8"),
        (part('name="a"', b"x" * 101), "form field 'a' has more than 100 bytes"),
    ],
    ids=["no text", "too large"],
)
def test_a_field_that_is_no_text_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(HTTPException, match=reason):
        next(posted(body + END, request_class=Small).parts()).text()
    with pytest.raises(HTTPException, match=reason):
        on_loop(texts_later, body + END, request_class=Small)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def save_all(request: Request, uploads: UploadFolder) -> list[bytes]:
    saved = [each.save(uploads) for each in request.parts() if each.filename]
    return [each.path.read_bytes() for each in saved]


def save_by_wsgi(
    folder: Path, *pieces: bytes, max_size: int | None = None, **options: Any
) -> list[bytes]:
    uploads = UploadFolder(folder, max_size=max_size)
    return save_all(posted(*pieces, **options), uploads)


def save_by_asgi(
    folder: Path, *pieces: bytes, max_size: int | None = None, **options: Any
) -> list[bytes]:
    uploads = UploadFolder(folder, max_size=max_size)

    async def use(request: Request) -> list[bytes]:
        parts = [
            await each.save(uploads) async for each in request.aparts() if each.filename
        ]
        return [each.path.read_bytes() for each in parts]

    return on_loop(use, *pieces, **options)


SAVERS = [save_by_wsgi, save_by_asgi]
TWO = file("f", "a.txt", b"first") + file("f", "b.txt", b"second") + END


@pytest.mark.parametrize("save", SAVERS)
def test_files_are_saved_as_they_come(
    save: Callable[..., list[bytes]], tmp_path: Path
) -> None:
    assert save(tmp_path, *split(TWO, 20)) == [b"first", b"second"]
    assert len(names(tmp_path)) == 2


@pytest.mark.parametrize("save", SAVERS)
@pytest.mark.parametrize(
    ("body", "options"),
    [
        (TWO, {"max_size": 5}),
        (TWO[:-20], {}),
        (TWO + b"x" * 1_000, {"request_class": Small}),
        (TWO, {"length": 9_999}),
        (
            file("f", "a", b"1") + file("f", "b", b"2") * 5 + END,
            {"request_class": Small},
        ),
        (file("f", "a", b"1") + part('filename="x"', b"x") + END, {}),
    ],
    ids=["one too large", "cut off", "too large", "a long length", "many", "no name"],
)
def test_a_form_that_is_refused_leaves_no_file(
    save: Callable[..., list[bytes]],
    body: bytes,
    options: dict[str, Any],
    tmp_path: Path,
) -> None:
    with pytest.raises(HTTPException):
        save(tmp_path, *split(body, 20), **options)

    assert names(tmp_path) == []


def test_a_client_that_goes_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ClientDisconnected):
        save_by_asgi(tmp_path, *split(TWO[:-20], 20), leaves=True, length=999)

    assert names(tmp_path) == []


@pytest.mark.parametrize("save", SAVERS)
def test_a_field_without_a_chosen_file_is_not_saved(
    save: Callable[..., list[bytes]], tmp_path: Path
) -> None:
    body = file("f", "", b"") + END
    uploads = UploadFolder(tmp_path)

    assert save(tmp_path, body) == []
    with pytest.raises(BadRequest, match="No file was chosen for 'f'"):
        next(posted(body).parts()).save(uploads)
    assert names(tmp_path) == []


def test_a_block_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def receive() -> None:
        with posted(TWO).parts() as parts:
            next(parts).save(UploadFolder(tmp_path))
            1 / 0  # noqa: B018 - fails

    with pytest.raises(ZeroDivisionError):
        receive()

    assert names(tmp_path) == []


def test_a_block_that_fails_on_the_loop_leaves_no_file(tmp_path: Path) -> None:
    async def use(request: Request) -> None:
        async with request.aparts() as parts:
            async for each in parts:
                await each.save(UploadFolder(tmp_path))
                1 / 0  # noqa: B018 - fails

    with pytest.raises(ZeroDivisionError):
        on_loop(use, TWO)

    assert names(tmp_path) == []


def test_a_block_that_ends_keeps_its_files(tmp_path: Path) -> None:
    async def use(request: Request) -> None:
        async with request.aparts() as parts:
            async for each in parts:
                await each.save(UploadFolder(tmp_path))

    with posted(TWO).parts() as parts:
        next(parts).save(UploadFolder(tmp_path))
    on_loop(use, TWO)

    assert len(names(tmp_path)) == 3


class Slow(UploadFolder):
    """A folder on a slow disk, whose files wait to be written."""

    def __init__(self, to: Path) -> None:
        super().__init__(to)
        self.is_writing = threading.Event()
        self.may_go_on = threading.Event()

    def begin(self, name: str, filename: str, content_type: str) -> Any:
        file = super().begin(name, filename, content_type)
        write = file.write

        def slow(content: bytes) -> None:
            self.is_writing.set()
            assert self.may_go_on.wait(60)
            write(content)

        file.write = slow  # type: ignore[method-assign]  # of this one
        return file


def test_a_task_that_is_cancelled_leaves_no_file(tmp_path: Path) -> None:
    uploads = Slow(tmp_path)

    async def save(request: Request) -> None:
        async for each in request.aparts():
            await each.save(uploads)

    async def use(request: Request) -> bool:
        task = asyncio.create_task(save(request))
        await asyncio.to_thread(uploads.is_writing.wait, 60)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        uploads.may_go_on.set()
        await asyncio.wait([task])
        return task.cancelled()

    assert on_loop(use, TWO)
    assert names(tmp_path) == []


def test_a_form_comes_once() -> None:
    request = posted(FORM)
    list(request.parts())
    for read in (lambda: request.form, lambda: request.files, request.parts):
        with pytest.raises(RuntimeError, match="was read already"):
            read()

    request = posted(FORM)
    assert request.form["a"] == "1"
    with pytest.raises(RuntimeError, match="was read already"):
        request.parts()
    request.close()


def test_a_body_that_is_kept_may_be_read_in_parts() -> None:
    async def use(request: Request) -> list[Seen]:
        request.get_data()
        return await read_all_later(request)

    request = posted(FORM)
    request.get_data()

    assert len(read_all(request)) == 3
    assert len(asyncio.run(use(posted(FORM)))) == 3
    assert len(on_loop(read_all_later, FORM)) == 3


def test_a_body_that_is_gone_is_no_empty_form() -> None:
    request = posted(FORM)
    request.get_data(cache=False)

    with pytest.raises(RuntimeError, match="was read already"):
        next(request.parts())


def test_a_body_that_has_not_come_is_not_waited_for_on_the_loop() -> None:
    async def use(request: Request) -> None:
        next(request.parts())

    with pytest.raises(BodyNotLoaded, match="aparts"):
        on_loop(use, *split(FORM, 10))


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.text("abc", min_size=1),
            st.none() | st.just("x.bin"),
            st.lists(
                st.sampled_from([b"\r", b"\n", b"--B", b"--", b"x", b"\r\n--B"])
            ).map(b"".join),
        )
    ),
    st.integers(1, 40),
)
def test_what_was_sent_comes_however_it_is_cut(
    sent: list[tuple[str, str | None, bytes]], size: int
) -> None:
    boundary = b"a-boundary-that-is-nowhere-else"
    body = b"".join(
        (file(name, filename, content) if filename else field(name, content)).replace(
            b"--B\r\nContent-Disposition",
            b"--" + boundary + b"\r\nContent-Disposition",
            1,
        )
        for name, filename, content in sent
    )
    body += b"--" + boundary + b"--\r\n"
    kind = f"multipart/form-data; boundary={boundary.decode()}"

    assert by_wsgi(*split(body, size), kind=kind) == sent
    assert by_asgi(*split(body, size), kind=kind) == sent


MEGABYTE = b"0123456789abcdef" * 65_536
MANY = 100


def large_body() -> Iterator[bytes]:
    head = b'--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
    yield head
    for _ in range(MANY):
        for at in range(0, len(MEGABYTE), 65_536):
            yield MEGABYTE[at : at + 65_536]
    yield b"\r\n--B--\r\n"


class Endless(io.RawIOBase):
    def __init__(self) -> None:
        super().__init__()
        self._pieces = large_body()

    def read(self, size: int | None = -1, /) -> bytes:
        return next(self._pieces, b"")


def large_length() -> str:
    return str(sum(map(len, large_body())))


def peak_of(call: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_upload_of_100_megabytes_takes_no_memory(tmp_path: Path) -> None:
    request = Request(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": KIND,
            "CONTENT_LENGTH": large_length(),
            "wsgi.input": Endless(),
        }
    )
    sizes = []

    def receive() -> None:
        for each in request.parts():
            saved = each.save(UploadFolder(tmp_path))
            sizes.append(saved.path.stat().st_size)

    assert peak_of(receive) < 2_000_000
    assert sizes == [MANY * 1024 * 1024]


def test_an_upload_of_100_megabytes_on_the_loop_takes_no_memory(tmp_path: Path) -> None:
    sizes = []

    async def receive() -> None:
        pieces = large_body()

        async def next_message() -> dict[str, Any]:
            piece = next(pieces, b"")
            return {"type": "http.request", "body": piece, "more_body": bool(piece)}

        headers = [
            (b"content-type", KIND.encode()),
            (b"content-length", large_length().encode()),
        ]
        body = ReceivedBody(next_message)
        request = Request.from_scope(scope_of(headers=headers), body)
        async for each in request.aparts():
            saved = await each.save(UploadFolder(tmp_path))
            sizes.append(saved.path.stat().st_size)

    assert peak_of(lambda: asyncio.run(receive())) < 6_000_000
    assert sizes == [MANY * 1024 * 1024]
