"""Files as responses: any file, a user's choice from a folder, static files.

A static URL may carry a hash of the content, `?v=…` (`STATIC_HASH`). What is asked for
under the hash that it has can be cached for ever, because another content gets another
URL. Without the hash, or with an outdated one, the file is served all the same.

The headers of a file are made by Werkzeug, and remembered until the file changes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from datetime import datetime
from mimetypes import guess_type
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, AnyStr
from wsgiref.types import WSGIEnvironment

import werkzeug.utils
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable
from werkzeug.security import safe_join
from werkzeug.wsgi import wrap_file

from ._response import unchecked
from .ctx import _request_context_for
from .wrappers import Response

if TYPE_CHECKING:  # the app delegates to this module
    from ._app import App

#: The argument of a static URL that carries the hash.
HASH_ARGUMENT = "v"

_YEAR = 31_536_000  # seconds; RFC 2616 §14.21 asked for no more, caches still expect it
_HASH_DIGITS = 16

#: Path → (mtime in ns, size, hash). As large as there are static files.
_hashes: dict[str, tuple[int, int, str]] = {}

#: What a file was asked to be sent as → (mtime in ns, size), headers.
_headers: dict[tuple[Any, ...], tuple[tuple[int, int], list[tuple[str, str]]]] = {}
_REMEMBERED = 1024
_BLOCK = 65_536  # bytes that are read at once


def send_file(
    path_or_file: PathLike[AnyStr] | str | IO[bytes],
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | Callable[[str | None], int | None] | None = None,
) -> Response:
    """Return a response with a file that this program chose.

    Never pass what a user sent; that is for `send_from_directory()`.

    Args:
        path_or_file: A path, relative ones to the app's `root_path`, or a file opened
            in binary mode.
        mimetype: Guessed from the name if None.
        as_attachment: Have browsers save the file rather than show it.
        download_name: The name to save it under; by default its own.
        conditional: Answer conditional and range requests.
        etag: Whether there is one, or which.
        last_modified: A date or seconds since 1970; by default that of the file.
        max_age: Seconds to cache it for, or a function from the path to that. By
            default the app's `get_send_file_max_age()`; None is to ask each time.

    Raises:
        OSError: The file can't be read.
        TypeError: Nothing tells the name or type of an opened file.
        ValueError: It was opened in text mode.
    """
    ctx = _request_context_for("send_file")
    app, environ = ctx.app, ctx.request.environ
    options: dict[str, Any] = {
        "mimetype": mimetype,
        "as_attachment": as_attachment,
        "download_name": download_name,
        "etag": etag,
        "last_modified": last_modified,
        "max_age": app.get_send_file_max_age if max_age is None else max_age,
    }
    if app.config["USE_X_SENDFILE"] or not isinstance(path_or_file, (str, PathLike)):
        return werkzeug.utils.send_file(  # type: ignore[return-value]  # response_class
            path_or_file,  # type: ignore[arg-type]  # a path of bytes is one too
            environ,
            conditional=conditional,
            use_x_sendfile=app.config["USE_X_SENDFILE"],
            response_class=app.response_class,
            _root_path=app.root_path,
            **options,
        )
    path = os.path.join(app.root_path, path_or_file)  # type: ignore[arg-type]  # of str
    return _send_path(path, app.response_class, environ, conditional, options)


def _send_path(
    path: str,
    response_class: type[Response],
    environ: WSGIEnvironment,
    conditional: bool,
    options: dict[str, Any],
) -> Response:
    max_age = options["max_age"]
    if callable(max_age):
        max_age = options["max_age"] = max_age(path)
    size, kind, headers = _headers_of(path, options)
    file = open(path, "rb", buffering=0)  # noqa: SIM115 - the response closes it
    response = response_class(
        wrap_file(environ, file, _BLOCK),
        mimetype=kind,
        headers=unchecked(headers),
        direct_passthrough=True,
    )
    if max_age is not None:
        response.expires = int(time.time() + max_age)  # type: ignore[assignment]  # or seconds
    if not conditional:
        return response
    try:
        return response.make_conditional(environ, True, size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise


def _headers_of(
    path: str, options: dict[str, Any]
) -> tuple[int, str, list[tuple[str, str]]]:
    """Return size, type and headers of a file; made once for each change of the file.

    A change is seen by the time of modification or the size.
    """
    stat = os.stat(path)
    kind, name, coding = options["mimetype"], options["download_name"], None
    if kind is None:
        kind, coding = guess_type(os.path.basename(path) if name is None else name)
        kind = kind or "application/octet-stream"
    key = (path, kind, coding, *options.values())
    state = (stat.st_mtime_ns, stat.st_size)
    known = _headers.get(key)
    if known is None or known[0] != state:
        made = werkzeug.utils.send_file(path, {}, conditional=False, **options)
        made.close()
        if len(_headers) >= _REMEMBERED:
            _headers.clear()
        known = _headers[key] = state, list(made.headers)
    return stat.st_size, kind, known[1].copy()


def send_from_directory(
    directory: PathLike[str] | str,
    path: PathLike[str] | str,
    **kwargs: Any,
) -> Response:
    """Return a response with a file that a user chose from a folder.

    Args:
        directory: The folder, relative to the app's `root_path`. Not from a user.
        path: Relative to `directory`.
        kwargs: As for `send_file()`.

    Raises:
        NotFound: There is no such file in the folder, or the path leads out of it.
    """
    joined = safe_join(os.fspath(directory), os.fspath(path))
    if joined is None:
        raise NotFound
    ctx = _request_context_for("send_from_directory")
    joined = os.path.join(ctx.app.root_path, joined)
    if not os.path.isfile(joined):
        raise NotFound
    return send_file(joined, **kwargs)


def send_static_file(folder: str, filename: str, max_age: int | None) -> Response:
    """Return the response for a static URL.

    Args:
        folder: The absolute path of the static folder.
        filename: The part of the URL that names the file.
        max_age: Seconds to cache it for if the URL has no valid hash.

    Raises:
        NotFound: There is no such file in the folder.
    """
    if not _is_current(folder, filename):
        return send_from_directory(folder, filename, max_age=max_age)
    response = send_from_directory(folder, filename, max_age=_YEAR)
    response.cache_control.immutable = True
    return response


def stamp_static_url(app: App, endpoint: str, values: dict[str, Any]) -> None:
    """Add the hash of a static file to the values that its URL is built from.

    Nothing is added for other endpoints, for a file that does not exist, over a hash
    that is there already, or without the setting `STATIC_HASH`.

    Args:
        endpoint: That of the URL; a blueprint's static endpoint is told by its name.
        values: With `filename`; the hash becomes `v`.
    """
    owner_name, _, name = endpoint.rpartition(".")
    if name != "static" or not app.config["STATIC_HASH"]:
        return
    owner = app.blueprints.get(owner_name) if owner_name else app
    filename = values.get("filename")
    if owner is None or owner.static_folder is None or not isinstance(filename, str):
        return
    version = static_version(owner.static_folder, filename)
    if version is not None:
        values.setdefault(HASH_ARGUMENT, version)


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


def _is_current(folder: str, filename: str) -> bool:
    ctx = _request_context_for("send_static_file")
    if not ctx.app.config["STATIC_HASH"] or not ctx.request.query_string:
        return False
    version = ctx.request.args.get(HASH_ARGUMENT)
    return version is not None and version == static_version(folder, filename)
