"""Raising the HTTP error of a status code."""

from __future__ import annotations

from typing import Any, NoReturn

from werkzeug.exceptions import Aborter as WerkzeugAborter
from werkzeug.sansio.response import Response


class Aborter(WerkzeugAborter):
    """Raises the error of a status code, or one that answers with a response.

    Werkzeug's, but a code is looked up first.
    """

    def __call__(self, code: int | Response, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise it.

        Args:
            code: Or the response to answer with.
            args: For the class of the error, as are `kwargs`.

        Raises:
            HTTPException: The error.
            LookupError: No error has this code.
        """
        error = self.mapping.get(code) if type(code) is int else None
        if error is None:
            super().__call__(code, *args, **kwargs)
        raise error(*args, **kwargs)
