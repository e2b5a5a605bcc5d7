"""Explaining why a file is missing.

A browser sends files only if the form has the right `enctype`, and otherwise their
names, as fields of the form.
"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request


class DebugFilesKeyError(KeyError, AssertionError):
    """A file was asked for that the form did not send, because of its `enctype`."""

    def __init__(self, request: Request, key: str) -> None:
        self.msg = (
            f"There is no file {key!r} in request.files. The request has the type"
            f" {request.mimetype!r} instead of 'multipart/form-data', so no file"
            ' contents were transmitted. Add enctype="multipart/form-data" to the form.'
        )
        names = ", ".join(map(repr, request.form.getlist(key)))
        if names:
            self.msg += (
                f"\n\nThe browser sent file names only. This was submitted: {names}"
            )
        super().__init__(self.msg)

    def __str__(self) -> str:
        return self.msg


def explain_missing_files(request: Request) -> None:
    """Make `request.files[key]` explain a form that was sent without its files."""
    plain = type(request.files)

    class Explaining(plain):  # type: ignore[valid-type, misc]  # a class from a value
        def __getitem__(self, key: str) -> Any:
            try:
                return super().__getitem__(key)
            except KeyError as err:
                if key not in request.form:
                    raise
                explained = DebugFilesKeyError(request, key)
                raise explained.with_traceback(err.__traceback__) from None

    Explaining.__name__ = plain.__name__
    Explaining.__module__ = plain.__module__
    request.files.__class__ = Explaining
