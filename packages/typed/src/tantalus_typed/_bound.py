"""A view that is bound: what it wants of a request, and how it is called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ._codec import Codec
from ._plan import Plan
from ._readers import flat
from ._shape import kernel
from ._write import Call

# Variables of a rule, with the types they come in where known.
PathNames = Mapping[str, Any] | Collection[str] | None


class Bound:
    """A view that takes a request.

    Attributes:
        plan: What the view wants.
        call: `call(request, args)` with the variables of the rule; a coroutine function
            if `plan.is_async`. Look it up for each request: it is another while
            dependencies are overridden.
        source: What `call` is compiled from.
        reads_body: Whether the body is read, as a form or otherwise.
        codecs: The libraries that its types were looked up in.
    """

    __slots__ = (
        "bare",
        "call",
        "codecs",
        "given",
        "path",
        "plan",
        "reads_body",
        "source",
    )

    def __init__(self, path: PathNames, bare: bool, given: Collection[str]) -> None:
        self.path = path
        self.bare = bare
        self.given = given
        self.plan: Plan
        self.call: Call
        self.source: str
        self.reads_body: bool
        self.codecs: Sequence[Codec]

    @property
    def query(self) -> dict[str, Any]:
        """Parameters of the query that it reads, with their types but no rules."""
        return {one.key: kernel(one.hint) for one in flat(self.plan.leaves, "query")}
