"""The note that nothing is published yet is put on pages, and taken off."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from release import notes
from release.notes import noted, with_note, without_note

BLOCK = "# A\n\n```sh\n{command}\n```\n\nMore.\n"
NOTED = """# A

```sh
pip install tantalus
```

<!-- not published yet -->
> **Not published yet.** Until the first release, this is what to type in a clone of the
> [repository](https://github.com/tantalus-web/tantalus): `pip install ./packages/*`
<!-- until here -->

More.
"""


def test_the_note_stands_below_the_block_that_installs() -> None:
    assert noted(BLOCK.format(command="pip install tantalus")) == NOTED


def test_a_page_with_its_note_stays_as_it_is() -> None:
    assert noted(NOTED) == NOTED


def test_without_the_note_a_page_is_as_it_was() -> None:
    page = BLOCK.format(command="pip install tantalus")

    assert without_note(noted(page)) == page


def test_a_note_that_was_written_by_hand_stays_until_all_are_taken_off() -> None:
    by_hand = f"{notes.BEGIN}\n> Make wheels, until the first release.\n{notes.END}\n"

    assert noted(f"# A\n\n{by_hand}") == f"# A\n\n{by_hand}"
    assert without_note(f"# A\n\n{by_hand}") == "# A\n"


@pytest.mark.parametrize(
    ("command", "in_a_clone"),
    [
        ("pip install tantalus", "pip install ./packages/*"),
        ("pip install tantalus pytest", "pip install ./packages/*"),
        ("pip install pytest tantalus", "pip install ./packages/*"),
        ("$ pip install tantalus-routing", "pip install ./packages/routing"),
        ("python -m pip install tantalus-http", "pip install ./packages/http"),
        ("pip install --upgrade tantalus-cli", "pip install ./packages/cli"),
        ("pip install tantalus-http tantalus-cli", "pip install ./packages/*"),
        (
            'pip install "tantalus[redis]"',
            'pip install ./packages/* "./packages/core[redis]"',
        ),
    ],
)
def test_the_note_has_what_installs_the_same_from_a_clone(
    command: str, in_a_clone: str
) -> None:
    assert f": `{in_a_clone}`\n" in noted(BLOCK.format(command=command))


@pytest.mark.parametrize(
    "command",
    [
        "pip install pytest\ntantalus --app hello run",
        "pip install ./packages/core",
        "pip install flask-tantalus",
        "pip install tantalus_x",
        "tantalus --version",
    ],
)
def test_what_installs_nothing_of_ours_has_no_note(command: str) -> None:
    page = BLOCK.format(command=command)

    assert noted(page) == page


def test_a_sentence_that_installs_has_its_note_below_the_paragraph() -> None:
    page = noted("It comes with `pip install\ntantalus-routing`, alone.\n\nMore.\n")

    assert page.startswith(
        "It comes with `pip install\ntantalus-routing`, alone.\n\n<!--"
    )
    assert "`pip install ./packages/routing`\n" in page


def test_a_sentence_is_not_torn_from_the_block_it_announces() -> None:
    page = noted("After `pip install tantalus`, type:\n\n```sh\nls\n```\n\nMore.\n")

    assert page.startswith(
        "After `pip install tantalus`, type:\n\n```sh\nls\n```\n\n<!--"
    )


def test_the_command_puts_the_notes_and_takes_them_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = BLOCK.format(command="pip install tantalus")
    (tmp_path / "README.md").write_text(page)
    (tmp_path / "docs" / "_build").mkdir(parents=True)
    (tmp_path / "docs" / "_build" / "README.md").write_text(page)
    (tmp_path / "docs" / "other.md").write_text("Nothing.\n")
    monkeypatch.setattr(notes, "ROOT", tmp_path)

    put = CliRunner().invoke(notes.main, ["put"])
    has = with_note(tmp_path)
    removed = CliRunner().invoke(notes.main, ["remove"])

    assert put.output == removed.output == "README.md: changed\n"
    assert has == ["README.md"]
    assert with_note(tmp_path) == []
    assert (tmp_path / "README.md").read_text() == page
