from __future__ import annotations

import pickle

import pytest

from tantalus_typed import (
    Invalid,
    NotJSON,
    Problem,
    RequestError,
    TooLarge,
    UnknownPath,
    WrongContentType,
    problem_document,
)

PROBLEM = Problem("query", "Missing.", "page", kind="missing")


@pytest.mark.parametrize(
    ("error", "status", "title", "detail"),
    [
        (
            Invalid([PROBLEM]),
            *(422, "Unprocessable Content", "1 value of the request is not valid."),
        ),
        (
            Invalid([PROBLEM] * 2),
            *(422, "Unprocessable Content", "2 values of the request are not valid."),
        ),
        (Invalid([]), 422, "Unprocessable Content", "The request is not valid."),
        (NotJSON([]), 400, "Bad Request", "The request holds what is not JSON."),
        (UnknownPath([]), 404, "Not Found", "There is nothing at this path."),
        (
            WrongContentType("a/b", "c/d"),
            *(415, "Unsupported Media Type", "Send the body as a/b or c/d."),
        ),
        (TooLarge("Too much."), 413, "Content Too Large", "Too much."),
    ],
)
def test_each_error_has_its_document(
    error: RequestError, status: int, title: str, detail: str
) -> None:
    document = error.document("/orders")

    assert document.pop("errors", None) is None or error.problems
    assert document == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "/orders",
    }


def test_a_document_is_made_of_anything() -> None:
    assert problem_document(409, "Conflict", "It is there.", errors=[PROBLEM]) == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "It is there.",
        "errors": [{"in": "query", "parameter": "page", "detail": "Missing."}],
    }


@pytest.mark.parametrize(
    "error", [Invalid([PROBLEM]), WrongContentType("a/b", "c/d"), TooLarge("Too much.")]
)
def test_an_error_passes_to_another_process(error: RequestError) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), copy.document(), copy.headers) == (
        type(error),
        error.document(),
        error.headers,
    )
