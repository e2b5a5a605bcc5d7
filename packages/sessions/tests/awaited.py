"""A store that is awaited, made of one that is not."""

from __future__ import annotations

import asyncio
import threading

from tantalus_sessions import MemoryStore, StoredSession


class AwaitedStore:
    """Lets others run before it answers, and tells in which threads it is called."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.threads: list[int] = []

    async def read(self, id: str, /) -> StoredSession | None:
        await self._wait()
        return self.store.read(id)

    async def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        await self._wait()
        return self.store.write(session, expected=expected)

    async def delete(self, id: str, /, *, expected: int | None = None) -> bool:
        await self._wait()
        return self.store.delete(id, expected=expected)

    async def list_user(self, user: str, /) -> list[StoredSession]:
        await self._wait()
        return self.store.list_user(user)

    async def _wait(self) -> None:
        self.threads.append(threading.get_ident())
        await asyncio.sleep(0)


class TellingStore(MemoryStore):
    """Tells in which threads it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []

    def read(self, id: str, /) -> StoredSession | None:
        self.threads.append(threading.get_ident())
        return super().read(id)

    def write(self, session: StoredSession, /, *, expected: int | None) -> bool:
        self.threads.append(threading.get_ident())
        return super().write(session, expected=expected)
