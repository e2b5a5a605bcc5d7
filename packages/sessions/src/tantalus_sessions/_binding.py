"""Which application a signed cookie is for, said in the salt of its signature.

A cookie that was signed for another purpose is then nothing here, though the key be
the same.
"""

from __future__ import annotations

from collections.abc import Hashable

from ._interface import SessionHost

# Settings that Flask has not, and so a host need not have.
BINDING = ("BIND_SESSION_COOKIE", "ACCEPT_UNBOUND_SESSION_COOKIE")


def salts(
    app: SessionHost, salt: str | bytes, cookie_name: str
) -> tuple[str | bytes, tuple[str | bytes, ...]]:
    """Return the salt that signs, and those whose texts are read besides.

    Args:
        salt: That of cookies which are not bound to an application.

    Raises:
        TypeError: `BIND_SESSION_COOKIE` is neither a bool nor a name.
    """
    name, accept_unbound = binding(app)
    if name is None:
        return salt, ()
    if not isinstance(name, str):
        raise TypeError(
            f"BIND_SESSION_COOKIE={name!r} is neither True, False nor a name. Set it to"
            " the name that applications with common sessions share."
        )
    # No name has a NUL, so no two purposes have one salt.
    parts = (salt, name, cookie_name)
    bound = b"\0".join(
        part if isinstance(part, bytes) else part.encode() for part in parts
    )
    return bound, (salt,) if accept_unbound else ()


def binding(app: SessionHost) -> tuple[Hashable, bool]:
    """Return the name in the salt, None for none; and whether one without is read."""
    bound, accept_unbound = map(app.config.get, BINDING)
    if bound is True:
        bound = app.name  # type: ignore[attr-defined] # see SessionHost
    return bound or None, accept_unbound is not False
