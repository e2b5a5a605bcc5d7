"""Settings that are fine at home and unsafe in production.

Each check is a function of the app that returns its findings; the table at the end is
the order in which they are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from tantalus_cli._app import HasConfig

# HMAC with SHA-1 or SHA-256 gains nothing from more, and loses from less.
_KEY_BYTES = 32
_KEY_SYMBOLS = 8
_PLACEHOLDERS = ("change", "default", "dev", "example", "insecure", "secret", "test")


class Finding(NamedTuple):
    """Something unsafe: a stable code, the setting, what is wrong, what to do."""

    code: str
    setting: str
    problem: str
    cure: str


_DEBUG = Finding(
    "debug",
    "DEBUG",
    "Debug mode is on: errors show code and settings to visitors.",
    "Remove DEBUG from the settings and the environment.",
)


def find_risks(app: object, *, debug: bool) -> list[Finding]:
    """Return what is unsafe about `app`, which must have a `config`.

    Args:
        debug: The debug mode of the app, before the command line has set it.
    """
    risks = [finding for check in _CHECKS for finding in check(app)]
    return [_DEBUG, *risks] if debug else risks


def _testing(app: object) -> Iterator[Finding]:
    if _setting(app, "TESTING"):
        yield Finding(
            "testing",
            "TESTING",
            "Testing mode is on: errors are not handled.",
            "Remove TESTING from the settings.",
        )
    if type(getattr(app, "wsgi_app", None)).__module__.startswith("werkzeug.debug"):
        yield Finding(
            "debugger",
            "wsgi_app",
            "The interactive debugger wraps the app: visitors may run code.",
            "Remove DebuggedApplication; 'run --debug' brings it where it is wanted.",
        )


def _keys(app: object) -> Iterator[Finding]:
    key = _setting(app, "SECRET_KEY")
    if not key:
        yield Finding(
            "key-missing",
            "SECRET_KEY",
            "There is no secret key: sessions and signed links cannot work.",
            "Set SECRET_KEY to what the command 'secret' prints.",
        )
    elif problem := _weakness(key):
        yield Finding(
            "key-weak",
            "SECRET_KEY",
            f"The secret key {problem}: signatures can be forged.",
            "Set SECRET_KEY to what the command 'secret' prints.",
        )
    for number, fallback in enumerate(_setting(app, "SECRET_KEY_FALLBACKS") or (), 1):
        if problem := _weakness(fallback):
            yield Finding(
                "key-fallback-weak",
                "SECRET_KEY_FALLBACKS",
                f"Former key number {number} {problem}: signatures can be forged.",
                "Remove it; those who still use it have to log in again.",
            )


def _weakness(key: object) -> str | None:
    """Return what is wrong with a key as the end of a sentence, never the key."""
    content = key.encode() if isinstance(key, str) else key
    if not isinstance(content, bytes):
        return "is neither text nor bytes"
    lowered = content.decode("latin-1").lower()
    if len(content) < _KEY_BYTES:
        placeholder = next((word for word in _PLACEHOLDERS if word in lowered), None)
        if placeholder:
            return f"looks like a placeholder ({placeholder!r})"
        if len(content) < _KEY_BYTES // 2:
            return f"has only {len(content)} bytes"
    if len(set(content)) < _KEY_SYMBOLS:
        return f"has only {len(set(content))} different characters"
    return None


def _cookies(app: object) -> Iterator[Finding]:
    if not _setting(app, "SESSION_COOKIE_SECURE"):
        yield Finding(
            "cookie-secure",
            "SESSION_COOKIE_SECURE",
            "The session cookie is also sent without HTTPS, where others can read it.",
            "Set SESSION_COOKIE_SECURE = True.",
        )
    if not _setting(app, "SESSION_COOKIE_HTTPONLY", default=True):
        yield Finding(
            "cookie-httponly",
            "SESSION_COOKIE_HTTPONLY",
            "Scripts on a page can read the session cookie.",
            "Remove SESSION_COOKIE_HTTPONLY = False.",
        )
    same_site = _setting(app, "SESSION_COOKIE_SAMESITE")
    if not same_site or str(same_site).lower() == "none":
        yield Finding(
            "cookie-samesite",
            "SESSION_COOKIE_SAMESITE",
            "Forms on other sites can act with the session of a visitor.",
            "Set SESSION_COOKIE_SAMESITE = 'Lax'.",
        )


def _hosts(app: object) -> Iterator[Finding]:
    if not _setting(app, "TRUSTED_HOSTS"):
        yield Finding(
            "hosts",
            "TRUSTED_HOSTS",
            "Requests for any host name are answered, and links are made with it.",
            "Set TRUSTED_HOSTS = ['www.example.org'], with the names of this site.",
        )


def _limits(app: object) -> Iterator[Finding]:
    for setting, default in _LIMITS.items():
        if _setting(app, setting, default=default) is None:
            yield Finding(
                f"limit-{setting.lower().replace('_', '-')}",
                setting,
                "A request may be of any size, and fill memory or disk.",
                f"Set {setting} to the largest that the app has to accept.",
            )


def _setting(app: object, name: str, *, default: Any = None) -> Any:
    # Settings have any type; the app has been seen to have a `config`.
    return cast(HasConfig, app).config.get(name, default)


# The values that count where a setting is missing altogether.
_LIMITS = {
    "MAX_CONTENT_LENGTH": None,
    "MAX_FORM_MEMORY_SIZE": 500_000,
    "MAX_FORM_PARTS": 1_000,
}

_CHECKS: tuple[Callable[[object], Iterator[Finding]], ...] = (
    _testing,
    _keys,
    _cookies,
    _hosts,
    _limits,
)
