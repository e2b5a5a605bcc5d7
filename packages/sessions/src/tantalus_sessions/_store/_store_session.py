"""A session in a store, as applications see it, and what became of saving one."""

from __future__ import annotations

from enum import Enum, auto

from .._session import Session
from ._record import StoredSession, user_name


class StoreSession(Session):
    """A session that lives in a store.

    Attributes:
        token: What the cookie holds; None until the session is saved.
        stored: What the store held when the session was opened, or holds since it was
            saved; None if there was nothing.
        renewed: The next save moves it to a new id.
        cleared: The next save ends what was stored, whatever others wrote to it.
    """

    token: str | None = None
    stored: StoredSession | None = None
    renewed: bool = False
    cleared: bool = False
    _user: str | None = None

    @property
    def id(self) -> str | None:
        """The id to revoke it by; None until it is saved. It is no secret."""
        return None if self.stored is None else self.stored.id

    @property
    def user(self) -> str | None:
        """Whose session it is, for `list_user` and `revoke_user`; set it at login.

        Raises:
            TypeError: It is set to something else than text or None.
        """
        self.accessed = True
        return self._user

    @user.setter
    def user(self, user: str | None) -> None:
        self._user = None if user is None else user_name(user)
        self.accessed = self.modified = True

    def renew(self) -> None:
        """Move to a new id when saved; the old one is worth nothing from then on."""
        super().renew()
        self.renewed = True

    def clear(self) -> None:
        """Empty it and end what was stored; what is set afterwards gets a new id."""
        super().clear()
        self._user = None
        self.cleared = self.renewed = True


class Outcome(Enum):
    """What a save did, as far as the cookie is concerned."""

    NOTHING = auto()
    SAVED = auto()
    SAVED_UNDER_NEW_ID = auto()
    ENDED = auto()
    ENDED_MEANWHILE = auto()


def new_session() -> StoreSession:
    """Return an empty session that no store knows."""
    session = StoreSession()
    session.new = True
    return session
