"""Sessions that live in a signed cookie, as an interface for applications."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import lru_cache
from typing import Any, ClassVar, Literal, TypeAlias

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.sansio.response import Response
from werkzeug.wrappers import Request

from ._cookie import cookie_frame
from ._errors import SessionTooLarge, SessionUnavailable
from ._events import Reason, reason_of
from ._exchange import (
    add_set_cookie,
    cookie_value,
    delete_cookie,
    reads_plainly,
    set_cookie,
    vary_by_cookie,
)
from ._interface import SessionHost, SessionInterface
from ._session import SecureCookieSession, SessionMixin, contents
from ._signer import (
    Digest,
    SessionSigner,
    TextSerializer,
    as_keys,
)
from ._tagged_json import session_json_serializer

# Key, older keys, salt, key derivation, digest, serializer.
SignerSettings: TypeAlias = tuple[
    str | bytes, tuple[str | bytes, ...], str | bytes, str, Digest, TextSerializer
]


def _sha1(string: bytes = b"") -> Any:
    # Looked up when called: a FIPS build may have no SHA-1, and another digest set.
    return hashlib.sha1(string)


class SecureCookieSessionInterface(SessionInterface):
    """Keeps the session in a cookie that users can read but not change.

    Cookies are interchangeable with Flask's.

    Attributes:
        salt: Keeps these signatures apart from others made with the same key.
        digest_method: The hash of the HMAC, a constructor of `hashlib`.
        key_derivation: How the signing key is made of key and salt (itsdangerous).
        serializer: Turns the dict into text; its `register` adds types.
        session_class: What `open_session` makes of a dict, or of nothing.
        oversize: What is done with a session larger than `MAX_COOKIE_SIZE`. `"refuse"`
            raises while debugging, otherwise logs and leaves the old cookie in place;
            `"warn"` sends it with a warning, and browsers will mostly ignore it.
    """

    salt = "cookie-session"
    digest_method: Digest = staticmethod(_sha1)
    key_derivation = "hmac"
    serializer: TextSerializer = session_json_serializer
    session_class: type[SecureCookieSession] = SecureCookieSession
    oversize: Literal["refuse", "warn"] = "refuse"
    opens_lazily: ClassVar[bool] = True
    # One tuple, replaced at once, so that threads see both or neither.
    _latest: tuple[SignerSettings | None, SessionSigner | None] = (None, None)

    def get_signing_serializer(self, app: SessionHost) -> URLSafeTimedSerializer | None:
        """Return what signs and verifies for `app`; None if it has no secret key.

        The same object while the settings are the same; it is not to be changed.
        """
        secret_key = app.secret_key
        if not secret_key:
            return None
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        settings = (
            secret_key,
            as_keys(fallbacks) if fallbacks else (),
            self.salt,
            self.key_derivation,
            self.digest_method,
            self.serializer,
        )
        known, signer = self._latest
        if signer is None or known != settings:
            signer = _signer_for(settings)
            self._latest = settings, signer
        return signer

    def refresh_due(self, app: SessionHost, request: Request) -> bool:
        """Return whether an untouched session must be opened: it may be permanent."""
        if "HTTP_COOKIE" not in request.environ and reads_plainly(type(request)):  # type: ignore[arg-type] # a class has a hash
            return False  # of every request, so without a further call
        text = self._cookie_to_refresh(app, request)
        if text is None:
            return False
        signer = self.get_signing_serializer(app)
        if (
            type(signer) is not SessionSigner
            or signer.serializer is not session_json_serializer
        ):
            return True
        return signer.may_be_permanent(text)

    def open_session(
        self, app: SessionHost, request: Request
    ) -> SecureCookieSession | None:
        """Return the session of the cookie; an empty one if it is absent or not ours.

        Returns None if `app` has no secret key.
        """
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        text = cookie_value(request, self.get_cookie_name(app))
        session = self._read(app, signer, text) if text else self.session_class()
        if self.get_cookie_secure(app) == "auto":
            session.over_https = request.is_secure
        return session

    def save_session(
        self, app: SessionHost, session: SessionMixin, response: Response
    ) -> None:
        """Set, refresh, delete or leave the cookie, as the session was used.

        Raises:
            SessionTooLarge: It fits in no cookie and `app` is in debug mode.
        """
        accessed = session.accessed
        if accessed:
            vary_by_cookie(response)
        filled = bool(session)
        if self.should_set_cookie(app, session) if filled else session.modified:
            if filled:
                self._write(app, session, response)
            else:
                delete_cookie(response, self._attributes(app, session))
            if not accessed:
                vary_by_cookie(response)
        # What saving looks at is no access by the application.
        session.accessed = accessed

    def _read(
        self, app: SessionHost, signer: URLSafeTimedSerializer, text: str
    ) -> SecureCookieSession:
        try:
            max_age = _seconds_of(app.permanent_session_lifetime)
            payload = signer.loads(text, max_age=max_age)
        except BadData as error:
            self._reject(app, reason_of(error), len(text))
            return self.session_class()
        if isinstance(payload, dict):
            return self.session_class(payload)
        self._reject(app, Reason.MALFORMED, len(text))
        return self.session_class()

    def _write(
        self, app: SessionHost, session: SessionMixin, response: Response
    ) -> None:
        signer = self.get_signing_serializer(app)
        if signer is None:
            raise SessionUnavailable
        attributes = self._attributes(app, session)
        expires = self.get_expiration_time(app, session)
        value = signer.dumps(contents(session))
        header = cookie_frame(*attributes).render(value, expires)
        limit = app.config.get("MAX_COOKIE_SIZE", 4093)
        oversized = limit and len(header) > limit
        if oversized and self.oversize == "refuse":
            self._refuse(app, SessionTooLarge(attributes[0], len(header), limit))
            return
        # Werkzeug warns of a large cookie; others than our signer may need quoting.
        plain = type(signer) is SessionSigner and not oversized
        if not plain or not add_set_cookie(response, header):
            set_cookie(response, attributes, value, expires)

    def _refuse(self, app: SessionHost, error: SessionTooLarge) -> None:
        if app.debug:
            raise error
        self._reject(app, Reason.TOO_LARGE_TO_SAVE, error.size)


@lru_cache(maxsize=16)
def _seconds_of(lifetime: timedelta) -> int:
    return lifetime // timedelta(seconds=1)


def _signer_for(settings: SignerSettings) -> SessionSigner:
    try:
        return _remembered_signer(settings)
    except TypeError:  # a serializer need not be hashable
        return _make_signer(settings)


def _make_signer(settings: SignerSettings) -> SessionSigner:
    secret_key, fallbacks, salt, key_derivation, digest_method, serializer = settings
    return SessionSigner(
        secret_key,
        fallbacks=fallbacks,
        salt=salt,
        key_derivation=key_derivation,
        digest_method=digest_method,
        serializer=serializer,
    )


# Applications that share one interface, as classes do by default, take turns.
_remembered_signer = lru_cache(maxsize=64)(_make_signer)
