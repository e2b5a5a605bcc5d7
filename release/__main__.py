"""`hatch run release`: plan and make the release of one package. Pushes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from release import making, packages, plan
from release.making import Release
from release.refusals import Refused
from release.repository import Repository

ROOT = Path(__file__).parent.parent


@click.command()
@click.argument("package", required=False)
@click.argument("version", required=False)
@click.option("--plan", "plans", is_flag=True, help="Tell what could be released.")
@click.option("--dry-run", is_flag=True, help="Check and show all of it, do nothing.")
def main(package: str | None, version: str | None, plans: bool, dry_run: bool) -> None:
    """Release PACKAGE, the name of its folder, as VERSION.

    VERSION is patch, minor or major, or the version itself. It goes into the package's
    pyproject.toml, the change log is closed, and both are committed and tagged. Nothing
    is pushed.
    """
    repository = Repository(ROOT)
    try:
        if plans:
            lines = plan.describe(repository)
        elif package and version:
            lines = release(repository, package, version, dry_run=dry_run)
        else:
            raise click.UsageError("Name a package and a version, or say --plan.")
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("\n".join(lines))


def release(
    repository: Repository, name: str, version: str, *, dry_run: bool
) -> list[str]:
    """Make a release, or show what it would be, and return what to tell."""
    package = packages.find(repository.root, name)
    found = making.prepare(repository, package, version, datetime.now(UTC).date())
    if dry_run:
        shown = making.difference(found)
        return [f"Would release {found.title}:", "", shown, *after(found)]
    making.make(repository, found)
    return [
        f"Released {found.title} in this clone: one commit, tagged {found.tag}."
        " Nothing is pushed.",
        *after(found),
    ]


def after(release: Release) -> list[str]:
    """Return what to do next."""
    name, tag = release.package.name, release.tag
    return [
        "Next:",
        f"  hatch run {name}:test        the package's tests, on what is tagged",
        f"  git push --atomic origin {making.BRANCH} {tag}        builds, tries and"
        " publishes it",
        "Or take it back:",
        f"  git tag --delete {tag} && git reset --keep HEAD~1",
    ]


if __name__ == "__main__":
    main(prog_name="hatch run release")
