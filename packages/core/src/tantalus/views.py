"""Views written as classes: one method for all requests or one per HTTP method."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import tantalus_routing as routing
from tantalus_routing import http_method_funcs as http_method_funcs

from .globals import current_app, request
from .typing import ResponseReturnValue


class View(routing.View):
    """A view as a class: write `dispatch_request()`, register `as_view("name")`."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Return the response. The variables of the URL come as keyword arguments."""
        return super().dispatch_request()  # type: ignore[no-any-return]  # raises

    @staticmethod
    def ensure_sync(function: Callable[..., Any]) -> Callable[..., Any]:
        """Return what is called in place of a method: typed, and to its end."""
        typed = current_app.typed_methods
        if typed:
            found = typed.get(getattr(function, "__func__", function))
            if found is not None:
                instance = getattr(function, "__self__", None)
                function = found if instance is None else partial(found, instance)
        return current_app.ensure_sync(function)


class MethodView(routing.MethodView, View):
    """A view with a function for each HTTP method that it answers: `get`, `post`, ….

    `methods` is what the class and its bases have functions for.
    """

    def dispatch_request(self, **kwargs: Any) -> ResponseReturnValue:
        """Call the function named like the request's method; HEAD may go to `get`."""
        function = self.ensure_sync(self.function_for(request.method))
        return function(**kwargs)  # type: ignore[no-any-return]  # of any view
