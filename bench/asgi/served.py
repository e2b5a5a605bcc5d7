"""The app that servers load: framework and scenario stand in the environment."""

from __future__ import annotations

import os

from .frameworks import build

app = build(os.environ["BENCH_FRAMEWORK"], os.environ["BENCH_SCENARIO"], 10)
