"""A dict that survives between requests: in a signed cookie, or in a store.

In layers, each of use without the next: `TaggedJSON` (values to text),
`SessionSigner` (signed text), `CookiePolicy` (the cookie around it), `Session` (the
dict), `CookieSessions` and `StoreSessions` (between two headers), `SessionMiddleware`
(any WSGI application), and the `SessionInterface` classes (an application object).
"""

from __future__ import annotations

from ._cookie import CookiePolicy
from ._errors import (
    CookiePolicyError,
    SessionError,
    SessionStoreError,
    SessionStoreFull,
    SessionTooLarge,
    SessionUnavailable,
)
from ._events import Reason, Rejection
from ._interface import SessionHost, SessionInterface
from ._middleware import SessionMiddleware
from ._secure_cookie import SecureCookieSessionInterface
from ._session import NullSession, SecureCookieSession, Session, SessionMixin
from ._sessions import CookieSessions, Sessions, StoreSessions
from ._signer import SessionSigner, TextSerializer
from ._store._keeper import StoreSession
from ._store._memory import MemoryStore
from ._store._record import SessionStore, StoredSession
from ._store._redis import RedisStore
from ._store._sqlite import SQLiteStore
from ._store_interface import StoreSessionInterface
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
    "CookiePolicy",
    "CookiePolicyError",
    "CookieSessions",
    "JSONTag",
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
    "Sessions",
    "StoreSession",
    "StoreSessionInterface",
    "StoreSessions",
    "StoredSession",
    "TagBytes",
    "TagDateTime",
    "TagDict",
    "TagMarkup",
    "TagTuple",
    "TagUUID",
    "TaggedJSON",
    "TaggedJSONSerializer",
    "TextSerializer",
    "session_json_serializer",
]
