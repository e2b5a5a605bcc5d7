from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# How long it takes to make examples says nothing on a busy machine.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
patient = settings.get_profile("patient")
settings.register_profile("short", patient, max_examples=60)
settings.register_profile("max", patient, max_examples=10_000)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "short"))
