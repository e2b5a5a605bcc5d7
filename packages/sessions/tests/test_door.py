from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_sessions

DOOR = [
    "DEFAULT_CONFIG",
    "ASGISessionMiddleware",
    "AsyncRedisStore",
    "AsyncSessionStore",
    "AsyncSessions",
    "AsyncStoreSessions",
    "CookiePolicy",
    "CookiePolicyError",
    "CookieSessions",
    "ExactCookieSessionInterface",
    "ExactJSON",
    "JSONTag",
    "LostSession",
    "MemoryStore",
    "NullSession",
    "PassDict",
    "PassList",
    "Reason",
    "RedisStore",
    "Rejection",
    "SQLiteStore",
    "SecureCookieSession",
    "SecureCookieSessionInterface",
    "Session",
    "SessionError",
    "SessionHost",
    "SessionInterface",
    "SessionMiddleware",
    "SessionMixin",
    "SessionSigner",
    "SessionStore",
    "SessionStoreError",
    "SessionStoreFull",
    "SessionTooLarge",
    "SessionUnavailable",
    "SessionValueError",
    "Sessions",
    "StoreSession",
    "StoreSessionInterface",
    "StoreSessions",
    "StoredSession",
    "TagBytes",
    "TagDateTime",
    "TagDict",
    "TagExactDateTime",
    "TagMarkup",
    "TagTuple",
    "TagUUID",
    "TaggedJSON",
    "TaggedJSONSerializer",
    "TextSerializer",
    "exact_json_serializer",
    "session_json_serializer",
]
FOREIGN = """
import sys
import tantalus_sessions
allowed = {"tantalus_sessions", "itsdangerous", "werkzeug", "markupsafe"}
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded - allowed - set(sys.stdlib_module_names) - set(sys.argv[1:])))
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_sessions.__all__ == DOOR
    assert all(hasattr(tantalus_sessions, name) for name in DOOR)


def test_importing_loads_nothing_that_is_not_declared() -> None:
    empty = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    before = subprocess.check_output([sys.executable, "-c", empty], text=True).split()

    loaded = subprocess.check_output(
        [sys.executable, "-c", FOREIGN, *before], text=True
    )

    assert loaded.strip() == "[]"


def test_importing_loads_neither_redis_nor_asyncio_nor_what_signs() -> None:
    code = (
        "import sys, tantalus_sessions;"
        " late = {'redis', 'asyncio', 'itsdangerous'};"
        " late |= {'tantalus_sessions._signer', 'tantalus_sessions._tagged_json'};"
        " print(late & set(sys.modules))"
    )

    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


def test_names_that_are_loaded_late_are_listed_like_the_others() -> None:
    assert set(DOOR) <= set(dir(tantalus_sessions))


def test_a_name_that_does_not_exist_is_refused_like_in_any_module() -> None:
    with pytest.raises(
        AttributeError, match=r"tantalus_sessions.* has no attribute 'Nothing'"
    ):
        _ = tantalus_sessions.Nothing
