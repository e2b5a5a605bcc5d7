"""Being told of the sessions that are rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loaded with the first rejection
    from ._events import Observer, Reason


class Observed:
    """Base of what rejects sessions: logs each rejection and tells observers."""

    _observers: tuple[Observer, ...] = ()

    def on_rejected(self, observer: Observer) -> Observer:
        """Have `observer` called with each `Rejection`; usable as a decorator."""
        self._observers = (*self._observers, observer)
        return observer

    def _report(self, reason: Reason, cookie_name: str, size: int = 0) -> None:
        # Measured: an enumeration of reasons takes as long to make as two modules.
        from ._events import report  # noqa: PLC0415 - see above

        report(self._observers, reason, cookie_name, size)
