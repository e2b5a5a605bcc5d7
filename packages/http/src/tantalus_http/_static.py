"""Files that never change under their URL, which carries a hash of their content.

What is asked for under the hash that it has can be cached for ever, because another
content gets another URL. Without the hash, or with an outdated one, the file is served
all the same. A file is read for its hash only if what the URL carries looks like one,
and by one of all that ask at the same time.
"""

from __future__ import annotations

import errno
import hashlib
import os
from stat import S_ISREG
from threading import Lock
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.security import safe_join

from ._files import send_from_directory
from ._response import Response

_YEAR = 31_536_000  # seconds; RFC 2616 §14.21 asked for no more, caches still expect it
_HASH_DIGITS = 16
_DIGITS = frozenset("0123456789abcdef")

#: Path → (mtime in ns, size, hash), the oldest first.
_hashes: dict[str, tuple[int, int, str]] = {}
_REMEMBERED = 8192
#: Path → held while its file is read.
_reading: dict[str, Lock] = {}
#: Held while one of both is changed.
_changing = Lock()


def send_static_file(
    folder: str,
    filename: str,
    environ: WSGIEnvironment,
    *,
    version: str | None = None,
    **options: Any,
) -> Response:
    """Return the response for a static URL.

    Args:
        folder: The path of the static folder.
        filename: The part of the URL that names the file.
        version: The hash that the URL carries. If it is that of the file, browsers
            keep it for a year and do not ask again, whatever `max_age` is.
        options: As for `send_file()`.

    Raises:
        NotFound: There is no such file in the folder.
    """
    if (
        version is None
        or not _is_hash(version)
        or version != static_version(folder, filename)
    ):
        return send_from_directory(folder, filename, environ, **options)
    options["max_age"] = _YEAR
    response = send_from_directory(folder, filename, environ, **options)
    response.cache_control.immutable = True
    return response


def _is_hash(version: str) -> bool:
    return len(version) == _HASH_DIGITS and _DIGITS.issuperset(version)


def static_version(folder: str, filename: str) -> str | None:
    """Return the hash of a file in a static folder, None if there is no such file."""
    path = safe_join(folder, filename)
    if path is None:
        return None
    try:
        return static_hash(path)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None


def static_hash(path: str) -> str:
    """Return a hash of a file's content, computed once for each change of the file.

    A change is seen by the time of modification or the size.

    Raises:
        OSError: The file can't be read, or is no regular file.
    """
    known = _known(path)
    if known is not None:
        return known
    with _changing:
        lock = _reading.setdefault(path, Lock())
    with lock:
        try:
            # Whoever held the lock before may have read the file.
            return _known(path) or _read(path)
        finally:
            with _changing:
                _reading.pop(path, None)


def _known(path: str) -> str | None:
    """Return the hash that is remembered, if the file is as it was then."""
    stat = os.stat(path)
    if not S_ISREG(stat.st_mode):
        # Opening a pipe would wait for somebody to write to it.
        raise OSError(errno.EINVAL, "This is no regular file", path)
    known = _hashes.get(path)
    if known is None or known[:2] != (stat.st_mtime_ns, stat.st_size):
        return None
    return known[2]


def _read(path: str) -> str:
    """Return the hash of a file, read now, and remember it."""
    with open(path, "rb") as file:
        stat = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:_HASH_DIGITS]
    with _changing:
        _hashes.pop(path, None)
        if len(_hashes) >= _REMEMBERED:
            del _hashes[next(iter(_hashes))]
        _hashes[path] = (stat.st_mtime_ns, stat.st_size, digest)
    return digest
