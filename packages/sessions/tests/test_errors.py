from __future__ import annotations

import pickle

import pytest
from itsdangerous import BadData

from tantalus_sessions import (
    CookiePolicyError,
    SessionError,
    SessionStoreFull,
    SessionTooLarge,
    SessionUnavailable,
)
from tantalus_sessions._events import Reason
from tantalus_sessions._refusals import reason_of


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


@pytest.mark.parametrize(
    "error",
    [
        CookiePolicyError("s", "it is old", "Eat it"),
        SessionTooLarge("s", 5000, 4093),
        SessionStoreFull(3),
        SessionUnavailable(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_passes_from_one_process_to_another(error: SessionError) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_every_error_can_be_caught_as_one() -> None:
    for error in (CookiePolicyError, SessionTooLarge, SessionStoreFull):
        assert issubclass(error, SessionError)
    assert SessionStoreFull(1).code == 503


def test_an_error_of_a_foreign_signer_has_a_reason_too() -> None:
    assert reason_of(BadData("?")) is Reason.MALFORMED
