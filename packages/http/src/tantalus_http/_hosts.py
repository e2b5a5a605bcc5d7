"""Which host a request is for, validated once per `Host` header.

A strict check refuses a malformed header too, and compares names without case, port or
a final dot; one that is not strict answers as Werkzeug does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import BadHost, SecurityError
from werkzeug.wsgi import get_host

_REMEMBERED = 256
_WELL_FORMED = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?)+(?::[0-9]{1,5})?"
    r"|\[[0-9a-f:.]+\](?::[0-9]{1,5})?",
    re.ASCII | re.IGNORECASE,
)


class HostCheck:
    """Validates hosts under one set of settings and remembers what it accepted.

    Args:
        trusted: Host names; one that starts with a dot stands for its subdomains too.
            None trusts every host.
        strict: Refuse malformed headers, and compare names as the DNS does.
    """

    def __init__(self, trusted: Iterable[str] | None, *, strict: bool) -> None:
        self.trusted = None if trusted is None else _listed(trusted)
        self.strict = strict
        #: Accepted hosts by scheme and header.
        self.known: dict[tuple[str, str], str] = {}

    def host_of(self, environ: WSGIEnvironment, *, bound: bool = True) -> str:
        """Return the host a request is for, without a default port.

        Args:
            bound: URLs are built with this host, so it has to be one of the DNS.

        Raises:
            SecurityError: The host is not trusted or, if strict, malformed (400).
            BadHost: It has a label that is empty or too long (400).
        """
        host = self._validate(environ)
        if bound:
            _check_labels(host)
        if "HTTP_HOST" in environ:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[environ["wsgi.url_scheme"], environ["HTTP_HOST"]] = host
        return host

    def _validate(self, environ: WSGIEnvironment) -> str:
        if not self.strict:
            return get_host(environ, self.trusted)
        host = get_host(environ)
        header = environ.get("HTTP_HOST")
        if header is not None and not (host and _WELL_FORMED.fullmatch(header)):
            raise SecurityError("The Host header is malformed.")
        if self.trusted and not _is_listed(_plain(host), self.trusted):
            raise SecurityError(f"Host {host!r} is not trusted.")
        return host


def _check_labels(host: str) -> None:
    try:
        host.partition(":")[0].encode("idna")
    except UnicodeError as error:
        raise BadHost() from error


def _listed(hosts: Iterable[str]) -> list[str]:
    return [hosts] if isinstance(hosts, str) else list(hosts)


def _plain(host: str) -> str:
    """Return `host` in lower case without port and final dot."""
    host = host.lower()
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).removesuffix(".")


def _is_listed(host: str, trusted: list[str]) -> bool:
    return any(
        host == name.removeprefix(".") or (name[:1] == "." and host.endswith(name))
        for name in map(_plain, trusted)
    )
