"""What follows from the settings of an application, for sessions in a cookie.

It is found out once for each version of the settings: a number, if the application
counts their changes, and else the settings themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData

from ._cookie import CookieAttributes, CookieFrame, Secure, cookie_frame
from ._events import Reason
from ._refusals import reason_of
from ._signer import SessionSigner, as_keys
from ._tagged_json import Value, session_json_serializer

if TYPE_CHECKING:  # an interface keeps its settings, and so imports this module
    from ._interface import SessionHost
    from ._secure_cookie import SecureCookieSessionInterface

_SECOND = timedelta(seconds=1)


class Settings:
    """What follows from the settings as they are when this is made.

    Attributes:
        signer: Signs and verifies; None without a secret key.
        signs_plainly: What it writes needs no quoting in a cookie.
        may_be_permanent: Whether a text can hold a permanent session.
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
        "may_be_permanent",
        "name",
        "secure",
        "signer",
        "signs_plainly",
    )

    def __init__(
        self, interface: SecureCookieSessionInterface, app: SessionHost
    ) -> None:
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        keys = None if fallbacks is None else as_keys(fallbacks)
        self.fallbacks = None if fallbacks is keys else fallbacks
        self._keys = keys
        signer = interface.get_signing_serializer(app)
        self.signs_plainly = type(signer) is SessionSigner
        self.may_be_permanent: Callable[[str], bool] = (
            signer.may_be_permanent
            if type(signer) is SessionSigner
            and signer.serializer is session_json_serializer
            else _may_hold_anything
        )
        # Of whatever kind, it has `dumps`, and a `loads` that takes `max_age`.
        self.signer: Any = signer
        self.max_age = app.permanent_session_lifetime // _SECOND
        self.name = interface.get_cookie_name(app)
        self.secure: Secure = interface.get_cookie_secure(app)
        self.max_size: int = app.config.get("MAX_COOKIE_SIZE", 4093) or 0
        self._cookies: dict[bool, tuple[CookieAttributes, CookieFrame]] = {}

    def read(self, text: str) -> Value:
        """Return what was signed as `text`, or the `Reason` not to take it."""
        try:
            return self.signer.loads(text, max_age=self.max_age)
        except BadData as error:
            return reason_of(error)

    def reason_against(self, payload: Value) -> Reason:
        """Return why what `read` returned makes no session."""
        return payload if isinstance(payload, Reason) else Reason.MALFORMED

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


def _may_hold_anything(text: str) -> bool:
    return True
