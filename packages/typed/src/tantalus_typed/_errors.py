"""What can go wrong, as classes to catch.

TypedError
├── SetupError (TypeError)       a signature cannot be read from requests
├── DependencyError (RuntimeError)   a dependency does not keep its word: 500
├── ReturnMismatch (TypeError)   a view does not keep its word: 500
└── RequestError                 the client's: has a status and a document
    ├── Invalid 422   NotJSON 400   UnknownPath 404
    └── WrongContentType 415   TooLarge 413
"""

from __future__ import annotations

import copyreg
from collections.abc import Sequence

from ._problems import MOST_PROBLEMS, Problem, problem_document, to_json


class TypedError(Exception):
    """Base of the errors of this package."""


class SetupError(TypedError, TypeError):
    """A signature that no request can be read into; names view, parameter and cure."""


class DependencyError(TypedError, RuntimeError):
    """A dependency that yields nothing, or twice, or not what it says."""


class ReturnMismatch(TypedError, TypeError):
    """A view returned what its annotation denies. Raised where returns are checked."""


class Refused(TypedError, ValueError):
    """A text that cannot be the value of a parameter; inside this package only."""


class RequestError(TypedError):
    """A request that cannot be answered as asked.

    Attributes:
        status: Of the answer.
        title: Of that status (RFC 9110).
        problems: All that is wrong, at most 50.
        headers: Of the answer.
    """

    status = 400
    title = "Bad Request"

    def __init__(self, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.problems = tuple(problems[:MOST_PROBLEMS])
        self.headers = {"Content-Type": "application/problem+json"}

    def __reduce__(self) -> tuple[object, ...]:
        # By its text and attributes, so that it passes from a process to another:
        # exceptions are otherwise made anew by calling the class with the text.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]  # what `object.__reduce_ex__(2)` returns

    def document(self, instance: str | None = None) -> dict[str, object]:
        """Return the problem document.

        Args:
            instance: URI reference of what was asked for; often the path.
        """
        return problem_document(
            self.status,
            self.title,
            str(self),
            instance=instance,
            errors=self.problems,
        )

    @property
    def body(self) -> bytes:
        """The document as bytes."""
        return to_json(self.document())


class Invalid(RequestError):
    """Values of the request are not what the signature asks for."""

    status = 422
    title = "Unprocessable Content"

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = min(len(problems), MOST_PROBLEMS)
        what = "1 value" if count == 1 else f"{count} values"
        text = f"{what} of the request {'is' if count == 1 else 'are'} not valid."
        if not problems:
            text = "The request is not valid."
        if len(problems) >= MOST_PROBLEMS:
            text += " There may be more."
        super().__init__(text, problems)


class NotJSON(RequestError):
    """The body, or a part of a form, is not JSON."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("The request holds what is not JSON.", problems)


class UnknownPath(RequestError):
    """A part of the path cannot be the value it stands for."""

    status = 404
    title = "Not Found"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("There is nothing at this path.", problems)


class WrongContentType(RequestError):
    """The body is not of a type that is read here.

    A browser sends JSON that does not call itself so to any site without asking that
    site first, so only what says `application/json` is taken as JSON.
    """

    status = 415
    title = "Unsupported Media Type"

    def __init__(self, *accepted: str) -> None:
        super().__init__(f"Send the body as {' or '.join(accepted)}.")
        self.headers["Accept"] = ", ".join(accepted)


class TooLarge(RequestError):
    """The body, or the number of its parts, is beyond a limit."""

    status = 413
    title = "Content Too Large"
