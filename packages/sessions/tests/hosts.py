from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tantalus_sessions import DEFAULT_CONFIG


class Host:
    """The least an application has to be."""

    def __init__(self, secret_key: str | None = "key", **config: Any) -> None:
        self.config: dict[str, Any] = {**DEFAULT_CONFIG, **config}
        self.secret_key: str | bytes | None = secret_key
        self.permanent_session_lifetime = timedelta(days=31)
        self.debug = False


class TaughtJSON:
    """Writes what JSON does not know."""

    def dumps(self, value: object) -> str:
        """Return JSON text."""
        return '"taught"'


class JSONHost(Host):
    """Has JSON of its own."""

    json = TaughtJSON()


class CountingHost(Host):
    """Counts the changes of its settings, and what is read of them."""

    def __init__(self, secret_key: str | None = "key", **config: Any) -> None:
        super().__init__(secret_key, **config)
        self.config = self.watched = Watched(self.config)
        self.version: int | None = next(_versions)

    def settings_version(self) -> int | None:
        """Return a number for the settings of now."""
        return self.version

    def change(self, **config: Any) -> None:
        """Change settings, and the version with them."""
        self.config.update(config)
        self.version = next(_versions)


class Watched(dict[str, Any]):
    """A dict that counts what is read."""

    reads = 0

    def __getitem__(self, key: str) -> Any:
        self.reads += 1
        return super().__getitem__(key)


_versions = itertools.count()


def request(cookie: str | None = None, base_url: str = "http://localhost") -> Request:
    headers = [("Cookie", cookie)] if cookie is not None else []
    return Request(EnvironBuilder(base_url=base_url, headers=headers).get_environ())
