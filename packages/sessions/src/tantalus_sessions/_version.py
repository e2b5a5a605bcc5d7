"""Which settings of an application a version stands for, so that they are read once."""

from __future__ import annotations

from collections.abc import Hashable
from operator import itemgetter

from ._binding import BINDING, binding
from ._interface import DEFAULT_CONFIG, SessionHost

# Ours, and so a host need not have it.
_COMPRESS_FROM = "SESSION_COMPRESS_FROM"
_read = itemgetter(
    *(key for key in DEFAULT_CONFIG if key not in (*BINDING, _COMPRESS_FROM))
)


def compress_from(app: SessionHost) -> int:
    """Return from how many bytes on a session is compressed, if it gets shorter."""
    least: int = app.config.get(_COMPRESS_FROM, 0)
    return least


def version_of(app: SessionHost) -> Hashable:
    """Return what differs when the settings of `app` do; None if that can't be told.

    A host that does not count its changes has its settings compared.
    """
    settings_version = getattr(app, "settings_version", None)
    if settings_version is not None:
        version: int | None = settings_version()
        return version
    try:
        settings = (
            _read(app.config),
            app.secret_key,
            app.permanent_session_lifetime,
            binding(app),
            compress_from(app),
        )
        hash(settings)
    except (KeyError, TypeError):  # such as older keys in a list
        return None
    return settings
