"""The attributes of a session cookie where no application's settings say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ._cookie import CookieFrame, Secure, check_cookie, cookie_frame


@dataclass(frozen=True, slots=True, kw_only=True)
class CookiePolicy:
    """The attributes of a session cookie, checked when it is made.

    Attributes:
        secure: `"auto"` means whenever the request came by https.
        max_size: Bytes of the whole `Set-Cookie` value that browsers keep.

    Raises:
        CookiePolicyError: Browsers would drop this cookie (RFC 6265bis §4.1.3, §5.7).
    """

    name: str = "session"
    domain: str | None = None
    path: str = "/"
    secure: Secure = "auto"
    httponly: bool = True
    samesite: Literal["Lax", "Strict", "None"] | None = "Lax"
    partitioned: bool = False
    max_size: int = 4093

    def __post_init__(self) -> None:
        check_cookie(
            self.name,
            self.domain,
            self.path,
            self.secure,
            self.samesite,
            self.partitioned,
        )

    def set_cookie(
        self, value: str, *, expires: datetime | None = None, over_https: bool = False
    ) -> str:
        """Return the `Set-Cookie` value that stores `value`, which is URL-safe."""
        return self._frame(over_https).render(value, expires)

    def delete_cookie(self, *, over_https: bool = False) -> str:
        """Return the `Set-Cookie` value that deletes the cookie."""
        return self._frame(over_https).render_deletion()

    def _frame(self, over_https: bool) -> CookieFrame:
        return cookie_frame(
            self.name,
            self.domain,
            self.path,
            over_https if self.secure == "auto" else self.secure,
            self.httponly,
            self.samesite,
            self.partitioned,
        )
