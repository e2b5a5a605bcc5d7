"""Views whose answers depend on the conditions of the request (RFC 9110 §13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from werkzeug.exceptions import PreconditionFailed, RequestedRangeNotSatisfiable
from werkzeug.http import http_date, quote_etag

import tantalus_http as http

from ..ctx import RequestContext, _request_context_for
from ..wrappers import Response

View = TypeVar("View", bound=Callable[..., Any])
ETag = str | Callable[..., str | None] | None
Modified = datetime | float | Callable[..., datetime | float | None] | None
_READING = frozenset({"GET", "HEAD"})
# How the keys of conditions begin in an environ.
_CONDITIONS = ("HTTP_IF_", "HTTP_RANGE")


def conditional(
    *, etag: ETag = None, modified: Modified = None
) -> Callable[[View], View]:
    """Decorate a view that need not run if the client has what it would answer.

    What has not changed is 304, and what would overwrite the work of another is 412,
    before the view runs. Parts of files are made here, so the view does not see what
    the client asks of them.

    Args:
        etag: The tag of what there is now, or a function that is called as the view is
            and returns it; None for what does not exist.
        modified: When it was changed last, in the same ways; also in seconds since
            1970.

    Raises:
        TypeError: Neither is given, or one is of another type.
    """
    if etag is None and modified is None:
        raise TypeError(
            "conditional() compares nothing: pass 'etag', 'modified' or both."
        )
    if not (etag is None or isinstance(etag, str) or callable(etag)):
        raise TypeError(
            f"etag={etag!r} is neither text nor a function that returns it."
        )
    if isinstance(modified, bool | str):
        raise TypeError(f"modified={modified!r} is no date, nor seconds or a function.")

    def decorator(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def awaited(*args: Any, **values: Any) -> Any:
                state = _State(etag, modified, args, values)
                early = state.unmet()
                if early is not None:
                    return early
                with state:
                    answer = await view(*args, **values)
                return state.finished(answer)

            return awaited  # type: ignore[return-value]  # same signature

        @wraps(view)
        def called(*args: Any, **values: Any) -> Any:
            state = _State(etag, modified, args, values)
            early = state.unmet()
            if early is not None:
                return early
            with state:
                answer = view(*args, **values)
            return state.finished(answer)

        return called  # type: ignore[return-value]  # idem

    return decorator


class _State:
    """What there is now, and one request for it. Inside, its conditions are hidden."""

    def __init__(
        self, etag: ETag, modified: Modified, args: tuple[Any, ...], values: Any
    ) -> None:
        self.ctx: RequestContext = _request_context_for("conditional")
        self.environ = self.ctx.request.environ
        found = etag(*args, **values) if callable(etag) else etag
        date = modified(*args, **values) if callable(modified) else modified
        if found is not None and not found.startswith(('"', 'W/"')):
            found = quote_etag(found)
        self.etag, self.modified = found, http.as_date(date)
        self._hidden: dict[str, str] = {}

    def unmet(self) -> Response | None:
        """Return the answer to conditions that do not hold.

        Raises:
            PreconditionFailed: The client takes something else for the state (412).
        """
        exists = self.etag is not None or self.modified is not None
        status = http.unmet_condition(
            self.environ, self.etag, self.modified, exists=exists
        )
        if status is None:
            return None
        if status == 412:
            raise PreconditionFailed
        response = self.ctx.app.response_class(status=status)
        self._tell(response)
        return response

    def __enter__(self) -> None:
        if self.ctx.request.method in _READING:
            names = [key for key in self.environ if key.startswith(_CONDITIONS)]
            self._hidden = {name: self.environ.pop(name) for name in names}

    def __exit__(self, *error: object) -> None:
        self.environ.update(self._hidden)

    def finished(self, answer: Any) -> Response:
        """Return what the view has answered, with tag and date, or a part of it."""
        response = self.ctx.app.make_response(answer)
        if self.ctx.request.method not in _READING or response.status_code != 200:
            return response
        self._tell(response)
        size = response.content_length
        if response.direct_passthrough and size is not None:
            response.headers.remove("Accept-Ranges")
            try:
                response.make_conditional(self.environ, True, size)
            except RequestedRangeNotSatisfiable:
                response.close()
                raise
        return response

    def _tell(self, response: Response) -> None:
        if self.etag is not None:
            response.headers["ETag"] = self.etag
        if self.modified is not None:
            response.headers["Last-Modified"] = http_date(self.modified)
