"""Ending sessions from the server, and finding those of a user."""

from __future__ import annotations

from ._record import AsyncSessionStore, SessionStore, StoredSession, user_name


class Revoking:
    """What can be done with the sessions of a store besides opening and saving."""

    store: SessionStore

    def revoke(self, id: str) -> bool:
        """End the session of this id at once; return whether there was one."""
        return self.store.delete(id)

    def revoke_user(self, user: str, *, keep: str | None = None) -> int:
        """End the sessions of `user`, but not the id `keep`; return how many.

        Raises:
            TypeError: `user` is no text.
        """
        sessions = self.list_user(user)
        return sum(self.revoke(found.id) for found in sessions if found.id != keep)

    def list_user(self, user: str) -> list[StoredSession]:
        """Return the live sessions of `user`, oldest first.

        Raises:
            TypeError: `user` is no text.
        """
        return self.store.list_user(user_name(user))


class AsyncRevoking:
    """The same with a store that is awaited."""

    store: AsyncSessionStore

    async def revoke(self, id: str) -> bool:
        """End the session of this id at once; return whether there was one."""
        return await self.store.delete(id)

    async def revoke_user(self, user: str, *, keep: str | None = None) -> int:
        """End the sessions of `user`, but not the id `keep`; return how many.

        Raises:
            TypeError: `user` is no text.
        """
        sessions = await self.list_user(user)
        return sum(
            [await self.revoke(found.id) for found in sessions if found.id != keep]
        )

    async def list_user(self, user: str) -> list[StoredSession]:
        """Return the live sessions of `user`, oldest first.

        Raises:
            TypeError: `user` is no text.
        """
        return await self.store.list_user(user_name(user))
