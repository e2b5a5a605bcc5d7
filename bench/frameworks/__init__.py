"""The same app, written for each framework as its documentation does it.

Each module has `build(scenario, routes)`, which returns an app with the routes of one
scenario in the middle of others, and raises `NotOffered` for a scenario that the
framework has nothing for.
"""

from __future__ import annotations

from importlib import import_module
from wsgiref.types import WSGIApplication

# Module and arguments; imported when asked for, so that a process has only what it
# measures.
FRAMEWORKS = {
    "App": ("flasks", "tantalus", "App"),
    "tantalus.Flask": ("flasks", "tantalus", "Flask"),
    "Flask": ("flasks", "flask", "Flask"),
    "Bottle": ("bottles",),
    "Falcon": ("falcons",),
    "Werkzeug": ("werkzeugs",),
    "raw WSGI": ("raw",),
}


def build(framework: str, scenario: str, routes: int) -> WSGIApplication | None:
    """Return the app, or None if the framework has nothing for this scenario."""
    module, *arguments = FRAMEWORKS[framework]
    make = import_module(f"frameworks.{module}").build
    try:
        app: WSGIApplication = make(scenario, routes, *arguments)
    except NotOffered:
        return None
    return app


class NotOffered(LookupError):
    """The framework has nothing for a scenario."""
