from __future__ import annotations

from datetime import timedelta
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tantalus_sessions import DEFAULT_CONFIG


class Host:
    """The least an application has to be."""

    def __init__(self, secret_key: str | None = "key", **config: Any) -> None:
        self.config = {**DEFAULT_CONFIG, **config}
        self.secret_key: str | bytes | None = secret_key
        self.permanent_session_lifetime = timedelta(days=31)
        self.debug = False


def request(cookie: str | None = None, base_url: str = "http://localhost") -> Request:
    headers = [("Cookie", cookie)] if cookie is not None else []
    return Request(EnvironBuilder(base_url=base_url, headers=headers).get_environ())
