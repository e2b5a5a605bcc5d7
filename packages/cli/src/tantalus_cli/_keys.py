"""What is wrong with a secret key, told without showing any of it.

A key is as good as it is unknown. So those that were printed somewhere, or typed by a
person, are found whatever their length: by the words in them, by runs along the
alphabet or the keyboard, by repetition. A random key of 32 bytes, in hexadecimal digits
or base64, is taken for one of these about once in ten thousand times at most.
"""

from __future__ import annotations

import re
from itertools import pairwise

# HMAC with SHA-1 or SHA-256 gains nothing from keys of more than 32 bytes.
_FEWEST_BYTES = 16
_FEWEST_SYMBOLS = 8

# Each has a letter or a length that hexadecimal digits do not make by chance.
_WORDS = re.compile(
    "change|default|example|insecure|secret|placeholder|replace|passw|random|environ"
    "|sample|dummy|letmein|qwert|asdfg|keyboard|guess|develop|production|testing|flask"
    "|django|tantalus|werkzeug|config|fixme|secur|unsafe|nobody|someth|anyth|generat"
    "|please|enough|bytes|string|private|hidden|session|cookie|mykey|thekey|yourkey"
    "|apikey|signing|lorem|ipsum|correcthorse|quickbrown|deadbeef|cafebabe|badc0ffee"
    "|12345678|abcdefg|31415926|27182818"
)
# Too short to look for anywhere: words only between spaces and the like.
_SHORT_WORDS = frozenset(
    {
        "abc", "admin", "bar", "dev", "demo", "fake", "foo", "here", "key", "keys",
        "local", "none", "null", "only", "pass", "prod", "root", "temp", "test",
        "tests", "text", "todo", "true", "user", "xxx", "your",
    }
)  # fmt: skip
# One of them may be chance, two make a sentence.
_LITTLE_WORDS = frozenset(
    {
        "and", "are", "as", "at", "be", "but", "by", "do", "for", "from", "goes", "has",
        "have", "in", "is", "it", "its", "least", "long", "me", "my", "no", "not", "of",
        "old", "new", "on", "one", "or", "out", "so", "that", "the", "this", "to",
        "use", "was", "what", "who", "will", "with", "you", "your",
    }
)  # fmt: skip
_BETWEEN_WORDS = re.compile(r"[\s_.,:;<>'\"/-]+")
_AS_LETTERS = str.maketrans("013457@$!", "oleastasi")

# What tutorials and documents have printed, and no rule here finds.
_PUBLISHED = frozenset(
    {
        "5791628bb0b13ce0c676dfde280ba245",
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
        "a0zr98j/3yx r~xhh!jmn]lwx/,?rt",
        '_5#y2l"f4q8z\n\xec]/',
        r'_5#y2l"f4q8z\n\xec]/',
    }
)

_LINES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)
_STEPS = frozenset(
    pair for line in _LINES for way in (line, line[::-1]) for pair in pairwise(way)
)


def weakness(key: object) -> str | None:
    """Return what is wrong with a key as the end of a sentence, None for nothing."""
    content = key.encode(errors="surrogatepass") if isinstance(key, str) else key
    if not isinstance(content, bytes):
        return "is neither text nor bytes"
    if _is_placeholder(content.decode("latin-1").lower()):
        return "looks like a placeholder"
    if len(content) < _FEWEST_BYTES:
        return f"has only {len(content)} bytes"
    if len(set(content)) < _FEWEST_SYMBOLS:
        return f"has only {len(set(content))} different characters"
    if _repeats(content):
        return "repeats itself"
    if _runs(content.decode("latin-1").lower()):
        return "follows the alphabet or the keyboard"
    return None


def is_placeholder(secret: str) -> bool:
    """Tell whether a secret that others may have made has words that nobody means."""
    text = secret.lower()
    return text in _PUBLISHED or _WORDS.search(text) is not None


def _is_placeholder(text: str) -> bool:
    if text in _PUBLISHED:
        return True
    if _WORDS.search(text) or _WORDS.search(text.translate(_AS_LETTERS)):
        return True
    words = _BETWEEN_WORDS.split(text)
    if not _SHORT_WORDS.isdisjoint(words):
        return True
    return sum(word in _LITTLE_WORDS for word in words) > 1


def _repeats(content: bytes) -> bool:
    """Tell whether a key is a shorter text, written twice or more."""
    half = len(content) // 2
    return any(content[n:] == content[:-n] for n in range(1, half + 1))


def _runs(text: str) -> bool:
    pairs = list(pairwise(text))
    steps = sum(first == second or (first, second) in _STEPS for first, second in pairs)
    return steps > 0.6 * len(pairs)
