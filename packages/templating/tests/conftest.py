from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, settings

from tantalus_templating import Environment, Templates

# No clock decides: a busy machine is slow, and nothing is wrong with that.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
patient = settings.get_profile("patient")
settings.register_profile("quick", patient, max_examples=40)
settings.register_profile("max", patient, max_examples=5_000)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "quick"))

Pages = dict[str, str]


@pytest.fixture
def templates() -> Callable[..., Templates]:
    """Make templates of a dict of pages."""

    def make(pages: Pages, **options: Any) -> Templates:
        return Templates(jinja2.DictLoader(pages), **options)

    return make


@pytest.fixture
def environment() -> Callable[..., Environment]:
    """Make an environment of a dict of pages."""

    def make(pages: Pages, **options: Any) -> Environment:
        return Environment(loader=jinja2.DictLoader(pages), **options)

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Make a folder of a dict of pages, keyword arguments of its name."""

    def make(name: str, pages: Pages) -> Path:
        for page, source in pages.items():
            path = tmp_path / name / page
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        return tmp_path / name

    return make
