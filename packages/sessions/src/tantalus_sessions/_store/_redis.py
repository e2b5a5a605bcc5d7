"""Sessions in Redis, shared by the machines that reach it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .._errors import SessionError, SessionStoreError
from .._events import log_damage
from ._record import StoredSession, restored, user_name

# A session is a hash; it is compared and written, or deleted, inside the server, so
# that nothing comes between. A user's ids are a sorted set by time of expiry.
_WRITE = """
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
_DELETE = """
local kept = redis.call('HMGET', KEYS[1], 'version', 'user')
if not kept[1] or (ARGV[1] ~= '' and ARGV[1] ~= kept[1]) then return 0 end
redis.call('DEL', KEYS[1])
if kept[2] and kept[2] ~= '' then redis.call('ZREM', kept[2], ARGV[2]) end
return 1
"""


class RedisClient(Protocol):
    """What is used of `redis.Redis`."""

    def register_script(self, script: str, /) -> Callable[..., Any]:
        """Return a callable of `keys` and `args` that runs `script` in the server."""
        ...

    def hgetall(self, name: str, /) -> Any:
        """Return the fields of a hash."""
        ...

    def zrangebyscore(self, name: str, /, min: Any, max: Any) -> Any:
        """Return the members of a sorted set between two scores."""
        ...


class RedisStore:
    """Keeps sessions in one Redis server; expiry is Redis' own.

    How long a call may block and what survives a crash are settings of the client
    (`socket_timeout`) and of the server (`appendonly`, `appendfsync`, and a
    `maxmemory-policy` of `noeviction`, so that memory pressure logs nobody out).

    Args:
        client: A `redis.Redis`, shared freely between threads.
        namespace: Begins each key, for several programs in one database.
        clock: Returns seconds since 1970.

    Raises:
        SessionError: redis-py is not installed.
    """

    def __init__(
        self,
        client: RedisClient,
        *,
        namespace: str = "tantalus",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._clock = clock
        self._error = _redis().RedisError
        self._write = client.register_script(_WRITE)
        self._delete = client.register_script(_DELETE)

    @classmethod
    def from_url(
        cls, url: str, *, namespace: str = "tantalus", timeout: float = 2.0
    ) -> RedisStore:
        """Return a store in the server at `url`, `redis://host:port/database`.

        Args:
            timeout: Seconds that a connection and each answer may take.
        """
        client = _redis().Redis.from_url(
            url, socket_timeout=timeout, socket_connect_timeout=timeout
        )
        return cls(client, namespace=namespace)

    def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        try:
            fields = self._call(self._client.hgetall, self._session_key(id))
        except SessionStoreError as error:
            if not _is_damage(error.__cause__):
                raise
            log_damage(id, error.problem)
            return None
        session = self._parse(id, fields) if fields else None
        if session is None or session.expires_at <= self._clock():
            return None
        return session

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`."""
        now = self._clock()
        milliseconds = max(1, int((session.expires_at - now) * 1000))
        user = session.user
        return self._run(
            self._write,
            [
                self._session_key(session.id),
                "" if user is None else self._user_key(user),
            ],
            [
                "" if expected is None else expected,
                session.id,
                session.version,
                session.payload,
                "" if user is None else f"={user}",
                repr(session.created_at),
                repr(session.expires_at),
                milliseconds,
                repr(now),
            ],
        )

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        version = "" if expected is None else expected
        return self._run(self._delete, [self._session_key(id)], [version, id])

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        name = user_name(user)
        members = self._call(
            self._client.zrangebyscore,
            self._user_key(name),
            min=repr(self._clock()),
            max="+inf",
        )
        # What is no text is no id of ours.
        ids = filter(None, map(_text_or_none, members))
        # A session may have ended, or changed hands, since the set was read.
        return sorted(
            (
                session
                for session in map(self.read, ids)
                if session and session.user == name
            ),
            key=lambda session: session.created_at,
        )

    # The part behind the namespace has a fixed form, so no two namespaces, users or
    # sessions can share a key.

    def _session_key(self, id: str) -> str:
        return f"{self._namespace}:session:{_digest(id)}"

    def _user_key(self, user: str) -> str:
        return f"{self._namespace}:user:{_digest(user)}"

    def _run(
        self, script: Callable[..., Any], keys: Sequence[str], args: Sequence[object]
    ) -> bool:
        return bool(self._call(script, keys=keys, args=args))

    def _call(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (self._error, UnicodeError) as error:
            raise SessionStoreError(f"Redis: {error}") from error

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


def _redis() -> Any:
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
