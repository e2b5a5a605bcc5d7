"""Origins (RFC 6454): scheme, host and port of the page that a request comes from.

Two origins are the same if their three parts are, whatever case or default port they
are written with. What browsers never send is no origin: user names, paths, other
schemes, letters beyond ASCII, `null`. So nothing is read into a text that could be read
in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv6Address

# A host is not looked at closer: it is compared, and never connected to.
_ORIGIN = re.compile(
    r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?",
    re.ASCII | re.IGNORECASE,
)
_LAST_PORT = 65_535
# The longest name of a host, with scheme and port; more is not read.
_LONGEST = 300
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class NoOrigin(ValueError):
    """An entry of a list of origins is none."""

    def __init__(self, entry: object) -> None:
        self.entry = entry
        super().__init__(
            f"{entry!r} is no origin, and no page has it. Write 'https://' or 'http://',"
            " the host, and the port unless it is the usual one, with nothing behind:"
            " 'https://shop.example'. A name that is not ASCII is written as browsers"
            " send it, 'https://xn--…'."
        )


def read_origin(text: str) -> str | None:
    """Return an origin in the one form that is compared; None if it is none.

    Args:
        text: What a header `Origin` says.
    """
    found = _ORIGIN.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    scheme, host, port = found.groups()
    if port and int(port) > _LAST_PORT:
        return None
    return _joined(scheme.lower(), host.lower(), port or "")


def own_origin(scheme: str, host: str) -> str | None:
    """Return the origin of pages that are served under a host.

    Args:
        host: What the header `Host` says, with the port if there is one.
    """
    host = host.lower()
    name, colon, port = host.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        name, port = host.removesuffix(":"), ""
    return _joined(scheme, name, port)


def _joined(scheme: str, host: str, port: str) -> str | None:
    if host[:1] == "[":
        try:
            # One address can be written in many ways.
            host = f"[{IPv6Address(host[1:-1]).packed.hex()}]"
        except AddressValueError:
            return None
    if not port or port == _DEFAULT_PORTS.get(scheme):
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{port}"


def read_origins(entries: Iterable[str]) -> frozenset[str]:
    """Return a list of origins in the form that is compared.

    Raises:
        NoOrigin: An entry is no origin, or the list is one text.
    """
    if isinstance(entries, str):
        # Its letters would each be an entry.
        raise NoOrigin(entries)
    return frozenset(map(_required, entries))


def _required(entry: object) -> str:
    origin = read_origin(entry) if isinstance(entry, str) else None
    if origin is None:
        raise NoOrigin(entry)
    return origin
