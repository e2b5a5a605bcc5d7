"""Settings of the session cookie that are unsafe, or that browsers do not take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from tantalus_cli._findings import Finding, is_shared, setting

# A cookie's name is a token (RFC 6265 §4.1.1, RFC 9110 §5.6.2).
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_PATHS = re.compile(r"[;\x00-\x1f\x7f]")
# Browsers keep no cookie for longer (RFC 6265bis §5.5).
_LONGEST = timedelta(days=400)


def find_cookie_risks(app: object) -> Iterator[Finding]:
    """Yield what is wrong with the session cookie of `app`."""
    for check in (_flags, _same_site, _name, _place, _lifetime):
        yield from check(app)


def _flags(app: object) -> Iterator[Finding]:
    secure = setting(app, "SESSION_COOKIE_SECURE")
    # Text out of an environment variable is true, whatever it says.
    if not secure or (isinstance(secure, str) and secure != "auto"):
        yield Finding(
            "cookie-secure",
            "SESSION_COOKIE_SECURE",
            "The session cookie is also sent without HTTPS, where others can read it.",
            "Set SESSION_COOKIE_SECURE = True.",
        )
    if setting(app, "SESSION_COOKIE_HTTPONLY", default=True) not in (True, 1):
        yield Finding(
            "cookie-httponly",
            "SESSION_COOKIE_HTTPONLY",
            "Scripts on a page can read the session cookie.",
            "Remove SESSION_COOKIE_HTTPONLY, or set it to True.",
        )
    if setting(app, "SESSION_COOKIE_PARTITIONED") and secure is not True:
        yield Finding(
            "cookie-partitioned",
            "SESSION_COOKIE_PARTITIONED",
            "Browsers drop a partitioned cookie that is not Secure.",
            "Set SESSION_COOKIE_SECURE = True.",
        )


def _same_site(app: object) -> Iterator[Finding]:
    value = setting(app, "SESSION_COOKIE_SAMESITE")
    known = str(value).lower()
    if not value or known == "none":
        yield Finding(
            "cookie-samesite",
            "SESSION_COOKIE_SAMESITE",
            "Forms on other sites can act with the session of a visitor.",
            "Set SESSION_COOKIE_SAMESITE = 'Lax'.",
        )
    elif known not in ("lax", "strict"):
        yield Finding(
            "cookie-samesite-unknown",
            "SESSION_COOKIE_SAMESITE",
            f"SameSite {value!r} does not exist: saving a session is an error.",
            "Set SESSION_COOKIE_SAMESITE = 'Lax'.",
        )


def _name(app: object) -> Iterator[Finding]:
    name = setting(app, "SESSION_COOKIE_NAME", default="session")
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        yield Finding(
            "cookie-name",
            "SESSION_COOKIE_NAME",
            f"{name!r} is no name for a cookie: browsers drop it.",
            "Use letters, digits, '-' and '_', or remove the setting.",
        )
        return
    prefix = name.lower()
    secure = setting(app, "SESSION_COOKIE_SECURE") is True
    if prefix.startswith(("__host-", "__secure-")) and not secure:
        yield Finding(
            "cookie-prefix",
            "SESSION_COOKIE_NAME",
            f"Browsers drop a cookie named {name!r} that is not always Secure.",
            "Set SESSION_COOKIE_SECURE = True.",
        )
    path = setting(app, "SESSION_COOKIE_PATH") or setting(app, "APPLICATION_ROOT")
    # An app takes "auto" for "/" with this prefix.
    wide = setting(app, "SESSION_COOKIE_DOMAIN") or path not in (None, "/", "auto")
    if prefix.startswith("__host-") and wide:
        yield Finding(
            "cookie-prefix",
            "SESSION_COOKIE_NAME",
            f"Browsers drop a cookie named {name!r} with a domain, or a path but '/'.",
            "Remove SESSION_COOKIE_DOMAIN, and set SESSION_COOKIE_PATH = '/'.",
        )


def _place(app: object) -> Iterator[Finding]:
    for name in ("SESSION_COOKIE_PATH", "APPLICATION_ROOT"):
        path = setting(app, name)
        if name == "SESSION_COOKIE_PATH" and path == "auto":
            continue  # which the app replaces by where it is mounted
        if path and (not str(path).startswith("/") or _NOT_IN_PATHS.search(str(path))):
            yield Finding(
                "cookie-path",
                name,
                f"Browsers do not take {path!r} for the path of the session cookie.",
                f"Begin {name} with '/', without ';'.",
            )
    domain = setting(app, "SESSION_COOKIE_DOMAIN")
    if domain and is_shared(str(domain)):
        yield Finding(
            "cookie-domain",
            "SESSION_COOKIE_DOMAIN",
            f"The sites of others lie below {domain!r}: browsers drop a cookie for all"
            " of them, or send it to them.",
            "Remove SESSION_COOKIE_DOMAIN, or name your own domain.",
        )


def _lifetime(app: object) -> Iterator[Finding]:
    value = setting(app, "PERMANENT_SESSION_LIFETIME", default=timedelta(days=31))
    if isinstance(value, int) and not isinstance(value, bool):
        value = timedelta(seconds=min(max(value, 0), 10**10))
    if not isinstance(value, timedelta) or value <= timedelta():
        yield Finding(
            "session-lifetime",
            "PERMANENT_SESSION_LIFETIME",
            f"{value!r} is no time to live: saving a permanent session is an error, or"
            " ends it.",
            "Set PERMANENT_SESSION_LIFETIME = timedelta(days=31), or less.",
        )
    elif value > _LONGEST:
        yield Finding(
            "session-lifetime",
            "PERMANENT_SESSION_LIFETIME",
            f"A stolen session is good for {value.days} days, if the visitor does not"
            " log out.",
            "Set PERMANENT_SESSION_LIFETIME = timedelta(days=31), or less.",
        )
