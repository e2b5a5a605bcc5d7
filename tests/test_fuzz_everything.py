"""The fuzzer of whole requests finds nothing for a while, and would find something."""

from __future__ import annotations

import pytest
from everything import DOCUMENTED, fuzz


def test_requests_of_all_kinds_are_answered_alike_by_both_faces() -> None:
    statuses, failed = fuzz(seed=1, seconds=600, most=6_000)

    assert failed == []
    assert sum(statuses.values()) >= 6_000
    assert {200, 304, 403, 412} <= set(statuses) <= DOCUMENTED


def test_an_error_behind_an_answer_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(text: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tantalus_http._cross_origin.read_origin", fail)

    _, failed = fuzz(seed=1, seconds=600, most=2_000)

    assert "ZeroDivisionError" in failed[0]
