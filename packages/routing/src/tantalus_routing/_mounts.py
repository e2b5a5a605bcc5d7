"""Other applications under prefixes of a router's paths, and behind all its routes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from wsgiref.types import WSGIApplication, WSGIEnvironment

from ._errors import FallbackTaken, MountedRule, PrefixError, ProtocolMismatch
from ._protocols import Application, ASGIApplication, ProtocolName, protocol_of


class Mounted:
    """An application, as either protocol asks for it.

    Args:
        where: How messages call its place.
    """

    def __init__(
        self, application: Application, where: str, protocol: str | None
    ) -> None:
        self.application = application
        self.where = where
        self.protocol: ProtocolName = protocol_of(application, where, protocol)

    @property
    def wsgi(self) -> WSGIApplication:
        """The application for a WSGI server.

        Raises:
            ProtocolMismatch: It speaks ASGI only.
        """
        if self.protocol == "asgi":
            raise ProtocolMismatch(self.application, self.where)
        return self.application

    @cached_property
    def asgi(self) -> ASGIApplication:
        """The application for an ASGI server, in threads if it speaks WSGI."""
        if self.protocol != "wsgi":
            return self.application
        # Who serves by WSGI needs no asyncio, which takes long to import.
        from ._bridge import WSGIBridge  # noqa: PLC0415 - see above

        return WSGIBridge(self.application)


class Mounts:
    """Applications by prefix; a prefix owns its path and everything below it.

    Attributes:
        fallback: What has the requests that no route takes.
    """

    def __init__(self) -> None:
        self._mounted: dict[str, Mounted] = {}
        self._prefixes: list[str] = []
        self.fallback: Mounted | None = None

    def add(
        self,
        prefix: str,
        application: Application,
        rules: Iterable[str],
        protocol: str | None = None,
    ) -> None:
        """Mount an application.

        Args:
            prefix: Starts with a slash; one at its end means nothing.
            rules: Those that are registered already.
            protocol: The one it speaks; else it is looked at.

        Raises:
            PrefixError: The prefix is empty, not a path, or taken.
            TypeError: The application cannot be called.
            ProtocolUnknown: Nobody can say which protocol it speaks.
            MountedRule: A rule lies under the prefix.
        """
        cut = prefix.rstrip("/")
        if not cut.startswith("/") or "//" in cut or "<" in cut:
            raise PrefixError(prefix, "is not a plain path of one segment or more")
        if cut in self._mounted:
            raise PrefixError(prefix, "has an application already")
        mounted = Mounted(application, f"mounted at {cut!r}", protocol)
        for rule in rules:
            if is_under(rule, cut):
                raise MountedRule(rule, cut)
        self._mounted[cut] = mounted
        self._prefixes = sorted(self._mounted, key=len, reverse=True)

    def fall_back_to(self, application: Application, protocol: str | None) -> None:
        """Set what has the requests that no route takes.

        Raises:
            FallbackTaken: There is one already.
            TypeError: The application cannot be called.
            ProtocolUnknown: Nobody can say which protocol it speaks.
        """
        if self.fallback is not None:
            raise FallbackTaken(self.fallback.application, application)
        self.fallback = Mounted(application, "fallen back to", protocol)

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

        Raises:
            ProtocolMismatch: The application speaks ASGI only.
        """
        if not self._prefixes:
            return None
        path = environ.get("PATH_INFO", "")
        for prefix in self._prefixes:
            # The text of an environ is bytes in Latin-1.
            raw = prefix.encode().decode("latin-1")
            if is_under(path, raw):
                application = self._mounted[prefix].wsgi
                environ["SCRIPT_NAME"] = (
                    environ.get("SCRIPT_NAME", "").rstrip("/") + raw
                )
                environ["PATH_INFO"] = path[len(raw) :]
                return application
        return None

    def at(self, path: str) -> tuple[str, ASGIApplication] | None:
        """Return the prefix and the application that a path belongs to, if one."""
        for prefix in self._prefixes:
            if is_under(path, prefix):
                return prefix, self._mounted[prefix].asgi
        return None

    def with_lifespan(self) -> list[ASGIApplication]:
        """Return the applications that speak ASGI, each once, in order of mounting."""
        places = [*self._mounted.values()]
        if self.fallback is not None:
            places.append(self.fallback)
        found = [place.application for place in places if place.protocol != "wsgi"]
        return list({id(application): application for application in found}.values())


def is_under(path: str, prefix: str) -> bool:
    """Return whether a path is `prefix` or below it."""
    return path == prefix or path.startswith(f"{prefix}/")
