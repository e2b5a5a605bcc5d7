"""What an app opens before the first request of a process, and closes at its end."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import tantalus_context as contexts

from .._state._app import AppState

F = TypeVar("F", bound=Callable[..., Any])


class AppLifespan(contexts.Lifespan[Any]):
    """The lifespan functions of an app, as `app.lifespan`.

    It begins with the first request of a process, or when a server says so; `stop()`
    lets the app be set up further, and begin anew with its next request.
    """

    def __init__(self, app: AppState) -> None:
        super().__init__()
        # The app holds this object: a reference back would be a cycle.
        self._app = weakref.ref(app)

    def __call__(self, function: F) -> F:
        """Register a generator function, of the app or of no argument."""
        app = self._app()
        assert app is not None
        app._check_setup_finished("lifespan")
        return super().__call__(function)

    def stop(self) -> None:
        """End all in reverse order; an error is logged, and the others end."""
        super().stop()
        app = self._app()
        if app is not None:
            app._got_first_request = False
