"""The settings of a new app: `Flask` has exactly Flask's, `App` the safer ones.

One code path serves both; whatever differs between the two classes is a setting here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tantalus_sessions import DEFAULT_CONFIG

#: What Flask documents, and what of ours is off for a migrated app.
FLASK_DEFAULTS: dict[str, Any] = {
    **DEFAULT_CONFIG,  # of sessions and their cookie
    "DEBUG": None,
    "TESTING": False,
    "PROPAGATE_EXCEPTIONS": None,
    "SECRET_KEY": None,
    "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
    "USE_X_SENDFILE": False,
    "TRUSTED_HOSTS": None,
    "SERVER_NAME": None,
    "MAX_CONTENT_LENGTH": None,
    "MAX_FORM_MEMORY_SIZE": 500_000,
    "MAX_FORM_PARTS": 1_000,
    "SEND_FILE_MAX_AGE_DEFAULT": None,
    "TRAP_BAD_REQUEST_ERRORS": None,
    "TRAP_HTTP_EXCEPTIONS": False,
    "EXPLAIN_TEMPLATE_LOADING": False,
    "PREFERRED_URL_SCHEME": "http",
    "TEMPLATES_AUTO_RELOAD": None,
    "PROVIDE_AUTOMATIC_OPTIONS": True,
    # Ours, for servers of ASGI:
    "BODY_READ_AHEAD": 65_536,
    "LOOP_GUARD": 0.25,
    "WEBSOCKET_MAX_RATE": 1_000,
    "WEBSOCKET_MAX_SIZE": 1_048_576,
    "WORKER_QUEUE": 1_000,
    "WORKER_THREADS": 40,
    # Ours, for typed views:
    "CHECK_RETURNS": None,
    # Ours, with Flask's behaviour:
    "BLUEPRINT_ERRORS_BY_PREFIX": False,
    "CHECK_BUILT_URLS": False,
    "CHECK_SESSION_COOKIE": False,
    "CORS": None,
    "CROSS_SITE": "allow",
    "EXPLAIN_UNKNOWN_URLS": False,
    "LIMIT_URLENCODED_FORMS": False,
    "MIN_SECRET_KEY_LENGTH": 0,
    "PATHS_WITHOUT_REQUEST": False,
    "PROBLEM_DOCUMENTS": False,
    "ROUTE_CONFLICTS": "ignore",
    "PRIVATE_WITH_COOKIES": False,
    "SECURITY_HEADERS": None,
    "SHARE_APP_CONTEXT": True,
    "STATIC_HASH": False,
    "STRICT_HOSTS": False,
    "TRUSTED_ORIGINS": (),
}

APP_DEFAULTS: dict[str, Any] = {
    **FLASK_DEFAULTS,
    "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
    "SESSION_COMPRESS_FROM": 128,
    "SESSION_COOKIE_PATH": "auto",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_SECURE": "auto",
    "BIND_SESSION_COOKIE": True,
    "BLUEPRINT_ERRORS_BY_PREFIX": True,
    "CHECK_BUILT_URLS": True,
    "CHECK_SESSION_COOKIE": True,
    "CROSS_SITE": "refuse",
    "EXPLAIN_UNKNOWN_URLS": True,
    "LIMIT_URLENCODED_FORMS": True,
    "MIN_SECRET_KEY_LENGTH": 16,
    "PATHS_WITHOUT_REQUEST": True,
    "PROBLEM_DOCUMENTS": True,
    "ROUTE_CONFLICTS": "raise",
    "PRIVATE_WITH_COOKIES": True,
    "SECURITY_HEADERS": True,
    "SHARE_APP_CONTEXT": False,
    "STATIC_HASH": True,
    "STRICT_HOSTS": True,
}
