"""Why a session was not taken, or not kept: told to observers and to the log.

Neither ever sees the payload, the cookie or a key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from ._errors import SessionStoreError

logger = logging.getLogger("tantalus.sessions")


class Reason(StrEnum):
    """Why the user goes on without the session, or without the last change."""

    BAD_SIGNATURE = "bad signature"
    EXPIRED = "expired"
    SIGNED_IN_FUTURE = "signed in the future"
    MALFORMED = "malformed"
    TOO_LARGE = "too large"
    UNKNOWN = "unknown to the store"
    ENDED_MEANWHILE = "ended by another request"
    TOO_LARGE_TO_SAVE = "too large to save"
    CHANGED_TOO_LATE = "changed after the response started"
    NOT_CARRIED = "changed where no response can carry it"


class Rejection(NamedTuple):
    """A session cookie that was not accepted, or a change that was not kept.

    Attributes:
        size: Bytes of the cookie value, or 0 where there is none.
    """

    reason: Reason
    cookie_name: str
    size: int = 0


Observer: TypeAlias = Callable[[Rejection], None]

# Only these mean that data of ours was lost; the others are a client's doing.
_LOSSES = frozenset(
    {
        Reason.ENDED_MEANWHILE,
        Reason.TOO_LARGE_TO_SAVE,
        Reason.CHANGED_TOO_LATE,
        Reason.NOT_CARRIED,
    }
)


def log_failure(error: SessionStoreError) -> None:
    """Log why a store failed: over HTTP, clients are told only that it did."""
    logger.error("%s The session is neither opened nor saved.", error)


def log_refresh_failure(error: SessionStoreError) -> None:
    """Log why the life of a session was not extended; its user notices nothing yet."""
    logger.error("%s The life of a session is not extended.", error)


def log_damage(id: str, problem: str) -> None:
    """Log that what a store keeps under an id is no session, which is so lost."""
    logger.error("The stored session %s is damaged and lost: %s.", id, problem)


def report(
    observers: Iterable[Observer], reason: Reason, cookie_name: str, size: int
) -> None:
    """Log a rejection and tell `observers`."""
    logger.log(
        logging.WARNING if reason in _LOSSES else logging.INFO,
        "Session cookie %r (%d bytes): %s.",
        cookie_name,
        size,
        reason,
    )
    rejection = Rejection(reason, cookie_name, size)
    for observer in observers:
        observer(rejection)
