"""Sessions that live in a signed cookie, as an interface for applications."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from werkzeug.sansio.response import Response
from werkzeug.wrappers import Request

from ._binding import salts
from ._cookie import CookieAttributes, CookieFrame, cookie_frame
from ._errors import SessionTooLarge, SessionUnavailable
from ._exchange import (
    add_set_cookie,
    cookie_value,
    delete_cookie,
    is_public,
    other_cookie_values,
    reads_plainly,
    set_cookie,
    vary_by_cookie,
)
from ._interface import SessionHost, SessionInterface
from ._session import SecureCookieSession, SessionMixin, contents
from ._shared_serializer import SharedSerializer
from ._version import compress_from, version_of

if TYPE_CHECKING:  # loaded with the first signer
    from itsdangerous import URLSafeTimedSerializer

    from ._settings import Settings
    from ._signer import Digest, SessionSigner, TextSerializer

# How many versions of settings are remembered: each app has one at a time.
_REMEMBERED = 64
_NONE_YET: dict[Hashable, Settings] = {}
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


def _sha1(string: bytes = b"") -> Any:
    # Looked up when called: a FIPS build may have no SHA-1, and another digest set.
    return hashlib.sha1(string)


# Measured: with itsdangerous, what signs takes about as long to load as all the rest of
# this package, and a program without sessions has no use for it. Each is remembered: an
# import takes microseconds even if there is nothing left to load.


@cache
def _load_signers() -> Callable[..., SessionSigner]:
    from ._signer import signer_for  # noqa: PLC0415 - see above

    return signer_for


@cache
def _load_settings() -> type[Settings]:
    from ._settings import Settings  # noqa: PLC0415 - see above

    return Settings


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
    serializer: TextSerializer = SharedSerializer(
        "._tagged_json", "session_json_serializer"
    )  # type: ignore[assignment] # gives it when read
    session_class: type[SecureCookieSession] = SecureCookieSession
    oversize: Literal["refuse", "warn"] = "refuse"
    opens_lazily: ClassVar[bool] = True
    blocks: ClassVar[bool] = False
    # Whether nothing but the settings decides on what `Settings` has.
    _settings_follow: bool = True
    # By version. When what they follow from changes there is a new dict: another thread
    # may be about to put something into the old one.
    _known: dict[Hashable, Settings] = _NONE_YET

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
        signer_for = _load_signers()
        salt, older_salts = salts(app, self.salt, self.get_cookie_name(app))
        return signer_for(
            secret_key,
            app.config["SECRET_KEY_FALLBACKS"],
            salt,
            older_salts,
            self.key_derivation,
            self.digest_method,
            self.serializer,
            compress_from(app),
        )

    def refresh_due(self, app: SessionHost, request: Request) -> bool:
        """Return whether an untouched session must be opened: it may be permanent."""
        if "HTTP_COOKIE" not in request.environ and reads_plainly(type(request)):  # type: ignore[arg-type] # a class has a hash
            return False  # of every request, so without a further call
        if not app.config["SESSION_REFRESH_EACH_REQUEST"]:
            return False
        settings = self._settings(app)
        text = cookie_value(request, settings.name)
        return text is not None and settings.may_be_permanent(text)

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
        if not text:
            session = self.session_class()
        elif isinstance(payload := settings.read(text), dict):
            session = self.session_class(payload)
        else:
            session = self._open_another(app, request, settings, payload, text)
        if settings.secure == "auto":
            session.over_https = request.is_secure
        if settings.follows_mount and request.environ.get("SCRIPT_NAME"):
            session.mount = self._mount(app, request)
            session.alone = self._is_alone(request, settings)
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
        due = self.should_set_cookie(app, session) if filled else session.modified
        # A life is not extended where a cache might hand the cookie to others.
        if due and (session.modified or not is_public(response)):
            if filled:
                self._write(app, session, response)
            else:
                self._delete(app, session, response)
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

    def _read_settings(self, app: SessionHost, version: Hashable) -> Settings:
        if self._known is _NONE_YET:
            object.__setattr__(self, "_known", {})
        known = self._known
        make_settings = _load_settings()
        settings = make_settings(
            fallbacks=app.config["SECRET_KEY_FALLBACKS"],
            signer=self.get_signing_serializer(app),
            lifetime=app.permanent_session_lifetime,
            name=self.get_cookie_name(app),
            secure=self._secure(app),
            follows_mount=self._follows_mount(app),
            max_size=app.config.get("MAX_COOKIE_SIZE", 4093) or 0,
        )
        if version is not None and self._settings_follow:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[version] = settings
        return settings

    def _write(
        self, app: SessionHost, session: SessionMixin, response: Response
    ) -> None:
        settings = self._settings(app)
        limit = settings.max_size
        if settings.signer is None:
            raise SessionUnavailable
        attributes, frame = self._cookie(app, settings, session)
        expires = self.get_expiration_time(app, session)
        value = settings.write(contents(session), getattr(app, "json", None))
        header = frame.render(value, expires)
        oversized = limit and len(header) > limit
        if oversized and self.oversize == "refuse":
            self._refuse(app, SessionTooLarge(attributes[0], len(header), limit))
            return
        # Werkzeug warns of a large cookie; others than our signer may need quoting.
        plain = settings.signs_plainly and not oversized
        if not plain or not add_set_cookie(response, header):
            set_cookie(response, attributes, value, expires)

    def _delete(
        self, app: SessionHost, session: SessionMixin, response: Response
    ) -> None:
        settings = self._settings(app)
        attributes, _ = self._cookie(app, settings, session)
        delete_cookie(response, attributes)
        if getattr(session, "mount", "") and getattr(session, "alone", False):
            # The session may also be in a cookie of before it followed the mount.
            plain, _ = self._plain_cookie(app, settings, attributes[3])
            delete_cookie(response, plain)

    def _cookie(
        self, app: SessionHost, settings: Settings, session: SessionMixin
    ) -> tuple[CookieAttributes, CookieFrame]:
        """Return the attributes of the cookie, and the text around its value."""
        secure = settings.secure
        if secure == "auto":
            secure = getattr(session, "over_https", False)
        mount = getattr(session, "mount", "")
        if not mount:
            return self._plain_cookie(app, settings, secure)
        attributes = self._attributes(app, secure, mount)
        return attributes, cookie_frame(*attributes)

    def _plain_cookie(
        self, app: SessionHost, settings: Settings, secure: bool
    ) -> tuple[CookieAttributes, CookieFrame]:
        known = settings.cookies.get(secure)
        if known is None:
            attributes = self._attributes(app, secure, self._plain_path(app))
            known = settings.cookies[secure] = attributes, cookie_frame(*attributes)
        return known

    def _open_another(
        self,
        app: SessionHost,
        request: Request,
        settings: Settings,
        refused: object,
        text: str,
    ) -> SecureCookieSession:
        """Return the session of another cookie of the name, if the first is not ours.

        Applications that share a host send each other's browsers such cookies.
        """
        for other in other_cookie_values(request, settings.name):
            payload = settings.read(other)
            if isinstance(payload, dict):
                return self.session_class(payload)
        self._reject(app, settings.reason_against(refused), len(text))
        return self.session_class()

    def _is_alone(self, request: Request, settings: Settings) -> bool:
        """Tell whether each cookie of the name is ours, and so may be deleted."""
        texts = [
            cookie_value(request, settings.name),
            *other_cookie_values(request, settings.name),
        ]
        return all(isinstance(settings.read(text), dict) for text in texts if text)

    def _refuse(self, app: SessionHost, error: SessionTooLarge) -> None:
        if app.debug:
            raise error
        # As rarely loaded as in `Observed`.
        from ._events import Reason  # noqa: PLC0415 - see there

        self._reject(app, Reason.TOO_LARGE_TO_SAVE, error.size)


def _settings_follow(cls: type[SecureCookieSessionInterface]) -> bool:
    """Tell whether nothing but the settings decides on what `Settings` has.

    A method of a subclass may look at the request, and has to be asked each time.
    """
    ours = SecureCookieSessionInterface
    return all(getattr(cls, name) is getattr(ours, name) for name in _ASKED) and not (
        # Not by `getattr`, which would load the serializer.
        any(
            isinstance(vars(c).get(name), property)
            for c in cls.mro()
            for name in _SIGNING
        )
    )
