"""Which servers can call an app: those of WSGI, those of ASGI, or both."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol, TypeAlias, TypeGuard

from tantalus_cli._app import WSGICallable, has, is_app_like, is_wsgi_callable

# Keys and values depend on the type of the connection or the message.
Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_ASGI_PARAMETERS = ["scope", "receive", "send"]
# What the app objects of Starlette and FastAPI have, and their routers have not all.
_OF_AN_APP = ("debug", "router", "state")


class ASGICallable(Protocol):
    """An ASGI 3 application: a coroutine function, or an object that is called so."""

    def __call__(
        self, scope: Scope, receive: Receive, send: Send, /
    ) -> Awaitable[None]:
        """Serve one connection."""
        ...


AnyCallable: TypeAlias = WSGICallable | ASGICallable


def is_asgi_callable(value: object) -> TypeGuard[ASGICallable]:
    """Tell whether `value` can be called with `(scope, receive, send)`, and awaited.

    A plain function, which may return what is awaited, must have these parameters.
    """
    if not callable(value) or inspect.isclass(value):
        return False
    try:
        signature = inspect.signature(value)
        signature.bind(None, None, None)
    except (TypeError, ValueError):  # compiled callables may hide their parameters
        return False
    return _is_awaited(value) or list(signature.parameters) == _ASGI_PARAMETERS


def is_asgi_app(value: object) -> TypeGuard[ASGICallable]:
    """Tell whether `value` is an app object as FastAPI and Starlette make them."""
    if inspect.isroutine(value) or not is_asgi_callable(value):
        return False
    return all(hasattr(value, name) for name in _OF_AN_APP)


def is_any_app(value: object) -> TypeGuard[AnyCallable]:
    """Tell whether `value` is an app object of any kind."""
    return is_app_like(value) or is_asgi_app(value)


def is_any_callable(value: object) -> TypeGuard[AnyCallable]:
    """Tell whether some server can call `value`."""
    return is_asgi_callable(value) or is_wsgi_callable(value)


def speaks_asgi(app: object) -> TypeGuard[ASGICallable]:
    """Tell whether a server of ASGI can call `app`, as it says by an `asgi_app`."""
    return (callable(app) and has(app, "asgi_app")) or is_asgi_callable(app)


def speaks_asgi_alone(app: object) -> TypeGuard[ASGICallable]:
    """Tell whether a server of ASGI can call `app`, and one of WSGI cannot."""
    if not speaks_asgi(app):
        return False
    return _is_awaited(app) or not (is_app_like(app) or is_wsgi_callable(app))


def _is_awaited(value: Callable[..., object]) -> bool:
    awaited = inspect.iscoroutinefunction
    return awaited(value) or awaited(type(value).__call__)
