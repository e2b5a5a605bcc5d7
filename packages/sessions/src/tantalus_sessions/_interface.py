"""How an application opens and saves sessions: the interface it can replace.

An application calls `open_session` and `save_session` once per request; every
other method is a setting that a subclass may decide differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from werkzeug.sansio.response import Response
from werkzeug.wrappers import Request

from ._cookie import CookieAttributes, Secure, check_cookie
from ._exchange import cookie_value, reads_plainly
from ._observed import Observed
from ._session import NullSession, SessionMixin

if TYPE_CHECKING:  # loaded with the first rejection
    from ._events import Reason

#: The settings that interfaces read, with Flask's defaults, for a host to begin with.
DEFAULT_CONFIG: Mapping[str, Any] = MappingProxyType(
    {
        "ACCEPT_UNBOUND_SESSION_COOKIE": True,
        "APPLICATION_ROOT": "/",
        "BIND_SESSION_COOKIE": False,
        "MAX_COOKIE_SIZE": 4093,
        "SECRET_KEY_FALLBACKS": None,
        "SESSION_COMPRESS_FROM": 0,
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_PARTITIONED": False,
        "SESSION_COOKIE_PATH": None,
        "SESSION_COOKIE_SAMESITE": None,
        "SESSION_COOKIE_SECURE": False,
        "SESSION_REFRESH_EACH_REQUEST": True,
    }
)


class SessionHost(Protocol):
    """What an interface needs of the application.

    `config` has the keys of `DEFAULT_CONFIG`; it may lack the three that Flask has not,
    those of bound cookies and `SESSION_COMPRESS_FROM`.

    A host may have a method `settings_version() -> int | None` besides, which returns a
    number that is another one after any change of these settings and that no other host
    returns; None if it cannot tell. Then what follows from the settings (keys, the text
    of the cookie's attributes) is computed once for each number; otherwise the settings
    themselves are compared. What is changed inside a setting, such as a list, counts
    nevertheless. It may have three things more:

    - `name`, which `BIND_SESSION_COOKIE` asks for,
    - `json`, whose `dumps` writes what sessions and JSON do not know,
    - a method `current_request() -> Request | None`, which decides what the value
      `"auto"` of a setting means to interfaces that ask for it outside of
      `save_session`.
    """

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings, read at each request."""
        ...

    @property
    def secret_key(self) -> str | bytes | None:
        """The key that signs; None if there is none."""
        ...

    @property
    def permanent_session_lifetime(self) -> timedelta:
        """How long a session is valid after it was written."""
        ...

    @property
    def debug(self) -> bool:
        """Whether a developer is watching."""
        ...


class SessionInterface(Observed):
    """Base of interfaces: override `open_session` and `save_session`.

    Attributes:
        null_session_class: What stands in when `open_session` returns None.
        pickle_based: Whether sessions are stored as pickles; never so here.
        opens_lazily: Whether the host may call `open_session` as late as the session
            is first touched, and not at all if it is not and `refresh_due` is false.
            A subclass that overrides how sessions are opened or saved, or their class,
            is opened at each request unless it says otherwise itself.
        blocks: Whether opening or saving may wait, for a store or a network, so that
            an event loop leaves it to a thread; not so for signed cookies. A subclass
            that overrides how sessions are opened, saved or signed may wait unless it
            says otherwise itself.
    """

    null_session_class: type[NullSession] = NullSession
    pickle_based = False
    opens_lazily: ClassVar[bool] = False
    blocks: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if _overrides(cls, _EAGER, "opens_lazily"):
            cls.opens_lazily = False
        if _overrides(cls, _WAITING, "blocks"):
            cls.blocks = True

    def make_null_session(self, app: SessionHost) -> NullSession:
        """Return what stands in for a session that cannot be opened."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Return whether `obj` stands in for a session; then it is not saved."""
        # As `isinstance`, which takes long for the abstract classes that sessions are.
        return _is_subclass(obj.__class__, self.null_session_class)  # type: ignore[arg-type] # a class has a hash

    def get_cookie_name(self, app: SessionHost) -> str:
        """Return the name of the cookie."""
        return app.config["SESSION_COOKIE_NAME"]  # type: ignore[no-any-return] # untyped

    def get_cookie_domain(self, app: SessionHost) -> str | None:
        """Return the domain whose hosts get the cookie; None for this host alone."""
        return app.config["SESSION_COOKIE_DOMAIN"]  # type: ignore[no-any-return] # untyped

    def get_cookie_path(self, app: SessionHost) -> str:
        """Return the path under which the cookie is sent.

        The setting `"auto"` means the path that the application is mounted at, by the
        request that it is handling.
        """
        config = app.config
        path: str | None = config["SESSION_COOKIE_PATH"]
        if path == "auto":
            request = _current_request(app)
            path = None if request is None else self._mount(app, request)
        return path or config["APPLICATION_ROOT"]

    def get_cookie_httponly(self, app: SessionHost) -> bool:
        """Return whether the cookie is hidden from scripts."""
        return app.config["SESSION_COOKIE_HTTPONLY"]  # type: ignore[no-any-return] # untyped

    def get_cookie_secure(self, app: SessionHost) -> bool:
        """Return whether the cookie is sent by https alone.

        The setting `"auto"` means whether the request that is handled came by https.
        """
        secure: Secure = app.config["SESSION_COOKIE_SECURE"]
        if secure == "auto":
            request = _current_request(app)
            return request is not None and request.is_secure
        return secure

    def get_cookie_samesite(self, app: SessionHost) -> str | None:
        """Return `"Lax"`, `"Strict"`, `"None"`, or None for no such attribute."""
        return app.config["SESSION_COOKIE_SAMESITE"]  # type: ignore[no-any-return] # untyped

    def get_cookie_partitioned(self, app: SessionHost) -> bool:
        """Return whether each embedding site gets a cookie of its own (CHIPS)."""
        return app.config["SESSION_COOKIE_PARTITIONED"]  # type: ignore[no-any-return] # untyped

    def get_expiration_time(
        self, app: SessionHost, session: SessionMixin
    ) -> datetime | None:
        """Return when the browser forgets the cookie; None for when it is closed."""
        if session.permanent:
            return datetime.now(UTC) + app.permanent_session_lifetime
        return None

    def should_set_cookie(self, app: SessionHost, session: SessionMixin) -> bool:
        """Return whether the response has to carry the cookie."""
        return session.modified or (
            session.permanent and app.config["SESSION_REFRESH_EACH_REQUEST"]
        )

    def open_session(self, app: SessionHost, request: Request) -> SessionMixin | None:
        """Return the session of `request`; None makes the host use a null session."""
        raise NotImplementedError

    def save_session(
        self, app: SessionHost, session: SessionMixin, response: Response
    ) -> None:
        """Write `session` and tell the client, through `response`."""
        raise NotImplementedError

    def refresh_due(self, app: SessionHost, request: Request) -> bool:
        """Return whether a session that nobody touched must be opened and saved.

        For hosts that open lazily: the client sent the cookie, and its lifetime may
        have to be extended. They need not ask where no cookie was sent.
        """
        return self._cookie_to_refresh(app, request) is not None

    def check(self, app: SessionHost) -> None:
        """Check the cookie's settings; for hosts to call once they are complete.

        Raises:
            CookiePolicyError: Browsers would drop a cookie with these attributes.
        """
        check_cookie(
            self.get_cookie_name(app),
            self.get_cookie_domain(app),
            self._plain_path(app),
            self._secure(app),
            self.get_cookie_samesite(app),
            self.get_cookie_partitioned(app),
        )

    def _secure(self, app: SessionHost) -> Secure:
        """Return the setting, or what a subclass decides."""
        setting: Secure = app.config["SESSION_COOKIE_SECURE"]
        return (
            setting
            if self._is_ours("get_cookie_secure")
            else (self.get_cookie_secure(app))
        )

    def _plain_path(self, app: SessionHost) -> str:
        """Return the path of the cookie where it does not depend on the request."""
        config = app.config
        if config["SESSION_COOKIE_PATH"] == "auto" and self._is_ours("get_cookie_path"):
            return config["APPLICATION_ROOT"]  # type: ignore[no-any-return] # untyped
        return self.get_cookie_path(app)

    def _follows_mount(self, app: SessionHost) -> bool:
        """Tell whether the path of the cookie depends on the request."""
        config = app.config
        return (
            config["SESSION_COOKIE_PATH"] == "auto"
            and config["APPLICATION_ROOT"] == "/"
            and self._is_ours("get_cookie_path")
            # The prefix allows no other path than "/".
            and not self.get_cookie_name(app).lower().startswith("__host-")
        )

    def _mount(self, app: SessionHost, request: Request) -> str:
        """Return the path of the cookie if it depends on `request`, else ""."""
        path = request.environ.get("SCRIPT_NAME")
        if not path or not self._follows_mount(app):
            return ""
        # Decoded, and without a slash at its end. What begins with none is no path.
        mount = request.root_path
        return mount if mount[:1] == "/" else ""

    def _is_ours(self, name: str) -> bool:
        ours = getattr(SessionInterface, name)
        return getattr(type(self), name) is ours and name not in vars(self)

    def _cookie_to_refresh(self, app: SessionHost, request: Request) -> str | None:
        if "HTTP_COOKIE" not in request.environ and reads_plainly(type(request)):  # type: ignore[arg-type] # a class has a hash
            return None
        if not app.config["SESSION_REFRESH_EACH_REQUEST"]:
            return None
        return cookie_value(request, self.get_cookie_name(app))

    def _reject(self, app: SessionHost, reason: Reason, size: int = 0) -> None:
        self._report(reason, self.get_cookie_name(app), size)

    def _attributes(
        self, app: SessionHost, secure: bool, path: str
    ) -> CookieAttributes:
        return (
            self.get_cookie_name(app),
            self.get_cookie_domain(app),
            path,
            secure,
            self.get_cookie_httponly(app),
            self.get_cookie_samesite(app),
            self.get_cookie_partitioned(app),
        )


def _current_request(app: SessionHost) -> Request | None:
    current_request = getattr(app, "current_request", None)
    request: Request | None = None if current_request is None else current_request()
    return request


@lru_cache(maxsize=64)
def _is_subclass(cls: type, base: type) -> bool:
    return issubclass(cls, base)


# Whoever overrides one of these may rely on every request's session being opened.
_EAGER = frozenset(
    {"open_session", "save_session", "session_class", "should_set_cookie"}
)
# Whoever overrides one of these may wait in it.
_WAITING = frozenset(
    {
        "get_signing_serializer",
        "open_session",
        "refresh_due",
        "save_session",
        "should_set_cookie",
    }
)


def _overrides(cls: type, names: frozenset[str], said: str) -> bool:
    """Tell whether `cls`, or a mixin of it, has one of `names` before `said`."""
    return next(
        said not in vars(part)
        for part in cls.__mro__
        if said in vars(part) or not names.isdisjoint(vars(part))
    )
