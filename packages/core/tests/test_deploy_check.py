"""`tantalus check --deploy` on real apps: what is unsafe is found, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.debug import DebuggedApplication
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.profiler import ProfilerMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

import tantalus
from tantalus import App, Blueprint, Flask, flash, render_template_string, session
from tantalus.cli import ScriptInfo, cli
from tantalus_config import Secret
from tantalus_sessions import MemoryStore, StoreSessionInterface

KEY = "619f5dfed3ca18e8ed2472104e8632886bf8fa42ce46171e"
SAFE: dict[str, Any] = {"SECRET_KEY": KEY, "TRUSTED_HOSTS": ["www.example.org"]}
SAFE_FLASK: dict[str, Any] = SAFE | {
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CROSS_SITE": "refuse",
    "MAX_CONTENT_LENGTH": 1_000_000,
}


def remember() -> str:
    session["seen"] = True
    return "Hello."


def greet() -> str:
    return "Hello."


def made(cls: type[App] = App, view: Any = remember, **changed: Any) -> App:
    app = cls("shop")
    app.config.update((SAFE_FLASK if cls is Flask else SAFE) | changed)
    app.add_url_rule("/", "index", view)
    return app


def check(app: Any) -> tuple[int, list[dict[str, str]], str]:
    """Return status, findings and output of the command."""
    found = ScriptInfo(create_app=lambda: app)
    done = CliRunner().invoke(cli, ["check", "--deploy", "--json"], obj=found)
    return done.exit_code, json.loads(done.output), done.output


def codes(app: Any) -> list[str]:
    return [finding["code"] for finding in check(app)[1]]


def wrapped(*around: Callable[[Any], Any]) -> App:
    app = made()
    for middleware in around:
        app.wsgi_app = middleware(app.wsgi_app)  # type: ignore[method-assign]
    return app


def debugged(application: Any) -> Any:
    return DebuggedApplication(application, pin_security=False)


def in_closure(application: Any) -> Any:
    def middleware(environ: Any, start_response: Any) -> Any:
        return application(environ, start_response)

    return middleware


def in_partial(application: Any) -> Any:
    return partial(in_closure, application)


def mounted(application: Any) -> Any:
    return DispatcherMiddleware(in_closure(None), {"/shop": application})


def unescaped(**options: Any) -> App:
    app = made()
    app.jinja_options = options
    return app


class Unescaped(App):
    def select_jinja_autoescape(self, filename: str | None) -> bool:
        return False


INSECURE: dict[str, tuple[Callable[[], Any], str]] = {
    "debug mode": (partial(made, DEBUG=True), "debug"),
    "testing mode": (partial(made, TESTING=True), "testing"),
    "no key": (partial(made, SECRET_KEY=None), "key-missing"),
    "no key, Flask": (partial(made, Flask, SECRET_KEY=None), "key-missing"),
    "short key": (partial(made, SECRET_KEY="x7!kq"), "key-weak"),
    "placeholder": (partial(made, SECRET_KEY="dev"), "key-weak"),
    "long placeholder": (
        partial(made, SECRET_KEY="change-me-in-production-this-is-only-a-placeholder"),
        "key-weak",
    ),
    "key of a sentence": (
        partial(made, SECRET_KEY="from the environment, at least 32 bytes"),
        "key-weak",
    ),
    "digits in order": (partial(made, SECRET_KEY="1234567890" * 4), "key-weak"),
    "key that repeats": (partial(made, SECRET_KEY="k3Nv8TqZ" * 4), "key-weak"),
    "former placeholder": (
        partial(made, SECRET_KEY_FALLBACKS=[KEY, "your-secret-key-goes-here"]),
        "key-fallback-weak",
    ),
    "former key as text": (
        partial(made, SECRET_KEY_FALLBACKS=KEY),
        "key-fallback-weak",
    ),
    "debugger": (partial(wrapped, debugged), "debugger"),
    "debugger below a proxy": (partial(wrapped, debugged, ProxyFix), "debugger"),
    "debugger in a closure": (partial(wrapped, debugged, in_closure), "debugger"),
    "debugger in a partial": (partial(wrapped, debugged, in_partial), "debugger"),
    "debugger of a mounted app": (partial(wrapped, debugged, mounted), "debugger"),
    "debugger around the app": (lambda: ProxyFix(debugged(made())), "debugger"),
    "profiler": (partial(wrapped, ProfilerMiddleware), "profiler"),
    "errors let through": (
        partial(made, PROPAGATE_EXCEPTIONS=True),
        "propagate-exceptions",
    ),
    "pages as errors": (
        partial(made, TRAP_HTTP_EXCEPTIONS=True),
        "trap-http-exceptions",
    ),
    "escaping off": (partial(unescaped, autoescape=False), "autoescape"),
    "escaping off by class": (partial(made, Unescaped), "autoescape"),
    "cookie without https": (
        partial(made, SESSION_COOKIE_SECURE=False),
        "cookie-secure",
    ),
    "cookie as Flask sends it": (
        partial(made, Flask, SESSION_COOKIE_SECURE=False),
        "cookie-secure",
    ),
    "secure as text": (partial(made, SESSION_COOKIE_SECURE="false"), "cookie-secure"),
    "cookie for scripts": (
        partial(made, SESSION_COOKIE_HTTPONLY=False),
        "cookie-httponly",
    ),
    "cookie for all sites": (
        partial(made, SESSION_COOKIE_SAMESITE=None),
        "cookie-samesite",
    ),
    "unknown SameSite": (
        partial(made, Flask, SESSION_COOKIE_SAMESITE="Relaxed"),
        "cookie-samesite-unknown",
    ),
    "host prefix": (partial(made, SESSION_COOKIE_NAME="__Host-s"), "cookie-prefix"),
    "host prefix and domain": (
        partial(
            made,
            Flask,
            SESSION_COOKIE_NAME="__Host-s",
            SESSION_COOKIE_DOMAIN="example.org",
        ),
        "cookie-prefix",
    ),
    "cookie name": (partial(made, SESSION_COOKIE_NAME="my session"), "cookie-name"),
    "cookie path": (partial(made, SESSION_COOKIE_PATH="shop"), "cookie-path"),
    "cookie domain": (partial(made, SESSION_COOKIE_DOMAIN=".co.uk"), "cookie-domain"),
    "partitioned": (
        partial(made, SESSION_COOKIE_PARTITIONED=True),
        "cookie-partitioned",
    ),
    "no lifetime": (
        partial(made, PERMANENT_SESSION_LIFETIME=None),
        "session-lifetime",
    ),
    "lifetime of a life": (
        partial(made, PERMANENT_SESSION_LIFETIME=timedelta(days=36_500)),
        "session-lifetime",
    ),
    "all hosts": (partial(made, TRUSTED_HOSTS=None), "hosts"),
    "no host": (partial(made, TRUSTED_HOSTS=[]), "hosts"),
    "hosts as text": (partial(made, TRUSTED_HOSTS="www.example.org"), "hosts"),
    "wildcard": (partial(made, TRUSTED_HOSTS=["*"]), "hosts-wrong"),
    "wildcard below": (partial(made, TRUSTED_HOSTS=["*.example.org"]), "hosts-wrong"),
    "host as URL": (partial(made, TRUSTED_HOSTS=["https://a.example"]), "hosts-wrong"),
    "all of .com": (partial(made, TRUSTED_HOSTS=[".com"]), "hosts-wide"),
    "all of a hoster": (partial(made, TRUSTED_HOSTS=[".herokuapp.com"]), "hosts-wide"),
    "hosts unchecked": (partial(made, STRICT_HOSTS=False), "strict-hosts"),
    "other sites allowed": (partial(made, CROSS_SITE="allow"), "cross-site-off"),
    "other sites logged": (partial(made, CROSS_SITE="log"), "cross-site-off"),
    "other sites allowed, by default": (
        lambda: made(Flask, CROSS_SITE=Flask("tests").config["CROSS_SITE"]),
        "cross-site-off",
    ),
    "no headers for browsers": (
        partial(made, SECURITY_HEADERS=None),
        "security-headers",
    ),
    "short keys allowed": (
        partial(made, MIN_SECRET_KEY_LENGTH=0),
        "min-secret-key-length",
    ),
    "forms unlimited": (
        partial(made, LIMIT_URLENCODED_FORMS=False),
        "limit-urlencoded-forms",
    ),
    "no limit": (partial(made, MAX_CONTENT_LENGTH=None), "limit-max-content-length"),
    "absurd limit": (
        partial(made, MAX_CONTENT_LENGTH=10**15),
        "limit-max-content-length",
    ),
    "form fields unlimited": (
        partial(made, MAX_FORM_MEMORY_SIZE=None),
        "limit-max-form-memory-size",
    ),
    "limit as text": (partial(made, MAX_FORM_PARTS="1000"), "limit-max-form-parts"),
}


@pytest.mark.parametrize("name", INSECURE)
def test_an_insecure_app_is_found_out(name: str) -> None:
    make, code = INSECURE[name]

    status, findings, output = check(make())

    assert status == 1
    assert code in [finding["code"] for finding in findings]
    assert all(finding["cure"] for finding in findings)
    assert KEY not in output


def stored() -> App:
    app = made(SECRET_KEY=None)
    app.session_interface = StoreSessionInterface(MemoryStore())
    return app


def api(cls: type[App]) -> App:
    app = cls("api")
    app.config.update(TRUSTED_HOSTS=["api.example.org"], MAX_CONTENT_LENGTH=1_000_000)
    app.add_url_rule("/", "index", lambda: {"a": 1})
    app.before_request(lambda: None)
    app.errorhandler(404)(lambda error: ({"error": "unknown"}, 404))
    return app


class Database:
    """Has a session that is none of ours."""

    session = ("a",)


DATABASE = Database()


def read() -> str:
    return DATABASE.session[0]


def with_tokens() -> App:
    app = made(Flask, CROSS_SITE="allow")
    app.extensions["csrf"] = object()  # as Flask-WTF says that it is there
    return app


SECURE: dict[str, Callable[[], Any]] = {
    "App": made,
    "Flask": partial(made, Flask),
    "sessions in a store": stored,
    "an API without sessions": partial(api, App),
    "an API of Flask without sessions": partial(api, Flask),
    "a database session": partial(made, view=read, SECRET_KEY=None),
    "behind a proxy": partial(wrapped, ProxyFix),
    "behind several": partial(wrapped, in_closure, ProxyFix, in_partial),
    "a wrapped app": lambda: ProxyFix(in_closure(made())),
    "host prefix": partial(
        made, SESSION_COOKIE_NAME="__Host-s", SESSION_COOKIE_SECURE=True
    ),
    "tokens in forms": with_tokens,
    "an API for every site": partial(made, view=greet, CROSS_SITE="allow"),
    "own subdomains": partial(made, TRUSTED_HOSTS=[".example.org", "localhost:8000"]),
    "a former key": partial(made, SECRET_KEY_FALLBACKS=[KEY[::-1]]),
    "key of bytes": partial(made, SECRET_KEY=bytes.fromhex(KEY)),
    "below a path": partial(made, APPLICATION_ROOT="/shop"),
    "a year, in seconds": partial(made, PERMANENT_SESSION_LIFETIME=365 * 86_400),
    "large uploads": partial(made, MAX_CONTENT_LENGTH=2 * 1024**3),
    "a cookie for subdomains": partial(
        made, SESSION_COOKIE_DOMAIN="example.org", SESSION_COOKIE_SAMESITE="Strict"
    ),
}


@pytest.mark.parametrize("name", SECURE)
def test_a_secure_app_is_not_accused(name: str) -> None:
    assert check(SECURE[name]())[:2] == (0, [])


def by_attribute() -> str:
    return str(tantalus.session.get("seen"))


def by_helper() -> str:
    return remember()


def by_message() -> str:
    flash("Hello.")
    return greet()


def decorated(view: Callable[[], str]) -> Callable[[], str]:
    return lambda: view()


class Greeting:
    def __call__(self) -> str:
        return by_helper()


@pytest.mark.parametrize(
    "view",
    [
        remember,
        by_attribute,
        by_helper,
        by_message,
        decorated(remember),
        partial(remember),
        Greeting(),
        Greeting().__call__,
    ],
    ids=[
        "name", "attribute", "helper", "message", "decorator", "partial", "instance",
        "method",
    ],
)  # fmt: skip
def test_sessions_without_a_key_are_found_in_the_code(view: Any) -> None:
    assert codes(made(view=view, SECRET_KEY=None)) == ["key-missing"]


@pytest.mark.parametrize("kind", [App, Blueprint], ids=["app", "blueprint"])
def test_sessions_without_a_key_are_found_in_hooks(kind: type) -> None:
    app = made(view=greet, SECRET_KEY=None)
    owner: Any = app if kind is App else Blueprint("news", "news")
    owner.before_request(by_message)
    if kind is Blueprint:
        app.register_blueprint(owner)

    assert codes(app) == ["key-missing"]


def test_what_start_up_refuses_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careful(App):
        def check_settings(self) -> None:
            super().check_settings()
            raise RuntimeError("The folder of uploads is missing.")

    (finding,) = check(made(Careful))[1]

    assert finding["code"] == "start-up"
    assert finding["problem"].endswith("The folder of uploads is missing.")


def test_start_up_asks_the_method_that_the_check_asks() -> None:
    class Careful(App):
        def check_settings(self) -> None:
            raise RuntimeError("The folder of uploads is missing.")

    assert made(Careful).test_client().get("/").status_code == 500


def test_a_template_with_escaping_is_rendered_after_a_check() -> None:
    app = made()
    check(app)

    with app.app_context():
        assert render_template_string("{{ a }}", a="<") == "&lt;"


@dataclass
class Store:
    url: Secret = Secret("sqlite:///shop.db")  # noqa: RUF009 - it never changes
    debug: bool = False


@dataclass
class Settings:
    secret_key: Secret
    debug: bool = False
    store: Store = field(default_factory=Store)


def test_the_types_of_settings_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    app = made()
    for name, value in {
        "DEBUG": "yes",
        "SECRET_KEY": "change-me-change-me",
        "STORE__DEBUG": "on",
    }.items():
        monkeypatch.setenv(f"SHOP_{name}", value)

    app.config.load(Settings, "SHOP")

    _, findings, output = check(app)
    assert [(finding["code"], finding["setting"]) for finding in findings] == [
        ("debug", "DEBUG"),
        ("key-weak", "SECRET_KEY"),
        ("secret-weak", "STORE.URL"),
        ("debug-setting", "STORE.DEBUG"),
    ]
    assert "change-me" not in output
    assert "sqlite" not in output


def test_settings_with_types_that_are_safe_are_not_accused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = made()
    monkeypatch.setenv("SHOP_SECRET_KEY", KEY)
    monkeypatch.setenv("SHOP_STORE__URL", "postgresql://shop:pw@db/shop")

    app.config.load(Settings, "SHOP")

    assert codes(app) == []
