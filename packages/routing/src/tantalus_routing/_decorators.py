"""Registering routes by decorating views."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ._errors import EndpointMissing

# A view takes what its rule gives and returns what its application understands.
View = Callable[..., Any]
# Options go to the rule class of the application, which may be anybody's.
Options = dict[str, Any]
ViewT = TypeVar("ViewT", bound=View)


class RouteTarget(Protocol):
    """Something that takes routes: an application, a group, a router.

    `provide_automatic_options` is among the options where a route says it.
    """

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: View | None = None,
        **options: Any,
    ) -> None:
        """Register one route."""


class RouteDecorators(ABC):
    """Decorators for views, on top of `add_url_rule()`."""

    @abstractmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: View | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Register a route; `options` are those of the rule class."""

    def route(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        """Register the decorated view; its name is the endpoint if none is given."""

        endpoint = options.pop("endpoint", None)

        def register(view: ViewT) -> ViewT:
            self.add_url_rule(rule, endpoint, view, **options)
            return view

        return register

    def get(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        """Register the decorated view for GET, and so for HEAD."""
        return self._route_for("GET", rule, options)

    def post(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        """Register the decorated view for POST."""
        return self._route_for("POST", rule, options)

    def put(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        """Register the decorated view for PUT."""
        return self._route_for("PUT", rule, options)

    def delete(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        """Register the decorated view for DELETE."""
        return self._route_for("DELETE", rule, options)

    def patch(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        """Register the decorated view for PATCH."""
        return self._route_for("PATCH", rule, options)

    def _route_for(
        self, method: str, rule: str, options: Options
    ) -> Callable[[ViewT], ViewT]:
        if "methods" in options:
            raise TypeError(
                f"{method.lower()}({rule!r}) fixes the method. Use the 'route'"
                " decorator to use the 'methods' argument."
            )
        return self.route(rule, methods=[method], **options)


def endpoint_of(view: View | None, rule: str = "") -> str:
    """Return the endpoint of a view that was registered without one.

    Args:
        rule: The text of its rule, for the error.

    Raises:
        EndpointMissing: The view has no name.
    """
    name: str | None = getattr(view, "__name__", None)
    if name is None:
        raise EndpointMissing(view, rule)
    return name
