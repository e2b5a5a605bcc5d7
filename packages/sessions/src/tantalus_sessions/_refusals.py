"""What a signer refuses a text with, and the reason that each of it stands for."""

from __future__ import annotations

from itsdangerous import BadData, BadPayload, BadSignature, SignatureExpired

from ._events import Reason


class SignedInFuture(SignatureExpired):
    """The cookie was signed later than now: a clock was moved, or differs."""


class PayloadTooLarge(BadPayload):
    """The payload, or what it expands to, is larger than a session may be."""


# Subclasses stand before their bases.
_REASONS: tuple[tuple[type[BadData], Reason], ...] = (
    (SignedInFuture, Reason.SIGNED_IN_FUTURE),
    (SignatureExpired, Reason.EXPIRED),
    (PayloadTooLarge, Reason.TOO_LARGE),
    (BadPayload, Reason.MALFORMED),
    (BadSignature, Reason.BAD_SIGNATURE),
    (BadData, Reason.MALFORMED),
)


def reason_of(error: BadData) -> Reason:
    """Return the reason that `error`, raised by a signer, stands for."""
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
