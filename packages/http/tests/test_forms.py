from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import (
    Headers,
    ImmutableDict,
    ImmutableMultiDict,
    MultiDict,
)
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Request as WerkzeugRequest

from tantalus_http import Request, _forms
from tantalus_http._body import read_small_body
from tantalus_http._forms import STORAGE, parse_fields, storage_of
from tantalus_http._request import keeps_data

FORM = "application/x-www-form-urlencoded"
MULTIPART = (
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\n'
    b"file\r\n--B--\r\n"
)


class Slow(BytesIO):
    """An input that gives two bytes at a time, as a socket may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(2 if size is None or size < 0 else min(2, size))

    def readinto(self, buffer: Any) -> int:
        return super().readinto(memoryview(buffer)[:2])


class Broken(BytesIO):
    """An input whose connection is lost."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError("lost")

    def readinto(self, buffer: Any) -> int:
        raise OSError("lost")


PIECES = st.sampled_from(
    ["a", "b", "=", "&", "+", "%", "%C3%B6", "%ff", "%F0%9F", "%2", "%26", "ö", "%zz"]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
BODIES = st.one_of(
    TEXTS.map(str.encode),
    st.binary(max_size=6),
    st.sampled_from([b"", b'{"a": 1}', b"\xff", MULTIPART]),
)
TYPES = st.sampled_from(
    [
        None,
        "",
        FORM,
        "Application/X-WWW-Form-URLEncoded; charset=latin-1",
        "application/x-url-encoded",
        "application/json",
        "application/x.own+json; charset=utf-16",
        "multipart/form-data; boundary=B",
        "multipart/form-data",
        "text/plain; a*=utf-8''b",
    ]
)
LENGTHS = st.sampled_from(
    [None, "right", "", "0", "3", "-1", " 3", "+3", "1_0", "٣", "x", "99", "9" * 9]
)
CHANGES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"wsgi.input_terminated": True},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"HTTP_TRANSFER_ENCODING": "gzip"},
    ]
)
INPUTS = st.sampled_from([BytesIO, Slow, Broken])
LIMITS = st.fixed_dictionaries(
    {
        "max_content_length": st.sampled_from([None, 2, 8, 50]),
        "max_form_memory_size": st.sampled_from([None, 2, 8, 50]),
        "max_form_parts": st.sampled_from([1, 2, 1000]),
    }
)
STEPS: dict[str, Callable[[Any], Any]] = {
    "args": lambda r: listed(r.args),
    "form": lambda r: listed(r.form),
    "files": lambda r: [(k, v.read()) for k, v in r.files.items(multi=True)],
    "values": lambda r: sorted(r.values.items(multi=True)),
    "get_data": lambda r: r.get_data(),
    "text": lambda r: r.get_data(as_text=True),
    "uncached": lambda r: r.get_data(cache=False),
    "parsed": lambda r: r.get_data(parse_form_data=True),
    "data": lambda r: r.data,
    "get_json": lambda r: r.get_json(),
    "forced": lambda r: r.get_json(force=True, silent=True),
    "stream": lambda r: r.stream.read(),
    "piece": lambda r: r.stream.read(1),
    "input": lambda r: r.input_stream.read(1),
    "mimetype": lambda r: (r.mimetype, r.mimetype_params, r.is_json),
    "headers": lambda r: r.headers.get("Content-Type"),
    "length": lambda r: r.content_length,
}


def listed(values: MultiDict[str, str]) -> tuple[type, list[Any]]:
    return type(values), [(name, list(all_)) for name, all_ in values.lists()]


def outcome(step: Callable[[Any], Any], request: Any) -> Any:
    try:
        return step(request)
    except Exception as error:
        return type(error)


def outcomes(steps: list[str], request: Any) -> list[Any]:
    """Return what steps give, up to the first error: what is left is in pieces."""
    found = []
    for step in steps:
        found.append(outcome(STEPS[step], request))
        if isinstance(found[-1], type) and issubclass(found[-1], Exception):
            break
    return found


def is_plain(
    environ: dict[str, Any],
    body: bytes,
    make_input: Callable[[bytes], BytesIO],
    settings: dict[str, Any],
) -> bool:
    """Tell whether a request is one of those that Werkzeug reads as they were meant.

    Others it cuts, takes for empty or for whole; see the tests of bodies and forms.
    """
    kind = environ.get("CONTENT_TYPE", "").lower()
    ends = "wsgi.input_terminated" in environ
    limit = settings["max_content_length"]
    length = environ.get("CONTENT_LENGTH", "")
    if ends or (make_input is Broken and length in {"", "0"}):
        within = limit is None or len(body) < limit
        whole = within and make_input is not Broken and length in {"", str(len(body))}
    else:
        whole = "HTTP_TRANSFER_ENCODING" not in environ
    if "multipart" in kind:
        return (
            whole
            and "boundary" in kind
            and body in {b"", MULTIPART}
            and settings["max_form_memory_size"] is None
            and length in {"", str(len(body))}
        )
    return whole and ("urlencoded" not in kind or is_utf8(body))


def is_utf8(body: bytes) -> bool:
    return body.decode(errors="ignore").encode() == body


class Own(Request):
    """A request that has nothing of its own."""


class Indirect(Request):
    """A request where Werkzeug's ways are not known."""

    _reads_directly = False


KINDS: tuple[Any, ...] = (WerkzeugRequest, Request, Own, Indirect)


@given(
    BODIES,
    TYPES,
    LENGTHS,
    CHANGES,
    INPUTS,
    LIMITS,
    TEXTS,
    st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=4),
    st.booleans(),
)
def test_a_body_is_read_as_werkzeug_reads_it(
    body: bytes,
    content_type: str | None,
    length: str | None,
    changes: dict[str, Any],
    make_input: Callable[[bytes], BytesIO],
    limits: dict[str, Any],
    query: str,
    steps: list[str],
    shallow: bool,
) -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "QUERY_STRING": query.encode().decode("latin-1"),
        **changes,
    }
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    if length is not None:
        environ["CONTENT_LENGTH"] = str(len(body)) if length == "right" else length
    inputs = [make_input(body) for _ in KINDS]
    requests = [
        kind({**environ, "wsgi.input": source}, shallow=shallow and steps[0] == "form")
        for kind, source in zip(
            (WerkzeugRequest, Request, Own, Indirect), inputs, strict=True
        )
    ]
    settings = {**limits, "limits_urlencoded_forms": False}
    for request, (name, value) in itertools.product(requests, settings.items()):
        setattr(request, name, value)

    expected, *given_ = (outcomes(steps, request) for request in requests)

    assert given_[1:] == [given_[0]] * 2
    if is_plain(environ, body, make_input, settings):
        assert given_[0] == expected
        assert inputs[1].tell() == inputs[0].tell()


@given(TEXTS)
def test_fields_are_parsed_as_werkzeug_parses_them(text: str) -> None:
    environ = {"QUERY_STRING": text.encode().decode("latin-1")}
    expected = WerkzeugRequest(environ).args

    try:
        fields: MultiDict[str, str] = parse_fields(text)
    except UnicodeError:
        fields = expected

    assert listed(fields) == listed(expected)
    assert listed(Request(environ).args) == listed(expected)


def request_of(
    kind: type[Request], body: bytes = b"a=1&b=2&a=3", **changes: Any
) -> Request:
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "QUERY_STRING": "b=1&a=2&b=3",
        "wsgi.input": BytesIO(body),
    }
    return kind({**environ, **changes})


def test_a_subclass_may_have_its_own_stream() -> None:
    class Mixin:
        @property
        def stream(self) -> Any:
            return BytesIO(b"own=1")

    class Unpacking(Mixin, Request):
        pass

    assert request_of(Unpacking).form == MultiDict({"own": "1"})
    assert request_of(Unpacking).get_data() == b"own=1"


def test_a_subclass_may_have_its_own_headers() -> None:
    class Own(Request):
        @property
        def headers(self) -> Any:  # type: ignore[override]  # cannot be replaced
            return Headers({"Content-Type": "application/json"})

    assert request_of(Own).is_json
    assert request_of(Own, b"[1]").get_json() == [1]


def test_a_subclass_may_have_its_own_query() -> None:
    class Own(Request):
        @property
        def query_string(self) -> bytes:  # type: ignore[override]  # cannot be replaced
            return b"own=1"

    replaced = request_of(Request)
    replaced.query_string = b"own=2"

    assert request_of(Own).args == MultiDict({"own": "1"})
    assert replaced.args == MultiDict({"own": "2"})


def test_headers_may_be_replaced() -> None:
    asked = request_of(Request)

    asked.headers = Headers({"Content-Type": "Text/Plain; a=b"})

    assert (asked.mimetype, asked.form) == ("text/plain", MultiDict())
    assert asked.stream.read() == b"a=1&b=2&a=3"


def test_a_form_whose_type_the_server_does_not_tell_is_none() -> None:
    asked = request_of(Request)
    asked.environ["CONTENT_TYPE"] = ""

    asked.headers = Headers({"Content-Type": "application/x-www-form-urlencoded"})

    assert asked.form == MultiDict()


def test_a_subclass_may_want_no_form() -> None:
    class Own(Request):
        want_form_data_parsed = False

    assert request_of(Own).form == MultiDict()


class Counting(FormDataParser):
    """A parser that tells how it was made."""

    def parse(self, stream: Any, mimetype: str, *rest: Any, **options: Any) -> Any:
        return stream, self.cls({"parsed": mimetype}), self.cls()


def test_another_parser_may_be_set_or_made() -> None:
    class Own(Request):
        def make_form_data_parser(self) -> FormDataParser:
            return Counting(cls=self.parameter_storage_class)

    later = request_of(Request)
    later.form_data_parser_class = Counting

    assert request_of(Own).form == MultiDict({"parsed": FORM})
    assert later.form == MultiDict({"parsed": FORM})


@pytest.mark.parametrize(
    "kind", [MultiDict, ImmutableDict, dict, list], ids=lambda k: k.__name__
)
def test_another_class_may_keep_what_was_sent(kind: Any) -> None:
    class Own(Request):
        parameter_storage_class = kind

    asked = request_of(Own)

    assert asked.args == kind([("b", "1"), ("a", "2"), ("b", "3")])
    assert asked.form == kind([("a", "1"), ("b", "2"), ("a", "3")])
    assert {type(asked.args), type(asked.form), type(asked.files)} == {kind}


def test_without_a_known_multi_dict_werkzeugs_way_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_forms, "STORAGE", None)
    monkeypatch.delattr(_forms, "new_multi_dict")
    asked = request_of(Request)

    assert listed(asked.args)[1] == [("b", ["1", "3"]), ("a", ["2"])]
    assert listed(asked.form)[1] == [("a", ["1", "3"]), ("b", ["2"])]


def test_another_make_of_multi_dict_is_recognised() -> None:
    class Copying(ImmutableMultiDict[str, str]):
        def __init__(self, items: Any) -> None:
            super().__init__(items)
            self.items_given = items

    class Flat(MultiDict[str, str]):
        def __init__(self, items: Any) -> None:
            super().__init__()
            dict.update(self, items)

    items = [("a", "1"), ("a", "2")]

    assert STORAGE is ImmutableMultiDict
    assert storage_of(MultiDict(items)) is MultiDict
    assert storage_of(Copying(items)) is None
    assert storage_of(Flat(items)) is None


def state_of(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a request of which nothing was read yet."""
    return vars(Request(environ))


def test_a_large_body_is_left_to_werkzeug() -> None:
    environ = {"CONTENT_LENGTH": "100000", "wsgi.input": BytesIO(b"a" * 100_000)}

    assert read_small_body(state_of(environ), None) is None
    assert request_of(Request, b"a=" + b"1" * 100_000).form["a"] == "1" * 100_000


def test_the_stream_is_at_its_end_after_a_form() -> None:
    asked = request_of(Request)

    assert asked.form["a"] == "1"
    assert (asked.stream.read(), asked.get_data()) == (b"", b"")
    assert asked.form is asked.form


def test_a_werkzeug_that_keeps_bodies_elsewhere_is_recognised() -> None:
    class Other(WerkzeugRequest):
        def get_data(self, *args: Any, **options: Any) -> Any:
            return b""

    environ = {"wsgi.input": BytesIO()}

    assert keeps_data(WerkzeugRequest(environ))
    assert not keeps_data(Other(environ))


def test_data_that_was_put_into_a_request_is_given_back() -> None:
    asked = request_of(Request)
    asked._cached_data = b"put=1"

    assert asked.get_data() == b"put=1"
    assert asked.form == MultiDict({"put": "1"})


def test_data_is_kept_only_if_it_shall_be() -> None:
    asked = request_of(Request, b"\xff")

    assert asked.get_data(cache=False, as_text=True) == "\ufffd"
    assert asked.get_data() == b""


@pytest.mark.parametrize(
    "read", [lambda asked: asked.get_data(), lambda asked: asked.form]
)
def test_a_shallow_request_leaves_its_body_alone(read: Callable[[Any], Any]) -> None:
    environ = request_of(Request, b"a=1").environ

    with pytest.raises(RuntimeError, match="shallow"):
        read(Request(environ, shallow=True))
    assert environ["wsgi.input"].read() == b"a=1"


def test_an_input_that_the_server_ended_is_read_once() -> None:
    asked = request_of(Request, b"a=1")
    asked.environ["wsgi.input_terminated"] = True

    assert asked.get_data(cache=False) == b"a=1"
    asked.environ["wsgi.input"] = Broken(b"a=2")

    assert asked.get_data(cache=False) == b""


NOT_UTF8 = {
    "a raw byte": (FORM, b"name=john&email=doe\x80", "0x80 at position 19"),
    "a name": (FORM, b"\xff=1", "0xff at position 0"),
    "Latin-1, said so": (
        FORM + "; charset=iso-8859-1",
        b"name=J\xf8rgen",
        "0xf8 at position 6",
    ),
    "half of a letter": (FORM, b"name=\xc3", "0xc3 at position 5"),
    "UTF-16": (FORM, "a=ö".encode("utf-16"), "0xff at position 0"),
}


@pytest.mark.parametrize(("kind", "body", "where"), NOT_UTF8.values(), ids=NOT_UTF8)
@pytest.mark.parametrize("request_class", [Request, Indirect])
@pytest.mark.parametrize("bounded", [True, False])
def test_a_form_that_is_not_utf8_is_a_400_that_says_where(
    kind: str, body: bytes, where: str, request_class: type[Request], bounded: bool
) -> None:
    asked = request_of(request_class, body, CONTENT_TYPE=kind)
    asked.limits_urlencoded_forms = bounded

    with pytest.raises(BadRequest, match=f"The form is not UTF-8: .* {where}"):
        _ = asked.form


def test_an_escape_that_is_not_utf8_stays_escaped() -> None:
    assert request_of(Request, b"a=%80&b=1").form == MultiDict({"a": "%80", "b": "1"})


@pytest.mark.parametrize("body", [b"a=\xff", b"a&b&c&d", b"a=" + b"1" * 90])
def test_a_form_that_was_refused_is_refused_again(body: bytes) -> None:
    asked = request_of(Request, body)
    asked.limits_urlencoded_forms = True
    asked.max_form_memory_size = 50
    asked.max_form_parts = 3

    errors = [outcome(lambda asked: asked.form, asked) for _ in "12"]

    assert errors[0] is errors[1]
    assert issubclass(errors[0], HTTPException)
    assert outcome(lambda asked: asked.files, asked) is errors[0]


@pytest.mark.parametrize("times", [1, 2])
def test_a_form_that_was_refused_leaves_no_reference_cycle(times: int) -> None:
    asked = request_of(Request, b"a=\xff")
    asked.environ["werkzeug.request"] = None  # which an app takes out, too
    gone = weakref.ref(asked)
    gc.collect()
    gc.disable()

    try:
        for _ in range(times):
            assert outcome(lambda asked: asked.form, asked) is BadRequest
        del asked
        assert gone() is None
    finally:
        gc.enable()


RAW_QUERIES = {
    "a raw byte": "a=\xff",
    "half of a letter": "\xc3",
    "no byte": "a=\u20ac",
}


@pytest.mark.parametrize("query", RAW_QUERIES.values(), ids=RAW_QUERIES)
@pytest.mark.parametrize("storage", [ImmutableMultiDict, MultiDict])
@pytest.mark.parametrize("name", ["args", "full_path", "values"])
def test_a_query_that_is_not_utf8_is_a_400(query: str, storage: Any, name: str) -> None:
    asked = request_of(Request, QUERY_STRING=query)
    asked.parameter_storage_class = storage

    with pytest.raises(BadRequest, match="query string is not UTF-8"):
        getattr(asked, name)


def test_the_url_of_a_query_that_is_not_utf8_has_it_escaped() -> None:
    asked = request_of(Request, QUERY_STRING="a=\xff&b=\xc3\xb6", HTTP_HOST="a.example")

    assert asked.url == "http://a.example/?a=%FF&b=ö"
