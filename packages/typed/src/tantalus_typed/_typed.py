"""A decorator for frameworks that have a current request, as Flask and Bottle have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ._answer import Respond, triple
from ._binder import Binder
from ._bound import Bound
from ._errors import RequestError
from ._request import Source

View = TypeVar("View", bound=Callable[..., Any])


class Typed(Binder):
    """Makes views that are called with the variables of the path, and answer errors.

    What it returns is called by the framework, and has the name of the view. What is
    bound of it is its attribute `bound`.

    Args:
        request: Returns the current request.
        respond: Makes a response of (body, status, headers): `flask.Response`,
            `bottle.HTTPResponse`. It makes those of problem documents too.
        options: Those of `Binder`.
    """

    def __init__(
        self,
        request: Callable[[], Source],
        respond: Respond = triple,
        **options: Any,
    ) -> None:
        super().__init__(respond=respond, **options)
        self._request = request

    def __call__(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """Return what the framework calls.

        Raises:
            SetupError: A request cannot be read into the view.
        """
        bound = self.bind(view)
        made = self._async(bound) if bound.plan.is_async else self._plain(bound)
        functools.update_wrapper(made, view)
        made.bound = bound  # type: ignore[attr-defined]  # for `document()`, and tests
        return made

    def _plain(self, bound: Bound) -> Callable[..., Any]:
        request, refuse = self._current, self._refuse

        def endpoint(**args: Any) -> Any:
            try:
                return bound.call(request(), args)
            except RequestError as error:
                return refuse(error)

        return endpoint

    def _async(self, bound: Bound) -> Callable[..., Any]:
        request, refuse = self._current, self._refuse

        async def endpoint(**args: Any) -> Any:
            try:
                return await bound.call(request(), args)
            except RequestError as error:
                return refuse(error)

        return endpoint

    def _current(self) -> Source:
        """Return the request itself, which is read more than once, and no proxy."""
        found = self._request()
        if hasattr(type(found), "_get_current_object"):  # of Werkzeug, as Flask's
            found = found._get_current_object()  # type: ignore[attr-defined]  # it has
        return found

    def _refuse(self, error: RequestError) -> Any:
        return self._respond(error.body, error.status, error.headers)
