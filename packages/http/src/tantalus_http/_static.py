"""Files that never change under their URL, which carries a hash of their content.

What is asked for under the hash that it has can be cached for ever, because another
content gets another URL. Without the hash, or with an outdated one, the file is served
all the same.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.security import safe_join

from ._files import send_from_directory
from ._response import Response

_YEAR = 31_536_000  # seconds; RFC 2616 §14.21 asked for no more, caches still expect it
_HASH_DIGITS = 16

#: Path → (mtime in ns, size, hash). As large as there are static files.
_hashes: dict[str, tuple[int, int, str]] = {}


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
    if version is None or version != static_version(folder, filename):
        return send_from_directory(folder, filename, environ, **options)
    options["max_age"] = _YEAR
    response = send_from_directory(folder, filename, environ, **options)
    response.cache_control.immutable = True
    return response


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
        OSError: The file can't be read.
    """
    stat = os.stat(path)
    known = _hashes.get(path)
    if known is not None and known[:2] == (stat.st_mtime_ns, stat.st_size):
        return known[2]
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:_HASH_DIGITS]
    _hashes[path] = (stat.st_mtime_ns, stat.st_size, digest)
    return digest
