"""Other WSGI applications under prefixes of a router's paths."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import WSGIApplication, WSGIEnvironment

from ._errors import MountedRule, PrefixError


class Mounts:
    """Applications by prefix; a prefix owns its path and everything below it."""

    def __init__(self) -> None:
        self._applications: dict[str, WSGIApplication] = {}
        self._prefixes: list[str] = []

    def add(
        self, prefix: str, application: WSGIApplication, rules: Iterable[str]
    ) -> None:
        """Mount an application.

        Args:
            prefix: Starts with a slash; one at its end means nothing.
            rules: Those that are registered already.

        Raises:
            PrefixError: The prefix is empty, not a path, or taken.
            TypeError: The application cannot be called.
            MountedRule: A rule lies under the prefix.
        """
        cut = prefix.rstrip("/")
        if not cut.startswith("/") or "//" in cut or "<" in cut:
            raise PrefixError(prefix, "is not a plain path of one segment or more")
        if cut in self._applications:
            raise PrefixError(prefix, "has an application already")
        if not callable(application):
            raise TypeError(
                f"{application!r}, for the prefix {prefix!r}, cannot be called. Mount a"
                " WSGI application."
            )
        for rule in rules:
            if is_under(rule, cut):
                raise MountedRule(rule, cut)
        self._applications[cut] = application
        self._prefixes = sorted(self._applications, key=len, reverse=True)

    def check(self, rule: str) -> None:
        """Refuse a rule that lies under a prefix.

        Raises:
            MountedRule: It does.
        """
        for prefix in self._prefixes:
            if is_under(rule, prefix):
                raise MountedRule(rule, prefix)

    def find(self, environ: WSGIEnvironment) -> WSGIApplication | None:
        """Return the application a request belongs to, moving the prefix in `environ`.

        The prefix goes from `PATH_INFO` to the end of `SCRIPT_NAME` (PEP 3333).
        """
        if not self._prefixes:
            return None
        path = environ.get("PATH_INFO", "")
        for prefix in self._prefixes:
            # The text of an environ is bytes in Latin-1.
            raw = prefix.encode().decode("latin-1")
            if is_under(path, raw):
                environ["SCRIPT_NAME"] = (
                    environ.get("SCRIPT_NAME", "").rstrip("/") + raw
                )
                environ["PATH_INFO"] = path[len(raw) :]
                return self._applications[prefix]
        return None


def is_under(path: str, prefix: str) -> bool:
    """Return whether a path is `prefix` or below it."""
    return path == prefix or path.startswith(f"{prefix}/")
