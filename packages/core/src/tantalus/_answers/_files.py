"""Files as responses of the current app.

The URL of a static file carries a hash of its content, `?v=…` (`STATIC_HASH`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from os import PathLike
from typing import IO, Any, AnyStr

import werkzeug.utils

import tantalus_http as http

from .._state._app import AppState
from ..ctx import RequestContext, _request_context_for
from ..wrappers import Response

#: The argument of a static URL that carries the hash.
HASH_ARGUMENT = "v"
#: Werkzeug's own. Tests written for Flask put others in their place, and expect them
#: to be called.
_SEND_FILE = werkzeug.utils.send_file
_SEND_FROM_DIRECTORY = werkzeug.utils.send_from_directory


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
    options = {
        "mimetype": mimetype,
        "as_attachment": as_attachment,
        "download_name": download_name,
        "conditional": conditional,
        "etag": etag,
        "last_modified": last_modified,
        **_options(ctx, max_age),
    }
    if werkzeug.utils.send_file is not _SEND_FILE:
        return werkzeug.utils.send_file(  # type: ignore[return-value]  # as below
            path_or_file,  # type: ignore[arg-type]  # a path of bytes is one too
            **_for_werkzeug(ctx, options),
        )
    return http.send_file(  # type: ignore[return-value]  # the app's class
        path_or_file, ctx.request.environ, **options
    )


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
    ctx = _request_context_for("send_from_directory")
    kwargs.update(_options(ctx, kwargs.get("max_age")))
    if werkzeug.utils.send_from_directory is not _SEND_FROM_DIRECTORY:
        return werkzeug.utils.send_from_directory(  # type: ignore[return-value]  # as below
            directory, path, **_for_werkzeug(ctx, kwargs)
        )
    return http.send_from_directory(  # type: ignore[return-value]  # the app's class
        directory, path, ctx.request.environ, **kwargs
    )


def send_static_file(folder: str, filename: str, max_age: int | None) -> Response:
    """Return the response for a static URL.

    Args:
        folder: The absolute path of the static folder.
        filename: The part of the URL that names the file.
        max_age: Seconds to cache it for if the URL has no valid hash.

    Raises:
        NotFound: There is no such file in the folder.
    """
    ctx = _request_context_for("send_static_file")
    request, version = ctx.request, None
    if ctx.app.config["STATIC_HASH"] and request.query_string:
        version = request.args.get(HASH_ARGUMENT)
    return http.send_static_file(  # type: ignore[return-value]  # the app's class
        folder, filename, request.environ, version=version, **_options(ctx, max_age)
    )


def _options(ctx: RequestContext, max_age: Any) -> dict[str, Any]:
    """Return what the app decides about files."""
    app = ctx.app
    return {
        "max_age": app.get_send_file_max_age if max_age is None else max_age,
        "root_path": app.root_path,
        "response_class": app.response_class,
        "use_x_sendfile": app.config["USE_X_SENDFILE"],
    }


def _for_werkzeug(ctx: RequestContext, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options under the names that Werkzeug's functions give them."""
    return {
        "environ": ctx.request.environ,
        "_root_path": options.pop("root_path"),
        **options,
    }


def stamp_static_url(app: AppState, endpoint: str, values: dict[str, Any]) -> None:
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
    version = http.static_version(owner.static_folder, filename)
    if version is not None:
        values.setdefault(HASH_ARGUMENT, version)
