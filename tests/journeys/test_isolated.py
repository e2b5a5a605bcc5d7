"""A package's folder is enough: copied elsewhere alone, its tests pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments import COMPONENTS, Environment, copy_package


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_passes_its_tests_where_it_has_no_sibling(
    component: str, environment: Environment, tmp_path: Path
) -> None:
    copy = copy_package(component, tmp_path / "elsewhere" / component)

    environment.install("--editable", f"{copy}[test]")
    environment.run_python("-m", "pytest", "-q", cwd=copy)

    ours = [name for name in environment.versions() if name.startswith("tantalus")]
    assert ours == [f"tantalus-{component}"]


def test_core_passes_its_tests_beside_the_wheels_of_the_components(
    environment: Environment, wheels: dict[str, Path], tmp_path: Path
) -> None:
    copy = copy_package("core", tmp_path / "elsewhere" / "core")

    environment.install(*(wheels[name] for name in COMPONENTS), f"{copy}[test]")
    environment.run_python("-m", "pytest", "-q", cwd=copy)
