"""What is wrong with a request, and the document that tells it (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

# A client that sends more is not helped by more.
MOST_PROBLEMS = 50
# Names in a pointer are the client's: enough of them to find the place.
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request. Holds nothing of the value itself.

    Attributes:
        place: path, query, header, cookie, body, form or file.
        detail: One sentence for whoever writes the client.
        parameter: Name of the parameter; none for a body.
        pointer: Where in a JSON value, as a URI fragment (RFC 6901 §6).
        kind: "type", "missing", "rule" or "syntax".
    """

    place: str
    detail: str
    parameter: str | None = None
    pointer: str | None = None
    kind: str = "type"

    def document(self) -> dict[str, str]:
        """Return the problem as it is sent."""
        parts = {
            "in": self.place,
            "parameter": self.parameter,
            "pointer": self.pointer,
            "detail": self.detail,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def at(self, place: str, parameter: str | None) -> Problem:
        """Return the same problem of another place."""
        pointer = None if self.pointer == "#" and parameter else self.pointer
        return replace(self, place=place, parameter=parameter, pointer=pointer)


def token(name: object) -> str:
    """Return one step of a JSON pointer, with the slash before it."""
    text = str(name)
    if len(text) > LONGEST_TOKEN:
        text = text[:LONGEST_TOKEN] + "…"
    return "/" + text.replace("~", "~0").replace("/", "~1")


def problem_document(
    status: int,
    title: str,
    detail: str,
    *,
    instance: str | None = None,
    errors: Sequence[Problem] = (),
) -> dict[str, object]:
    """Return the document of a problem, to be sent as `application/problem+json`."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if instance is not None:
        document["instance"] = instance
    if errors:
        document["errors"] = [problem.document() for problem in errors]
    return document


# The form of the documents above, for OpenAPI.
PROBLEM_SCHEMA: dict[str, object] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "detail"],
                "properties": {
                    "in": {
                        "enum": [
                            *("path", "query", "header", "cookie"),
                            *("body", "form", "file"),
                        ]
                    },
                    "parameter": {"type": "string"},
                    "pointer": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def to_json(document: object) -> bytes:
    """Return a document as the bytes of its JSON."""
    return msgspec.json.encode(document)
