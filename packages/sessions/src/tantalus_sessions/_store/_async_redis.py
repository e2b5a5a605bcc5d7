"""Sessions in Redis, awaited by an event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from .._errors import SessionStoreError
from ._record import StoredSession
from ._redis_form import DELETE, WRITE, RedisForm, load_redis


class AsyncRedisClient(Protocol):
    """What is used of `redis.asyncio.Redis`."""

    def register_script(self, script: str, /) -> Callable[..., Any]:
        """Return a coroutine function of `keys` and `args` that runs `script`."""
        ...

    def hgetall(self, name: str, /) -> Any:
        """Return the fields of a hash, to be awaited."""
        ...

    def zrangebyscore(self, name: str, min: Any, max: Any) -> Any:
        """Return the members of a sorted set between two scores, to be awaited."""
        ...

    def aclose(self) -> Awaitable[None]:
        """Close the connections."""
        ...


class AsyncRedisStore(RedisForm):
    """Keeps sessions where a `RedisStore` does, and is awaited.

    Args:
        client: A `redis.asyncio.Redis`. Its connections belong to the event loop that
            first uses them; a store made by `from_url` has a client for each loop.
        namespace: Begins each key, for several programs in one database.
        clock: Returns seconds since 1970.

    Raises:
        SessionError: redis-py is not installed.
    """

    def __init__(
        self,
        client: AsyncRedisClient,
        *,
        namespace: str = "tantalus",
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(namespace, clock)
        # What redis-py says of connections of another event loop, or of a closed one.
        self._errors = (*self._errors, RuntimeError)
        self._client = client
        self._write = client.register_script(WRITE)
        self._delete = client.register_script(DELETE)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        namespace: str = "tantalus",
        timeout: float = 2.0,
        clock: Callable[[], float] = time.time,
    ) -> AsyncRedisStore:
        """Return a store in the server at `url`, `redis://host:port/database`.

        Args:
            timeout: Seconds that a connection and each answer may take.
        """
        load_redis()
        from redis import asyncio as redis  # noqa: PLC0415 - an optional dependency

        def connect() -> AsyncRedisClient:
            client: AsyncRedisClient = redis.Redis.from_url(
                url, socket_timeout=timeout, socket_connect_timeout=timeout
            )
            return client

        return cls(_ClientOfEachLoop(connect), namespace=namespace, clock=clock)

    async def read(self, id: str, /) -> StoredSession | None:
        """Return the session, or None if there is none or it has expired."""
        try:
            fields = await self._call(self._client.hgetall, self._session_key(id))
        except SessionStoreError as error:
            if not self._told_damage(id, error):
                raise
            return None
        return self._live(id, fields)

    async def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        """Keep `session` if the version kept under its id is `expected`."""
        to_write = self._to_write(session, expected)
        return bool(await self._call(self._write, **to_write))

    async def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        """Forget the session, if its version is `expected` or that is None."""
        to_delete = self._to_delete(id, expected)
        return bool(await self._call(self._delete, **to_delete))

    async def list_user(self, user: str, /) -> list[StoredSession]:
        """Return the sessions of `user` that have not expired, oldest first."""
        to_list = self._to_list(user)
        members = await self._call(self._client.zrangebyscore, **to_list)
        found = [await self.read(id) for id in self._ids(members)]
        return self._of_user(user, found)

    async def aclose(self) -> None:
        """Close the connections of this event loop; a later call opens new ones."""
        await self._client.aclose()

    async def __aenter__(self) -> AsyncRedisStore:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _call(
        self, function: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Any:
        try:
            return await function(*args, **kwargs)
        except self._errors as error:
            raise self._failure(error) from error


class _ClientOfEachLoop:
    """A client for each event loop that asks, as connections belong to one."""

    def __init__(self, connect: Callable[[], AsyncRedisClient]) -> None:
        self._connect = connect
        self._clients: WeakKeyDictionary[
            asyncio.AbstractEventLoop, AsyncRedisClient
        ] = WeakKeyDictionary()

    def register_script(self, script: str, /) -> Callable[..., Any]:
        """Return a coroutine function of `keys` and `args` that runs `script`."""

        def run(**arguments: Any) -> Any:
            return self._client().register_script(script)(**arguments)

        return run

    def hgetall(self, name: str, /) -> Any:
        """Return the fields of a hash, to be awaited."""
        return self._client().hgetall(name)

    def zrangebyscore(self, name: str, min: Any, max: Any) -> Any:
        """Return the members of a sorted set between two scores, to be awaited."""
        return self._client().zrangebyscore(name, min=min, max=max)

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _client(self) -> AsyncRedisClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = self._connect()
        return client
