from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes import FakeApp

from tantalus_cli._cookie_risks import find_cookie_risks
from tantalus_cli._findings import is_shared

SAFE = {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_SAMESITE": "Lax"}


def codes(**changed: object) -> list[str]:
    app = FakeApp()
    app.config = SAFE | {f"SESSION_COOKIE_{key}": changed[key] for key in changed}
    return [finding.code for finding in find_cookie_risks(app)]


def lifetimes(value: object) -> list[str]:
    app = FakeApp()
    app.config = SAFE | {"PERMANENT_SESSION_LIFETIME": value}
    return [finding.code for finding in find_cookie_risks(app)]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"SECURE": "auto"}, []),
        ({"SECURE": False}, ["cookie-secure"]),
        ({"SECURE": "false"}, ["cookie-secure"]),
        ({"HTTPONLY": False}, ["cookie-httponly"]),
        ({"HTTPONLY": "false"}, ["cookie-httponly"]),
        ({"PARTITIONED": True}, []),
        ({"PARTITIONED": True, "SECURE": "auto"}, ["cookie-partitioned"]),
        ({"SAMESITE": "strict"}, []),
        ({"SAMESITE": None}, ["cookie-samesite"]),
        ({"SAMESITE": "None"}, ["cookie-samesite"]),
        ({"SAMESITE": "Relaxed"}, ["cookie-samesite-unknown"]),
        ({"SAMESITE": True}, ["cookie-samesite-unknown"]),
        ({"NAME": ""}, ["cookie-name"]),
        ({"NAME": None}, ["cookie-name"]),
        ({"NAME": "a b"}, ["cookie-name"]),
        ({"NAME": "a=b"}, ["cookie-name"]),
        ({"NAME": "__Host-s"}, []),
        ({"NAME": "__Host-s", "PATH": "/"}, []),
        ({"NAME": "__Host-s", "PATH": "auto"}, []),
        ({"NAME": "__host-s", "SECURE": "auto"}, ["cookie-prefix"]),
        ({"NAME": "__Secure-s", "SECURE": "auto"}, ["cookie-prefix"]),
        ({"NAME": "__Host-s", "DOMAIN": "example.org"}, ["cookie-prefix"]),
        ({"NAME": "__Host-s", "PATH": "/shop"}, ["cookie-prefix"]),
        ({"NAME": "__Secure-s", "PATH": "/shop"}, []),
        ({"PATH": "auto"}, []),
        ({"PATH": "shop"}, ["cookie-path"]),
        ({"PATH": "/a;b"}, ["cookie-path"]),
        ({"PATH": "/a\n"}, ["cookie-path"]),
        ({"DOMAIN": "example.org"}, []),
        ({"DOMAIN": "localhost"}, []),
        ({"DOMAIN": ".com"}, ["cookie-domain"]),
        ({"DOMAIN": "github.io"}, ["cookie-domain"]),
    ],
    ids=str,
)
def test_settings_of_the_cookie_are_judged(
    changed: dict[str, Any], found: list[str]
) -> None:
    assert codes(**changed) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (timedelta(days=365), []),
        (86_400, []),
        (None, ["session-lifetime"]),
        ("31", ["session-lifetime"]),
        (True, ["session-lifetime"]),
        (0, ["session-lifetime"]),
        (-1, ["session-lifetime"]),
        (timedelta(days=401), ["session-lifetime"]),
        (10**30, ["session-lifetime"]),
    ],
    ids=str,
)
def test_a_lifetime_is_judged(value: object, found: list[str]) -> None:
    assert lifetimes(value) == found


@pytest.mark.parametrize(
    ("domain", "shared"),
    [
        ("com", True),
        (".com", True),
        (".CO.uk", True),
        ("herokuapp.com", True),
        ("example.org", False),
        ("shop.co.uk", False),
        ("localhost", False),
    ],
)
def test_a_suffix_below_which_strangers_live_is_known(
    domain: str, shared: bool
) -> None:
    assert is_shared(domain) is shared
