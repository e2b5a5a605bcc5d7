from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest
from flask import Flask
from hosts import Host, request
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from strategies import payloads
from werkzeug.wrappers import Response

from tantalus_sessions import (
    Reason,
    Rejection,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionSigner,
    SessionTooLarge,
    SessionUnavailable,
    TaggedJSON,
)

NOW = 1_700_000_000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def set_clock(now: float) -> None:
        monkeypatch.setattr("time.time", lambda: now)

    set_clock(NOW)
    return set_clock


def opened(
    interface: SecureCookieSessionInterface, host: Any, cookie: str | None = None
) -> SecureCookieSession:
    session = interface.open_session(host, request(cookie))
    assert session is not None
    return session


def saved(
    interface: SecureCookieSessionInterface, host: Any, session: Any
) -> list[tuple[str, str]]:
    response = Response()
    del response.headers["Content-Type"], response.headers["Content-Length"]
    interface.save_session(host, session, response)
    return list(response.headers)


def cookie_set(interface: SecureCookieSessionInterface, host: Any, session: Any) -> str:
    return dict(saved(interface, host, session))["Set-Cookie"]


def cookie_of(interface: Any, host: Any, payload: dict[str, Any]) -> str:
    text: str = interface.get_signing_serializer(host).dumps(payload)
    return f"session={text}"


def test_a_session_survives_from_one_request_to_the_next() -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    session = opened(interface, host)
    session["user_id"] = 42

    (vary, (_, header)) = saved(interface, host, session)

    assert vary == ("Vary", "Cookie")
    assert header.endswith("; HttpOnly; Path=/")
    assert opened(interface, host, header.partition(";")[0]) == {"user_id": 42}


# The two interfaces, asked the same in the same second, answer the same.

ACTIONS: dict[str, Callable[[Any], object]] = {
    "nothing": lambda session: None,
    "read": lambda session: session.get("a"),
    "write": lambda session: session.update(a=2),
    "write permanent": lambda session: setattr(session, "permanent", True),
    "clear": lambda session: session.clear(),
    "long": lambda session: session.update(a="é" * 500),
}
CONFIGS: dict[str, dict[str, Any]] = {
    "default": {},
    "everything": {
        "SESSION_COOKIE_NAME": "n",
        "SESSION_COOKIE_DOMAIN": ".example.com",
        "SESSION_COOKIE_PATH": "/a b",
        "SESSION_COOKIE_HTTPONLY": False,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "strict",
        "SESSION_COOKIE_PARTITIONED": True,
    },
    "no refresh": {"SESSION_REFRESH_EACH_REQUEST": False},
    "fallbacks": {"SECRET_KEY_FALLBACKS": ["old", b"older"]},
    "no limit": {"MAX_COOKIE_SIZE": 0},
}
COOKIES: dict[str, Any] = {
    "none": None,
    "plain": {"a": 1},
    "permanent": {"a": 1, "_permanent": True},
    "empty": {},
    "forged": "forged",
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("payload", COOKIES.values(), ids=COOKIES)
@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
@pytest.mark.parametrize("accessed", [True, False])
def test_the_headers_are_those_of_flask(
    config: dict[str, Any],
    payload: Any,
    action: Callable[[Any], object],
    accessed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Flask("tests")
    app.secret_key = "key"
    app.config.update(config)
    now = datetime.fromtimestamp(NOW, UTC)
    answers = []

    interfaces: list[Any] = [
        flask.sessions.SecureCookieSessionInterface(),
        SecureCookieSessionInterface(),
    ]
    for interface in interfaces:
        monkeypatch.setattr("time.time", lambda: NOW)
        monkeypatch.setattr(
            type(interface),
            "get_expiration_time",
            lambda self, app, session: now if session.permanent else None,
        )
        cookie = payload
        if isinstance(payload, dict):
            cookie = interface.get_signing_serializer(app).dumps(payload)
        headers = (
            {}
            if cookie is None
            else {"Cookie": f"x=y; {app.config['SESSION_COOKIE_NAME']}={cookie}"}
        )
        with app.test_request_context(headers=headers) as context:
            session = interface.open_session(app, context.request)
            action(session)
            # Flask marks it in the proxy, we in the session.
            session.accessed = accessed
            response = app.response_class(
                "", headers={"Vary": "Accept"} if accessed else {}
            )
            interface.save_session(app, session, response)
            answers.append((dict(session), list(response.headers)))

    assert answers[0] == answers[1]


@given(payloads)
def test_flask_opens_our_cookie_and_we_open_flasks(payload: dict[str, Any]) -> None:
    app = Flask("tests")
    app.secret_key = "key"
    ours: Any = SecureCookieSessionInterface()
    theirs = flask.sessions.SecureCookieSessionInterface()

    for writer, reader in ((ours, theirs), (theirs, ours)):
        with app.test_request_context(
            headers={"Cookie": cookie_of(writer, app, payload)}
        ) as context:
            assert reader.open_session(app, context.request) == payload


def test_the_signer_is_an_itsdangerous_serializer() -> None:
    interface = SecureCookieSessionInterface()

    signer = interface.get_signing_serializer(Host())

    assert isinstance(signer, URLSafeTimedSerializer)
    assert interface.get_signing_serializer(Host()) is signer
    assert interface.get_signing_serializer(Host(secret_key=None)) is None


def test_without_a_secret_key_there_is_no_session() -> None:
    interface, host = SecureCookieSessionInterface(), Host(secret_key=None)

    assert interface.open_session(host, request()) is None
    with pytest.raises(SessionUnavailable):
        saved(interface, host, written({"a": 1}))


SETTINGS: dict[str, Callable[[Any, Any], object]] = {
    "key": lambda interface, host: setattr(host, "secret_key", "new"),
    "salt": lambda interface, host: setattr(interface, "salt", "new"),
    "digest": lambda interface, host: setattr(interface, "digest_method", hashlib.md5),
    "derivation": lambda interface, host: setattr(interface, "key_derivation", "none"),
}


@pytest.mark.parametrize("change", SETTINGS.values(), ids=SETTINGS)
def test_a_changed_setting_counts_from_the_next_request(
    change: Callable[[Any, Any], object],
) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    cookie = cookie_of(interface, host, {"n": 1})
    assert opened(interface, host, cookie) == {"n": 1}

    change(interface, host)

    assert opened(interface, host, cookie) == {}
    assert opened(interface, host, cookie_of(interface, host, {"n": 2})) == {"n": 2}


def test_one_text_of_fallbacks_verifies_nothing() -> None:
    host = Host(SECRET_KEY_FALLBACKS="old")

    with pytest.raises(TypeError, match=r"Pass a list of keys."):
        SecureCookieSessionInterface().get_signing_serializer(host)


def test_a_rotated_key_still_opens_sessions_as_a_fallback() -> None:
    interface, host = SecureCookieSessionInterface(), Host(secret_key="old")
    cookie = cookie_of(interface, host, {"n": 1})

    host.secret_key = "new"
    host.config["SECRET_KEY_FALLBACKS"] = ["old"]
    session = opened(interface, host, cookie)
    session["n"] = 2
    header = cookie_set(interface, host, session)
    host.config["SECRET_KEY_FALLBACKS"] = []

    assert opened(interface, host, cookie) == {}
    assert opened(interface, host, header.partition(";")[0]) == {"n": 2}


def test_a_changed_cookie_setting_counts_from_the_next_response() -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    saved(interface, host, written({"a": 1}))

    host.config["SESSION_COOKIE_SAMESITE"] = "Strict"

    assert saved(interface, host, written({"a": 1}))[0][1].endswith("SameSite=Strict")


def written(payload: dict[str, Any]) -> SecureCookieSession:
    session = SecureCookieSession(payload)
    session.modified = True
    return session


class Unhashable(TaggedJSON):
    __hash__ = None  # type: ignore[assignment] # on purpose

    def __eq__(self, other: object) -> bool:
        return self is other


class JSONInterface(SecureCookieSessionInterface):
    serializer = json


@pytest.mark.parametrize("serializer", [json, Unhashable()], ids=["json", "unhashable"])
def test_another_serializer_is_used(serializer: Any) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    interface.serializer = serializer

    header = cookie_set(interface, host, written({"a": "é"}))

    assert opened(interface, host, header.partition(";")[0]) == {"a": "é"}


class OwnSigner(SecureCookieSessionInterface):
    """Signs with something that writes text which needs quoting."""

    def get_signing_serializer(self, app: Any) -> Any:
        return self

    def dumps(self, payload: Any) -> str:
        return "own; " + json.dumps(payload)

    def loads(self, text: str, max_age: int) -> Any:
        return json.loads(text.removeprefix("own; "))


@given(payloads, st.booleans())
def test_an_untouched_session_is_opened_where_opening_would_refresh_it(
    payload: dict[str, Any], permanent: bool
) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    cookie = cookie_of(interface, host, payload | {"_permanent": permanent})
    session = opened(interface, host, cookie)

    assert interface.should_set_cookie(host, session) is permanent
    assert interface.refresh_due(host, request(cookie)) >= permanent


@pytest.mark.parametrize(
    ("settings", "is_compressed"),
    [
        ({}, True),
        ({"SESSION_COMPRESS_FROM": 111}, True),
        ({"SESSION_COMPRESS_FROM": 112}, False),
    ],
    ids=["by default", "long enough", "too short"],
)
def test_a_session_is_compressed_from_a_length_on(
    settings: dict[str, int], is_compressed: bool
) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    cookie_of(interface, host, {"text": ""})  # with the settings of before
    host.config.update(settings)

    cookie = cookie_of(interface, host, {"text": "a" * 100})

    assert cookie.startswith("session=.") is is_compressed
    assert opened(interface, Host(), cookie) == {"text": "a" * 100}


def test_a_host_need_not_know_of_compression() -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    del host.config["SESSION_COMPRESS_FROM"]

    cookie = cookie_of(interface, host, {"text": "a" * 100})

    assert cookie.startswith("session=.")


SIGNED = SessionSigner("key").dumps({"a": 1})


@pytest.mark.parametrize(
    ("cookie", "due"),
    [
        (None, False),
        ("other=1", False),
        (f"session={SIGNED}", False),  # {"a":1}
        (f"session={SIGNED[:-1]}", True),  # forged,
        ("session=.eJyrVkpUsjKsBQAJqwIv.aaaa.bbbb", True),  # forged and compressed,
        ("session=eyJhI.aaaa.bbbb", True),  # broken,
        (f"session={'e' * 70_000}.aaaa.bbbb", True),  # too long, which opening reports
    ],
)
def test_a_session_that_is_not_permanent_is_not_opened_for_its_refresh(
    cookie: str | None, due: bool
) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    never = Host(SESSION_REFRESH_EACH_REQUEST=False)

    assert interface.refresh_due(host, request(cookie)) is due
    assert interface.refresh_due(never, request(cookie)) is False


@pytest.mark.parametrize("permanent", [True, False])
def test_a_compressed_session_is_opened_for_its_refresh_if_it_is_permanent(
    permanent: bool,
) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    payload = {"a": "a" * 100, "_permanent": permanent}
    cookie = cookie_of(interface, host, payload)

    assert cookie.startswith("session=.")
    assert interface.refresh_due(host, request(cookie)) is permanent


def test_a_signed_text_that_expands_too_far_is_opened_for_the_report() -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    cookie = cookie_of(interface, host, {"a": "a" * 2_000_000})

    assert interface.refresh_due(host, request(cookie))


@pytest.mark.parametrize("kind", ["serializer", "signer", "no key"])
def test_a_session_that_others_write_is_opened_for_its_refresh(kind: str) -> None:
    interface: Any = {"serializer": JSONInterface, "signer": OwnSigner}.get(
        kind, SecureCookieSessionInterface
    )()
    host = Host(secret_key=None if kind == "no key" else "key")

    assert interface.refresh_due(host, request("session=eyJhIjoxfQ.aaaa.bbbb"))


def test_an_overridden_signer_is_used_and_quoted() -> None:
    interface, host = OwnSigner(), Host()

    header = cookie_set(interface, host, written({"a": 1}))

    assert header == 'session="own\\073 {\\"a\\": 1}"; HttpOnly; Path=/'
    assert opened(interface, host, header.partition("; ")[0]) == {"a": 1}


class Everything(SecureCookieSessionInterface):
    def get_cookie_name(self, app: Any) -> str:
        return "own"

    def get_cookie_domain(self, app: Any) -> str:
        return "own.example"

    def get_cookie_path(self, app: Any) -> str:
        return "/own"

    def get_cookie_httponly(self, app: Any) -> bool:
        return False

    def get_cookie_secure(self, app: Any) -> bool:
        return True

    def get_cookie_samesite(self, app: Any) -> str:
        return "Strict"

    def get_cookie_partitioned(self, app: Any) -> bool:
        return True

    def get_expiration_time(self, app: Any, session: Any) -> datetime:
        return datetime(2026, 1, 2, tzinfo=UTC)

    def should_set_cookie(self, app: Any, session: Any) -> bool:
        return True


def test_every_overridden_method_is_honoured() -> None:
    header = cookie_set(Everything(), Host(), SecureCookieSession({"a": 1}))

    assert header.startswith("own=")
    assert header.partition("; ")[2] == (
        "Domain=own.example; Expires=Fri, 02 Jan 2026 00:00:00 GMT; Secure;"
        " Path=/own; SameSite=Strict; Partitioned"
    )


class OwnSession(SecureCookieSession):
    pass


def test_the_session_class_can_be_replaced() -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    interface.session_class = OwnSession

    for cookie in (None, "session=forged", cookie_of(interface, host, {"a": 1})):
        assert type(opened(interface, host, cookie)) is OwnSession


@pytest.mark.parametrize(
    ("base_url", "secure"), [("https://localhost", True), ("http://localhost", False)]
)
def test_automatic_secure_follows_the_request(base_url: str, secure: bool) -> None:
    interface, host = SecureCookieSessionInterface(), Host(SESSION_COOKIE_SECURE="auto")
    session = interface.open_session(host, request(base_url=base_url))
    assert session is not None
    session["a"] = 1

    header = cookie_set(interface, host, session)

    assert ("; Secure" in header) is secure


def rejections(interface: SecureCookieSessionInterface) -> list[Rejection]:
    seen: list[Rejection] = []
    interface.on_rejected(seen.append)
    return seen


def texts(clock: Callable[[float], None]) -> dict[str, str]:
    interface, host = SecureCookieSessionInterface(), Host()
    signer = interface.get_signing_serializer(host)
    assert signer is not None
    found = {
        "list": signer.dumps([1]),
        "good": signer.dumps({"secret": "s3cr3t"}),
    }
    clock(NOW - 86400 * 32)
    found["old"] = signer.dumps({})
    clock(NOW + 60)
    found["future"] = signer.dumps({})
    clock(NOW)
    found["bomb"] = signer.dumps({"a": "a" * 2_000_000})
    return found


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda texts: texts["good"][:-1], Reason.BAD_SIGNATURE),
        (lambda texts: texts["good"][5:], Reason.BAD_SIGNATURE),
        (lambda texts: "\xff\xfe", Reason.BAD_SIGNATURE),
        (lambda texts: "." * 50, Reason.BAD_SIGNATURE),
        (lambda texts: "x" * 70_000, Reason.TOO_LARGE),
        (lambda texts: texts["bomb"], Reason.TOO_LARGE),
        (lambda texts: texts["old"], Reason.EXPIRED),
        (lambda texts: texts["future"], Reason.SIGNED_IN_FUTURE),
        (lambda texts: texts["list"], Reason.MALFORMED),
    ],
    ids=["cut", "beheaded", "latin", "dots", "long", "bomb", "old", "future", "list"],
)
def test_a_cookie_that_is_not_accepted_opens_an_empty_session_and_is_told(
    make: Callable[[dict[str, str]], str],
    reason: Reason,
    clock: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "tantalus.sessions")
    interface, host = SecureCookieSessionInterface(), Host()
    seen = rejections(interface)
    text = make(texts(clock))

    session = opened(interface, host, f"session={text}")

    assert session == {}
    assert seen == [Rejection(reason, "session", len(text))]
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert text not in caplog.text
    assert "s3cr3t" not in caplog.text
    assert "key" not in caplog.text


@given(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
)
def test_no_cookie_header_crashes(header: str) -> None:
    environ = {"HTTP_COOKIE": "session=" + header}
    session = SecureCookieSessionInterface().open_session(
        Host(), type(request())(environ)
    )

    assert session == {}


def large() -> SecureCookieSession:
    return written(
        {"a": hashlib.sha512(b"").hexdigest() + "".join(map(chr, range(256, 3500)))}
    )


def test_a_session_too_large_is_an_error_while_debugging() -> None:
    host = Host()
    host.debug = True

    with pytest.raises(SessionTooLarge, match="browsers keep at most 4093") as raised:
        saved(SecureCookieSessionInterface(), host, large())

    assert raised.value.size > raised.value.limit == 4093


def test_a_session_too_large_keeps_the_old_cookie_and_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    interface = SecureCookieSessionInterface()
    seen = rejections(interface)

    headers = saved(interface, Host(), large())

    assert headers == [("Vary", "Cookie")]
    assert [rejection.reason for rejection in seen] == [Reason.TOO_LARGE_TO_SAVE]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_session_too_large_can_be_sent_with_a_warning_as_in_flask() -> None:
    interface = SecureCookieSessionInterface()
    interface.oversize = "warn"

    with pytest.warns(UserWarning, match="cookie is too large"):
        headers = saved(interface, Host(), large())

    assert headers[0][0] == "Set-Cookie"


def test_the_limit_can_be_lifted() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        headers = saved(
            SecureCookieSessionInterface(), Host(MAX_COOKIE_SIZE=0), large()
        )

    assert len(headers[0][1]) > 4093


class OwnCookies(Response):
    def set_cookie(self, key: str, *args: Any, **kwargs: Any) -> None:
        super().set_cookie("prefixed-" + key, *args, **kwargs)


def test_a_response_class_decides_how_cookies_are_set() -> None:
    response = OwnCookies()

    SecureCookieSessionInterface().save_session(Host(), written({"a": 1}), response)

    assert response.headers["Set-Cookie"].startswith("prefixed-session=")


def test_the_lifetime_counts_from_the_last_write(
    clock: Callable[[float], None],
) -> None:
    interface, host = SecureCookieSessionInterface(), Host()
    host.permanent_session_lifetime = timedelta(seconds=10)
    cookie = cookie_of(interface, host, {"a": 1})

    clock(NOW + 10)
    assert opened(interface, host, cookie) == {"a": 1}
    clock(NOW + 11)
    assert opened(interface, host, cookie) == {}
