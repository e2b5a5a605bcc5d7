"""The test client and command runner of an app; see `tantalus_testing`."""

from __future__ import annotations

import tantalus_testing as testing
from tantalus_cli import ScriptInfo

__all__ = ["EnvironBuilder", "FlaskCliRunner", "FlaskClient"]


class EnvironBuilder(testing.EnvironBuilder):
    """Makes the environ of a request with the app's host, mount point and JSON."""


class FlaskClient(testing.Client):
    """Calls the app without a server, and keeps its cookies between the calls."""


class FlaskCliRunner(testing.CliRunner):
    """Calls the app's commands without a shell."""

    def make_obj(self) -> ScriptInfo:
        """Return what tells the commands which app they work on."""
        return ScriptInfo(create_app=lambda: self.app)
