"""How sessions lie in Redis, and what is asked of it: the same for both clients."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from .._errors import SessionError, SessionStoreError
from .._events import log_damage
from ._record import StoredSession, restored, user_name

# A session is a hash; it is compared and written, or deleted, inside the server, so
# that nothing comes between. A user's ids are a sorted set by time of expiry.
WRITE = """
local kept = redis.call('HGET', KEYS[1], 'version')
if (kept or '') ~= ARGV[1] then return 0 end
local old_user = redis.call('HGET', KEYS[1], 'user')
if old_user and old_user ~= '' and old_user ~= KEYS[2] then
    redis.call('ZREM', old_user, ARGV[2])
end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'payload', ARGV[4], 'user', KEYS[2],
    'name', ARGV[5], 'created_at', ARGV[6], 'expires_at', ARGV[7])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
if KEYS[2] ~= '' then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[9])
    redis.call('ZADD', KEYS[2], ARGV[7], ARGV[2])
    if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[8]) then
        redis.call('PEXPIRE', KEYS[2], ARGV[8])
    end
end
return 1
"""
DELETE = """
local kept = redis.call('HMGET', KEYS[1], 'version', 'user')
if not kept[1] or (ARGV[1] ~= '' and ARGV[1] ~= kept[1]) then return 0 end
redis.call('DEL', KEYS[1])
if kept[2] and kept[2] ~= '' then redis.call('ZREM', kept[2], ARGV[2]) end
return 1
"""


class RedisForm:
    """The keys and arguments of a store in Redis, and what its answers mean.

    Args:
        namespace: Begins each key, for several programs in one database.
        clock: Returns seconds since 1970.

    Raises:
        SessionError: redis-py is not installed.
    """

    def __init__(self, namespace: str, clock: Callable[[], float]) -> None:
        self._namespace = namespace
        self._clock = clock
        self._errors: tuple[type[Exception], ...] = (
            load_redis().RedisError,
            UnicodeError,
        )

    # The part behind the namespace has a fixed form, so no two namespaces, users or
    # sessions can share a key.

    def _session_key(self, id: str) -> str:
        return f"{self._namespace}:session:{_digest(id)}"

    def _user_key(self, user: str) -> str:
        return f"{self._namespace}:user:{_digest(user)}"

    def _to_write(self, session: StoredSession, expected: int | None) -> dict[str, Any]:
        """Return the keys and arguments of the script `WRITE`."""
        now = self._clock()
        user = session.user
        return {
            "keys": [
                self._session_key(session.id),
                "" if user is None else self._user_key(user),
            ],
            "args": [
                "" if expected is None else expected,
                session.id,
                session.version,
                session.payload,
                "" if user is None else f"={user}",
                repr(session.created_at),
                repr(session.expires_at),
                max(1, int((session.expires_at - now) * 1000)),
                repr(now),
            ],
        }

    def _to_delete(self, id: str, expected: int | None) -> dict[str, Any]:
        """Return the keys and arguments of the script `DELETE`."""
        version = "" if expected is None else expected
        return {"keys": [self._session_key(id)], "args": [version, id]}

    def _to_list(self, user: str) -> dict[str, Any]:
        """Return the arguments of `zrangebyscore` that give the ids of a user."""
        return {
            "name": self._user_key(user_name(user)),
            "min": repr(self._clock()),
            "max": "+inf",
        }

    def _ids(self, members: Iterable[bytes | str]) -> list[str]:
        # What is no text is no id of ours.
        return list(filter(None, map(_text_or_none, members)))

    def _of_user(
        self, user: str, found: Iterable[StoredSession | None]
    ) -> list[StoredSession]:
        # A session may have ended, or changed hands, since the set was read.
        name = user_name(user)
        sessions = (session for session in found if session and session.user == name)
        return sorted(sessions, key=lambda session: session.created_at)

    def _failure(self, error: Exception) -> SessionStoreError:
        return SessionStoreError(f"Redis: {error}")

    def _told_damage(self, id: str, error: SessionStoreError) -> bool:
        """Log that there is something else than a session; False if Redis failed."""
        if not _is_damage(error.__cause__):
            return False
        log_damage(id, error.problem)
        return True

    def _live(self, id: str, fields: dict[Any, Any]) -> StoredSession | None:
        """Return the session of a hash; None if there is none or it has expired."""
        session = self._parse(id, fields) if fields else None
        if session is None or session.expires_at <= self._clock():
            return None
        return session

    def _parse(self, id: str, fields: dict[Any, Any]) -> StoredSession | None:
        try:
            texts = {_text(key): _text(value) for key, value in fields.items()}
            return restored(
                id,
                int(texts["version"]),
                texts["payload"],
                # "=" before the name tells the user "" from none.
                texts["name"][1:] if texts["name"] else None,
                float(texts["created_at"]),
                float(texts["expires_at"]),
            )
        except (KeyError, ValueError):
            log_damage(id, f"the Redis key {self._session_key(id)!r} holds no session")
            return None


def load_redis() -> Any:
    """Return redis-py.

    Raises:
        SessionError: It is not installed.
    """
    try:
        import redis  # noqa: PLC0415 an optional dependency
    except ImportError as error:
        raise SessionError(
            "RedisStore needs redis-py. Install it with"
            " `pip install tantalus-sessions[redis]`."
        ) from error
    return redis


def _is_damage(error: BaseException | None) -> bool:
    """Tell whether Redis works, and has something else than a session for us."""
    return isinstance(error, UnicodeDecodeError) or str(error).startswith("WRONGTYPE")


def _digest(text: str) -> str:
    # Half of a surrogate pair has no UTF-8, but may be asked for.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw


def _text_or_none(raw: bytes | str) -> str | None:
    try:
        return _text(raw)
    except UnicodeDecodeError:
        return None
