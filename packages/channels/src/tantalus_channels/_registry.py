"""Who listens to which channel, in this process."""

from __future__ import annotations

from threading import Lock

from ._subscription import Subscription


class Registry:
    """Subscriptions by the names of their channels, for threads that share them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_name: dict[str, list[Subscription]] = {}

    def add(self, subscription: Subscription) -> None:
        """Keep one."""
        with self._lock:
            self._by_name.setdefault(subscription.channel, []).append(subscription)

    def remove(self, subscription: Subscription) -> bool:
        """Forget one, and tell whether nobody is left who hears its channel."""
        with self._lock:
            kept = self._by_name.get(subscription.channel, [])
            if subscription not in kept:
                return False
            kept.remove(subscription)
            if kept:
                return False
            del self._by_name[subscription.channel]
            return True

    def names(self) -> set[str]:
        """Return the names of the channels that somebody hears."""
        with self._lock:
            return set(self._by_name)

    def of(self, name: str) -> list[Subscription]:
        """Return those of a channel, as they are now."""
        with self._lock:
            return self._by_name.get(name, []).copy()

    def all(self) -> list[Subscription]:
        """Return all, as they are now."""
        with self._lock:
            return [one for kept in self._by_name.values() for one in kept]
