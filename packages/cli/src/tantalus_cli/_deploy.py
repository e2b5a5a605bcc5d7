"""Settings that are fine at home and unsafe in production.

Each check is a function of the app that returns its findings; the table at the end is
the order in which they are reported. What the app itself refuses when it begins to
serve is found by asking it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from tantalus_cli._app import ChecksSettings, has
from tantalus_cli._cookie_risks import find_cookie_risks
from tantalus_cli._findings import Finding, setting
from tantalus_cli._host_risks import find_host_risks
from tantalus_cli._keys import weakness
from tantalus_cli._layers import is_configured, layers
from tantalus_cli._session_use import uses_sessions
from tantalus_cli._settings import current_settings
from tantalus_cli._typed_settings import find_typed_risks

_DEBUG = Finding(
    "debug",
    "DEBUG",
    "Debug mode is on: errors show code and settings to visitors.",
    "Remove DEBUG from the settings and the environment.",
)


def find_risks(app: object, *, debug: bool) -> list[Finding]:
    """Return what is unsafe about `app`, or the app with a `config` inside of it.

    Args:
        debug: The debug mode of the app, before the command line has set it.
    """
    around = [*layers(app)]
    inner = next(filter(is_configured, around))
    # The command line has not set that of an app which it did not see.
    debug = debug or (inner is not app and bool(getattr(inner, "debug", False)))
    risks = [_DEBUG] if debug else []
    risks += _middleware(around)
    risks += [finding for check in _CHECKS for finding in check(inner)]
    return risks


def _start_up(app: object) -> Iterator[Finding]:
    if not has(app, "check_settings"):
        return
    try:
        cast(ChecksSettings, app).check_settings()
    except Exception as err:
        yield Finding(
            "start-up",
            "check_settings()",
            f"The app refuses to serve: {err}",
            "Correct this setting: each request is answered with an error.",
        )


def _errors(app: object) -> Iterator[Finding]:
    for name, problem in _ERROR_SETTINGS.items():
        if setting(app, name):
            yield Finding(
                name.lower().replace("_", "-"),
                name,
                problem,
                f"Remove {name} from the settings.",
            )


def _middleware(around: list[object]) -> Iterator[Finding]:
    found = {_home(kind) for layer in around for kind in type(layer).__mro__}
    if "werkzeug.debug" in found:
        yield Finding(
            "debugger",
            "wsgi_app",
            "The interactive debugger wraps the app: visitors may run code.",
            "Remove DebuggedApplication; 'run --debug' brings it where it is wanted.",
        )
    if "werkzeug.middleware.profiler" in found:
        yield Finding(
            "profiler",
            "wsgi_app",
            "A profiler wraps the app: each request is slow, and is written down.",
            "Remove ProfilerMiddleware.",
        )


def _home(kind: type) -> str:
    module = kind.__module__
    return "werkzeug.debug" if module.startswith("werkzeug.debug.") else module


def _keys(app: object) -> Iterator[Finding]:
    key = setting(app, "SECRET_KEY")
    if not key:
        if _signs_sessions(app) and uses_sessions(app):
            yield Finding(
                "key-missing",
                "SECRET_KEY",
                "There is no secret key: sessions and signed links cannot work.",
                _new_key(),
            )
    elif problem := weakness(key):
        yield Finding(
            "key-weak",
            "SECRET_KEY",
            f"The secret key {problem}: signatures can be forged.",
            _new_key(),
        )
    yield from _former_keys(setting(app, "SECRET_KEY_FALLBACKS") or ())


def _new_key() -> str:
    program = current_settings().program
    return f"Set SECRET_KEY to what the command '{program} secret' prints."


def _former_keys(keys: object) -> Iterator[Finding]:
    if not isinstance(keys, list | tuple):
        yield Finding(
            "key-fallback-weak",
            "SECRET_KEY_FALLBACKS",
            "The former keys are no list: each letter is taken for a key.",
            "Set SECRET_KEY_FALLBACKS to a list of keys.",
        )
        return
    for number, fallback in enumerate(keys, 1):
        if problem := weakness(fallback):
            yield Finding(
                "key-fallback-weak",
                "SECRET_KEY_FALLBACKS",
                f"Former key number {number} {problem}: signatures can be forged.",
                "Remove it; those who still use it have to log in again.",
            )


def _signs_sessions(app: object) -> bool:
    """Tell whether sessions need a key, as those in a store do not."""
    interface = getattr(app, "session_interface", None)
    return interface is None or hasattr(interface, "get_signing_serializer")


def _cookies(app: object) -> Iterator[Finding]:
    # An API without sessions sends no cookie.
    if setting(app, "SECRET_KEY") or not _signs_sessions(app) or uses_sessions(app):
        yield from find_cookie_risks(app)


def _guards(app: object) -> Iterator[Finding]:
    """Find what is safe in a new app of this class, and was switched off."""
    defaults = getattr(type(app), "default_config", None)
    if not isinstance(defaults, Mapping):
        return
    for name, problem in _GUARDS.items():
        if defaults.get(name) and not setting(app, name):
            yield Finding(
                name.lower().replace("_", "-"),
                name,
                problem,
                f"Remove {name} from the settings: it is safe by itself.",
            )


def _other_sites(app: object) -> Iterator[Finding]:
    """Find sessions that pages of other sites may act with."""
    mode = setting(app, "CROSS_SITE")
    # An app of a class without the setting has other means; tokens are one.
    if mode in {None, "refuse"} or "csrf" in getattr(app, "extensions", ()):
        return
    if uses_sessions(app):
        yield Finding(
            "cross-site-off",
            "CROSS_SITE",
            "Pages of other sites can send forms in the name of who is logged in.",
            "Set CROSS_SITE = 'refuse', and cross_site=True on routes for other sites.",
        )


def _limits(app: object) -> Iterator[Finding]:
    for name, (default, most) in _LIMITS.items():
        limit = setting(app, name, default=default)
        code = f"limit-{name.lower().replace('_', '-')}"
        cure = f"Set {name} to the largest that the app has to accept."
        if limit is None:
            problem = "A request may be of any size, and fill memory or disk."
            yield Finding(code, name, problem, cure)
        elif not isinstance(limit, int) or limit < 0:
            yield Finding(code, name, f"{limit!r} is no limit.", cure)
        elif limit > most:
            problem = f"{limit:,} is no limit that protects memory or disk."
            yield Finding(code, name, problem, cure)


def _templates(app: object) -> Iterator[Finding]:
    environment = getattr(app, "jinja_env", None)
    escapes: object = getattr(environment, "autoescape", True)
    if callable(escapes):
        escapes = escapes("index.html")
    if not escapes:
        yield Finding(
            "autoescape",
            "jinja_env.autoescape",
            "Templates do not escape: what visitors write becomes markup and script.",
            "Leave 'autoescape' as it is, and mark single values with '|safe'.",
        )


_ERROR_SETTINGS = {
    "TESTING": "Testing mode is on: errors are not handled.",
    "PROPAGATE_EXCEPTIONS": "Errors reach the server unhandled: no error page, no log.",
    "TRAP_HTTP_EXCEPTIONS": "Pages such as 404 are errors of the program: a 500.",
    "TRAP_BAD_REQUEST_ERRORS": "A request that lacks a field is a 500 instead of 400.",
}

_GUARDS = {
    "STRICT_HOSTS": "Malformed host names reach the app, its hooks and its links.",
    "CHECK_SESSION_COOKIE": "A session cookie that browsers drop is not told of.",
    "LIMIT_URLENCODED_FORMS": "Forms of any size and number of fields are read.",
    "SECURITY_HEADERS": "Other sites may show the pages in frames, among other things.",
    "MIN_SECRET_KEY_LENGTH": "Keys that can be guessed are accepted.",
}

# What counts where a setting is missing, and the most that can be meant.
_LIMITS = {
    "MAX_CONTENT_LENGTH": (None, 4 * 1024**3),
    "MAX_FORM_MEMORY_SIZE": (500_000, 100_000_000),
    "MAX_FORM_PARTS": (1_000, 100_000),
}

_CHECKS: tuple[Callable[[object], Iterator[Finding]], ...] = (
    _start_up,
    _errors,
    _keys,
    find_typed_risks,
    _cookies,
    find_host_risks,
    _guards,
    _other_sites,
    _limits,
    _templates,
)
