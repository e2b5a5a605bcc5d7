from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from typing import Any

import flask.sessions
import pytest
from hosts import Host, request
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Request, Response

from tantalus_sessions import (
    CookiePolicyError,
    ExactCookieSessionInterface,
    NullSession,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
    StoreSessionInterface,
)

HOST: Any = Host()


def parameters(function: Any) -> list[tuple[str, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.default) for parameter in found]


@pytest.mark.parametrize("name", ["SessionInterface", "SecureCookieSessionInterface"])
def test_every_method_of_flask_is_there_with_its_parameters(name: str) -> None:
    theirs, ours = getattr(flask.sessions, name), globals()[name]
    methods = [
        method
        for method, value in inspect.getmembers(theirs, inspect.isfunction)
        if not method.startswith("_") and method != "digest_method"
    ]

    assert len(methods) >= 13
    for method in methods:
        assert parameters(getattr(ours, method)) == parameters(getattr(theirs, method))


def test_every_attribute_of_flask_is_there_with_its_value() -> None:
    ours, theirs = (
        SecureCookieSessionInterface,
        flask.sessions.SecureCookieSessionInterface,
    )

    assert ours.salt == theirs.salt
    assert ours.key_derivation == theirs.key_derivation
    assert ours.pickle_based is theirs.pickle_based is False
    assert ours.digest_method(b"a").digest() == theirs.digest_method(b"a").digest()
    assert ours.session_class is SecureCookieSession
    assert ours.null_session_class is NullSession


def test_settings_come_from_the_configuration() -> None:
    interface = SessionInterface()
    host = Host(
        SESSION_COOKIE_NAME="n",
        SESSION_COOKIE_DOMAIN="d.example",
        SESSION_COOKIE_HTTPONLY=False,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PARTITIONED=True,
    )

    assert interface.get_cookie_name(host) == "n"
    assert interface.get_cookie_domain(host) == "d.example"
    assert interface.get_cookie_httponly(host) is False
    assert interface.get_cookie_secure(host) is True
    assert interface.get_cookie_samesite(host) == "Lax"
    assert interface.get_cookie_partitioned(host) is True


@pytest.mark.parametrize(
    ("path", "root", "expected"), [(None, "/app", "/app"), ("/p", "/app", "/p")]
)
def test_the_path_falls_back_to_the_root(
    path: str | None, root: str, expected: str
) -> None:
    host = Host(SESSION_COOKIE_PATH=path, APPLICATION_ROOT=root)

    assert SessionInterface().get_cookie_path(host) == expected


def test_only_a_permanent_session_expires() -> None:
    interface, session = SessionInterface(), SecureCookieSession()
    assert interface.get_expiration_time(HOST, session) is None

    session.permanent = True
    expires = interface.get_expiration_time(HOST, session)

    assert expires is not None
    assert timedelta(days=30) < expires - datetime.now(UTC) <= timedelta(days=31)


@pytest.mark.parametrize(
    ("modified", "permanent", "refresh", "expected"),
    [
        (True, False, False, True),
        (False, True, True, True),
        (False, True, False, False),
        (False, False, True, False),
    ],
)
def test_the_cookie_is_set_when_modified_or_refreshed(
    modified: bool, permanent: bool, refresh: bool, expected: bool
) -> None:
    host = Host(SESSION_REFRESH_EACH_REQUEST=refresh)
    session = SecureCookieSession({"_permanent": permanent})
    session.modified = modified

    assert SessionInterface().should_set_cookie(host, session) is expected


def test_a_null_session_is_recognised() -> None:
    interface = SessionInterface()

    null = interface.make_null_session(HOST)

    assert interface.is_null_session(null)
    assert interface.is_null_session(LocalProxy(lambda: null))
    assert not interface.is_null_session(SecureCookieSession())
    assert not interface.is_null_session(LocalProxy(SecureCookieSession))


def test_opening_and_saving_are_for_subclasses() -> None:
    with pytest.raises(NotImplementedError):
        SessionInterface().open_session(HOST, request())
    with pytest.raises(NotImplementedError):
        SessionInterface().save_session(HOST, SecureCookieSession(), Response())


@pytest.mark.parametrize(
    ("refresh", "cookie", "expected"),
    [
        (True, "session=x", True),
        (True, "other=x", False),
        (True, None, False),
        (False, "session=x", False),
    ],
)
def test_an_untouched_session_is_refreshed_if_its_cookie_came(
    refresh: bool, cookie: str | None, expected: bool
) -> None:
    host = Host(SESSION_REFRESH_EACH_REQUEST=refresh)

    assert SessionInterface().refresh_due(host, request(cookie)) is expected


class Opens(SecureCookieSessionInterface):
    def open_session(self, app: Any, request: Any) -> SecureCookieSession | None:
        return super().open_session(app, request)


class Saves(SecureCookieSessionInterface):
    def save_session(self, app: Any, session: Any, response: Any) -> None:
        super().save_session(app, session, response)


class Decides(SecureCookieSessionInterface):
    def should_set_cookie(self, app: Any, session: Any) -> bool:
        return True


class Renames(SecureCookieSessionInterface):
    def get_cookie_name(self, app: Any) -> str:
        return "renamed"


class Touching(SecureCookieSession):
    """A session that notes something whenever it is opened."""


class HasOwnClass(SecureCookieSessionInterface):
    session_class = Touching


class OpensLazily(Opens):
    opens_lazily = True

    def open_session(self, app: Any, request: Any) -> SecureCookieSession | None:
        return super().open_session(app, request)


class BelowOpens(Opens):
    pass


class Opening:
    """A mixin that knows of no interface."""

    def open_session(self, app: Any, request: Any) -> SecureCookieSession | None:
        return None


class MixedIn(Opening, SecureCookieSessionInterface):
    pass


class Signs(SecureCookieSessionInterface):
    def get_signing_serializer(self, app: Any) -> Any:
        return super().get_signing_serializer(app)


class OpensAtOnce(Opens):
    blocks = False

    def open_session(self, app: Any, request: Any) -> SecureCookieSession | None:
        return super().open_session(app, request)


@pytest.mark.parametrize(
    ("interface", "lazy"),
    [
        (SessionInterface, False),
        (SecureCookieSessionInterface, True),
        (Opens, False),
        (Saves, False),
        (Decides, False),
        (HasOwnClass, False),
        (Renames, True),
        (OpensLazily, True),
        (BelowOpens, False),
        (MixedIn, False),
    ],
)
def test_who_overrides_opening_or_saving_is_opened_at_each_request(
    interface: type[SessionInterface], lazy: bool
) -> None:
    assert interface.opens_lazily is lazy


@pytest.mark.parametrize(
    ("interface", "blocks"),
    [
        (SessionInterface, True),
        (SecureCookieSessionInterface, False),
        (ExactCookieSessionInterface, False),
        (StoreSessionInterface, True),
        (Opens, True),
        (Saves, True),
        (Decides, True),
        (Signs, True),
        (MixedIn, True),
        (BelowOpens, True),
        (HasOwnClass, False),
        (Renames, False),
        (OpensAtOnce, False),
    ],
)
def test_who_overrides_opening_saving_or_signing_may_hold_up_an_event_loop(
    interface: type[SessionInterface], blocks: bool
) -> None:
    assert interface.blocks is blocks


def test_settings_that_browsers_would_not_accept_are_found_by_the_check() -> None:
    interface = SecureCookieSessionInterface()
    interface.check(HOST)

    with pytest.raises(CookiePolicyError, match="'__Host-' needs Secure"):
        interface.check(Host(SESSION_COOKIE_NAME="__Host-s"))


class HandlingHost(Host):
    """Tells which request it is handling."""

    def __init__(self, current: Request | None, **config: Any) -> None:
        super().__init__(**config)
        self.current = current

    def current_request(self) -> Request | None:
        """Return the request that is handled."""
        return self.current


def mounted(script_name: str) -> Request:
    return Request({**request().environ, "SCRIPT_NAME": script_name})


@pytest.mark.parametrize(
    ("host", "secure"),
    [
        (HandlingHost(request(base_url="https://localhost")), True),
        (HandlingHost(request()), False),
        (HandlingHost(None), False),
        (Host(), False),
    ],
    ids=["https", "http", "no request", "cannot tell"],
)
def test_interfaces_of_others_get_a_bool_for_an_automatic_secure(
    host: Any, secure: bool
) -> None:
    host.config["SESSION_COOKIE_SECURE"] = "auto"

    assert SessionInterface().get_cookie_secure(host) is secure


@pytest.mark.parametrize(
    ("script_name", "config", "path"),
    [
        ("/shop", {}, "/shop"),
        ("/shop/", {}, "/shop"),
        ("", {}, "/"),
        ("@evil.example", {}, "/"),
        ("/shop", {"APPLICATION_ROOT": "/app"}, "/app"),
        ("/shop", {"SESSION_COOKIE_NAME": "__Host-s"}, "/"),
        ("/shop", {"SESSION_COOKIE_PATH": "/x"}, "/x"),
    ],
    ids=["mounted", "slash", "root", "no path", "said", "prefix", "set"],
)
def test_an_automatic_path_is_where_the_application_is_mounted(
    script_name: str, config: dict[str, Any], path: str
) -> None:
    host: Any = HandlingHost(
        mounted(script_name), **{"SESSION_COOKIE_PATH": "auto", **config}
    )

    assert SessionInterface().get_cookie_path(host) == path


def test_an_automatic_path_without_a_request_is_the_root() -> None:
    host: Any = Host(SESSION_COOKIE_PATH="auto")

    assert SessionInterface().get_cookie_path(host) == "/"


def test_the_check_of_settings_does_not_depend_on_the_request() -> None:
    host: Any = HandlingHost(mounted("/a;b"), SESSION_COOKIE_PATH="auto")

    SessionInterface().check(host)


class OwnPath(SessionInterface):
    def get_cookie_path(self, app: Any) -> str:
        return f"{super().get_cookie_path(app)}mine"


def test_a_path_that_a_subclass_decides_is_not_automatic() -> None:
    host: Any = HandlingHost(mounted("/shop"), SESSION_COOKIE_PATH="auto")

    assert OwnPath()._plain_path(host) == "/mine"
