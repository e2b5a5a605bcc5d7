"""Which host a request is for, validated once per `Host` header.

A strict check refuses a malformed header too, and compares names without case, port or
a final dot; one that is not strict answers as Werkzeug does.

Well-formed is what every reader of a URL takes for the same host: an IPv6 address in
brackets, or names joined by single dots. RFC 3986 §3.2.2 allows more letters than the
DNS; of these the underscore is accepted, and a hyphen at the end of a name, because
container networks have such hosts. The others could end a host for one reader and not
for another, and a name that starts with a hyphen is an option for many commands. The
port may be empty (§3.2.3). Finding out takes time in proportion to the length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv6Address
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import BadHost, SecurityError
from werkzeug.sansio.utils import get_current_url
from werkzeug.wsgi import get_host

_REMEMBERED = 256
_LONGEST_NAME = 255  # RFC 1035 §2.3.4
_LONGEST = _LONGEST_NAME + len(":65535")
_LABEL = r"[a-z0-9_][a-z0-9_-]*"
# After each label comes a dot or the end: there is one way to read a host.
_WELL_FORMED = re.compile(
    rf"({_LABEL}(?:\.{_LABEL})*\.?|\[[0-9a-f]*:[0-9a-f:.]+\])(?::([1-9][0-9]{{0,4}})?)?",
    re.ASCII | re.IGNORECASE,
)
_LAST_PORT = 65_535
_DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


class NoTrustedHosts(ValueError):
    """The list of trusted hosts is empty, which would trust every host."""

    def __init__(self, trusted: object) -> None:
        super().__init__(
            f"The list of trusted hosts is {trusted!r}: it names no host and would"
            " trust every one. List the hosts that are answered for (in an app, with"
            " TRUSTED_HOSTS), or set it to None."
        )


class HostCheck:
    """Validates hosts under one set of settings and remembers what it accepted.

    Args:
        trusted: Host names; one that starts with a dot stands for its subdomains too.
            None trusts every host.
        strict: Refuse malformed headers, and compare names as the DNS does.

    Raises:
        NoTrustedHosts: The list is empty, and the check is strict.
    """

    def __init__(self, trusted: Iterable[str] | None, *, strict: bool) -> None:
        if strict and trusted is not None and not trusted:
            raise NoTrustedHosts(trusted)
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
            BadHost: It has a label that is empty, too long or no Punycode (400).
        """
        host = self._validate(environ)
        _check_labels(host, bound)
        header = environ.get("HTTP_HOST")
        if header is not None and len(header) <= _LONGEST:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[environ["wsgi.url_scheme"], header] = host
        return host

    def _validate(self, environ: WSGIEnvironment) -> str:
        if not self.strict:
            return get_host(environ, self.trusted)
        header = environ.get("HTTP_HOST")
        if header is None:
            host = get_host(environ)
        else:
            host = _read(header, environ["wsgi.url_scheme"])
        if self.trusted and not _is_listed(_plain(host), self.trusted):
            raise SecurityError(f"Host {host!r} is not trusted.")
        return host


def _read(header: str, scheme: str) -> str:
    """Return the host of a `Host` header, without an empty or default port."""
    found = _WELL_FORMED.fullmatch(header) if len(header) <= _LONGEST else None
    name, port = ("", None) if found is None else found.groups()
    if (
        not 0 < len(name) <= _LONGEST_NAME
        or (port and int(port) > _LAST_PORT)
        or (name[0] == "[" and not _is_address(name[1:-1]))
    ):
        raise SecurityError("The Host header is malformed.")
    return name if not port or port == _DEFAULT_PORTS.get(scheme) else header


def _is_address(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def _check_labels(host: str, bound: bool) -> None:
    name = host.partition(":")[0]
    try:
        if bound:
            name.encode("idna")
        # Where it is shown, as by `request.url`, Punycode is decoded.
        get_current_url("http", host)
        # That passes over what is none from Python 3.13 on.
        if "xn--" in name.lower():
            name.lower().encode("ascii").decode("idna")
        return
    except UnicodeError:
        pass
    # Without a cause, whose frames would lead to the request that keeps the error.
    raise BadHost


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
