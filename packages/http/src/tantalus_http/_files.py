"""Files as responses: any file, or a user's choice from a folder.

The headers of a file are made by Werkzeug, and remembered until the file changes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from mimetypes import guess_type
from os import PathLike
from typing import IO, Any, AnyStr
from wsgiref.types import WSGIEnvironment

import werkzeug.utils
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable
from werkzeug.security import safe_join
from werkzeug.wsgi import wrap_file

from ._conditions import write_date
from ._headers import check_text, checked, unchecked
from ._response import Response

#: What a file was asked to be sent as → (mtime in ns, size), headers.
_headers: dict[tuple[Any, ...], tuple[tuple[int, int], list[tuple[str, str]]]] = {}
_REMEMBERED = 1024
_BLOCK = 65_536  # bytes that are read at once


def send_file(
    path_or_file: PathLike[AnyStr] | str | IO[bytes],
    environ: WSGIEnvironment,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | Callable[[str | None], int | None] | None = None,
    *,
    root_path: str = "",
    response_class: type[Response] = Response,
    use_x_sendfile: bool = False,
) -> Response:
    """Return a response with a file that this program chose.

    Never pass what a user sent; that is for `send_from_directory()`.

    Args:
        path_or_file: A path, or a file opened in binary mode, which is sent from its
            position; a `BytesIO` at its end, as after writing, is sent whole.
        mimetype: Guessed from the name if None.
        as_attachment: Have browsers save the file rather than show it.
        download_name: The name to save it under; by default its own.
        conditional: Answer conditional and range requests.
        etag: Whether there is one, or which.
        last_modified: A date or seconds since 1970; by default that of the file.
        max_age: Seconds to cache it for, or a function from the path to that; None is
            to ask each time.
        root_path: What paths are relative to; by default the current folder.
        use_x_sendfile: Leave the sending to the server, by the header `X-Sendfile`.

    Raises:
        OSError: The file can't be read.
        TypeError: Nothing tells the name or type of an opened file.
        ValueError: It was opened in text mode.
    """
    options: dict[str, Any] = {
        "mimetype": mimetype,
        "as_attachment": as_attachment,
        "download_name": download_name,
        "etag": etag,
        "last_modified": last_modified,
        "max_age": max_age,
    }
    if isinstance(path_or_file, BytesIO):
        path_or_file = _to_send(path_or_file)
    if use_x_sendfile or not isinstance(path_or_file, (str, PathLike)):
        return werkzeug.utils.send_file(  # type: ignore[return-value]  # response_class
            path_or_file,  # type: ignore[arg-type]  # a path of bytes is one too
            environ,
            conditional=conditional,
            use_x_sendfile=use_x_sendfile,
            response_class=response_class,
            _root_path=root_path,
            **options,
        )
    path: Any = os.fspath(path_or_file)
    if root_path:
        path = os.path.join(root_path, path)
    return _send_path(path, response_class, environ, conditional, options)


def _to_send(file: BytesIO) -> BytesIO:
    """Return a file with what is sent of another: the rest, from its position.

    One at its end was written and not rewound: all of it is sent.
    """
    position = file.tell()
    if position == 0:
        return file
    if position < file.getbuffer().nbytes:
        return BytesIO(file.read())
    file.seek(0)
    return file


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
    size, headers = _headers_of(path, options)
    file = open(path, "rb", buffering=0)  # noqa: SIM115 - the response closes it
    response = response_class(
        wrap_file(environ, file, _BLOCK),
        headers=unchecked(headers),
        direct_passthrough=True,
    )
    if max_age is not None:
        response.headers["Expires"] = write_date(int(time.time() + max_age))
    if not conditional:
        return response
    try:
        return response.make_conditional(environ, True, size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise


def _headers_of(
    path: str, options: dict[str, Any]
) -> tuple[int, list[tuple[str, str]]]:
    """Return size and headers of a file; made once for each change of the file.

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
        # Before the file is opened, which nobody would close.
        check_text("The media type", kind)
        check_text("The ETag", str(options["etag"]))
        made = werkzeug.utils.send_file(path, {}, conditional=False, **options)
        made.close()
        if len(_headers) >= _REMEMBERED:
            _headers.clear()
        known = _headers[key] = state, list(checked(made.headers))
    return stat.st_size, known[1].copy()


def send_from_directory(
    directory: PathLike[str] | str,
    path: PathLike[str] | str,
    environ: WSGIEnvironment,
    *,
    root_path: str = "",
    **options: Any,
) -> Response:
    """Return a response with a file that a user chose from a folder.

    Args:
        directory: The folder, relative to `root_path`. Not from a user.
        path: Relative to `directory`.
        options: As for `send_file()`.

    Raises:
        NotFound: There is no such file in the folder, or the path leads out of it.
    """
    joined = safe_join(os.fspath(directory), os.fspath(path))
    if joined is None:
        raise NotFound
    if root_path:
        joined = os.path.join(root_path, joined)
    if not os.path.isfile(joined):
        raise NotFound
    return send_file(joined, environ, **options)
