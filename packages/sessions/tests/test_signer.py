from __future__ import annotations

import base64
import hashlib
import hmac
import os
import random
import weakref
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from flask.sessions import session_json_serializer as flask_serializer
from hypothesis import example, given
from hypothesis import strategies as st
from itsdangerous import (
    BadData,
    BadPayload,
    BadSignature,
    SignatureExpired,
    URLSafeTimedSerializer,
)
from strategies import payloads

from tantalus_sessions import SessionSigner, TaggedJSON
from tantalus_sessions._payload import (
    _MOST_EXPANSION,
    _compress,
    _only_grows,
    encode64,
)
from tantalus_sessions._signer import _primed_hmac

NOW = 1_700_000_000
MUTATIONS = int(os.environ.get("TANTALUS_MUTATIONS", "5000"))
PAYLOADS = int(os.environ.get("TANTALUS_PAYLOADS", "300"))


def signer(key: str = "key", now: float = NOW, **settings: Any) -> SessionSigner:
    return SessionSigner(key, clock=lambda: now, **settings)


def itsdangerous(*keys: str, digest: Any = hashlib.sha1) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        list(keys),
        salt="cookie-session",
        serializer=flask_serializer,
        signer_kwargs={"key_derivation": "hmac", "digest_method": digest},
    )


def test_the_text_of_a_payload_is_this() -> None:
    text = signer().dumps({"user_id": 42})

    assert text == "eyJ1c2VyX2lkIjo0Mn0.ZVPxAA.cCBLUsJl11Pkj06qYrRIz5rmB1I"


@given(payloads)
def test_what_was_signed_is_returned(payload: dict[str, Any]) -> None:
    assert signer().loads(signer().dumps(payload), max_age=0) == payload


@given(payloads)
def test_both_libraries_write_the_same_text(payload: dict[str, Any]) -> None:
    ordered = TaggedJSON().loads(TaggedJSON().dumps(payload))
    theirs = itsdangerous("key")
    theirs.serializer = TaggedJSON()

    text = SessionSigner("key").dumps(ordered)

    payload_part = text.rpartition(".")[0].rpartition(".")[0]
    assert payload_part == theirs.dump_payload(ordered).decode()


@given(payloads, st.integers(0, 200))
def test_short_payloads_stay_as_they_are_and_others_read_them(
    payload: dict[str, Any], least: int
) -> None:
    ordered = TaggedJSON().loads(TaggedJSON().dumps(payload))
    plain = TaggedJSON().dumps(ordered).encode()
    theirs = itsdangerous("key")
    theirs.serializer = TaggedJSON()

    text = SessionSigner("key", compress_from=least).dumps(ordered)

    payload_part = text.rpartition(".")[0].rpartition(".")[0]
    as_theirs = theirs.dump_payload(ordered).decode()
    as_it_is = base64.urlsafe_b64encode(plain).rstrip(b"=").decode()
    assert payload_part == (as_it_is if len(plain) < least else as_theirs)
    assert theirs.loads(text) == ordered


def random_payload(source: random.Random) -> dict[str, Any]:
    makers: list[Callable[[], Any]] = [
        lambda: source.randrange(10**9),
        lambda: source.randbytes(source.randrange(40)),
        lambda: "é" * source.randrange(300),
        lambda: tuple(source.choices(["a", None, 1.5, True], k=3)),
        lambda: {" t": source.random()},
        lambda: [datetime.fromtimestamp(source.randrange(10**9), UTC)],
    ]
    return {
        f"key{index}": source.choice(makers)() for index in range(source.randrange(8))
    }


def test_random_payloads_cross_from_and_to_itsdangerous() -> None:
    source = random.Random(1)
    ours, theirs = SessionSigner("key"), itsdangerous("key")
    opened = 0

    for _ in range(PAYLOADS):
        payload = random_payload(source)
        assert theirs.loads(ours.dumps(payload), max_age=60) == payload
        assert ours.loads(theirs.dumps(payload), max_age=60) == payload
        opened += 2

    assert opened == 2 * PAYLOADS


@pytest.mark.parametrize("keys", list(permutations("abc")), ids="".join)
def test_the_newest_key_signs_and_every_key_verifies(keys: tuple[str, ...]) -> None:
    *old, newest = keys
    ours = SessionSigner(newest, fallbacks=old)

    assert itsdangerous(newest).loads(ours.dumps({"n": 1})) == {"n": 1}
    for key in keys:
        assert ours.loads(itsdangerous(key).dumps({"n": 1})) == {"n": 1}
        assert itsdangerous(*keys).loads(SessionSigner(key).dumps({"n": 1})) == {"n": 1}


def test_a_key_that_was_rotated_away_is_refused() -> None:
    text = signer("old").dumps({"n": 1})

    with pytest.raises(BadSignature, match="does not match"):
        signer("new").loads(text)


@pytest.mark.parametrize("digest", [hashlib.sha256, hashlib.sha512, hashlib.blake2b])
def test_another_digest_is_interchangeable_too(digest: Any) -> None:
    ours = SessionSigner("key", digest_method=digest)

    assert itsdangerous("key", digest=digest).loads(ours.dumps([1])) == [1]


@pytest.mark.parametrize("derivation", ["hmac", "concat", "django-concat", "none"])
@pytest.mark.parametrize("key", ["k", "k" * 500])
def test_every_derivation_is_interchangeable(derivation: str, key: str) -> None:
    theirs = URLSafeTimedSerializer(
        key,
        salt="cookie-session",
        serializer=TaggedJSON(),
        signer_kwargs={"key_derivation": derivation},
    )

    assert theirs.loads(SessionSigner(key, key_derivation=derivation).dumps([1])) == [1]


def test_an_unknown_derivation_is_refused_at_set_up() -> None:
    with pytest.raises(TypeError, match="Unknown key derivation"):
        SessionSigner("key", key_derivation="magic")


def mutate(text: str, source: random.Random) -> str:
    alphabet = "ABCyz019-_.=!é \x00"
    position = source.randrange(len(text))
    kind = source.randrange(5)
    if kind == 0:
        return text[:position] + source.choice(alphabet) + text[position + 1 :]
    if kind == 1:
        return text[:position] + source.choice(alphabet) + text[position:]
    if kind == 2:
        return text[:position] + text[position + 1 :]
    if kind == 3:
        return text[:position] + text[position:].swapcase()
    return text[position:] + text[:position]


def test_no_changed_text_is_accepted() -> None:
    source = random.Random(2)
    ours = signer(fallbacks=["older"])
    texts = [ours.dumps({"n": 1}), ours.dumps({"long": "ab" * 100}), ours.dumps({})]
    accepted = tried = 0

    while tried < MUTATIONS:
        text = texts[tried % 3]
        changed = mutate(text, source)
        if changed == text:
            continue
        tried += 1
        try:
            ours.loads(changed)
            accepted += 1
        except BadData:
            pass

    assert (tried, accepted) == (MUTATIONS, 0)


@given(st.text() | st.binary())
def test_foreign_text_raises_nothing_but_bad_data(text: str | bytes) -> None:
    with pytest.raises(BadData):
        signer().loads(text)


def test_another_spelling_of_the_same_signature_is_refused() -> None:
    text = signer().dumps({})
    spellings = [text + "=", text + "!", text[:-1] + chr(ord(text[-1]) + 1)]

    assert itsdangerous("key").loads(spellings[0]) == {}
    for spelling in spellings:
        with pytest.raises(BadSignature):
            signer().loads(spelling)


@pytest.mark.parametrize(
    ("later", "max_age", "error", "text"),
    [
        (11, 10, SignatureExpired, "Signed 11 seconds ago, allowed are -10 to 10"),
        (-11, 10, SignatureExpired, "Signed -11 seconds ago"),
    ],
)
def test_a_text_out_of_its_time_is_refused(
    later: int, max_age: int, error: type[BadData], text: str
) -> None:
    signed = signer().dumps({})

    with pytest.raises(error, match=text) as raised:
        signer(now=NOW + later).loads(signed, max_age=max_age)

    assert raised.value.date_signed == datetime.fromtimestamp(NOW, UTC)  # type: ignore[attr-defined] # of itsdangerous' class


@pytest.mark.parametrize("behind", [1, 10])
def test_a_clock_that_is_a_little_behind_the_one_that_signed_accepts_the_text(
    behind: int,
) -> None:
    assert signer(now=NOW - behind).loads(signer().dumps({}), max_age=10) == {}


def test_a_text_of_exactly_max_age_is_accepted() -> None:
    assert signer(now=NOW + 10).loads(signer().dumps({}), max_age=10) == {}
    assert signer(now=NOW + 10**9).loads(signer().dumps({})) == {}


def test_the_time_of_signing_can_be_returned() -> None:
    signed = signer().dumps({})

    found = signer().loads(signed, return_timestamp=True)

    assert found == ({}, datetime.fromtimestamp(NOW, UTC))


@pytest.mark.parametrize("stamp", [b"", b"A", b"_________________", b"________"])
def test_a_signed_text_without_a_time_is_refused(stamp: bytes) -> None:
    ours = signer()
    signed = b"e30." + stamp
    text = signed + b"." + ours._signatures[0](signed)

    with pytest.raises(BadSignature, match="time of signing"):
        ours.loads(text)


def test_a_salt_for_one_text_is_honoured() -> None:
    text = SessionSigner("key").dumps({"n": 1}, salt="other")

    assert SessionSigner("key", salt="other").loads(text) == {"n": 1}
    assert SessionSigner("key").loads(text, salt="other") == {"n": 1}
    with pytest.raises(BadSignature):
        SessionSigner("key").loads(text)


def signed_payload(payload: bytes) -> bytes:
    signed = payload + b".ZVPxAA"
    return signed + b"." + signer()._signatures[0](signed)


def compressed(raw: bytes) -> bytes:
    return b"." + encode64(zlib.compress(raw))


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"A", "cannot be read"),
        (b"_w", "cannot be read"),
        (b".AAAA", "cannot be read"),
        (compressed(b"x" * 500)[:-12], "truncated"),
        (compressed(random.Random(3).randbytes(2000))[:-12], "cut off"),
        (compressed(b'"' + b"x" * 1_048_576), "Expands to more than 1048576 bytes"),
        (compressed(b"{"), "cannot be read"),
    ],
    ids=["base64", "utf8", "zlib", "cut", "long cut", "bomb", "json"],
)
def test_a_signed_payload_that_is_none_is_refused(payload: bytes, problem: str) -> None:
    with pytest.raises(BadPayload) as raised:
        signer().loads(signed_payload(payload))

    messages = f"{raised.value} {raised.value.original_error}"
    assert problem in messages


def test_a_long_compressed_payload_is_returned() -> None:
    payload = {"a": random.Random(3).randbytes(2000).hex()}

    text = signer().dumps(payload)

    assert text.startswith(".")
    assert signer().loads(text) == payload


def test_no_text_expands_further_than_is_reckoned_with() -> None:
    best = zlib.compress(bytes(10_000_000), 9)

    assert 1000 < 10_000_000 / len(best) < _MOST_EXPANSION


def test_a_text_longer_than_the_limit_is_not_looked_at() -> None:
    ours = signer(max_text=20)

    with pytest.raises(BadPayload, match="more than 20 bytes"):
        ours.loads(ours.dumps({}))


def test_what_cannot_be_verified_can_still_be_looked_into() -> None:
    text = signer("other").dumps({"n": 1})

    assert signer().loads_unsafe(text) == (False, {"n": 1})
    assert signer().loads_unsafe(signer().dumps({"n": 1})) == (True, {"n": 1})


@given(
    st.binary(max_size=260)
    | st.binary(max_size=900)
    | st.text("ab", max_size=900).map(str.encode)
)
@example(bytes(250))
@example(bytes(range(125)) * 2)
@example(bytes(251))
@example(bytes(762))
@example(bytes(763))
def test_the_small_window_compresses_like_the_large_one(raw: bytes) -> None:
    assert _compress(raw) == zlib.compress(raw)


# Parts in runs, so that many bytes repeat and zlib has something to win.
short_texts = st.lists(
    st.tuples(st.binary(min_size=1, max_size=12), st.integers(1, 12)), max_size=4
).map(lambda runs: b"".join(part * times for part, times in runs)[:30])


@given(st.binary(max_size=30) | short_texts)
def test_compression_is_left_out_only_where_it_saves_nothing(plain: bytes) -> None:
    shorter = len(zlib.compress(plain)) < len(plain) - 1

    assert not (shorter and _only_grows(plain))


@pytest.mark.parametrize(
    ("plain", "grows"),
    [(b"abc" + b"c" * 10, True), (b"abc" + b"c" * 11, False), (bytes(28), False)],
    ids=["few repeat", "more repeat", "long"],
)
def test_short_texts_with_few_repeated_bytes_are_not_compressed(
    plain: bytes, grows: bool
) -> None:
    assert _only_grows(plain) is grows


def test_the_time_comes_from_the_clock_of_the_machine_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = SessionSigner("key")
    monkeypatch.setattr("time.time", lambda: float(NOW))

    assert ours.dumps({}) == signer().dumps({})


def test_a_primed_state_can_be_used_again() -> None:
    sign = _primed_hmac(b"k", hashlib.sha1)

    assert sign(b"text") == sign(b"text")


@given(
    st.binary(max_size=300),
    st.binary(max_size=300),
    st.sampled_from(["sha1", "sha256", "sha384", "sha3_512", "blake2b"]),
)
@example(b"k" * 64, b"", "sha1")
@example(b"k" * 65, b"", "sha1")
def test_a_signature_is_that_of_the_standard_library(
    key: bytes, text: bytes, name: str
) -> None:
    sign = _primed_hmac(key, getattr(hashlib, name))

    assert sign(text) == encode64(hmac.digest(key, text, name))


def test_what_a_remembered_text_says_is_decoded_anew() -> None:
    ours = signer()
    text = ours.dumps({"cart": []})

    ours.loads(text)["cart"].append("apple")

    assert ours.loads(text) == {"cart": []}
    assert ours.loads(text.encode()) == {"cart": []}
    assert ours._recall.cache_info().hits == 2


def test_a_remembered_text_grows_old() -> None:
    now = NOW
    ours = SessionSigner("key", clock=lambda: now)
    text = ours.dumps({"n": 1})
    assert ours.loads(text, max_age=10) == {"n": 1}

    now += 11

    with pytest.raises(SignatureExpired):
        ours.loads(text, max_age=10)
    assert ours.loads(text, max_age=11) == {"n": 1}


def test_a_text_that_was_refused_is_refused_again_beside_remembered_ones() -> None:
    ours, text = signer(), signer().dumps({"n": 1})
    assert ours.loads(text) == {"n": 1}

    for forged in (text[:-1], f"{text}A", signer("other").dumps({"n": 1})):
        for _ in range(2):
            with pytest.raises(BadSignature):
                ours.loads(forged)
    assert ours._recall.cache_info().currsize == 1


def test_only_so_many_texts_are_remembered() -> None:
    ours = signer(remembered=3)
    texts = [ours.dumps({"n": n}) for n in range(5)]

    assert [ours.loads(text) for text in texts * 2] == [{"n": n} for n in range(5)] * 2
    assert ours._recall.cache_info().currsize == 3


def test_nothing_is_remembered_where_that_is_asked_for() -> None:
    ours = signer(remembered=0)
    text = ours.dumps({"n": 1})

    assert ours.loads(text) == ours.loads(text) == {"n": 1}
    assert ours._recall.cache_info().currsize == 0


def test_what_is_long_is_not_kept_in_memory() -> None:
    ours = signer()
    long, expands = {"n": random.Random(1).randbytes(4_000)}, {"n": "a" * 100_000}
    long_text, short_text = ours.dumps(long), ours.dumps(expands)
    assert len(long_text) > 4_096 > len(short_text)

    for _ in range(2):
        assert ours.loads(long_text) == long
        assert ours.loads(short_text) == expands

    assert ours._recall.cache_info().currsize == 1
    assert ours._recall(short_text)[2] is None


def test_a_signer_does_not_outlive_its_last_use() -> None:
    ours = signer()
    ours.loads(ours.dumps({"n": 1}))
    gone = weakref.ref(ours)

    del ours

    assert gone() is None
