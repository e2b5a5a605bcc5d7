"""Find contexts that a piece of code pushed and never popped.

A leaked context does no harm where it happens: it makes some later test see the wrong
app, or pass alone and fail in company. So contexts are counted around each test, and
the test that left one is told, with the place of the push where the host records it.

Contexts are compared by identity, and only those count that were not there before:
one pushed by a session-wide fixture is nobody's leak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from ._errors import LeakedContextError


@runtime_checkable
class ContextHost(Protocol):
    """Whoever can say which contexts are pushed: an app, or an installed package.

    It may also have a method `record_pushes(enabled: bool) -> None`, that makes its
    contexts note in `pushed_at` where they are pushed (`"file:line in function"`).
    """

    def context_probe(self) -> Iterable[object]:
        """Return the contexts pushed here and now, oldest first; empty when clean."""


class LeakCheck:
    """Compares the contexts pushed now with those that were pushed before.

    Args:
        hosts: Whom to ask.
    """

    def __init__(self, *hosts: ContextHost) -> None:
        self._hosts: list[ContextHost] = []
        for host in hosts:
            self.watch(host)
        self._known = self.pushed()

    def watch(self, host: ContextHost) -> None:
        """Ask `host` too, and let it record the places of its pushes from now on."""
        if not any(one is host for one in self._hosts):
            self._hosts.append(host)
            record_pushes = getattr(host, "record_pushes", None)
            if record_pushes is not None:
                record_pushes(True)

    def forget(self, host: ContextHost) -> None:
        """Ask `host` no longer."""
        self._hosts = [one for one in self._hosts if one is not host]

    def pushed(self) -> list[object]:
        """Return the contexts pushed now, each once."""
        found = {id(ctx): ctx for host in self._hosts for ctx in host.context_probe()}
        return list(found.values())

    def accept(self, contexts: Iterable[object]) -> None:
        """Take `contexts` for known: their push was meant to outlast the next check."""
        self._known.extend(contexts)

    def find(self) -> list[object]:
        """Return what is pushed and not known, and know it from now on."""
        leaked = _without(self.pushed(), self._known)
        self.accept(leaked)
        return leaked


def new_contexts(check: LeakCheck) -> Callable[[], list[object]]:
    """Return a function that lists the contexts pushed since this call."""
    before = check.pushed()
    return lambda: _without(check.pushed(), before)


@contextmanager
def no_leaks(*hosts: ContextHost, where: str = "The block") -> Iterator[None]:
    """Check that a block pops every context that it pushes.

    An exception in the block passes unchecked: it is the better news.

    Args:
        hosts: Whom to ask for contexts, such as the app.
        where: Who has to answer for a leak: the subject of the error's sentence.

    Raises:
        LeakedContextError: It left one.
    """
    check = LeakCheck(*hosts)
    yield
    leaked = check.find()
    if leaked:
        raise LeakedContextError(where, leaked)


def _without(contexts: list[object], known: list[object]) -> list[object]:
    ids = {id(context) for context in known}
    return [context for context in contexts if id(context) not in ids]
