from __future__ import annotations

from pathlib import Path

import pytest

from environments import COMPONENTS, ROOT, Environment, build_wheel


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the wheel of every package, by the name of its folder."""
    target = tmp_path_factory.mktemp("wheels")
    return {
        package: build_wheel(ROOT / "packages" / package, target)
        for package in [*COMPONENTS, "core"]
    }


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "environment")
