"""The body of a response that has something to do when it was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import Context as Variables


class ReadyBody(list[bytes]):
    """A body that is whole, and tells when the server has sent it (PEP 3333)."""

    # Made by the class alone, without a frame of Python.
    __slots__ = ("calls", "variables")
    #: What waits for the end.
    calls: Sequence[Callable[[], object]]
    #: The context variables in which to call what waits for the end; None for any.
    variables: Variables | None

    def close(self) -> None:
        """Call what waits for the end, once."""
        calls, self.calls = self.calls, ()
        if self.variables is None:
            for call in calls:
                call()
        else:
            for call in calls:
                self.variables.run(call)
