"""The slow way, once something was refused: all that is wrong with a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ._errors import Invalid, NotJSON, RequestError, UnknownPath
from ._problems import Problem
from ._reader import Args, Reader
from ._request import Source


def explainer(readers: Sequence[Reader]) -> Callable[[Source, Args], RequestError]:
    """Return what finds the error to raise for a request that was refused."""

    def explain(request: Source, args: Args) -> RequestError:
        found = [one for reader in readers for one in reader.problems(request, args)]
        return error_of(found)

    return explain


def error_of(problems: Sequence[Problem]) -> RequestError:
    """Return the error with the status that says most about all of the problems."""
    if any(one.place == "path" and one.kind == "type" for one in problems):
        return UnknownPath(problems)
    if any(one.kind == "syntax" for one in problems):
        return NotJSON(problems)
    return Invalid(problems)
