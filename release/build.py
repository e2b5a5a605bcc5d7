"""`hatch run release:build routing-v0.2.0`: the archives of one release, checked."""

from __future__ import annotations

import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

import click

from release import changelog, packages, versions
from release.packages import Package
from release.programs import output
from release.refusals import BadArchive, NotThisVersion, Refused

ROOT = Path(__file__).parent.parent
IN_SOURCES = ("LICENSE", "README.md", "CHANGELOG.md", "src/", "tests/")


@click.command()
@click.argument("tag")
@click.option("--to", "target", default="dist", help="The folder for the archives.")
def main(tag: str, target: str) -> None:
    """Build the release TAG names: a source archive, and from it the wheel."""
    try:
        built = build(find(ROOT, tag), Path(target).absolute())
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    for path in built:
        click.echo(f"{path.name}  {path.stat().st_size:,} bytes")


def find(root: Path, tag: str) -> Package:
    """Return the package that a tag releases, once the tree agrees with the tag.

    Raises:
        NotThisVersion: The tree has another version, or has not closed its change log.
    """
    name, version = versions.from_tag(tag)
    package = packages.find(root, name)
    if package.version != version:
        raise NotThisVersion(tag, f"{package.manifest} has {package.version}")
    text = packages.read(root / package.change_log)
    if changelog.released(text, version) is None:
        raise NotThisVersion(tag, f"{package.change_log} has no such release")
    return package


def build(package: Package, target: Path) -> list[Path]:
    """Return the source archive and the wheel of a package, built into a folder.

    Raises:
        BadArchive: One of them has not what it must have.
    """
    folder = package.root / package.folder
    command = ["build", "--no-isolation", "--outdir", str(target), str(folder)]
    output([sys.executable, "-m", *command], cwd=package.root)
    name = f"{package.distribution.replace('-', '_')}-{package.version}"
    sources, wheel = target / f"{name}.tar.gz", target / f"{name}-py3-none-any.whl"
    check_sources(sources, name)
    check_wheel(wheel, package)
    checks = ["twine", "check", "--strict", str(sources), str(wheel)]
    output([sys.executable, "-m", *checks], cwd=package.root)
    return [sources, wheel]


def check_sources(archive: Path, top: str) -> None:
    """Refuse a source archive from which nobody could test and package."""
    with tarfile.open(archive) as opened:
        names = [name.removeprefix(f"{top}/") for name in opened.getnames()]
    for wanted in IN_SOURCES:
        if not any(name == wanted or name.startswith(wanted) for name in names):
            raise BadArchive(archive.name, f"has no {wanted}")


def check_wheel(archive: Path, package: Package) -> None:
    """Refuse a wheel that lacks something, or brings more than its package."""
    name = package.distribution.replace("-", "_")
    information = f"{name}-{package.version}.dist-info"
    with ZipFile(archive) as opened:
        names = opened.namelist()
    for wanted in (f"{name}/py.typed", f"{information}/licenses/LICENSE"):
        if wanted not in names:
            raise BadArchive(archive.name, f"has no {wanted}")
    if strange := first_elsewhere(names, (name, information)):
        raise BadArchive(archive.name, f"has {strange}, which is not in {name}")


def first_elsewhere(names: Iterable[str], folders: tuple[str, ...]) -> str | None:
    """Return the first file that lies in none of the folders at the top."""
    return next((name for name in names if name.split("/")[0] not in folders), None)


if __name__ == "__main__":
    main(prog_name="hatch run release:build")
