"""The same app, written for each framework as its documentation does it.

Each module has `build(scenario, routes)`, which returns an app with the routes of one
scenario in the middle of others, and raises `NotOffered` for a scenario that the
framework has nothing for.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ..asking import Application

# The module here, and the package that it needs.
FRAMEWORKS = {
    "App": ("apps", "tantalus"),
    "Starlette": ("starlettes", "starlette"),
    "FastAPI": ("fastapis", "fastapi"),
    "Litestar": ("litestars", "litestar"),
    "Quart": ("quarts", "quart"),
    "Falcon": ("falcons", "falcon"),
    "BlackSheep": ("blacksheeps", "blacksheep"),
    "raw ASGI": ("raw", "asyncio"),
}


def installed() -> list[str]:
    """Return the names of the frameworks that are there to be measured."""
    return [name for name, (_, package) in FRAMEWORKS.items() if find_spec(package)]


def build(framework: str, scenario: str, routes: int) -> Application | None:
    """Return the app, or None if the framework has nothing for this scenario."""
    make = import_module(f"{__name__}.{FRAMEWORKS[framework][0]}").build
    try:
        app: Application = make(scenario, routes)
    except NotOffered:
        return None
    return app


class NotOffered(LookupError):
    """The framework has nothing for a scenario."""
