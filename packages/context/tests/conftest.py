from __future__ import annotations

import os
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from jobs import Job

from tantalus_context import Context

# How long it takes to make examples says nothing on a busy machine.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
patient = settings.get_profile("patient")
settings.register_profile("default", patient, max_examples=60)
settings.register_profile("max", patient, max_examples=5_000)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "default"))


@pytest.fixture(autouse=True)
def nothing_left_current() -> Iterator[None]:
    """Fail a test that leaves a context current, then clean up after it."""
    variables: list[ContextVar[Any]] = [Job.var, Context.var]
    yield
    left = [var.get(None) for var in variables]
    for var in variables:
        var.set(None)
    assert left == [None, None]


@pytest.fixture
def recording() -> Iterator[None]:
    """Record pushes during one test."""
    Context.record_pushes = True
    yield
    Context.record_pushes = False
