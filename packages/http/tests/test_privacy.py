from __future__ import annotations

import pytest
from werkzeug.datastructures import ResponseCacheControl

from tantalus_http import Response, make_private


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, "private"),
        ("max-age=60", "max-age=60, private"),
        ("no-cache", "no-cache, private"),
        ("private", "private"),
        ("no-store", "no-store"),
        ("public, max-age=60", "public, max-age=60"),
        ("s-maxage=60", "s-maxage=60"),
    ],
)
def test_a_response_is_private_unless_told_otherwise_by_hand(
    said: str | None, expected: str
) -> None:
    response = Response("mine")
    if said is not None:
        response.headers["Cache-Control"] = said

    make_private(response)

    assert response.headers["Cache-Control"] == expected


def test_a_file_is_public_by_its_age_alone() -> None:
    response = Response(direct_passthrough=True)
    response.headers["Cache-Control"] = "public, max-age=60"

    make_private(response)

    said: ResponseCacheControl = response.cache_control
    assert (bool(said.public), bool(said.private), said.max_age) == (False, True, 60)
