from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["pytester"]

settings.register_profile("default", max_examples=100, deadline=None)
settings.register_profile("max", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "default"))
