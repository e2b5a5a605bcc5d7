from __future__ import annotations

from datetime import timedelta
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

CONFIG: dict[str, Any] = {
    "APPLICATION_ROOT": "/",
    "SECRET_KEY_FALLBACKS": None,
    "SESSION_COOKIE_NAME": "session",
    "SESSION_COOKIE_DOMAIN": None,
    "SESSION_COOKIE_PATH": None,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SECURE": False,
    "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_COOKIE_SAMESITE": None,
    "SESSION_REFRESH_EACH_REQUEST": True,
    "MAX_COOKIE_SIZE": 4093,
}


class Host:
    """The least an application has to be."""

    def __init__(self, secret_key: str | None = "key", **config: Any) -> None:
        self.config = {**CONFIG, **config}
        self.secret_key: str | bytes | None = secret_key
        self.permanent_session_lifetime = timedelta(days=31)
        self.debug = False


def request(cookie: str | None = None, base_url: str = "http://localhost") -> Request:
    headers = [("Cookie", cookie)] if cookie is not None else []
    return Request(EnvironBuilder(base_url=base_url, headers=headers).get_environ())
