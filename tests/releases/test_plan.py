from __future__ import annotations

import pytest

from release.plan import describe, standings, steps
from releases.trees import Tree


def plan(tree: Tree) -> str:
    return "\n".join(describe(tree.repository))


def due(tree: Tree) -> list[tuple[str, str]]:
    found = steps(tree.repository, standings(tree.repository))
    return [(step.standing.package.name, step.standing.wanted) for step in found]


def test_with_nothing_new_there_is_nothing_to_release(released: Tree) -> None:
    assert plan(released) == (
        "package      released   not released\n"
        "routing      0.1.0      -\n"
        "sessions     0.1.0      -\n"
        "core         0.1.0      -\n"
        "\n"
        "Nothing to release."
    )


def test_before_the_first_release_everything_is_due_and_core_comes_last(
    tree: Tree,
) -> None:
    assert due(tree) == [("routing", "0.1.0"), ("sessions", "0.1.0"), ("core", "0.1.0")]
    assert (
        "  3. hatch run release core 0.1.0             tantalus 0.1.0\n"
        "       first: release routing (packages/core/pyproject.toml, line 14:"
        " tantalus-routing>=0.1,<0.2)\n"
        "       first: release sessions (packages/core/pyproject.toml, line 15:"
        " tantalus-sessions>=0.1,<0.2)"
    ) in plan(tree)


def test_entries_and_files_since_the_last_tag_are_counted(released: Tree) -> None:
    released.change("sessions", "One.")
    released.change("sessions", "Two.", "Security")

    assert "sessions     0.1.0      2 entries, 1 file\n" in plan(released)
    assert due(released) == [("sessions", "patch")]


@pytest.mark.parametrize(
    ("section", "entry", "part"),
    [
        ("Fixed", "One.", "patch"),
        ("Added", "One.", "patch"),
        ("Changed", "**Breaking:** One.", "minor"),
    ],
)
def test_before_1_only_a_break_raises_the_minor_version(
    section: str, entry: str, part: str, released: Tree
) -> None:
    released.change("sessions", entry, section)

    assert due(released)[0] == ("sessions", part)


@pytest.mark.parametrize(
    ("section", "entry", "part"),
    [
        ("Fixed", "One.", "patch"),
        ("Added", "One.", "minor"),
        ("Changed", "**Breaking:** One.", "major"),
    ],
)
def test_from_1_on_every_part_has_its_meaning(
    section: str, entry: str, part: str, released: Tree
) -> None:
    released.replace("packages/sessions/pyproject.toml", "0.1.0", "1.0.0")
    released.replace("packages/core/pyproject.toml", "sessions>=0.1,<0.2", "sessions<2")
    released.tag("sessions-v1.0.0", "core-v0.1.1")
    released.change("sessions", entry, section)

    assert due(released)[0] == ("sessions", part)


def test_a_break_shows_what_core_has_to_allow_first_and_that_core_is_due(
    released: Tree,
) -> None:
    released.change("sessions", "**Breaking:** One.", "Changed")

    shown = plan(released)

    assert due(released) == [("sessions", "minor"), ("core", "patch")]
    assert (
        "  1. hatch run release sessions minor         tantalus-sessions 0.2.0\n"
        "       first: packages/core/pyproject.toml, line 15:"
        ' write "tantalus-sessions>=0.1,<0.3"\n'
        "  2. hatch run release core patch             tantalus 0.1.1\n"
        "       because core-v0.1.0 asks for tantalus-sessions>=0.1,<0.2,"
        " which is not 0.2.0\n"
    ) in shown
    assert (
        "Warning: core: a release is due, and packages/core/CHANGELOG.md has no entry."
    ) in shown


def test_core_waits_for_a_component_that_it_needs(released: Tree) -> None:
    released.change("sessions", "One.")
    released.change("core", "Sessions are faster.")
    released.replace(
        "packages/core/pyproject.toml", "sessions>=0.1,<0.2", "sessions>=0.1.1,<0.2"
    )

    assert due(released) == [("sessions", "patch"), ("core", "patch")]
    assert "       first: release sessions (packages/core/py" in plan(released)

    released.tag("sessions-v0.1.1")

    assert "first:" not in plan(released)


def test_a_component_that_core_does_not_reach_stays_due_for_core_once_released(
    released: Tree,
) -> None:
    released.tag("sessions-v0.2.0")

    assert due(released) == [("core", "patch")]


def test_files_without_an_entry_are_a_warning_and_no_release(released: Tree) -> None:
    released.change_source("routing")

    shown = plan(released)

    assert due(released) == []
    assert (
        "Warning: routing: 1 file changed since routing-v0.1.0, and"
        " packages/routing/CHANGELOG.md has no entry. Without one there is no release."
    ) in shown


def test_entries_without_a_file_are_a_warning(released: Tree) -> None:
    released.change_log("routing", "Nothing at all.")

    assert due(released) == [("routing", "patch")]
    assert (
        "Warning: routing: packages/routing/CHANGELOG.md has 1 entry, and no file of"
        " the package changed since routing-v0.1.0."
    ) in plan(released)


def test_a_changed_requirement_counts_as_a_changed_file(released: Tree) -> None:
    released.replace(
        "packages/core/pyproject.toml", "sessions>=0.1,<0.2", "sessions>=0.1,<0.3"
    )
    released.change_log("core", "Works with `tantalus-sessions` 0.2.", "Changed")

    assert "Warning" not in plan(released)
    assert due(released) == [("core", "patch")]


def test_tests_and_pages_are_no_reason_for_a_release(released: Tree) -> None:
    released.write("packages/routing/tests/test_more.py", "")
    released.write("packages/routing/README.md", "Better.\n")
    released.commit("Tell more")

    assert plan(released).endswith("\nNothing to release.")
