"""What every package folder must have, so that it can be taken and published alone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from release.versions import breaking_part, raised

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(path.name for path in (ROOT / "packages").iterdir() if path.is_dir())
COMPONENTS = [name for name in PACKAGES if name != "core"]
OF_CORE = [name for name in COMPONENTS if name not in {"channels", "typed"}]


def settings(package: str) -> dict[str, Any]:
    path = ROOT / "packages" / package / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def import_name(package: str) -> str:
    return "tantalus" if package == "core" else f"tantalus_{package}"


def test_there_are_eleven_packages() -> None:
    assert PACKAGES == [
        "channels",
        "cli",
        "config",
        "context",
        "core",
        "http",
        "routing",
        "sessions",
        "templating",
        "testing",
        "typed",
    ]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize(
    "name",
    ["pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "tests/test_door.py"],
)
def test_a_package_has_its_files(package: str, name: str) -> None:
    assert (ROOT / "packages" / package / name).is_file()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_readme_begins_with_the_protocols_that_it_serves_and_why_to_take_it(
    package: str,
) -> None:
    text = (ROOT / "packages" / package / "README.md").read_text(encoding="utf-8")

    first, *others = text.partition("\n## Install")[0].split("\n\n")[1:]

    assert "WSGI" in first
    assert "ASGI" in first.replace("WSGI", "")
    assert [
        part for part in others if part.startswith(("Take it instead", "Take it where"))
    ]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("name", ["__init__.py", "py.typed"])
def test_the_source_has_a_door_and_is_typed(package: str, name: str) -> None:
    source = ROOT / "packages" / package / "src" / import_name(package)

    assert (source / name).is_file()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_source_folder_holds_one_import_package(package: str) -> None:
    source = ROOT / "packages" / package / "src"

    assert [path.name for path in source.iterdir() if path.suffix != ".egg-info"] == [
        import_name(package)
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_licence_is_the_one_of_the_repository(package: str) -> None:
    copy = ROOT / "packages" / package / "LICENSE"

    assert copy.read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_distribution_is_named_after_its_folder(package: str) -> None:
    name = "tantalus" if package == "core" else f"tantalus-{package}"

    assert settings(package)["project"]["name"] == name


@pytest.mark.parametrize("package", PACKAGES)
def test_the_settings_of_all_packages_agree(package: str) -> None:
    own, common = settings(package), settings("core")

    assert own["project"]["requires-python"] == common["project"]["requires-python"]
    assert own["project"]["license"] == common["project"]["license"]
    assert own["build-system"] == common["build-system"]
    assert own["tool"]["mypy"]["strict"] is True
    assert own["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    assert own["tool"]["coverage"]["run"]["branch"] is True
    assert "test" in own["project"]["optional-dependencies"]


@pytest.mark.parametrize("package", COMPONENTS)
def test_a_component_declares_no_sibling(package: str) -> None:
    project = settings(package)["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]

    siblings = [
        requirement
        for group in groups
        for requirement in group
        if requirement.startswith("tantalus")
        and not requirement.startswith(f"tantalus-{package}[")
    ]

    assert siblings == []


@pytest.mark.parametrize("package", OF_CORE)
def test_core_allows_the_component_of_this_tree_and_no_breaking_one(
    package: str,
) -> None:
    version = Version(settings(package)["project"]["version"])
    required = map(Requirement, settings("core")["project"]["dependencies"])

    (found,) = (item for item in required if item.name == f"tantalus-{package}")

    assert found.specifier.contains(version)
    assert not found.specifier.contains(raised(version, breaking_part(version)))


def test_the_demo_has_what_the_packages_depend_on_and_nothing_else() -> None:
    environments = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))["envs"]
    needed = settings("core")["project"]["dependencies"]
    paths = environments["default"]["env-vars"]["PYTHONPATH"].split("{;}")

    assert environments["default"]["dependencies"] == sorted(
        name for name in needed if not name.startswith("tantalus")
    )
    assert sorted(paths) == [
        f"{{root}}/packages/{name}/src" for name in sorted([*OF_CORE, "core"])
    ]
