"""`hatch run release:try dist`: the tests of a release, against what was built.

The wheel is installed as users install it; the tests come out of a source archive.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from release.environments import Environment
from release.refusals import Refused
from release.trials import trials

ROOT = Path(__file__).parent.parent


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def main(folder: Path, options: tuple[str, ...]) -> None:
    """Try the one release whose archives lie in FOLDER. OPTIONS go to pytest."""
    with TemporaryDirectory() as scratch:
        try:
            failed = run(folder.absolute(), Path(scratch), options)
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
    if failed:
        raise click.ClickException("Do not publish this. Failed: " + "; ".join(failed))


def run(folder: Path, scratch: Path, options: Sequence[str]) -> list[str]:
    """Run every trial, show it, and return the titles of those that failed."""
    failed = []
    for number, trial in enumerate(trials(ROOT, folder, scratch)):
        click.echo(f"== {trial.title}")
        environment = Environment(scratch / f"environment-{number}")
        environment.install(*trial.install)
        installed = environment.ours().items()
        click.echo(", ".join(f"{name} {version}" for name, version in installed))
        if not environment.passes(trial.sources, options):
            failed.append(trial.title)
    return failed


if __name__ == "__main__":
    main(prog_name="hatch run release:try")
