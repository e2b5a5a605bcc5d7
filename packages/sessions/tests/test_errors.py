from __future__ import annotations

from itsdangerous import BadData

from tantalus_sessions import (
    CookiePolicyError,
    SessionError,
    SessionStoreFull,
    SessionTooLarge,
)
from tantalus_sessions._events import Reason, reason_of


def test_each_error_says_what_where_and_what_to_do() -> None:
    assert (
        str(CookiePolicyError("s", "it is old", "Eat it"))
        == "Cookie 's': it is old. Eat it."
    )
    assert str(SessionTooLarge("s", 5000, 4093)) == (
        "Session cookie 's' would have 5000 bytes, but browsers keep at most 4093."
        " Keep less in the session, or use a StoreSessionInterface."
    )
    assert str(SessionStoreFull(3)) == (
        "Session store: full with 3 live sessions; raise its limit or shorten"
        " lifetimes."
    )


def test_every_error_can_be_caught_as_one() -> None:
    for error in (CookiePolicyError, SessionTooLarge, SessionStoreFull):
        assert issubclass(error, SessionError)
    assert SessionStoreFull(1).code == 503


def test_an_error_of_a_foreign_signer_has_a_reason_too() -> None:
    assert reason_of(BadData("?")) is Reason.MALFORMED
