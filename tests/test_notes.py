"""Until something is published, every page that installs it says so; then none does."""

from __future__ import annotations

from pathlib import Path

from release import notes
from release.notes import noted, without_note

ROOT = Path(__file__).parent.parent


def test_no_page_forgets_the_note_while_others_have_it() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in notes.pages(ROOT)}
    needed = {path for path, text in texts.items() if noted(text) != without_note(text)}

    there = {path for path in texts if texts[path] != without_note(texts[path])}

    # `hatch run not-published` puts them, `hatch run published` takes all off.
    assert there in (needed, set())
    assert {path for path in there if noted(texts[path]) != texts[path]} == set()
    assert len(needed) > 15


def test_a_note_stands_below_tabs_of_which_one_installs() -> None:
    tabs = (
        "<!-- tabs -->\n**One**\n\n```sh\npip install tantalus\n```\n\n**Two**\n\nNo.\n"
    )
    page = f"{tabs}<!-- end of tabs -->\n\nMore.\n"

    with_note = noted(page)

    assert with_note.startswith(f"{tabs}<!-- end of tabs -->\n\n{notes.BEGIN}\n")
    assert without_note(with_note) == page
