from __future__ import annotations

import tracemalloc
from io import BytesIO
from typing import IO, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.test import encode_multipart

from tantalus_http import Request
from tantalus_http._part_events import MOST_HEADERS

KIND = "multipart/form-data; boundary=B"


def field(name: str, value: bytes, kind: str = "") -> bytes:
    return part(f'form-data; name="{name}"', value, kind)


def part(disposition: str, value: bytes, kind: str = "") -> bytes:
    told = f"\r\nContent-Type: {kind}" if kind else ""
    head = f"--B\r\nContent-Disposition: {disposition}{told}\r\n\r\n"
    return head.encode() + value + b"\r\n"


FILE = part('form-data; name="f"; filename="n.txt"', b"content")
WHOLE = field("a", b"1") + FILE + field("b", b"2") + b"--B--\r\n"


class OneByOne(BytesIO):
    """An input that gives a byte at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(1)


def posted(
    body: bytes,
    kind: str = KIND,
    request_class: type[Request] = Request,
    source: type[BytesIO] = BytesIO,
) -> Request:
    return request_class(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": source(body),
        }
    )


def content(request: Request) -> tuple[list[Any], list[Any]]:
    with request:  # which closes the files
        files = request.files.items(multi=True)
        return (
            list(request.form.items(multi=True)),
            [(name, file.filename, file.read()) for name, file in files],
        )


@pytest.mark.parametrize("source", [BytesIO, OneByOne])
@pytest.mark.parametrize("around", [(b"", b""), (b"before\r\n", b"after\r\n")])
def test_a_whole_form_is_read(
    source: type[BytesIO], around: tuple[bytes, bytes]
) -> None:
    asked = posted(WHOLE.join(around), source=source)

    assert content(asked) == ([("a", "1"), ("b", "2")], [("f", "n.txt", b"content")])


def test_nothing_at_all_is_an_empty_form() -> None:
    assert content(posted(b"")) == ([], [])
    assert content(posted(b"--B--\r\n")) == ([], [])


OTHER = "The boundary that the Content-Type tells is not in the form"
NO_BOUNDARY = "The Content-Type of the form does not tell its boundary"
BROKEN = {
    "no boundary": ("multipart/form-data", WHOLE, NO_BOUNDARY),
    "an empty boundary": ('multipart/form-data; boundary=""', WHOLE, NO_BOUNDARY),
    "a boundary that is not ASCII": (
        "multipart/form-data; boundary=\xe4",
        WHOLE,
        NO_BOUNDARY,
    ),
    "a boundary that is too long": (
        "multipart/form-data; boundary=" + "B" * 257,
        WHOLE,
        "The boundary of the form has more than 256 letters",
    ),
    "another boundary": ("multipart/form-data; boundary=C", WHOLE, OTHER),
    "a longer boundary": ("multipart/form-data; boundary=BB", WHOLE, OTHER),
    "a large body with another boundary": (
        "multipart/form-data; boundary=C",
        WHOLE * 2_000,
        OTHER,
    ),
    "no form at all": (KIND, b'{"a": 1}', OTHER),
    "no end": (KIND, field("a", b"1"), "cut off"),
    "no disposition": (
        KIND,
        b"--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n",
        "no Content-Disposition",
    ),
    "no headers": (KIND, b"--B\r\n\r\n\r\nx\r\n--B--\r\n", "no Content-Disposition"),
    "no name": (KIND, part("form-data", b"x") + b"--B--\r\n", "has no name"),
    "a file without a name": (
        KIND,
        part('form-data; filename="x"', b"x") + b"--B--\r\n",
        "has no name",
    ),
    "headers that are not UTF-8": (
        KIND,
        WHOLE.replace(b"n.txt", b"n\xf6.txt"),
        "headers of a part of the form are not UTF-8",
    ),
    "a field that is not UTF-8": (
        KIND,
        field("a", b"J\xf8rgen") + b"--B--\r\n",
        "The form field 'a' is not UTF-8.",
    ),
    "a field in a charset that is not read": (
        KIND,
        field("a", b"\x80", "text/plain; charset=windows-1252") + b"--B--\r\n",
        "The form field 'a' is not UTF-8, and its charset 'windows-1252' is not read.",
    ),
}


@pytest.mark.parametrize(("kind", "body", "reason"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("name", ["form", "files", "values", "data"])
def test_a_broken_form_is_a_400_that_says_why(
    kind: str, body: bytes, reason: str, name: str
) -> None:
    asked = posted(body, kind)

    for _ in "12":
        with pytest.raises(BadRequest, match=reason):
            getattr(asked, name)


@pytest.mark.parametrize("end", range(1, len(WHOLE) - 2))
@pytest.mark.parametrize("source", [BytesIO, OneByOne])
def test_a_form_that_is_cut_off_anywhere_is_a_400(
    end: int, source: type[BytesIO]
) -> None:
    with pytest.raises(BadRequest):
        _ = posted(WHOLE[:end], source=source).form


def test_a_field_may_tell_that_it_is_in_latin_1() -> None:
    body = field("a", b"J\xf8rgen", "text/plain; charset=ISO-8859-1")
    body += field("b", "Jørgen".encode(), "text/plain; charset=us-ascii")

    assert posted(body + b"--B--\r\n").form == MultiDict({"a": "Jørgen", "b": "Jørgen"})


class Small(Request):
    max_form_memory_size = 4
    max_form_parts = 2


def test_a_form_of_the_limits_is_read() -> None:
    body = field("a", b"1234") + FILE * 1 + b"--B--\r\n"

    assert content(posted(body, request_class=Small)) == (
        [("a", "1234")],
        [("f", "n.txt", b"content")],
    )


@pytest.mark.parametrize("source", [BytesIO, OneByOne])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            field("a", b"12345"),
            r"the form field 'a' has more than 4 bytes \(max_form_m",
        ),
        (FILE * 3, r"the form has more than 2 parts \(max_form_parts\)"),
        (field("a", b"1") * 3, r"more than 2 parts \(max_form_parts\)"),
    ],
    ids=["memory", "files", "fields"],
)
def test_a_form_beyond_a_limit_is_a_413_that_names_it(
    body: bytes, reason: str, source: type[BytesIO]
) -> None:
    asked = posted(body + b"--B--\r\n", request_class=Small, source=source)

    for _ in "12":
        with pytest.raises(RequestEntityTooLarge, match=reason):
            _ = asked.form


def test_there_may_be_no_limits() -> None:
    class Unlimited(Request):
        max_form_memory_size = None
        max_form_parts = None

    body = field("a", b"x" * 600_000) + field("b", b"") * 1_100 + b"--B--\r\n"

    assert len(posted(body, request_class=Unlimited).form.getlist("b")) == 1_100
    with pytest.raises(RequestEntityTooLarge, match="more than 500000 bytes"):
        _ = posted(body).form
    with pytest.raises(RequestEntityTooLarge, match="more than 1000 parts"):
        _ = posted(field("b", b"") * 1_100).form


@pytest.mark.parametrize("source", [BytesIO, OneByOne])
def test_the_headers_of_a_part_have_a_limit(source: type[BytesIO]) -> None:
    long = part("form-data" + ";a=b" * MOST_HEADERS, b"1") + b"--B--\r\n"
    fine = part('form-data; name="a"; x="' + "y" * 9_000 + '"', b"1") + b"--B--\r\n"

    assert posted(fine, source=source).form["a"] == "1"
    with pytest.raises(
        RequestEntityTooLarge, match=r"headers of a part .* 16384 bytes"
    ):
        _ = posted(long, source=source).form


def test_what_follows_a_form_is_not_kept() -> None:
    asked = posted(field("a", b"1") + b"--B--\r\n" + b"x" * 5_000_000)
    tracemalloc.start()

    form = asked.form

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert form == MultiDict({"a": "1"})
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("told", "length"),
    [("7", 7), ("-1", 0), ("x", 0), ("٣", 0), ("9" * 5_000, 0), (None, 0)],
)
def test_an_own_place_for_files_is_told_what_the_client_tells(
    told: str | None, length: int
) -> None:
    seen: list[dict[str, Any]] = []

    class Own(Request):
        def _get_file_stream(self, *args: Any, **told: Any) -> IO[bytes]:
            seen.append(told)
            return BytesIO()

    headers = "text/plain" + (f"\r\nContent-Length: {told}" if told else "")
    body = part('form-data; name="f"; filename="n"', b"content", headers)
    body += b"--B--\r\n"

    assert posted(body, request_class=Own).files["f"].read() == b"content"
    assert seen == [
        {
            "total_content_length": len(body),
            "content_type": "text/plain",
            "filename": "n",
            "content_length": length,
        }
    ]


def test_files_that_were_begun_are_closed_if_the_form_is_refused() -> None:
    opened: list[IO[bytes]] = []

    class Own(Request):
        def _get_file_stream(self, *args: Any, **told: Any) -> IO[bytes]:
            opened.append(BytesIO())
            return opened[-1]

    with pytest.raises(BadRequest):
        _ = posted(FILE + FILE, request_class=Own).files

    assert [file.closed for file in opened] == [True, True]


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\')
)
VALUES = st.text(st.sampled_from("a-B\r\nö"), max_size=12)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=4), st.integers(0, 400))
def test_what_was_encoded_is_read_or_refused_if_it_is_cut(
    fields: list[tuple[str, str]], end: int
) -> None:
    boundary, body = encode_multipart(MultiDict(fields), boundary="A-boundary")
    whole = len(body) - 2
    kind = f"multipart/form-data; boundary={boundary}"

    asked = posted(body[:end], kind, source=OneByOne)

    assert posted(body, kind).form == MultiDict(fields)
    try:
        cut: Any = asked.form
    except BadRequest:
        cut = None
    assert cut == (MultiDict(fields) if end >= whole else None if end else MultiDict())


@given(st.lists(st.sampled_from([WHOLE, FILE, b"--B", b"--", b"\r\n", b"\xff", b"a"])))
@example([field("a", b"")[:-2], b"--B\r\n", WHOLE])
@example([field("a", b"")[:-2], b"--B\r\n" * 50, WHOLE])
def test_no_body_raises_anything_but_http_errors(pieces: list[bytes]) -> None:
    bodies = [posted(b"".join(pieces), source=source) for source in (BytesIO, OneByOne)]

    found = [read_or_refused(asked) for asked in bodies]

    assert found[0] == found[1]


def read_or_refused(request: Request) -> Any:
    try:
        return content(request)
    except HTTPException as error:
        return error.code
