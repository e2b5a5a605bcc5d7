from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fakes import FakeApp, plain_app
from werkzeug.debug import DebuggedApplication
from werkzeug.middleware.profiler import ProfilerMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from tantalus_cli._deploy import find_risks

KEY = "619f5dfed3ca18e8ed2472104e8632886bf8fa42ce46171e"
SAFE = {
    "SECRET_KEY": KEY,
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "TRUSTED_HOSTS": ["www.example.org"],
    "MAX_CONTENT_LENGTH": 1_000_000,
}


def codes(*, debug: bool = False, **changed: object) -> list[str]:
    app = FakeApp()
    app.config = SAFE | changed
    return [finding.code for finding in find_risks(app, debug=debug)]


def test_a_careful_app_has_no_findings() -> None:
    assert codes() == []


def test_an_app_without_settings_has_every_gap() -> None:
    assert [finding.code for finding in find_risks(FakeApp(), debug=True)] == [
        "debug",
        "key-missing",
        "cookie-secure",
        "cookie-samesite",
        "hosts",
        "limit-max-content-length",
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"debug": True}, "debug"),
        ({"TESTING": True}, "testing"),
        ({"SECRET_KEY": None}, "key-missing"),
        ({"SECRET_KEY": b""}, "key-missing"),
        ({"SECRET_KEY": "dev"}, "key-weak"),
        ({"SECRET_KEY": b"x7!kq"}, "key-weak"),
        ({"SECRET_KEY": "ab" * 40}, "key-weak"),
        ({"SECRET_KEY": 12345}, "key-weak"),
        ({"SECRET_KEY_FALLBACKS": [KEY, "secret"]}, "key-fallback-weak"),
        ({"SESSION_COOKIE_SECURE": False}, "cookie-secure"),
        ({"SESSION_COOKIE_HTTPONLY": False}, "cookie-httponly"),
        ({"SESSION_COOKIE_SAMESITE": None}, "cookie-samesite"),
        ({"SESSION_COOKIE_SAMESITE": "None"}, "cookie-samesite"),
        ({"TRUSTED_HOSTS": []}, "hosts"),
        ({"MAX_CONTENT_LENGTH": None}, "limit-max-content-length"),
        ({"MAX_FORM_MEMORY_SIZE": None}, "limit-max-form-memory-size"),
        ({"MAX_FORM_PARTS": None}, "limit-max-form-parts"),
        ({"MAX_FORM_PARTS": "1000"}, "limit-max-form-parts"),
        ({"MAX_CONTENT_LENGTH": -1}, "limit-max-content-length"),
        ({"MAX_CONTENT_LENGTH": 10**15}, "limit-max-content-length"),
        ({"SECRET_KEY_FALLBACKS": KEY}, "key-fallback-weak"),
        ({"PROPAGATE_EXCEPTIONS": True}, "propagate-exceptions"),
        ({"TRUSTED_HOSTS": "www.example.org"}, "hosts"),
        ({"TRUSTED_HOSTS": ["*"]}, "hosts-wrong"),
        ({"TRUSTED_HOSTS": [""]}, "hosts-wrong"),
        ({"TRUSTED_HOSTS": [7]}, "hosts-wrong"),
        ({"TRUSTED_HOSTS": [".com"]}, "hosts-wide"),
        ({"TRUSTED_HOSTS": [".Co.UK"]}, "hosts-wide"),
        ({"CROSS_SITE": "allow"}, "cross-site-off"),
        ({"CROSS_SITE": "log"}, "cross-site-off"),
    ],
)
def test_each_risk_is_found(changed: dict[str, Any], code: str) -> None:
    assert codes(**changed) == [code]


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("change-me-please", "looks like a placeholder"),
        ("x7!kq", "has only 5 bytes"),
        ("ab" * 40, "has only 2 different characters"),
        (12345, "is neither text nor bytes"),
    ],
)
def test_a_weak_key_is_described_without_showing_it(key: object, problem: str) -> None:
    app = FakeApp()
    app.config = SAFE | {"SECRET_KEY": key}

    (finding,) = find_risks(app, debug=False)

    assert finding.problem == f"The secret key {problem}: signatures can be forged."
    assert (
        finding.cure == "Set SECRET_KEY to what the command 'tantalus secret' prints."
    )


@pytest.mark.parametrize(
    "key", [KEY, KEY[:32], "k3-N.8=vT!q0_Zw9", b"\x01\x99" + bytes(range(30))]
)
def test_a_strong_key_passes(key: object) -> None:
    assert codes(SECRET_KEY=key) == []


def test_a_debugger_around_the_app_is_found() -> None:
    app = FakeApp()
    app.config = SAFE
    app.wsgi_app = DebuggedApplication(plain_app)  # type: ignore[attr-defined] # as an app object has

    assert [finding.code for finding in find_risks(app, debug=False)] == ["debugger"]


def test_who_has_tokens_or_no_sessions_may_allow_requests_of_other_sites() -> None:
    with_tokens, without_sessions = FakeApp(), FakeApp()
    with_tokens.config = without_sessions.config = SAFE | {"CROSS_SITE": "allow"}
    with_tokens.extensions = {"csrf": object()}  # type: ignore[attr-defined] # as an app object has
    without_sessions.view_functions = {"index": plain_app}  # type: ignore[attr-defined] # idem

    assert find_risks(with_tokens, debug=False) == []
    assert find_risks(without_sessions, debug=False) == []


class Guarded(FakeApp):
    """An app whose class has safer defaults."""

    default_config = {"STRICT_HOSTS": True, "LIMIT_URLENCODED_FORMS": False}  # noqa: RUF012 - never changed


def test_what_was_safe_and_was_switched_off_is_found() -> None:
    app = Guarded()
    app.config = SAFE | {"STRICT_HOSTS": False, "LIMIT_URLENCODED_FORMS": False}

    assert [finding.code for finding in find_risks(app, debug=False)] == [
        "strict-hosts"
    ]


class Careful(FakeApp):
    def check_settings(self) -> None:
        raise ValueError("No folder is set.")


def test_what_the_app_itself_refuses_is_found() -> None:
    app = Careful()
    app.config = dict(SAFE)

    (finding,) = find_risks(app, debug=False)

    assert (finding.code, finding.problem) == (
        "start-up",
        "The app refuses to serve: No folder is set.",
    )


@pytest.mark.parametrize(
    ("autoescape", "found"),
    [
        (False, ["autoescape"]),
        (lambda name: name is None, ["autoescape"]),
        (True, []),
        (lambda name: name.endswith(".html"), []),
    ],
    ids=["off", "off for pages", "on", "on for pages"],
)
def test_templates_that_do_not_escape_are_found(
    autoescape: object, found: list[str]
) -> None:
    app = FakeApp()
    app.config = dict(SAFE)
    app.jinja_env = SimpleNamespace(autoescape=autoescape)  # type: ignore[attr-defined] # as an app object has

    assert [finding.code for finding in find_risks(app, debug=False)] == found


def test_sessions_in_a_store_need_no_key() -> None:
    app = FakeApp()
    app.config = SAFE | {"SECRET_KEY": None, "SESSION_COOKIE_SECURE": False}
    app.session_interface = object()  # type: ignore[attr-defined] # as an app object has

    assert [finding.code for finding in find_risks(app, debug=False)] == [
        "cookie-secure"
    ]


def test_an_app_without_sessions_needs_neither_key_nor_cookie() -> None:
    app = FakeApp()
    app.config = SAFE | {"SECRET_KEY": None, "SESSION_COOKIE_SECURE": False}
    app.view_functions = {"index": plain_app}  # type: ignore[attr-defined] # as an app object has

    assert find_risks(app, debug=False) == []


@pytest.mark.parametrize(
    ("around", "code"),
    [(DebuggedApplication, "debugger"), (ProfilerMiddleware, "profiler")],
)
def test_an_app_inside_of_middleware_is_looked_into(around: Any, code: str) -> None:
    app = FakeApp()
    app.config = SAFE | {"MAX_CONTENT_LENGTH": None}
    app.debug = True

    found = find_risks(ProxyFix(around(app)), debug=False)

    assert [finding.code for finding in found] == [
        "debug",
        code,
        "limit-max-content-length",
    ]
