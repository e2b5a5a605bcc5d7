"""Which pages of other origins may read answers: the headers of CORS."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import Headers

from tantalus_http import CrossOrigin, CrossOriginError, NoOrigin

SHOP, EVIL = "https://shop.example", "https://evil.example"


def answered(
    policy: CrossOrigin, origin: str | None, present: Any = (), trusted: Any = ()
) -> dict[str, str]:
    headers = Headers(present)
    policy.add_to(headers, origin, trusted)
    return dict(headers)


def test_a_page_of_a_named_origin_may_read() -> None:
    assert answered(CrossOrigin([SHOP]), SHOP) == {
        "Access-Control-Allow-Origin": SHOP,
        "Vary": "Origin",
    }


@pytest.mark.parametrize(
    "origin", [None, EVIL, "null", "", f"{SHOP}, {EVIL}", "https://evil@shop.example"]
)
def test_others_may_not_and_caches_are_told_that_answers_differ(
    origin: str | None,
) -> None:
    assert answered(CrossOrigin([SHOP]), origin) == {"Vary": "Origin"}


@pytest.mark.parametrize("origin", [None, SHOP, "null", "anything"])
def test_an_open_answer_is_the_same_for_all(origin: str | None) -> None:
    assert answered(CrossOrigin("*"), origin) == {"Access-Control-Allow-Origin": "*"}


def test_a_policy_without_origins_is_for_those_that_the_program_trusts() -> None:
    assert answered(CrossOrigin(), SHOP) == {"Vary": "Origin"}
    assert "Access-Control-Allow-Origin" in answered(CrossOrigin(), SHOP, (), {SHOP})


def test_what_else_may_be_read_and_sent_is_named() -> None:
    policy = CrossOrigin([SHOP], credentials=True, expose=["X-Total", "ETag"])

    told = answered(policy, SHOP)

    assert told["Access-Control-Allow-Credentials"] == "true"
    assert told["Access-Control-Expose-Headers"] == "X-Total, ETag"


@pytest.mark.parametrize(
    ("present", "vary"),
    [
        ([("Vary", "Cookie")], ["Cookie", "Origin"]),
        ([("Vary", "origin")], ["origin"]),
        ([("Vary", "Accept, Origin")], ["Accept, Origin"]),
        ([("Vary", "*")], ["*"]),
    ],
)
def test_vary_keeps_what_it_says(present: Any, vary: list[str]) -> None:
    headers = Headers(present)

    CrossOrigin([SHOP]).add_to(headers, SHOP)

    assert headers.getlist("Vary") == vary


def test_what_was_set_by_hand_stays() -> None:
    present = [("Access-Control-Allow-Origin", "*")]

    assert answered(CrossOrigin([SHOP]), EVIL, present) == dict(present)


def test_a_preflight_is_answered_with_what_may_be_sent() -> None:
    policy, headers = CrossOrigin([SHOP], headers=["Content-Type", "X-Key"]), Headers()

    policy.allow_preflight(headers, SHOP, "PUT")

    assert policy.refuses_preflight(SHOP, "content-type, x-key") is None
    assert dict(headers) == {
        "Access-Control-Allow-Origin": SHOP,
        "Vary": "Origin",
        "Access-Control-Allow-Methods": "PUT",
        "Access-Control-Allow-Headers": "Content-Type, X-Key",
        "Access-Control-Max-Age": "600",
    }


def test_without_headers_to_send_none_are_named() -> None:
    headers = Headers()

    CrossOrigin("*", headers=(), max_age=0).allow_preflight(headers, EVIL, "PUT")

    assert dict(headers) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "PUT",
        "Access-Control-Max-Age": "0",
    }


@pytest.mark.parametrize(
    ("origin", "asked", "why"),
    [
        (EVIL, None, "origin 'https://evil.example' may not"),
        (None, None, "origin None may not"),
        (SHOP, "x-other", "header 'x-other' may not"),
        (SHOP, "content-type,,x\x00", "header 'x"),
    ],
)
def test_a_preflight_is_refused_for_a_reason(
    origin: str | None, asked: str | None, why: str
) -> None:
    assert why in str(CrossOrigin([SHOP]).refuses_preflight(origin, asked))


@pytest.mark.parametrize("asked", [None, "", " , ", "Content-Type", "CONTENT-TYPE "])
def test_usual_headers_may_be_sent(asked: str | None) -> None:
    assert CrossOrigin([SHOP]).refuses_preflight(SHOP, asked) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"origins": "*", "credentials": True}, "show to any page what is meant for"),
        ({"max_age": -1}, "max_age=-1 is no number of seconds"),
        ({"max_age": True}, "max_age=True is no number"),
        ({"max_age": 100_000}, "from 0 to 86400"),
        ({"headers": "*"}, "headers='\\*' is no list of names"),
        ({"headers": ["*"]}, "is no list of names"),
        ({"expose": "X-Total"}, "expose='X-Total' is no list"),
        ({"headers": ["X Y"]}, "no name of a header"),
    ],
)
def test_a_policy_that_browsers_refuse_is_refused_when_it_is_made(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        CrossOrigin(**arguments)


@pytest.mark.parametrize(
    "origins", ["https://shop.example", ["*"], ["null"], [SHOP, ""]]
)
def test_what_is_no_origin_is_refused_when_it_is_made(origins: Any) -> None:
    with pytest.raises(NoOrigin):
        CrossOrigin(origins)


def test_the_error_of_a_policy_has_a_class() -> None:
    with pytest.raises(CrossOriginError):
        CrossOrigin("*", credentials=True)


@pytest.mark.parametrize(
    ("policy", "origin", "has_credentials", "may"),
    [
        (CrossOrigin([SHOP]), SHOP, False, True),
        (CrossOrigin([SHOP]), SHOP, True, False),
        (CrossOrigin([SHOP], credentials=True), SHOP, True, True),
        (CrossOrigin([SHOP], credentials=True), EVIL, False, False),
        (CrossOrigin("*"), EVIL, False, True),
        (CrossOrigin("*"), EVIL, True, False),
        (CrossOrigin("*"), None, False, False),
        (CrossOrigin(), SHOP, False, False),
    ],
)
def test_who_may_read_may_send_but_for_a_visitor_only_with_credentials(
    policy: CrossOrigin, origin: str | None, has_credentials: bool, may: bool
) -> None:
    assert policy.may_send(origin, has_credentials) is may


def test_an_open_answer_keeps_the_vary_that_it_has() -> None:
    headers = Headers([("Vary", "Cookie")])

    CrossOrigin("*").add_to(headers, SHOP)

    assert headers.getlist("Vary") == ["Cookie"]
