from __future__ import annotations

import pytest
from asking import multipart
from hypothesis import given
from hypothesis import strategies as st
from strategies import encoded, pairs

from tantalus_typed import RequestError
from tantalus_typed._form import Upload, parsed_header, read_form

URLENCODED = "application/x-www-form-urlencoded"


@given(pairs)
def test_texts_of_a_urlencoded_form_come_back(sent: list[tuple[str, str]]) -> None:
    texts, files = read_form(encoded(sent).encode(), URLENCODED, 100)

    assert all(
        texts.getlist(name) == [text for one, text in sent if one == name]
        for name, _ in sent
    )
    assert not files


@given(st.lists(st.binary().filter(lambda one: b"--cut" not in one), max_size=5))
def test_files_of_a_multipart_form_come_back(contents: list[bytes]) -> None:
    body, kind = multipart(*[("file", one, "a.bin") for one in contents])

    _, files = read_form(body, kind, 100)

    assert [one.content for one in files.getlist("file")] == contents


@given(st.binary(), st.sampled_from([URLENCODED, "multipart/form-data; boundary=cut"]))
def test_no_body_raises_anything_but_an_error_of_the_request(
    body: bytes, kind: str
) -> None:
    for tried in (body, b"--cut\r\n" + body, b"--cut\r\n" + body + b"\r\n--cut--"):
        try:
            read_form(tried, kind, 100)
        except RequestError:
            continue


PART = b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "kind", "detail"),
    [
        (b"a=%FF", URLENCODED, "Expected text in UTF-8."),
        (b"", "multipart/form-data", "The content type has no boundary."),
        (b"", "multipart/form-data; boundary=cut", "The last part is not closed."),
        (
            PART + b"x",
            "multipart/form-data; boundary=cut",
            "The last part is not closed",
        ),
        (
            b"--cut\r\nx\r\n--cut--",
            "multipart/form-data; boundary=cut",
            "A part has no head.",
        ),
        (
            b"--cut\r\nX-Y: z\r\n\r\nx\r\n--cut--",
            "multipart/form-data; boundary=cut",
            "A part has no name.",
        ),
        (
            PART + b"\xff\r\n--cut--",
            "multipart/form-data; boundary=cut",
            "Expected text in UTF-8.",
        ),
    ],
)
def test_a_body_that_is_no_form_is_told(body: bytes, kind: str, detail: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_form(body, kind, 100)

    assert caught.value.problems[0].detail.startswith(detail)


def test_preamble_epilogue_and_blanks_after_a_delimiter_are_let_through() -> None:
    body = (
        b"before\r\n" + PART.replace(b"cut\r", b"cut \t\r") + b"x\r\n--cut--\r\nafter"
    )

    texts, _ = read_form(body, "multipart/form-data; boundary=cut", 100)

    assert texts == {"a": ["x"]}


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("Text/Plain", ("text/plain", {})),
        (
            'form-data; name="a;b"; FileName="c\\"d.txt"',
            ("form-data", {"name": "a;b", "filename": 'c"d.txt'}),
        ),
        (
            "multipart/form-data;boundary=x-y",
            ("multipart/form-data", {"boundary": "x-y"}),
        ),
        ('x; a=""', ("x", {"a": ""})),
    ],
)
def test_parameters_of_a_header_are_read(value: str, parsed: object) -> None:
    assert parsed_header(value) == parsed


def test_an_upload_is_read_like_a_file() -> None:
    upload = Upload("a.txt", "text/plain", b"abc")

    assert (upload.read(1), upload.read(), upload.read()) == (b"a", b"bc", b"")
