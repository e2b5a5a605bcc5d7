"""What a typed view refuses, as HTTP errors: for handlers, and as an answer."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException, default_exceptions

from tantalus_typed import RequestError


class Refusal(HTTPException):
    """A request that a typed view cannot be called with.

    Its class is also that of the HTTP error, so `@app.errorhandler(422)` answers for
    it, and that of `tantalus_typed`, as in `@app.errorhandler(Invalid)`.
    """

    def __init__(self, refused: RequestError) -> None:
        # Not through the other classes, which do not all take the same.
        Exception.__init__(self, str(refused))
        self.description = str(refused)
        self.response = None
        self.refused = refused.with_traceback(None)
        self.problems = refused.problems
        self.headers = refused.headers

    def __str__(self) -> str:
        """Return what was refused, without the status in front."""
        return str(self.description)

    @property
    def problem_members(self) -> dict[str, object]:
        """What a problem document says beside what it says of any error."""
        found = [problem.document() for problem in self.refused.problems]
        return {"errors": found} if found else {}

    def get_headers(self, *args: object) -> list[tuple[str, str]]:
        """Return the headers of a page, with what tells clients what to send."""
        more = {**self.refused.headers, "Content-Type": "text/html; charset=utf-8"}
        return list(more.items())


def http_error(error: RequestError) -> HTTPException:
    """Return the HTTP error for what was refused, without its values or frames."""
    return _class_for(type(error))(error)


_classes: dict[type[RequestError], type[Refusal]] = {}


def _class_for(kind: type[RequestError]) -> type[Refusal]:
    """Return the class of errors that are of both kinds."""
    if kind not in _classes:
        _classes[kind] = _made_class(kind)
    return _classes[kind]


def _made_class(kind: type[RequestError]) -> type[Refusal]:
    http: type[HTTPException] = default_exceptions.get(kind.status, HTTPException)
    members = {
        "code": kind.status,
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
    }
    return type(kind.__name__, (Refusal, kind, http), members)
