from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# No clock decides: a busy machine is slow, and nothing is wrong with that.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
patient = settings.get_profile("patient")
settings.register_profile("default", patient, max_examples=100)
settings.register_profile("max", patient, max_examples=5_000)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "default"))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give an app whose client has left time to end, on a busy machine too."""
    monkeypatch.setattr("tantalus_testing._exchange.PATIENCE", 60)


@pytest.fixture
def no_patience(patience: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an app cancelled that does not end by itself."""
    monkeypatch.setattr("tantalus_testing._exchange.PATIENCE", 0.01)
