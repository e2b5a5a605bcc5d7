"""An environ builder that takes its defaults from the app.

What it asks of an app is optional: a bare WSGI callable gets `http://localhost/` and
the standard JSON encoder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import werkzeug.test

from ._errors import BaseUrlConflictError

# The keyword arguments of Werkzeug's builder, and JSON: both are the caller's business.
BuilderArgument: TypeAlias = Any
JSONValue: TypeAlias = Any

# (host, root path, scheme)
UrlSettings: TypeAlias = tuple[str, str, str]


class EnvironBuilder(werkzeug.test.EnvironBuilder):
    """Werkzeug's builder, with URL defaults and JSON encoder taken from `app`.

    Args:
        app: Any WSGI callable; its `config` and `json` are used if it has them.
        path: A path, or a whole URL, whose scheme and host then win over the defaults.
        base_url: Where the app is served; by default made from SERVER_NAME,
            APPLICATION_ROOT and PREFERRED_URL_SCHEME of `app.config`.
        subdomain: Put in front of SERVER_NAME.
        url_scheme: Instead of PREFERRED_URL_SCHEME.
        args: Further positional arguments of Werkzeug's builder.
        kwargs: Further keyword arguments of Werkzeug's builder.

    Raises:
        BaseUrlConflictError: `base_url` together with `subdomain` or `url_scheme`.
    """

    def __init__(
        self,
        app: object,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *args: BuilderArgument,
        **kwargs: BuilderArgument,
    ) -> None:
        if base_url and (subdomain or url_scheme):
            raise BaseUrlConflictError(base_url)

        if base_url is None:
            path, base_url = place(url_settings(app), path, subdomain, url_scheme)

        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: JSONValue, **kwargs: BuilderArgument) -> str:
        """Return `obj` as JSON text, by `app.json` if there is one."""
        return dumps_of(self.app)(obj, **kwargs)


def dumps_of(app: object) -> Callable[..., str]:
    """Return the function that turns values into JSON text as `app` does."""
    dumps: Callable[..., str] = getattr(getattr(app, "json", None), "dumps", json.dumps)
    return dumps


def url_settings(app: object) -> UrlSettings:
    """Return where `app` says it is served."""
    config: object = getattr(app, "config", None)
    if not isinstance(config, Mapping):
        config = {}
    return (
        config.get("SERVER_NAME") or "localhost",
        config.get("APPLICATION_ROOT") or "/",
        config.get("PREFERRED_URL_SCHEME") or "http",
    )


def place(
    settings: UrlSettings, path: str, subdomain: str | None, url_scheme: str | None
) -> tuple[str, str]:
    """Return (path with query, base URL) for a `path` that may be a whole URL."""
    host, root, scheme = settings
    host = f"{subdomain}.{host}" if subdomain else host
    url = urlsplit(path)
    base_url = (
        f"{url.scheme or url_scheme or scheme}://{url.netloc or host}"
        f"/{root.lstrip('/')}"
    )
    return f"{url.path}?{url.query}" if url.query else url.path, base_url
