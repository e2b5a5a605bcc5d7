"""Sessions that live in a signed cookie, as an interface for applications."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, ClassVar, Literal, TypeAlias

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.sansio.response import Response
from werkzeug.wrappers import Request

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
from ._settings import Settings, version_of
from ._signer import (
    Digest,
    SessionSigner,
    TextSerializer,
    as_keys,
)
from ._tagged_json import session_json_serializer

# How many versions of settings are remembered: each app has one at a time.
_REMEMBERED = 64
_NONE_YET: dict[int | None, Settings] = {}
_ASKED = (
    "_attributes",
    "get_cookie_domain",
    "get_cookie_httponly",
    "get_cookie_name",
    "get_cookie_partitioned",
    "get_cookie_path",
    "get_cookie_samesite",
    "get_cookie_secure",
    "get_signing_serializer",
)
_SIGNING = ("digest_method", "key_derivation", "salt", "serializer")

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
    # Whether nothing but the settings decides on what `Settings` has.
    _settings_follow: bool = True
    # By version. When what they follow from changes there is a new dict: another thread
    # may be about to put something into the old one.
    _known: dict[int | None, Settings] = _NONE_YET

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls._settings_follow = _settings_follow(cls)

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        object.__setattr__(self, "_known", {})
        if name in _ASKED:
            object.__setattr__(self, "_settings_follow", False)

    def get_signing_serializer(self, app: SessionHost) -> URLSafeTimedSerializer | None:
        """Return what signs and verifies for `app`; None if it has no secret key.

        The same object while the settings are the same; it is not to be changed.
        """
        secret_key = app.secret_key
        if not secret_key:
            return None
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        return _signer_for(
            (
                secret_key,
                as_keys(fallbacks) if fallbacks else (),
                self.salt,
                self.key_derivation,
                self.digest_method,
                self.serializer,
            )
        )

    def refresh_due(self, app: SessionHost, request: Request) -> bool:
        """Return whether an untouched session must be opened: it may be permanent."""
        if "HTTP_COOKIE" not in request.environ and reads_plainly(type(request)):  # type: ignore[arg-type] # a class has a hash
            return False  # of every request, so without a further call
        if not app.config["SESSION_REFRESH_EACH_REQUEST"]:
            return False
        settings = self._settings(app)
        text, signer = cookie_value(request, settings.name), settings.signer
        if text is None:
            return False
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
        settings = self._settings(app)
        if settings.signer is None:
            return None
        text = cookie_value(request, settings.name)
        session = self._read(app, settings, text) if text else self.session_class()
        if settings.secure == "auto":
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
                settings = self._settings(app)
                attributes, _ = settings.cookie(self, app, _came_by_https(session))
                delete_cookie(response, attributes)
            if not accessed:
                vary_by_cookie(response)
        # What saving looks at is no access by the application.
        session.accessed = accessed

    def _settings(self, app: SessionHost) -> Settings:
        version, known = version_of(app), self._known
        settings = known.get(version)
        if settings is None or (
            settings.fallbacks is not None and settings.are_outdated()
        ):
            settings = self._read_settings(app, version)
        return settings

    def _read_settings(self, app: SessionHost, version: int | None) -> Settings:
        if self._known is _NONE_YET:
            object.__setattr__(self, "_known", {})
        known = self._known
        settings = Settings(self, app)
        if version is not None and self._settings_follow:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[version] = settings
        return settings

    def _read(
        self, app: SessionHost, settings: Settings, text: str
    ) -> SecureCookieSession:
        signer: Any = settings.signer
        try:
            payload = signer.loads(text, max_age=settings.max_age)
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
        settings = self._settings(app)
        signer, limit = settings.signer, settings.max_size
        if signer is None:
            raise SessionUnavailable
        attributes, frame = settings.cookie(self, app, _came_by_https(session))
        expires = self.get_expiration_time(app, session)
        value = signer.dumps(contents(session))
        header = frame.render(value, expires)
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


def _came_by_https(session: SessionMixin) -> bool:
    return getattr(session, "over_https", False)


def _settings_follow(cls: type[SecureCookieSessionInterface]) -> bool:
    """Tell whether nothing but the settings decides on what `Settings` has.

    A method of a subclass may look at the request, and has to be asked each time.
    """
    ours = SecureCookieSessionInterface
    return all(getattr(cls, name) is getattr(ours, name) for name in _ASKED) and not (
        any(isinstance(getattr(cls, name), property) for name in _SIGNING)
    )


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
