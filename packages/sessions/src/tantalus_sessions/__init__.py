"""A dict that survives between requests: in a signed cookie, or in a store."""

from __future__ import annotations

from ._errors import SessionStoreError
from ._interface import SessionInterface
from ._secure_cookie import SecureCookieSessionInterface
from ._session import NullSession, SecureCookieSession, SessionMixin
from ._tagged_json import (
    JSONTag,
    PassDict,
    PassList,
    TagBytes,
    TagDateTime,
    TagDict,
    TaggedJSON,
    TagMarkup,
    TagTuple,
    TagUUID,
    session_json_serializer,
)

TaggedJSONSerializer = TaggedJSON

__all__ = [
    "JSONTag",
    "NullSession",
    "PassDict",
    "PassList",
    "SecureCookieSession",
    "SecureCookieSessionInterface",
    "SessionInterface",
    "SessionMixin",
    "SessionStoreError",
    "TagBytes",
    "TagDateTime",
    "TagDict",
    "TagMarkup",
    "TagTuple",
    "TagUUID",
    "TaggedJSON",
    "TaggedJSONSerializer",
    "session_json_serializer",
]
