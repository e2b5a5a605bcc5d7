"""The note on each page that installs a package: nothing is published yet.

`hatch run not-published` puts it on every page that needs it, and `hatch run published`
takes it off all of them. No release can be made while it stands anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from release.packages import CORE, read, write

ROOT = Path(__file__).parent.parent
PAGES = ("*.md", "docs/**/*.md", "examples/*/*.md", "packages/*/README.md")
BUILT = "_build"

BEGIN, END = "<!-- not published yet -->", "<!-- until here -->"
TABS = "<!-- tabs -->", "<!-- end of tabs -->"
FIRST = (
    "> **Not published yet.** Until the first release, this is what to type in a clone"
)
TEXT = f"""
{{begin}}
{FIRST} of the
> [repository](https://github.com/tantalus-web/tantalus): `{{command}}`
{{end}}
"""
NOTE = re.compile(rf"\n{re.escape(BEGIN)}\n.*?\n{re.escape(END)}\n", re.S)
# One that begins otherwise was written by hand.
GENERATED = re.compile(
    NOTE.pattern.replace(r"\n.*?", rf"\n{re.escape(FIRST)}.*?", 1), re.S
)
OURS = r"(?<![\w/.-])tantalus(?:-\w+)?(?:\[\w+\])?(?![\w/-])"
# One command, whose line may end after `install` where it stands in a sentence.
INSTALL = re.compile(rf"pip\s+install\s(?:[^`#|&\n]* )?\"?{OURS}[^`#|&\n]*")
# A block of code, or else a paragraph; one that announces a block is one with it.
BLOCK = re.compile(
    r"(?:^(?!`{3})(?:[^\n]+\n)*[^\n]*:\n\n)?^(`{3,})[^`\n]*\n.*?^\1\n|^(?:[^\n]+(?:\n|\Z))+",
    re.M | re.S,
)


def pages(root: Path) -> Iterator[Path]:
    """Yield the pages that people read."""
    for pattern in PAGES:
        for path in sorted(root.glob(pattern)):
            if BUILT not in path.parts:
                yield path


def noted(text: str) -> str:
    """Return a page with one note, below the first block that installs a package.

    If it stands in one of several tabs, the note is for all of them. A note that was
    written by hand stays where it is.
    """
    bare = GENERATED.sub("", text)
    for block in BLOCK.finditer(bare):
        commands = INSTALL.findall(block[0])
        if commands:
            command = from_a_clone(re.findall(OURS, "\n".join(commands)))
            note = TEXT.format(begin=BEGIN, command=command, end=END)
            place = behind_tabs(bare, block.end())
            return bare[:place] + note + bare[place:]
    return bare


def behind_tabs(text: str, place: int) -> int:
    """Return the place, or the end of the tabs that it lies in."""
    begun, ended = (text.rfind(mark, 0, place) for mark in TABS)
    return text.index(TABS[1], place) + len(TABS[1]) + 1 if begun > ended else place


def without_note(text: str) -> str:
    """Return a page as it reads once everything is published."""
    return NOTE.sub("", text)


def from_a_clone(requirements: list[str]) -> str:
    """Return the command that installs from a clone what pip would fetch."""
    folders = dict.fromkeys(map(folder_of, requirements))
    with_extras = [f'"{folder}"' for folder in folders if folder.endswith("]")]
    names = {folder.partition("[")[0] for folder in folders}
    # The app object needs the others, which come from the clone as well.
    alone = len(names) == 1 and folder_of("tantalus") not in names
    first = min(names) if alone else "./packages/*"
    return " ".join(["pip install", first, *([] if alone else with_extras)])


def folder_of(requirement: str) -> str:
    """Return the folder of a requirement, with its extra."""
    distribution, bracket, extra = requirement.partition("[")
    return f"./packages/{distribution.partition('-')[2] or CORE}{bracket}{extra}"


def with_note(root: Path) -> list[str]:
    """Return the pages on which the note stands."""
    return [
        path.relative_to(root).as_posix() for path in pages(root) if BEGIN in read(path)
    ]


@click.command()
@click.argument("wanted", type=click.Choice(["put", "remove"]))
def main(wanted: str) -> None:
    """Put the note on every page that installs a package, or take it off all."""
    change = noted if wanted == "put" else without_note
    for path in pages(ROOT):
        text = read(path)
        changed = change(text)
        if changed != text:
            write(path, changed)
            click.echo(f"{path.relative_to(ROOT)}: changed")


if __name__ == "__main__":
    main()
