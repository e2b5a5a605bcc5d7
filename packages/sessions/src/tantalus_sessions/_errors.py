"""What can go wrong with a session, as classes to catch."""

from __future__ import annotations

import copyreg

from werkzeug.exceptions import ServiceUnavailable


class SessionError(Exception):
    """Base of the errors of this package."""

    def __reduce__(self) -> tuple[object, ...]:
        # By its text and attributes, so that it passes from a process to another:
        # exceptions are otherwise made anew by calling the class with the text.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined] # what `object.__reduce_ex__(2)` returns


class SessionUnavailable(SessionError, RuntimeError):
    """The session cannot be changed, because nothing could sign it."""

    def __init__(self) -> None:
        # Extensions match on "session is unavailable because no secret key was set".
        super().__init__(
            "The session is unavailable because no secret key was set. Set"
            " 'secret_key' on the application to a long random value, such as the"
            " command 'tantalus secret' prints."
        )


class CookiePolicyError(SessionError, ValueError):
    """A cookie with these attributes would be dropped by every browser."""

    def __init__(self, name: str, problem: str, cure: str) -> None:
        self.name = name
        super().__init__(f"Cookie {name!r}: {problem}. {cure}.")


class SessionTooLarge(SessionError, ValueError):
    """The session does not fit into a cookie.

    Attributes:
        size: Bytes the whole `Set-Cookie` value would have.
        limit: Bytes it may have.
    """

    def __init__(self, name: str, size: int, limit: int) -> None:
        self.name = name
        self.size = size
        self.limit = limit
        super().__init__(
            f"Session cookie {name!r} would have {size} bytes, but browsers keep at"
            f" most {limit}. Keep less in the session, or use a StoreSessionInterface."
        )


class SessionValueError(SessionError, ValueError, TypeError):
    """Something in the session has no form that could be kept.

    Attributes:
        place: Where it is, such as `['cart'][0]`; empty for the session itself.
    """

    def __init__(self, place: str, problem: str, cure: str) -> None:
        self.place = place
        super().__init__(f"session{place}: {problem}. {cure}.")


class SessionStoreError(SessionError, ServiceUnavailable):
    """The store that keeps the sessions failed; over HTTP this is a 503.

    Attributes:
        problem: What the store could not do, for the log. The client sees only
            `description`.
    """

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__("The session store does not answer. Please try again later.")

    def __str__(self) -> str:
        return f"Session store: {self.problem}."


class SessionStoreFull(SessionStoreError):
    """The store keeps as many sessions as it may and takes no new one."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            f"full with {limit} live sessions; raise its limit or shorten lifetimes"
        )
