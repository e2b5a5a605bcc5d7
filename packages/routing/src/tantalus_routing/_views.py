"""Views written as classes: one method for all requests or one per HTTP method."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

#: The names of the functions that answer for a method.
http_method_funcs: frozenset[str] = frozenset(
    ["delete", "get", "head", "options", "patch", "post", "put", "trace"]
)


class View:
    """A view as a class: write `dispatch_request()`, register `as_view("name")`."""

    #: The HTTP methods that the view answers; None for the default of a route.
    methods: ClassVar[Collection[str] | None] = None

    #: Whether OPTIONS is answered for the view; None for the default of a route.
    provide_automatic_options: ClassVar[bool | None] = None

    #: Applied to the view function, first to last. A decorator of the class is not.
    decorators: ClassVar[list[Callable[..., Any]]] = []

    #: Make an instance for each request. False is faster: one instance then serves
    #: all requests, at the same time too, and must keep nothing of them.
    init_every_request: ClassVar[bool] = True

    def dispatch_request(self, *args: Any, **kwargs: Any) -> Any:
        """Return the answer to what the view function is called with.

        A `Router` passes the request, and the variables of the URL by name.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no dispatch_request(). Write it: it is what"
            " answers requests."
        )

    @staticmethod
    def ensure_sync(function: Callable[..., Any]) -> Callable[..., Any]:
        """Return what is called in place of a method; a framework may adapt it."""
        return function

    @classmethod
    def as_view(
        cls, name: str, *class_args: Any, **class_kwargs: Any
    ) -> Callable[..., Any]:
        """Return the view function to register, with `name` as its endpoint.

        Args:
            class_args: Passed to the class, as is `class_kwargs`.
        """
        shared = None if cls.init_every_request else cls(*class_args, **class_kwargs)

        def view(*args: Any, **kwargs: Any) -> Any:
            instance = shared
            if instance is None:
                # From the attribute of the finished function, where tests replace it.
                instance = made.view_class(*class_args, **class_kwargs)
            return cls.ensure_sync(instance.dispatch_request)(*args, **kwargs)

        view.__name__ = name
        view.__module__ = cls.__module__
        made: Any = view
        for decorator in cls.decorators:
            made = decorator(made)
        made.view_class = cls
        made.__name__ = name
        made.__doc__ = cls.__doc__
        made.__module__ = cls.__module__
        made.methods = cls.methods
        made.provide_automatic_options = cls.provide_automatic_options
        return made  # type: ignore[no-any-return]  # decorators return anything


class MethodView(View):
    """A view with a function for each HTTP method that it answers: `get`, `post`, ….

    `methods` is what the class and its bases have functions for.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" not in vars(cls):
            methods = {name.upper() for name in http_method_funcs if hasattr(cls, name)}
            for base in cls.__bases__:
                methods.update(getattr(base, "methods", None) or ())
            if methods:
                cls.methods = methods

    def dispatch_request(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function for the method of the request, the first argument."""
        return self.ensure_sync(self.function_for(args[0].method))(*args, **kwargs)

    def function_for(self, method: str) -> Callable[..., Any]:
        """Return the function named like an HTTP method; HEAD may go to `get`.

        Raises:
            NotImplementedError: There is none.
        """
        found = getattr(self, method.lower(), None)
        if found is None and method == "HEAD":
            found = getattr(self, "get", None)
        if found is None:
            raise NotImplementedError(
                f"{type(self).__name__} is registered for {method} but has no"
                f" {method.lower()}(). Write it, or leave the method out of `methods`."
            )
        function: Callable[..., Any] = found
        return function
