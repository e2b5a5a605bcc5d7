"""What is an origin, and which two are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_http import CrossSiteCheck, NoOrigin
from tantalus_http._origins import own_origin, read_origin

NONE = [
    "",
    "null",
    "NULL",
    "*",
    "shop.example",
    "//shop.example",
    "https:shop.example",
    "https://",
    "https:///",
    "https://shop.example/",
    "https://shop.example/path",
    "https://shop.example?x",
    "https://shop.example#x",
    "https://evil@shop.example",
    "https://evil:pw@shop.example",
    "https://shop.example:",
    "https://shop.example:0",
    "https://shop.example:0443",
    "https://shop.example:65536",
    "https://shop.example:99999",
    "https://shop.example:443:443",
    "https://shop.example, https://evil.example",
    "https://shop.example,https://evil.example",
    "https://shop.example https://evil.example",
    " https://shop.example",
    "https://shop.example\n",
    "https://shop.example\0",
    "https://shop\\.example",
    "https://shop%2eexample",
    "https://*.example",
    "https://bücher.example",
    "https://shop.example:\uff14\uff14\uff13",
    "https://[::1",
    "https://::1",
    "https://[]",
    "https://[1::2::3]",
    "https://[::1%25eth0]",
    "ws://shop.example",
    "ftp://shop.example",
    "file://",
    "chrome-extension://abcdef",
    "javascript:alert(1)",
    "https://" + "a" * 300,
]
SAME = [
    ("https://shop.example", "https://shop.example:443"),
    ("http://shop.example", "http://shop.example:80"),
    ("https://shop.example", "HTTPS://SHOP.EXAMPLE"),
    ("https://[::1]:8000", "https://[0:0::0:1]:8000"),
    ("https://[2001:DB8::1]", "https://[2001:db8::1]:443"),
    ("https://[::ffff:7f00:1]", "https://[::ffff:127.0.0.1]"),
]
OTHERS = [
    ("https://shop.example", "http://shop.example"),
    ("https://shop.example", "https://shop.example:8443"),
    ("https://shop.example", "https://shop.example:80"),
    ("https://shop.example", "https://shop.example."),
    ("https://shop.example", "https://blog.shop.example"),
    ("https://shop.example", "https://shop.example.evil.example"),
    ("https://xn--bcher-kva.example", "https://bucher.example"),
]


@pytest.mark.parametrize("text", NONE, ids=[repr(text[:40]) for text in NONE])
def test_what_no_page_has_is_no_origin(text: str) -> None:
    assert read_origin(text) is None


@pytest.mark.parametrize("text", NONE, ids=[repr(text[:40]) for text in NONE])
def test_what_no_page_has_cannot_be_trusted(text: str) -> None:
    with pytest.raises(NoOrigin, match="is no origin, and no page has it"):
        CrossSiteCheck([text])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_case_default_port_and_spelling_of_an_address_do_not_matter(
    one: str, other: str
) -> None:
    assert read_origin(one) == read_origin(other) is not None


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_scheme_host_or_port_is_another_origin(one: str, other: str) -> None:
    assert read_origin(one) != read_origin(other)


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("https", "shop.example", "https://shop.example"),
        ("https", "Shop.Example:443", "https://shop.example"),
        ("http", "shop.example:", "http://shop.example"),
        ("http", "shop.example:443", "http://shop.example:443"),
        ("http", "localhost:5000", "http://localhost:5000"),
        ("http", "[::1]:5000", "http://[0::1]:5000"),
        ("http", "[::1]", "http://[::1]"),
    ],
)
def test_the_own_origin_is_scheme_and_host(scheme: str, host: str, origin: str) -> None:
    assert own_origin(scheme, host) == read_origin(origin)


@pytest.mark.parametrize("host", ["", "a b", "evil@shop.example", "[x]", "a:\u0664"])
def test_of_a_malformed_host_no_page_is(host: str) -> None:
    assert own_origin("https", host) != read_origin("https://shop.example")


def test_one_text_is_no_list_of_origins() -> None:
    with pytest.raises(NoOrigin, match=r"'https://shop\.example' is no origin"):
        CrossSiteCheck("https://shop.example")


@pytest.mark.parametrize("entry", [None, 443, b"https://shop.example"])
def test_what_is_no_text_is_no_origin(entry: object) -> None:
    with pytest.raises(NoOrigin, match="is no origin") as caught:
        CrossSiteCheck([entry])  # type: ignore[list-item]  # as in a wrong setting

    assert caught.value.entry is entry


@given(st.text(max_size=60), st.sampled_from(["http", "https"]))
def test_any_text_is_read_or_refused_and_never_an_error(text: str, scheme: str) -> None:
    for asked in (text, f"{scheme}://{text}"):
        origin = read_origin(asked)

        assert origin is None or origin.startswith(("http://", "https://"))
    own_origin(scheme, text)
