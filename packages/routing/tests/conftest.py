"""Hypothesis profiles: few examples by default, many where somebody asks for them."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    # How long it takes to make examples says nothing on a busy machine.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "max",
    max_examples=int(os.environ.get("TANTALUS_HYPOTHESIS_EXAMPLES", "100000")),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "default"))
