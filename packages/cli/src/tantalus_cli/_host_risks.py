"""Settings that name the hosts of an app, and do not fit hosts or one another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tantalus_cli._findings import Finding, is_shared, setting

# What is a name of no host: wildcards, URLs, user names, spaces.
_NO_HOST = frozenset("*/@?#\\ \t\r\n,")
_PORT = re.compile(r":[0-9]+\Z")


def find_host_risks(app: object) -> Iterator[Finding]:
    """Yield what is wrong with the hosts that the settings of `app` name."""
    for check in (_trusted, _server_name, _cookie_domain):
        yield from check(app)


def _trusted(app: object) -> Iterator[Finding]:
    trusted = setting(app, "TRUSTED_HOSTS")
    if not trusted or isinstance(trusted, str):
        yield Finding(
            "hosts",
            "TRUSTED_HOSTS",
            "Requests for any host name are answered, and links are made with it."
            if not trusted
            else "TRUSTED_HOSTS is one text: each letter is taken for a host.",
            "Set TRUSTED_HOSTS = ['www.example.org'], with the names of this site.",
        )
        return
    for host in trusted:
        if not isinstance(host, str) or not host.strip(".") or set(host) & _NO_HOST:
            yield Finding(
                "hosts-wrong",
                "TRUSTED_HOSTS",
                f"{host!r} is no name of a host, and no request matches it.",
                "Write 'www.example.org', or '.example.org' for its subdomains, too.",
            )
        elif host.startswith(".") and is_shared(host):
            yield Finding(
                "hosts-wide",
                "TRUSTED_HOSTS",
                f"{host!r} trusts the hosts of strangers: anybody can have one.",
                "Name the hosts of this site only.",
            )


def _server_name(app: object) -> Iterator[Finding]:
    name = setting(app, "SERVER_NAME")
    if name and _host_of(name) is None:
        host = str(name).partition("://")[2].partition("/")[0]
        yield Finding(
            "server-name",
            "SERVER_NAME",
            f"{name!r} is no name of a host: no request and no link matches it.",
            f"Write {host or 'www.example.org'!r}, without scheme and path.",
        )


def _cookie_domain(app: object) -> Iterator[Finding]:
    domain = setting(app, "SESSION_COOKIE_DOMAIN")
    hosts = _hosts_of(app)
    if not isinstance(domain, str) or not domain.strip(".") or not hosts:
        return
    if not any(_takes_cookies_for(domain.lower().strip("."), host) for host in hosts):
        yield Finding(
            "cookie-domain-foreign",
            "SESSION_COOKIE_DOMAIN",
            f"None of {', '.join(map(repr, hosts))} lies below {domain!r}, so browsers"
            " drop the session cookie.",
            "Remove SESSION_COOKIE_DOMAIN, or name the domain of TRUSTED_HOSTS.",
        )


def _hosts_of(app: object) -> list[str]:
    """Return the hosts that an app is reached at, without ports, as far as is known."""
    trusted = setting(app, "TRUSTED_HOSTS")
    named = trusted if isinstance(trusted, list | tuple | set) else ()
    return [
        host
        for host in map(_host_of, named or (setting(app, "SERVER_NAME"),))
        if host is not None
    ]


def _host_of(name: object) -> str | None:
    """Return the host in `name` without its port; None if there is none."""
    if not isinstance(name, str) or not name.strip(".") or set(name) & _NO_HOST:
        return None
    return _PORT.sub("", name.lower())


def _takes_cookies_for(domain: str, host: str) -> bool:
    """Tell whether a browser at `host` keeps a cookie for `domain` (RFC 6265 §5.1.3).

    A host that begins with a dot stands for those below it, too.
    """
    if host.startswith(".") and f".{domain}".endswith(host):
        return True
    return f".{host.strip('.')}".endswith(f".{domain}")
