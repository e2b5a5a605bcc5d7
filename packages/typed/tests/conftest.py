from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("short", max_examples=60, deadline=None)
settings.register_profile("max", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "short"))
