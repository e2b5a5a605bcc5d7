"""What follows from the settings of an application, for sessions in a cookie.

It is found out once for each version of the settings if the application counts them,
and else for each session that is opened or written.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from itsdangerous import URLSafeTimedSerializer

from ._cookie import CookieAttributes, CookieFrame, Secure, cookie_frame
from ._signer import as_keys

if TYPE_CHECKING:  # an interface keeps its settings, and so imports this module
    from ._interface import SessionHost
    from ._secure_cookie import SecureCookieSessionInterface

_SECOND = timedelta(seconds=1)


def version_of(app: SessionHost) -> int | None:
    """Return the version of the settings of `app`; None if it does not count them."""
    settings_version = getattr(app, "settings_version", None)
    return None if settings_version is None else settings_version()


class Settings:
    """What follows from the settings as they are when this is made.

    Attributes:
        signer: Signs and verifies; None without a secret key.
        max_age: Seconds that a session is valid after it was written.
        name: Of the cookie.
        secure: Whether the cookie is sent by https alone.
        max_size: Bytes of a `Set-Cookie` value that browsers keep; 0 for any number.
        fallbacks: Older keys, if they are in a list that may be changed in place.
    """

    __slots__ = (
        "_cookies",
        "_keys",
        "fallbacks",
        "max_age",
        "max_size",
        "name",
        "secure",
        "signer",
    )

    def __init__(
        self, interface: SecureCookieSessionInterface, app: SessionHost
    ) -> None:
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        keys = None if fallbacks is None else as_keys(fallbacks)
        self.fallbacks = None if fallbacks is keys else fallbacks
        self._keys = keys
        self.signer: URLSafeTimedSerializer | None = interface.get_signing_serializer(
            app
        )
        self.max_age = app.permanent_session_lifetime // _SECOND
        self.name = interface.get_cookie_name(app)
        self.secure: Secure = interface.get_cookie_secure(app)
        self.max_size: int = app.config.get("MAX_COOKIE_SIZE", 4093) or 0
        self._cookies: dict[bool, tuple[CookieAttributes, CookieFrame]] = {}

    def are_outdated(self) -> bool:
        """Tell whether the list of older keys was changed in place."""
        return self.fallbacks is not None and as_keys(self.fallbacks) != self._keys

    def cookie(
        self,
        interface: SecureCookieSessionInterface,
        app: SessionHost,
        over_https: bool,
    ) -> tuple[CookieAttributes, CookieFrame]:
        """Return the attributes of the cookie, and the text around its value."""
        secure = over_https if self.secure == "auto" else self.secure
        known = self._cookies.get(secure)
        if known is None:
            attributes = interface._attributes(app, secure)
            known = self._cookies[secure] = attributes, cookie_frame(*attributes)
        return known
