"""Hypothesis profiles: few examples by default, many where somebody asks for them."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# How long it takes to make examples says nothing on a busy machine.
settings.register_profile(
    "patient",
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
patient = settings.get_profile("patient")
settings.register_profile("default", patient, max_examples=100, derandomize=True)
settings.register_profile("max", patient, max_examples=10_000)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "default"))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return what sets variables; none of `SHOP_` is set before."""
    for name in list(os.environ):
        if name.startswith("SHOP_"):
            monkeypatch.delenv(name)
    return monkeypatch
