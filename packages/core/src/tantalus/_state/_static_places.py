"""Static folders that share one URL: a file is looked for in each of them.

A blueprint without a prefix has its static files where the app has its own, and two
such blueprints have theirs at one place. Only one route can match there. Its view is
made to look further, so that what `url_for()` builds for any of them leads to the file;
of two files with one name, that of the folder registered first is served.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from werkzeug.exceptions import NotFound

View = Callable[..., Any]


class StaticPlaces:
    """The rules of static files, each with the endpoint that matches there."""

    def __init__(self) -> None:
        self._endpoints: dict[tuple[str, str], str] = {}

    def take(self, domain: str, rule: str, endpoint: str) -> str:
        """Set-up: return the endpoint that matches at a place: `endpoint` if free."""
        return self._endpoints.setdefault((domain, rule), endpoint)


def first_found(first: View, second: View) -> View:
    """Return a view of files that asks `second` for what `first` does not find."""

    @wraps(first)
    def static(filename: str) -> Any:
        try:
            return first(filename=filename)
        except NotFound:
            return second(filename=filename)

    return static
