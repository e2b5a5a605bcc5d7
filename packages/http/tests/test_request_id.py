from __future__ import annotations

import re

import pytest

from tantalus_http import request_id


@pytest.mark.parametrize("given", ["a", "00-4bf9:af/7=.+@_", "x" * 128])
def test_an_id_that_was_given_is_kept(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "a b", "a\n", "ä", "<b>", "x" * 129])
def test_what_is_no_id_is_replaced_by_a_new_one(given: str | None) -> None:
    made = request_id(given)

    assert re.fullmatch("[0-9a-f]{32}", made)
    assert made != request_id(given)
