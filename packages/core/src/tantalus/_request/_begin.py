"""The first request of an app ends its set-up."""

from __future__ import annotations

import tantalus_http as http
from tantalus_sessions import SessionInterface

from .._live._running import start_lifespan
from .._state._app import AppState
from .._state._url_map import follow_settings
from ._cross_site import MODES
from ._for_browsers import cross_site_check

# Settings that are whole numbers, and the smallest that each may be.
_LEAST = {
    "BODY_READ_AHEAD": 0,
    "SESSION_COMPRESS_FROM": 0,
    "WORKER_QUEUE": 0,
    "WORKER_THREADS": 1,
}

# Settings that are numbers, or None for no limit.
_LIMITS = ("MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS")

# Settings that are True, None, or of a class of `tantalus_http`.
_FOR_BROWSERS = {"CORS": "CrossOrigin", "SECURITY_HEADERS": "SecurityHeaders"}


def begin_serving(app: AppState) -> None:
    """End the set-up of an app, unless it refuses its settings."""
    app.check_settings()
    start_lifespan(app)
    app._got_first_request = True


def check_settings(app: AppState) -> None:
    """Refuse settings that are wrong or dangerous, as the first request does.

    Signatures of typed views are read, too. Keys are not judged while debugging or
    testing.

    Raises:
        NoTrustedHosts: `TRUSTED_HOSTS` is empty, with `STRICT_HOSTS`.
        RuntimeError: The secret key is shorter than `MIN_SECRET_KEY_LENGTH`.
        ValueError: A setting that is a whole number is none, or too small;
            `CROSS_SITE` is no word that it may be, or `TRUSTED_ORIGINS` has what is no
            origin.
        CookiePolicyError: With `CHECK_SESSION_COOKIE`, browsers would refuse the
            session cookie with these settings.
        TypeError: No request can be read into a typed view.
    """
    for trusted in (app.config["TRUSTED_HOSTS"], app.request_class.trusted_hosts):
        http.HostCheck(trusted, strict=app.config["STRICT_HOSTS"])
    check_numbers(app)
    if app.config["CROSS_SITE"] not in MODES:
        raise ValueError(
            f"CROSS_SITE is {app.config['CROSS_SITE']!r}. Set it to 'refuse', 'log' or"
            " 'allow'."
        )
    cross_site_check(app)
    for name, kind in _FOR_BROWSERS.items():
        value = app.config[name]
        if value is None or type(value) is bool:
            continue
        if not isinstance(value, getattr(http, kind)):
            raise ValueError(
                f"{name} is {value!r}. Set it to True, None or a {kind}(...)."
            )
    key = app.secret_key
    minimum = app.config["MIN_SECRET_KEY_LENGTH"]
    if key and len(key) < minimum and not (app.debug or app.testing):
        raise RuntimeError(
            f"The secret key has {len(key)} characters; at least {minimum} are needed"
            " outside debug mode, or cookies can be forged. Make one with"
            " 'tantalus secret' and set it as SECRET_KEY."
        )
    interface = app.session_interface
    # One that has the documented methods alone, without our base class, has no check.
    if app.config["CHECK_SESSION_COOKIE"] and isinstance(interface, SessionInterface):
        interface.check(app)
    follow_settings(app)
    # Nobody needs it to import the package, which it makes slower.
    from .._typed._binding import bind_typed_views  # noqa: PLC0415 - see above

    bind_typed_views(app)


def check_numbers(app: AppState) -> None:
    """Refuse numbers of settings that nothing could work with.

    Raises:
        ValueError: One is no number, or too small.
    """
    for name, least in _LEAST.items():
        value = app.config[name]
        if type(value) is not int or value < least:
            raise ValueError(
                f"{name} is {value!r}. Set it to a whole number, {least} or more."
            )
    for name in _LIMITS:
        value = app.config[name]
        if value is not None and not isinstance(value, (int, float)):
            raise ValueError(
                f"{name} is {value!r}. Set it to a number, or to None for no limit."
            )
    limit = app.config["LOOP_GUARD"]
    if limit is not None and not (type(limit) in {int, float} and limit > 0):
        raise ValueError(f"LOOP_GUARD is {limit!r}. Set it to seconds, or to None.")
