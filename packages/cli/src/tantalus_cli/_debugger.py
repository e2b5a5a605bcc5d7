"""Werkzeug's debugger, whose page opens at the program's own code.

An error has often come out of a library that the program called, and the call has come
through the framework. What its writer looks for stands between. The debugger's page
marks the frames of installed files; a few lines after its script choose the last of the
others that is of the program, and show it first.
"""

from __future__ import annotations

import json
import os
import pkgutil
from typing import Any

from werkzeug.debug import DebuggedApplication
from werkzeug.wrappers import Request, Response

_SCRIPT = "debugger.js"


class Debugger(DebuggedApplication):
    """Shows errors of a WSGI application, and opens the page at the program's own code.

    Args:
        host: The host that is served: besides this machine's own names, the debugger
            answers to it.
        program: The object whose folder is that of the program, beside the one that it
            was started in; by default `app`.
    """

    def __init__(
        self, app: Any, host: str, *, evalex: bool = True, program: object = None
    ) -> None:
        super().__init__(app, evalex=evalex)
        self.trusted_hosts.append(host)
        self._roots = _roots_of(app if program is None else program)

    def get_resource(self, request: Request, filename: str) -> Response:
        """Return a file that the page loads: its script does one thing more."""
        if filename != _SCRIPT:
            return super().get_resource(request, filename)
        ours = pkgutil.get_data(__package__, "_own_frame.js") or b""
        theirs = pkgutil.get_data("werkzeug.debug", f"shared/{_SCRIPT}") or b""
        roots = f"\nconst ROOTS = {json.dumps(self._roots)};\n".encode()
        # Not kept by the browser: another program may use the port next.
        return Response(
            theirs + roots + ours,
            mimetype="text/javascript",
            headers={"Cache-Control": "no-store"},
        )


def _roots_of(program: object) -> list[str]:
    """Return the folders of a program, each with a separator at its end."""
    folders = {os.getcwd()}
    if isinstance(root := getattr(program, "root_path", None), str):
        folders.add(root)
    return sorted(os.path.join(os.path.realpath(folder), "") for folder in folders)
