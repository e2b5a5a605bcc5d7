from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadHost, SecurityError

from tantalus_http import HostCheck, NoTrustedHosts


def environ(host: str | None, scheme: str = "http") -> dict[str, str]:
    base = {"wsgi.url_scheme": scheme, "SERVER_NAME": "server", "SERVER_PORT": "80"}
    return base if host is None else {**base, "HTTP_HOST": host}


@pytest.mark.parametrize(
    "host",
    ["example.org", "EXAMPLE.org", "example.org.", "example.org:8000", "a.example.net"],
)
def test_a_trusted_host_is_told_without_case_port_or_final_dot(host: str) -> None:
    check = HostCheck(["Example.org", ".example.net:80"], strict=True)

    assert check.host_of(environ(host)) == host


@pytest.mark.parametrize(
    "host", ["evil.org", "example.org.evil.org", "notexample.net", "xexample.org"]
)
def test_another_host_is_not_trusted(host: str) -> None:
    check = HostCheck(["example.org", ".example.net"], strict=True)

    with pytest.raises(SecurityError, match="not trusted"):
        check.host_of(environ(host))


MALFORMED = [
    *("", "a b", "a/b", "a@b", "a?b", "a#b", "a\\b", "a%41", "a:b", "a:80:80", "[::1"),
    *(
        "-",
        "-a",
        "a.-b",
        ".a",
        "a..b",
        "a..",
        "é",
        "a\n",
        "\na",
        "a\0",
        "[a]",
        "[:]",
        "[::1:]",
        "[1::2::3]",
        "[1:2:3:4:5:6:7:8:9]",
        "[::1]a",
    ),
    *(
        "a:0",
        "a:080",
        "a:65536",
        "a:123456",
        ":80",
        "[::1]:x",
        "[::1]a",
        "a:\uff18\uff10",
        "\u0663",
    ),
    *("a" * 256, "a." * 127 + "aa", "a" * 40 + "-!", "a" * 100_000),
]


@pytest.mark.parametrize("host", MALFORMED, ids=[repr(host[:50]) for host in MALFORMED])
def test_a_malformed_host_is_refused(host: str) -> None:
    check = HostCheck(None, strict=True)

    with pytest.raises(SecurityError, match="malformed"):
        check.host_of(environ(host))


WELL_FORMED = [
    *("localhost", "a-b.c-d.org", "127.0.0.1:1", "[::1]:2", "a.org.", "a.org.:65535"),
    *(
        "web_app:5000",
        "_gateway",
        "stack_service.internal",
        "a-",
        "evil-.example",
        "a--b",
    ),
    "a-",
    "xn--bcher-kva.example",
    ".".join(["a" * 63] * 3) + ":65535",
]


@pytest.mark.parametrize("host", WELL_FORMED)
def test_a_well_formed_host_is_accepted(host: str) -> None:
    check = HostCheck(None, strict=True)

    assert check.host_of(environ(host)) == host
    assert check.host_of(environ(host)) == host


def test_a_default_port_is_dropped() -> None:
    check = HostCheck(None, strict=True)

    assert check.host_of(environ("example.org:80")) == "example.org"
    assert check.host_of(environ("example.org:443", "https")) == "example.org"
    assert check.host_of(environ("example.org:443")) == "example.org:443"
    assert check.host_of(environ("[::1]:80")) == "[::1]"


def test_an_empty_port_is_dropped() -> None:
    check = HostCheck(["example.org"], strict=True)

    assert check.host_of(environ("example.org:")) == "example.org"
    with pytest.raises(SecurityError, match="not trusted"):
        check.host_of(environ("evil.org:"))


@given(st.text("aA0-_.:[]/ é", max_size=12))
def test_a_host_that_is_accepted_is_read_alike_by_all(header: str) -> None:
    try:
        host = HostCheck(None, strict=True).host_of(environ(header), bound=False)
    except SecurityError:
        return
    parts = urlsplit(f"http://{header}/path")

    assert (parts.username, parts.path) == (None, "/path")
    assert host in (header, header.rpartition(":")[0])
    assert urlsplit(f"http://{host}").hostname == parts.hostname


def test_without_a_header_the_server_is_the_host() -> None:
    assert HostCheck(None, strict=True).host_of(environ(None)) == "server"


def test_one_host_may_be_given_as_text() -> None:
    assert HostCheck("a.org", strict=True).trusted == ["a.org"]


def test_the_memory_of_hosts_is_bounded() -> None:
    check = HostCheck(None, strict=True)

    for number in range(1000):
        check.host_of(environ(f"h{number}.org"))

    assert len(check.known) <= 256


def test_a_host_that_is_longer_than_a_name_can_be_is_not_remembered() -> None:
    check = HostCheck(None, strict=False)

    check.host_of(environ("a." * 50_000))

    assert check.known == {}


def test_a_check_that_is_not_strict_compares_as_werkzeug_does() -> None:
    check = HostCheck(["example.org"], strict=False)

    assert check.host_of(environ("example.org:8000")) == "example.org:8000"
    with pytest.raises(SecurityError):
        check.host_of(environ("EXAMPLE.org"))


@pytest.mark.parametrize("host", ["a..b", ".a", f"{'a' * 64}.org"])
def test_a_host_that_is_no_name_is_refused_unless_urls_have_another(host: str) -> None:
    check = HostCheck(None, strict=False)

    assert check.host_of(environ(host), bound=False) == host
    with pytest.raises(BadHost):
        check.host_of(environ(host))


@pytest.mark.parametrize("trusted", [[], ()], ids=repr)
def test_a_strict_check_refuses_to_trust_an_empty_list(trusted: list[str]) -> None:
    with pytest.raises(NoTrustedHosts, match=r"names no host and would trust every"):
        HostCheck(trusted, strict=True)

    assert HostCheck(trusted, strict=False).host_of(environ("any.org")) == "any.org"


def test_the_error_of_a_host_that_is_no_name_leads_to_no_frames() -> None:
    with pytest.raises(BadHost) as caught:
        HostCheck(None, strict=False).host_of(environ("a..b"))

    assert caught.value.__context__ is None


@pytest.mark.parametrize("host", ["xn--a", "xn--", "a.xn--a.org", "XN--A:5000"])
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("bound", [True, False])
def test_a_host_that_no_url_can_show_is_refused(
    host: str, strict: bool, bound: bool
) -> None:
    with pytest.raises(BadHost):
        HostCheck(None, strict=strict).host_of(environ(host), bound=bound)


def test_a_host_in_punycode_is_accepted() -> None:
    check = HostCheck(None, strict=True)

    assert check.host_of(environ("xn--bcher-kva.example")) == "xn--bcher-kva.example"
