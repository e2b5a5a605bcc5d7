"""What stands in for a session while its store fails."""

from __future__ import annotations

from typing import Any, NoReturn

from ._errors import SessionStoreError
from ._session import LostSession


class UnopenedSession(LostSession):
    """A session that the store could not give, which not every request needs.

    Who first looks at it, or changes it, gets the error of the store; what answers
    nevertheless, such as an error page, then finds a `LostSession`.

    Attributes:
        error: That of the store.
        needed: Somebody has looked at it, or has tried to change it.
    """

    def __init__(self, error: SessionStoreError) -> None:
        super().__init__()
        self.error = error
        self.needed = False

    def broke(self, status: str | int) -> bool:
        """Tell whether an answer is that of an application which broke without it.

        One that expects the error answers something else, and means it.
        """
        return self.needed and str(status).startswith("500")

    @property
    def accessed(self) -> bool:
        """Whether somebody looked; the first to do so gets the error."""
        return self.needed

    @accessed.setter
    def accessed(self, value: bool) -> None:
        if not self.needed:
            self._fail()

    @property
    def user(self) -> str | None:
        """Nobody's, as far as is known."""
        self.accessed = True
        return None

    @user.setter
    def user(self, user: str | None) -> None:
        self._fail()

    @property
    def id(self) -> str | None:
        """None, as far as is known."""
        self.accessed = True
        return None

    def _fail(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.needed = True
        # Each with a traceback of its own.
        raise SessionStoreError(self.error.problem)

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = _fail
    update = setdefault = renew = _fail
