"""The program that puts both lives of requests under stress, in small."""

from __future__ import annotations

import logging
import random

import pytest

import stress


def test_requests_of_every_kind_at_once_leave_nothing_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)
    random.seed(1)

    wrong, memory = stress.run(600)

    assert wrong == []
    assert len(memory) >= 10
