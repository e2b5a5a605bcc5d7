"""A dict that survives between requests: in a signed cookie, or in a store.

In layers, each of use without the next: `TaggedJSON` (values to text),
`SessionSigner` (signed text), `CookiePolicy` (the cookie around it), `Session` (the
dict), `CookieSessions` and `StoreSessions` (between two headers), `SessionMiddleware`
and `ASGISessionMiddleware` (any WSGI or ASGI application), and the `SessionInterface`
classes (an application object).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._errors import (
    CookiePolicyError,
    SessionError,
    SessionStoreError,
    SessionStoreFull,
    SessionTooLarge,
    SessionUnavailable,
    SessionValueError,
)
from ._exact_cookie import ExactCookieSessionInterface
from ._interface import DEFAULT_CONFIG, SessionHost, SessionInterface
from ._secure_cookie import SecureCookieSessionInterface
from ._session import (
    LostSession,
    NullSession,
    SecureCookieSession,
    Session,
    SessionMixin,
)

if TYPE_CHECKING:  # loaded when they are first used: a program may need none of them
    from ._asgi_middleware import ASGISessionMiddleware
    from ._events import Reason, Rejection
    from ._exact_json import ExactJSON, TagExactDateTime, exact_json_serializer
    from ._middleware import SessionMiddleware
    from ._policy import CookiePolicy
    from ._sessions import AsyncSessions, CookieSessions, Sessions
    from ._signer import SessionSigner, TextSerializer
    from ._store._async_redis import AsyncRedisStore
    from ._store._memory import MemoryStore
    from ._store._record import AsyncSessionStore, SessionStore, StoredSession
    from ._store._redis import RedisStore
    from ._store._sqlite import SQLiteStore
    from ._store._store_session import StoreSession
    from ._store_interface import StoreSessionInterface
    from ._store_sessions import AsyncStoreSessions, StoreSessions
    from ._tagged_json import (
        JSONTag,
        PassDict,
        PassList,
        TagBytes,
        TagDateTime,
        TagDict,
        TaggedJSON,
        TaggedJSONSerializer,
        TagMarkup,
        TagTuple,
        TagUUID,
        session_json_serializer,
    )

__all__ = [
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

# Where each name comes from that is loaded when it is first used.
_LATER = {
    "ASGISessionMiddleware": "_asgi_middleware",
    "AsyncRedisStore": "_store._async_redis",
    "AsyncSessionStore": "_store._record",
    "AsyncSessions": "_sessions",
    "AsyncStoreSessions": "_store_sessions",
    "CookiePolicy": "_policy",
    "CookieSessions": "_sessions",
    "ExactJSON": "_exact_json",
    "JSONTag": "_tagged_json",
    "MemoryStore": "_store._memory",
    "PassDict": "_tagged_json",
    "PassList": "_tagged_json",
    "Reason": "_events",
    "RedisStore": "_store._redis",
    "Rejection": "_events",
    "SQLiteStore": "_store._sqlite",
    "SessionMiddleware": "_middleware",
    "SessionSigner": "_signer",
    "SessionStore": "_store._record",
    "Sessions": "_sessions",
    "StoreSession": "_store._store_session",
    "StoreSessionInterface": "_store_interface",
    "StoreSessions": "_store_sessions",
    "StoredSession": "_store._record",
    "TagBytes": "_tagged_json",
    "TagDateTime": "_tagged_json",
    "TagDict": "_tagged_json",
    "TagExactDateTime": "_exact_json",
    "TagMarkup": "_tagged_json",
    "TagTuple": "_tagged_json",
    "TagUUID": "_tagged_json",
    "TaggedJSON": "_tagged_json",
    "TaggedJSONSerializer": "_tagged_json",
    "TextSerializer": "_signer",
    "exact_json_serializer": "_exact_json",
    "session_json_serializer": "_tagged_json",
}


def __getattr__(name: str) -> object:
    """Import one of the names in `_LATER` when it is first used (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
