"""Hypothesis profiles: few examples by default, many where somebody asks for them."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile(
    "default", max_examples=100, deadline=None, derandomize=True, database=None
)
settings.register_profile("max", max_examples=10_000, deadline=None, database=None)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "default"))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return what sets variables; none of `SHOP_` is set before."""
    for name in list(os.environ):
        if name.startswith("SHOP_"):
            monkeypatch.delenv(name)
    return monkeypatch
