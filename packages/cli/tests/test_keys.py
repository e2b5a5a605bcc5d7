from __future__ import annotations

import base64
import string
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_cli._keys import weakness

# Documents once had these, and somebody may have taken one from there.
SHOWN_ONCE: list[str | bytes] = [
    "a key that is long enough",
    "a long random text",
    "a long random text that nobody else knows",
    "from a safe place, at least 16 bytes",
    "from the environment, at least 32 bytes",
    "kept out of the code in earnest",
    "only for the tests",
    "only for trying out",
    "replace me by a long random text",
    "the key of the admin site",
    "the key of the shop",
    "the new key, long and random",
    "the old key, long and random",
    "what the command 'tantalus secret' prints",
]
TYPED: list[str | bytes] = [
    "dev",
    "dev-key-0000-1111-2222-3333",
    "change-me-in-production-this-is-only-a-placeholder",
    "CHANGEME" + "x9" * 12,
    "django-insecure-8f3k2j5h7g9d1s4a6q0w",
    "your-secret-key-goes-here-and-it-is-long",
    "you-will-never-guess",
    "hard to guess string",
    "sup3r-s3cr3t-v4lu3-f0r-pr0d",
    "p@ssw0rd" * 3,
    "keyboard cat 4711 0815 2342",
    "correcthorsebatterystaple",
    "todo: put a real one here",
    "<your key>",
    "5791628bb0b13ce0c676dfde280ba245",
    "A0Zr98j/3yX R~XHH!jmN]LWX/,?RT",
    b'_5#y2L"F4Q8z\n\xec]/',
]


@pytest.mark.parametrize("key", SHOWN_ONCE + TYPED)
def test_a_key_that_was_shown_or_typed_is_a_placeholder(key: str | bytes) -> None:
    assert weakness(key) == "looks like a placeholder"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "is neither text nor bytes"),
        (12345, "is neither text nor bytes"),
        ("", "has only 0 bytes"),
        ("x7!kq", "has only 5 bytes"),
        (b"\xff" * 15, "has only 15 bytes"),
        ("ab" * 40, "has only 2 different characters"),
        ("k3Nv8TqZ" * 4, "repeats itself"),
        ("k3Nv8TqZw" * 2 + "k3N", "repeats itself"),
        ("1234567890" * 4, "looks like a placeholder"),
        ("zyxwvutsrqponmlkjihgfe", "follows the alphabet or the keyboard"),
        ("aabbccddeeffgghhiijjkkll", "follows the alphabet or the keyboard"),
        ("poiuytrewqlkjhgfdsamnbvcxz", "follows the alphabet or the keyboard"),
        ("\ud800" + "k3Nv8TqZw" * 2 + "Y", None),
    ],
    ids=repr,
)
def test_a_weakness_is_named(key: object, problem: str | None) -> None:
    assert weakness(key) == problem


# Seeds, not chance: a random key is taken for a typed one once in many thousand times.
KEYS = [sha256(bytes([seed])).digest() for seed in range(200)]


@pytest.mark.parametrize(
    "written",
    [
        bytes.hex,
        lambda key: base64.b64encode(key).decode(),
        lambda key: base64.urlsafe_b64encode(key).decode(),
        lambda key: "".join(string.ascii_letters[byte % 52] for byte in key),
        lambda key: key,
    ],
    ids=["hex", "base64", "base64url", "letters", "bytes"],
)
def test_a_random_key_passes(written: object) -> None:
    assert [weakness(written(key)) for key in KEYS] == [None] * len(KEYS)  # type: ignore[operator] # one of the above


@given(st.text() | st.binary())
def test_no_key_is_shown(key: str | bytes) -> None:
    found = weakness(key) or ""

    assert len(key) < 9 or str(key) not in found


@given(st.text(min_size=1, max_size=40))
def test_a_placeholder_is_one_whatever_follows(more: str) -> None:
    assert weakness(f"change-me {more}") == "looks like a placeholder"
