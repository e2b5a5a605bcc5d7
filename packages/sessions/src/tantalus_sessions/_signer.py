"""Payload to signed text and back, as itsdangerous' URL-safe timed serializer.

A text is `payload.time.signature`, each part URL-safe base 64; the payload starts
with a dot if it is compressed. What a serializer of itsdangerous computes at each
call (derived keys, HMACs that have read them) is computed here once, when the signer is
made; a signature then costs a copy of one. A user comes back with the same text
until the session changes, so texts that were verified are remembered for a while: what
is remembered of one is when it was signed and what it says, never what it decodes to.

Two things are stricter. The signature is compared as text: base 64 has several
spellings of the same bytes, and only the canonical one was written by us. And a
payload may not expand beyond a limit.
"""

from __future__ import annotations

import hmac
import time
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, NoReturn, Protocol, TypeAlias

from itsdangerous import (
    BadPayload,
    BadTimeSignature,
    SignatureExpired,
    Signer,
    URLSafeTimedSerializer,
    want_bytes,
)

from ._payload import decode64, encode64, pack, unpack
from ._refusals import PayloadTooLarge, SignedInFuture
from ._tagged_json import Value, session_json_serializer

MAX_TEXT = 65_536
MAX_EXPANDED = 1_048_576
# Seconds by which the clock that signed may be ahead of the one that reads.
LEEWAY = 10
REMEMBERED = 256
# Longer texts, and longer payloads, are not remembered.
_MOST_REMEMBERED = 4_096

# A member of every permanent session.
_PERMANENT = '"_permanent":true'

# hashlib's constructors and their results have no public type.
Digest: TypeAlias = Callable[..., Any]


class TextSerializer(Protocol):
    """What turns a session's dict into text and back."""

    def dumps(self, value: Value, /) -> str:
        """Return `value` as text."""
        ...

    def loads(self, text: str, /) -> Value:
        """Return the value of `text`; may raise anything if it is not ours."""
        ...


def as_keys(fallbacks: Sequence[str | bytes]) -> tuple[str | bytes, ...]:
    """Return older keys as a tuple.

    Raises:
        TypeError: They are one text, whose letters would each be a key.
    """
    if isinstance(fallbacks, str | bytes):
        raise TypeError(
            "The fallbacks of the secret key are one text, so each of its letters"
            " would be a key that anybody can guess. Pass a list of keys."
        )
    return tuple(fallbacks)


class SessionSigner(URLSafeTimedSerializer):
    """Signs with the newest key, verifies with each; never changed after it is made.

    Texts are interchangeable, byte for byte, with those of
    `itsdangerous.URLSafeTimedSerializer` and so with Flask's cookies. With
    `compress_from`, short ones have other bytes, which those read as well.

    Args:
        secret_key: The key that signs.
        fallbacks: Older keys that still verify.
        older_salts: Salts whose texts are still read, with each of the keys.
        max_text: Bytes of text that are looked at.
        max_expanded: Bytes a compressed payload may expand to.
        remembered: Verified texts that are kept in memory, of 4 KiB at most; 0: none.
        compress_from: Bytes of payload from which on it is compressed, if that is
            shorter.
        clock: Returns seconds since 1970; `time.time` by default.

    Raises:
        TypeError: `fallbacks` is one text instead of a list.
    """

    def __init__(
        self,
        secret_key: str | bytes,
        *,
        fallbacks: Sequence[str | bytes] = (),
        salt: str | bytes = "cookie-session",
        older_salts: Sequence[str | bytes] = (),
        key_derivation: str = "hmac",
        digest_method: Digest | None = None,
        serializer: TextSerializer = session_json_serializer,
        max_text: int = MAX_TEXT,
        max_expanded: int = MAX_EXPANDED,
        remembered: int = REMEMBERED,
        compress_from: int = 0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        digest = digest_method or Signer.default_digest_method
        super().__init__(
            [want_bytes(key) for key in (*as_keys(fallbacks), secret_key)],
            salt=salt,
            serializer=serializer,
            signer_kwargs={"key_derivation": key_derivation, "digest_method": digest},
        )
        self._signatures = [
            _primed_hmac(signer.derive_key(key), digest)
            for signer in map(self.make_signer, (salt, *older_salts))
            for key in reversed(self.secret_keys)
        ]
        self._max_text = max_text
        self._max_expanded = max_expanded
        self._compress_from = compress_from
        self._verify = partial(_verified, self._signatures, max_expanded)
        # Not of a method, which would keep the signer alive.
        self._recall = lru_cache(remembered)(self._verify)
        # None stands for `time.time` looked up at each call: a test may replace it.
        self._clock = clock

    def dumps(self, obj: Value, salt: str | bytes | None = None) -> str:
        """Return the signed text of `obj`.

        Args:
            salt: For this text alone, in place of the signer's.
        """
        if salt is not None:
            return super().dumps(obj, salt)
        return self._sign(self.dump_payload(obj))

    def sign_text(self, text: str) -> str:
        """Return what `dumps` returns for the value that the serializer wrote so."""
        return self._sign(pack(text.encode(), self._compress_from))

    def loads(  # type: ignore[override] # itsdangerous itself puts max_age first
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
        salt: str | bytes | None = None,
    ) -> Value:
        """Return what was signed as the text `s`.

        Args:
            max_age: Seconds since signing, inclusive.
            return_timestamp: Return `(value, datetime)`.

        Raises:
            BadSignature: None of the keys wrote this text.
            SignatureExpired: Older than `max_age`, or signed in the future, beyond the
                ten seconds by which clocks may differ.
            BadPayload: Signed by one of the keys, but not a payload.
        """
        if salt is not None:
            return super().loads(s, max_age, return_timestamp, salt)
        if len(s) > self._max_text:
            raise PayloadTooLarge(f"The text has more than {self._max_text} bytes")
        text = s if isinstance(s, str) else s.decode("ascii", "replace")
        verify = self._verify if len(text) > _MOST_REMEMBERED else self._recall
        payload, signed_at, plain = verify(text)
        if max_age is not None:
            age = int((self._clock or time.time)()) - signed_at
            if not -LEEWAY <= age <= max_age:
                _refuse_age(payload, signed_at, age, max_age)
        if plain is None:
            value = self.load_payload(payload)
        else:
            value = _value(self.serializer, plain)
        if return_timestamp:
            return value, datetime.fromtimestamp(signed_at, UTC)
        return value

    def dump_payload(self, obj: Value) -> bytes:
        """Return the payload part of the text, compressed if that is shorter."""
        text = self.serializer.dumps(obj)
        plain = text.encode() if isinstance(text, str) else text
        return pack(plain, self._compress_from)

    def load_payload(  # type: ignore[override] # a serializer of bytes is not ours
        self, payload: bytes, serializer: TextSerializer | None = None
    ) -> Value:
        """Return the value of the payload part of a text.

        Raises:
            BadPayload: It is not base 64, not zlib, too large or not for `serializer`.
        """
        try:
            plain = unpack(payload, self._max_expanded).decode()
        except PayloadTooLarge:
            raise
        except (BadPayload, ValueError, zlib.error) as error:
            raise BadPayload("The payload cannot be read", error) from error
        return _value(serializer or self.serializer, plain)

    def may_be_permanent(self, text: str) -> bool:
        """Return whether `text` can hold a permanent session.

        False is certain for what `TaggedJSON` wrote and one of the keys signed. Any
        other text may hold anything.
        """
        if len(text) > _MOST_REMEMBERED:
            return True
        try:
            _, _, plain = self._recall(text)
        except BadTimeSignature:
            return True
        return plain is None or _PERMANENT in plain

    def _sign(self, payload: bytes) -> str:
        now = int((self._clock or time.time)())
        signed = payload + _stamp(now)
        return (signed + b"." + self._signatures[0](signed)).decode()


# Sign a text, each with one key.
Signatures: TypeAlias = Sequence[Callable[[bytes], bytes]]


def _verified(
    signatures: Signatures, max_expanded: int, text: str
) -> tuple[bytes, int, str | None]:
    """Return the payload part of a signed text, when it was signed, and what it says.

    Returns:
        Seconds since 1970. None for what is too long to be remembered or can't be read.

    Raises:
        BadSignature: None of the keys wrote this text.
    """
    # Letters beyond ASCII become question marks, which are never signed.
    signed, _, signature = text.encode("ascii", "replace").rpartition(b".")
    payload, _, stamp = signed.rpartition(b".")
    for sign in signatures:
        if hmac.compare_digest(sign(signed), signature):
            break
    else:
        raise BadTimeSignature("The signature does not match", payload=payload)
    signed_at = _seconds(stamp)
    if not signed_at:
        raise BadTimeSignature("The time of signing is malformed", payload=payload)
    try:
        plain = unpack(payload, max_expanded)
        says = plain.decode() if len(plain) <= _MOST_REMEMBERED else None
    except (BadPayload, ValueError, zlib.error):
        says = None
    return payload, signed_at, says


def _value(serializer: TextSerializer, plain: str) -> Value:
    try:
        return serializer.loads(plain)
    # A serializer of the user's may raise anything; no payload may crash.
    except Exception as error:
        raise BadPayload("The payload cannot be read", error) from error


# One entry per second, and requests of one second share it.
@lru_cache(maxsize=4)
def _stamp(seconds: int) -> bytes:
    return b"." + encode64(seconds.to_bytes(8, "big").lstrip(b"\0"))


# A user comes back with the same text until the session changes.
@lru_cache(maxsize=1024)
def _seconds(stamp: bytes) -> int:
    """Return the time of signing in seconds since 1970; 0 if it is malformed."""
    try:
        raw = decode64(stamp)
    except ValueError:
        return 0
    seconds = int.from_bytes(raw, "big")
    # Later than the year 9999 is no date.
    return seconds if seconds < 253_402_300_800 else 0


def _refuse_age(payload: bytes, signed_at: int, age: int, max_age: int) -> NoReturn:
    kind = SignatureExpired if age > 0 else SignedInFuture
    raise kind(
        f"Signed {age} seconds ago, allowed are {-LEEWAY} to {max_age}",
        payload=payload,
        date_signed=datetime.fromtimestamp(signed_at, UTC),
    )


def _primed_hmac(key: bytes, digest: Digest) -> Callable[[bytes], bytes]:
    """Return what signs with `key` (RFC 2104): text to signature, in base 64.

    The objects of `hmac` take twice as long, in code that only passes on.
    """
    block = digest().block_size
    padded = (key if len(key) <= block else digest(key).digest()).ljust(block, b"\0")
    # Both hashes have read their half of the key; each signature goes on from copies.
    begin_inner = digest(bytes(byte ^ 0x36 for byte in padded)).copy
    begin_outer = digest(bytes(byte ^ 0x5C for byte in padded)).copy

    def sign(text: bytes) -> bytes:
        inner, outer = begin_inner(), begin_outer()
        inner.update(text)
        outer.update(inner.digest())
        return encode64(outer.digest())

    return sign


# Key, older keys, salt, older salts, key derivation, digest, serializer, and from how
# many bytes on payloads are compressed.
SignerSettings: TypeAlias = tuple[
    str | bytes,
    tuple[str | bytes, ...],
    str | bytes,
    tuple[str | bytes, ...],
    str,
    Digest,
    TextSerializer,
    int,
]


def signer_for(
    secret_key: str | bytes,
    fallbacks: Sequence[str | bytes] | None,
    salt: str | bytes,
    older_salts: tuple[str | bytes, ...],
    key_derivation: str,
    digest_method: Digest,
    serializer: TextSerializer,
    compress_from: int,
) -> SessionSigner:
    """Return the signer with these settings, remembered."""
    older = as_keys(fallbacks) if fallbacks else ()
    settings = (
        *(secret_key, older, salt, older_salts),
        *(key_derivation, digest_method, serializer, compress_from),
    )
    try:
        return _remembered_signer(settings)
    except TypeError:  # a serializer need not be hashable
        return _make_signer(settings)


def _make_signer(settings: SignerSettings) -> SessionSigner:
    key, fallbacks, salt, older_salts, derivation, digest, serializer, least = settings
    return SessionSigner(
        key,
        fallbacks=fallbacks,
        salt=salt,
        older_salts=older_salts,
        key_derivation=derivation,
        digest_method=digest,
        serializer=serializer,
        compress_from=least,
    )


# Applications that share one interface, as classes do by default, take turns.
_remembered_signer = lru_cache(maxsize=64)(_make_signer)
