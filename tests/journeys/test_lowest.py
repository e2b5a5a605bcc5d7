"""The ranges that core declares are true at their ends."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from environments import (
    COMPONENTS,
    OF_CORE,
    ROOT,
    Environment,
    build_wheel,
    copy_package,
    project,
    run,
)


def lowest(requirements: list[str]) -> dict[str, Version]:
    """Return the lowest version of each project that all `requirements` allow."""
    bounds: dict[str, Version] = {}
    for requirement in map(Requirement, requirements):
        for part in requirement.specifier:
            if part.operator in {">=", "~=", "=="}:
                bound = Version(part.version)
                bounds[requirement.name] = max(
                    bound, bounds.get(requirement.name, bound)
                )
    return bounds


def declared(components: list[str], *, extras: tuple[str, ...] = ()) -> list[str]:
    """Return what core and components require, with these extras where they are."""
    found = []
    for package in [*components, "core"]:
        table = project(package)
        found += table["dependencies"]
        for extra in extras:
            found += table["optional-dependencies"].get(extra, [])
    passed_on = ("tantalus-http[", "tantalus-sessions[", "tantalus-typed[")
    return [text for text in found if not text.startswith(passed_on)]


def test_every_requirement_has_a_lower_bound() -> None:
    extras = ("async", "attrs", "dotenv", "orjson", "pydantic", "redis", "rich")
    more = ("swagger-ui", "watchdog")
    requirements = declared(COMPONENTS, extras=(*extras, *more))

    names = {Requirement(text).name for text in requirements}

    assert set(lowest(requirements)) == names


def test_core_passes_its_tests_with_the_lowest_of_everything(
    environment: Environment, wheels: dict[str, Path], tmp_path: Path
) -> None:
    bounds = lowest(declared(OF_CORE, extras=("async", "dotenv", "orjson")))
    ours = {name: bounds.pop(f"tantalus-{name}") for name in OF_CORE}
    constraints = tmp_path / "lowest.txt"
    constraints.write_text(
        "".join(f"{name}=={version}\n" for name, version in bounds.items())
    )
    components = [
        wheel_of(name, version, wheels[name], tmp_path)
        for name, version in ours.items()
    ]
    copy = copy_package("core", tmp_path / "core")

    typed = wheels["typed"]  # which core's tests need, and core does not
    environment.install(
        "--constraint", constraints, *components, typed, f"{copy}[test]"
    )

    installed = environment.versions()
    assert {name: Version(installed[name]) for name in bounds} == bounds
    assert {name: Version(installed[f"tantalus-{name}"]) for name in OF_CORE} == ours
    environment.run_python("-m", "pytest", "-q", cwd=copy)


def wheel_of(package: str, version: Version, current: Path, target: Path) -> Path:
    """Return the wheel of a component at `version`: the tree's, or its release's."""
    if Version(project(package)["version"]) == version:
        return current
    major, minor, micro = (*version.release, 0, 0)[:3]
    tag = f"{package}-v{major}.{minor}.{micro}"
    archive = target / f"{tag}.zip"
    command = ["git", "archive", f"--output={archive}", f"{tag}:packages/{package}"]
    finished = run(command, cwd=ROOT)
    assert finished.returncode == 0, finished.stderr
    shutil.unpack_archive(archive, target / tag)
    return build_wheel(target / tag, target / "wheels")


def test_a_component_outside_the_range_is_refused(
    environment: Environment, wheels: dict[str, Path], tmp_path: Path
) -> None:
    copy = copy_package("routing", tmp_path / "routing")
    settings = copy / "pyproject.toml"
    text = re.sub(
        r'^version = ".*"$', 'version = "0.99.0"', settings.read_text(), flags=re.M
    )
    settings.write_text(text)
    newer = build_wheel(copy, tmp_path / "wheels")

    others = [wheels[name] for name in COMPONENTS if name != "routing"]
    finished = environment.try_to_install(newer, *others, wheels["core"])

    assert finished.returncode != 0
    assert f"tantalus {project('core')['version']} depends on" in finished.stdout
    assert "ResolutionImpossible" in finished.stderr
    assert "tantalus" not in environment.versions()
