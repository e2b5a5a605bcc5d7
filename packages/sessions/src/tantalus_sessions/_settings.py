"""What follows from the settings of an application, for sessions in a cookie.

It is found out once for each version of the settings: a number, if the application
counts their changes, and else the settings themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from itsdangerous import BadData

from ._cookie import CookieAttributes, CookieFrame, Secure
from ._events import Reason
from ._exact_json import exact_json_serializer
from ._refusals import reason_of
from ._signer import SessionSigner, as_keys
from ._tagged_json import (
    TaggedJSON,
    Value,
    session_json_serializer,
)

_SECOND = timedelta(seconds=1)
_OURS = (session_json_serializer, exact_json_serializer)


class Settings:
    """What follows from the settings as they are when this is made.

    Attributes:
        signer: Signs and verifies; None without a secret key.
        signs_plainly: What it writes needs no quoting in a cookie.
        may_be_permanent: Whether a text can hold a permanent session.
        max_age: Seconds that a session is valid after it was written.
        name: Of the cookie.
        secure: Whether the cookie is sent by https alone.
        follows_mount: The path of the cookie depends on the request.
        max_size: Bytes of a `Set-Cookie` value that browsers keep; 0 for any number.
        fallbacks: Older keys, if they are in a list that may be changed in place.
        cookies: The attributes of the cookie and the text around its value, by whether
            it is `Secure`, where the path does not depend on the request.
    """

    __slots__ = (
        "_dumps_with",
        "_keys",
        "cookies",
        "fallbacks",
        "follows_mount",
        "max_age",
        "max_size",
        "may_be_permanent",
        "name",
        "secure",
        "signer",
        "signs_plainly",
    )

    def __init__(
        self,
        *,
        fallbacks: Sequence[str | bytes] | None,
        signer: Any,
        lifetime: timedelta,
        name: str,
        secure: Secure,
        follows_mount: bool,
        max_size: int,
    ) -> None:
        keys = None if fallbacks is None else as_keys(fallbacks)
        self.fallbacks = None if fallbacks is keys else fallbacks
        self._keys = keys
        # Of whatever kind, it has `dumps`, and a `loads` that takes `max_age`.
        self.signer = signer
        self.signs_plainly = type(signer) is SessionSigner
        self.may_be_permanent: Callable[[str], bool] = _may_hold_anything
        self._dumps_with: Callable[..., str] | None = None
        if type(signer) is SessionSigner:
            serializer = signer.serializer
            if serializer in _OURS:
                self.may_be_permanent = signer.may_be_permanent
            if isinstance(serializer, TaggedJSON):
                self._dumps_with = serializer.dumps_with
        self.max_age = lifetime // _SECOND
        self.name = name
        self.secure = secure
        self.follows_mount = follows_mount
        self.max_size = max_size
        self.cookies: dict[bool, tuple[CookieAttributes, CookieFrame]] = {}

    def read(self, text: str) -> Value:
        """Return what was signed as `text`, or the `Reason` not to take it."""
        try:
            return self.signer.loads(text, max_age=self.max_age)
        except BadData as error:
            return reason_of(error)

    def write(self, value: Value, json: Any) -> str:
        """Return the signed text of `value`.

        Args:
            json: Its `dumps` writes what sessions and JSON do not know; may be None.

        Raises:
            SessionValueError: Something in it has no form in JSON.
        """
        if json is None or self._dumps_with is None:
            return self.signer.dumps(value)  # type: ignore[no-any-return] # text
        return self.signer.sign_text(  # type: ignore[no-any-return] # text
            self._dumps_with(value, json.dumps)
        )

    def reason_against(self, payload: Value) -> Reason:
        """Return why what `read` returned makes no session."""
        return payload if isinstance(payload, Reason) else Reason.MALFORMED

    def are_outdated(self) -> bool:
        """Tell whether the list of older keys was changed in place."""
        return self.fallbacks is not None and as_keys(self.fallbacks) != self._keys


def _may_hold_anything(text: str) -> bool:
    return True
