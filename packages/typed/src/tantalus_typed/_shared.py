"""What views of the same codecs have in common: readers, answers, written functions."""

from __future__ import annotations

from collections.abc import Sequence

from ._codec import Codec
from ._once import Once
from ._plan import Plan
from ._reader import Reader
from ._readers import reader_for
from ._steps import Leaf


class Shared:
    """Keeps what was made for views of the same codecs.

    Attributes:
        codecs: These.
        readers: By leaf, which views share too.
        answers: By type and status.
        written: By shape.
    """

    __slots__ = ("answers", "codecs", "readers", "written")

    def __init__(self, codecs: Sequence[Codec]) -> None:
        self.codecs = codecs
        self.readers: dict[Leaf, Reader] = {}
        self.answers = Once()
        self.written = Once()

    def reader(self, leaf: Leaf, plan: Plan) -> Reader:
        """Return how a leaf of a plan is read.

        Raises:
            SetupError: No codec knows its type.
        """
        found = self.readers.get(leaf)
        if found is None:
            made = reader_for(leaf, self.codecs, plan.where(leaf))
            found = self.readers[leaf] = made
        return found
