"""Headers that tell browsers what not to do, and when they are sent."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import Headers

from tantalus_http import (
    NoOrigin,
    Response,
    SecurityHeaders,
    SecurityHeadersError,
    new_nonce,
)

NAME = "Content-Security-Policy"
NONCE_POLICY = {"default-src": "'self'", "script-src": ["'self'", "'nonce'"]}


def added(
    made: SecurityHeaders, is_secure: bool = True, **options: Any
) -> dict[str, str]:
    headers = Response("text").headers
    made.add_to(headers, is_secure=is_secure, **options)
    del headers["Content-Type"], headers["Content-Length"]
    return dict(headers)


def test_the_defaults_are_good_ones() -> None:
    assert added(SecurityHeaders()) == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Strict-Transport-Security": "max-age=31536000",
    }


def test_by_http_nothing_is_said_that_counts_by_https_alone() -> None:
    assert set(added(SecurityHeaders(), is_secure=False)) == {
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Referrer-Policy",
    }


def test_each_can_be_left_out() -> None:
    none = SecurityHeaders(
        nosniff=False, frames="anywhere", referrer=None, opener=None, hsts=None
    )

    assert added(none) == {}


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({"frames": "nowhere"}, "X-Frame-Options", "DENY"),
        (
            {"frames": ["https://a.example"]},
            NAME,
            "frame-ancestors 'self' https://a.example",
        ),
        (
            {"hsts": 60, "hsts_subdomains": True},
            "Strict-Transport-Security",
            "max-age=60; includeSubDomains",
        ),
        ({"hsts": 0}, "Strict-Transport-Security", "max-age=0"),
        ({"permissions": "camera=()"}, "Permissions-Policy", "camera=()"),
        ({"referrer": "no-referrer"}, "Referrer-Policy", "no-referrer"),
        ({"opener": "same-origin"}, "Cross-Origin-Opener-Policy", "same-origin"),
        (
            {"csp": {"default-src": "'self' data:", "upgrade-insecure-requests": ()}},
            NAME,
            "default-src 'self' data:; upgrade-insecure-requests",
        ),
        (
            {"csp": {"img-src": "*"}, "report_only": True},
            f"{NAME}-Report-Only",
            "img-src *",
        ),
        (
            {"csp": {"img-src": "*"}, "frames": ["https://a.example"]},
            NAME,
            "img-src *; frame-ancestors 'self' https://a.example",
        ),
        (
            {"csp": {"frame-ancestors": "'none'"}, "frames": ["https://a.example"]},
            NAME,
            "frame-ancestors 'none'",
        ),
    ],
)
def test_each_can_be_another(arguments: dict[str, Any], name: str, value: str) -> None:
    assert added(SecurityHeaders(**arguments))[name] == value


def test_a_list_of_frames_takes_the_place_of_the_older_header() -> None:
    told = added(SecurityHeaders(frames=["https://a.example"]))

    assert "X-Frame-Options" not in told


@pytest.mark.parametrize(
    ("nonce", "value"),
    [
        ("abc", "default-src 'self'; script-src 'self' 'nonce-abc'"),
        (None, "default-src 'self'; script-src 'self' "),
    ],
)
def test_a_policy_has_the_nonce_of_its_answer(nonce: str | None, value: str) -> None:
    made = SecurityHeaders(csp=NONCE_POLICY)

    assert made.has_nonce
    assert added(made, nonce=nonce)[NAME] == value


def test_a_nonce_that_http_cannot_carry_is_refused() -> None:
    made = SecurityHeaders(csp=NONCE_POLICY)

    with pytest.raises(ValueError, match="which HTTP cannot carry"):
        added(made, nonce="a\r\nX-Own: 1")


def test_a_nonce_is_another_each_time_and_long() -> None:
    assert new_nonce() != new_nonce()
    assert len(new_nonce()) == 32


@pytest.mark.parametrize(
    "name", ["X-Frame-Options", "x-frame-options", "REFERRER-policy"]
)
@pytest.mark.parametrize("kind", [Headers, lambda: Response("text").headers])
def test_what_is_set_by_hand_stays(name: str, kind: Any) -> None:
    headers = kind()
    headers[name] = "by hand"

    SecurityHeaders().add_to(headers, is_secure=False)

    assert headers.getlist(name) == ["by hand"]
    assert len(headers.getlist("Referrer-Policy")) == 1
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("body", ["text", None], ids=["a text", "nothing"])
def test_headers_of_other_names_do_not_stand_in_their_way(body: str | None) -> None:
    headers = Response(body).headers
    headers["Vary"] = "Cookie"
    headers.pop("Content-Length", None)

    SecurityHeaders(hsts=None, opener=None).add_to(headers, is_secure=True)

    assert [name for name, _ in headers] == [
        "Content-Type",
        "Vary",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Referrer-Policy",
    ]


def test_one_answer_does_not_change_the_next() -> None:
    made, first = SecurityHeaders(), Response("text").headers
    made.add_to(first, is_secure=True)

    first.clear()

    assert len(added(made)) == 5


def test_a_304_has_no_policy_whose_nonce_would_be_another() -> None:
    made = SecurityHeaders(csp=NONCE_POLICY)

    assert NAME not in added(made, status=304)
    assert added(made, status=304)["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"frames": "everywhere"}, "frames='everywhere' is none of"),
        (
            {"frames": ["https://a.example"], "report_only": True},
            "a policy that is kept",
        ),
        ({"hsts": -1}, "hsts=-1 is no number of seconds"),
        ({"hsts": True}, "hsts=True is no number of seconds"),
        ({"hsts": "1 year"}, "hsts='1 year' is no number"),
        ({"csp": {"script-src": "'self'; img-src *"}}, "'self';\" in the policy for"),
        ({"csp": {"script-src": ["a,b"]}}, "'a,b' in the policy for 'script-src'"),
        ({"csp": {"script src": "*"}}, "'script src' in the policy is no name"),
        ({"csp": {"": "*"}}, "'' in the policy is no name"),
        ({"csp": {"größe-src": "*"}}, "in the policy is no name"),
        ({"csp": {"img-src": "https://bücher.example"}}, "letters beyond ASCII"),
        (
            {"csp": {"script-src": "self"}},
            "'self' in the policy for 'script-src' would",
        ),
        ({"csp": {"img-src": "https://a.example self"}}, "'self' in the policy for"),
        ({"csp": {"img-src": ["*", "none"]}}, "The keyword has quotes of its own"),
        ({"csp": {"img-src": None}}, "None in the policy for 'img-src' is no text"),
        ({"csp": {"img-src": [7]}}, "7 in the policy for 'img-src' is no text"),
        (
            {"csp": "default-src 'self'"},
            "is no mapping. Write the policy as directives",
        ),
        ({"referrer": "origins"}, "referrer='origins' is none of no-referrer,"),
        ({"referrer": "origin, x"}, "referrer='origin, x' is none of"),
        ({"permissions": "camera=()\r\nX: 1"}, "which HTTP cannot carry"),
    ],
)
def test_what_browsers_would_not_understand_is_refused(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        SecurityHeaders(**arguments)


def test_a_word_of_somebodys_own_may_be_a_keyword_elsewhere() -> None:
    made = SecurityHeaders(csp={"report-to": "self"}, referrer="no-referrer, origin")

    assert added(made)[NAME] == "report-to self"
    assert added(made)["Referrer-Policy"] == "no-referrer, origin"


def test_the_error_has_a_class_and_frames_are_origins() -> None:
    with pytest.raises(SecurityHeadersError):
        SecurityHeaders(hsts=-1)
    with pytest.raises(NoOrigin):
        SecurityHeaders(frames=["a.example"])


def test_an_answer_with_them_is_sent_without_a_detour() -> None:
    response = Response("text")
    SecurityHeaders().add_to(response.headers, is_secure=True)

    assert response._headers_as_sent() == list(response.headers)
