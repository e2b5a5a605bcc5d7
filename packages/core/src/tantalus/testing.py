"""The test client and command runner of an app; see `tantalus_testing`."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse
from werkzeug.wrappers import Request as BaseRequest

import tantalus_testing as testing
from tantalus_cli import ScriptInfo, WSGICallable

from ._state._steps import see_patches

__all__ = ["EnvironBuilder", "FlaskCliRunner", "FlaskClient"]


class EnvironBuilder(testing.EnvironBuilder):
    """Makes the environ of a request with the app's host, mount point and JSON."""


class FlaskClient(testing.Client):
    """Calls the app without a server, and keeps its cookies between the calls."""

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
