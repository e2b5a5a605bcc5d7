from __future__ import annotations

from typing import Any

import pytest
from fakes import FakeApp

from tantalus_cli._findings import Finding
from tantalus_cli._host_risks import find_host_risks


def risks(**config: object) -> list[Finding]:
    app = FakeApp()
    app.config = {"TRUSTED_HOSTS": ["www.example.org"]} | config
    return list(find_host_risks(app))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, []),
        ("", []),
        ("www.example.org", []),
        ("localhost:5000", []),
        ("[::1]:5000", []),
        ("https://www.example.org", ["server-name"]),
        ("//www.example.org", ["server-name"]),
        ("www.example.org/", ["server-name"]),
        ("www.example.org/shop", ["server-name"]),
        ("me@example.org", ["server-name"]),
        ("www.example.org ", ["server-name"]),
        ("*.example.org", ["server-name"]),
        (["www.example.org"], ["server-name"]),
        (5000, ["server-name"]),
    ],
    ids=str,
)
def test_a_server_name_is_a_host_and_no_url(name: object, found: list[str]) -> None:
    assert [finding.code for finding in risks(SERVER_NAME=name)] == found


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("https://shop.example/a", "Write 'shop.example', without scheme and path."),
        ("shop.example/a", "Write 'www.example.org', without scheme and path."),
    ],
)
def test_how_to_write_a_server_name_is_told(name: str, cure: str) -> None:
    (finding,) = risks(SERVER_NAME=name)

    assert finding.cure == cure


@pytest.mark.parametrize(
    ("domain", "hosts", "fits"),
    [
        (None, ["www.example.org"], True),
        (".", ["www.example.org"], True),
        (5, ["www.example.org"], True),
        ("example.org", ["www.example.org"], True),
        (".Example.org", ["WWW.example.org"], True),
        ("www.example.org", ["www.example.org"], True),
        ("example.org", ["www.example.org:8443", "other.example"], True),
        ("example.org", ("shop.example", "example.org"), True),
        ("example.org", [".example.org"], True),
        ("shop.example.org", [".example.org"], True),
        ("org", [".example.org"], True),
        ("example.org", ["www.example.com"], False),
        ("example.org", ["notexample.org"], False),
        ("www.example.org", ["example.org"], False),
        ("shop.example.org", ["www.example.org"], False),
        ("other.example", [".example.org", "example.com"], False),
    ],
    ids=str,
)
def test_a_session_cookie_is_for_a_domain_that_some_host_is_under(
    domain: Any, hosts: Any, fits: bool
) -> None:
    found = risks(SESSION_COOKIE_DOMAIN=domain, TRUSTED_HOSTS=hosts)

    assert [one.code for one in found] == ([] if fits else ["cookie-domain-foreign"])


@pytest.mark.parametrize(
    ("hosts", "server_name", "found"),
    [
        (None, "www.example.com:5000", ["hosts", "cookie-domain-foreign"]),
        (None, "www.example.org", ["hosts"]),
        (None, None, ["hosts"]),
        ("text", None, ["hosts"]),
        (["*"], "www.example.com", ["hosts-wrong"]),
    ],
)
def test_the_host_is_that_of_the_server_name_where_none_is_trusted(
    hosts: object, server_name: object, found: list[str]
) -> None:
    told = risks(
        SESSION_COOKIE_DOMAIN="example.org",
        TRUSTED_HOSTS=hosts,
        SERVER_NAME=server_name,
    )

    assert [finding.code for finding in told] == found
