"""Sessions in Redis, shared by the machines that reach it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from .._errors import SessionStoreError
from ._record import StoredSession
from ._redis_form import DELETE, WRITE, RedisForm, load_redis


class RedisClient(Protocol):
    """What is used of `redis.Redis`."""

    def register_script(self, script: str, /) -> Callable[..., Any]:
        """Return a callable of `keys` and `args` that runs `script` in the server."""
        ...

    def hgetall(self, name: str, /) -> Any:
        """Return the fields of a hash."""
        ...

    def zrangebyscore(self, name: str, min: Any, max: Any) -> Any:
        """Return the members of a sorted set between two scores."""
        ...


class RedisStore(RedisForm):
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
        super().__init__(namespace, clock)
        self._client = client
        self._write = client.register_script(WRITE)
        self._delete = client.register_script(DELETE)

    @classmethod
    def from_url(
        cls, url: str, *, namespace: str = "tantalus", timeout: float = 2.0
    ) -> RedisStore:
        """Return a store in the server at `url`, `redis://host:port/database`.

        Args:
            timeout: Seconds that a connection and each answer may take.
        """
        client = load_redis().Redis.from_url(
            url, socket_timeout=timeout, socket_connect_timeout=timeout
        )
        return cls(client, namespace=namespace)

    def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        try:
            fields = self._call(self._client.hgetall, self._session_key(id))
        except SessionStoreError as error:
            if not self._told_damage(id, error):
                raise
            return None
        return self._live(id, fields)

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`."""
        return bool(self._call(self._write, **self._to_write(session, expected)))

    def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        return bool(self._call(self._delete, **self._to_delete(id, expected)))

    def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        members = self._call(self._client.zrangebyscore, **self._to_list(user))
        return self._of_user(user, map(self.read, self._ids(members)))

    def _call(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except self._errors as error:
            raise self._failure(error) from error
