"""The test client and command runner of an app; see `tantalus_testing`."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from werkzeug.test import TestResponse
from werkzeug.wrappers import Request as BaseRequest

import tantalus_testing as testing
from tantalus_cli import ScriptInfo, WSGICallable

from ._live._running import start_lifespan, stop_lifespan
from ._state._steps import see_patches

__all__ = ["EnvironBuilder", "FlaskCliRunner", "FlaskClient"]


class EnvironBuilder(testing.EnvironBuilder):
    """Makes the environ of a request with the app's host, mount point and JSON."""


class FlaskClient(testing.Client):
    """Calls the app without a server, and keeps its cookies between the calls.

    What the app opens is open from the first request, or within `with client:`, until
    the block or the client is closed.
    """

    _has_begun = False

    def __enter__(self) -> Self:
        super().__enter__()
        # Unless it has begun as under a server of ASGI.
        self._has_begun = start_lifespan(self.application)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(exc_type, exc_value, traceback)
        if self._has_begun:
            stop_lifespan(self.application)

    def close(self) -> None:
        """Close what is open of the client, and what its app has opened."""
        super().close()
        stop_lifespan(self.application)

    def open(
        self,
        *args: Any,
        buffered: bool = False,
        follow_redirects: bool = False,
        **kwargs: Any,
    ) -> TestResponse:
        """Make a request and return the response; see `tantalus_testing.Client`."""
        see_patches(self.application)
        return super().open(
            *args, buffered=buffered, follow_redirects=follow_redirects, **kwargs
        )

    def _request_from_builder_args(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> BaseRequest:
        """Return the request that `open` would send: Flask-SocketIO asks for it."""
        kwargs["environ_base"] = self._merge_base(kwargs.get("environ_base"))
        builder = EnvironBuilder(self.application, *args, **kwargs)
        try:
            return builder.get_request(BaseRequest)
        finally:
            builder.close()


class FlaskCliRunner(testing.CliRunner):
    """Calls the app's commands without a shell."""

    app: WSGICallable

    def make_obj(self) -> ScriptInfo:
        """Return what tells the commands which app they work on."""
        return ScriptInfo(create_app=lambda: self.app)
