from __future__ import annotations

from datetime import date

import pytest

from release.changelog import unreleased
from release.making import Release, difference, make, prepare
from release.notes import noted
from release.packages import find
from release.refusals import (
    AlreadyTagged,
    DirtyTree,
    NoEntries,
    NotNewer,
    NotOnMain,
    NotReleased,
    OutOfRange,
    PatchBreaks,
    ProgramFailed,
    Refused,
    SaidToBeUnpublished,
    UnknownPackage,
    UnknownPart,
)
from releases.trees import Tree

DAY = date(2026, 2, 28)


def prepared(tree: Tree, package: str, version: str) -> Release:
    return prepare(tree.repository, find(tree.root, package), version, DAY)


def made(tree: Tree, package: str, version: str) -> Release:
    release = prepared(tree, package, version)
    make(tree.repository, release)
    return release


def test_a_release_is_one_commit_of_two_files_and_an_annotated_tag(
    released: Tree,
) -> None:
    released.change("sessions", "A cookie is read once.")
    before = released.git("rev-parse", "HEAD")

    release = made(released, "sessions", "patch")

    assert release.tag == "sessions-v0.1.1"
    assert released.git("rev-parse", "HEAD~1") == before
    assert released.git("cat-file", "-t", "sessions-v0.1.1") == "tag\n"
    assert released.git("rev-parse", "sessions-v0.1.1^{}") == released.git(
        "rev-parse", "HEAD"
    )
    assert released.git("diff", "--name-only", "HEAD~1", "HEAD").split() == [
        "packages/sessions/CHANGELOG.md",
        "packages/sessions/pyproject.toml",
    ]
    assert released.git("status", "--short") == ""
    assert (
        released.git("log", "-1", "--format=%s") == "Release tantalus-sessions 0.1.1\n"
    )


def test_only_the_line_of_the_version_changes_in_the_manifest(released: Tree) -> None:
    released.change("sessions", "A cookie is read once.")
    before = released.read("packages/sessions/pyproject.toml")

    made(released, "sessions", "patch")

    after = released.read("packages/sessions/pyproject.toml")
    assert after == before.replace('version = "0.1.0"', 'version = "0.1.1"')


def test_the_change_log_is_closed_and_a_new_section_opened(released: Tree) -> None:
    released.change("sessions", "A cookie is read once.")

    made(released, "sessions", "patch")

    text = released.read("packages/sessions/CHANGELOG.md")
    assert text.startswith(
        "# Changes of tantalus-sessions\n\n## Unreleased\n\n## 0.1.1 - 2026-02-28\n\n"
        "### Fixed\n\n- A cookie is read once.\n\n## 0.1.0 - 2026-01-31\n"
    )
    assert unreleased(text) == []


def test_the_tag_tells_what_changed_with_the_headings(released: Tree) -> None:
    released.change("sessions", "A cookie is read once.")

    made(released, "sessions", "patch")

    message = released.git("tag", "--list", "--format=%(contents)", "sessions-v0.1.1")
    assert message.rstrip("\n") == (
        "tantalus-sessions 0.1.1\n\n### Fixed\n\n- A cookie is read once."
    )


def test_the_first_release_keeps_the_version_of_the_tree(tree: Tree) -> None:
    release = made(tree, "routing", "0.1.0")

    assert release.tag == "routing-v0.1.0"
    assert tree.git("diff", "--name-only", "HEAD~1", "HEAD").split() == [
        "packages/routing/CHANGELOG.md"
    ]


def test_releases_follow_each_other(released: Tree) -> None:
    released.change("sessions", "One.")
    made(released, "sessions", "patch")
    released.change("sessions", "Two.")

    release = made(released, "sessions", "patch")

    assert release.tag == "sessions-v0.1.2"
    assert release.notes == "### Fixed\n\n- Two."


def test_what_a_release_would_change_is_shown_as_a_patch(released: Tree) -> None:
    released.change("sessions", "A cookie is read once.")

    shown = difference(prepared(released, "sessions", "patch"))

    changed = [line for line in shown.splitlines() if line.startswith(("+", "-"))]
    assert changed == [
        "--- a/packages/sessions/pyproject.toml",
        "+++ b/packages/sessions/pyproject.toml",
        '-version = "0.1.0"',
        '+version = "0.1.1"',
        "--- a/packages/sessions/CHANGELOG.md",
        "+++ b/packages/sessions/CHANGELOG.md",
        "+",
        "+## 0.1.1 - 2026-02-28",
    ]


def test_preparing_changes_nothing(released: Tree) -> None:
    released.change("sessions", "A cookie is read once.")
    before = released.state()

    prepared(released, "sessions", "patch")

    assert released.state() == before


def test_a_change_that_is_not_committed_is_refused(released: Tree) -> None:
    released.change("sessions", "One.")
    released.write("packages/routing/README.md", "Changed.\n")
    released.write("new.txt", "New.\n")

    with pytest.raises(DirtyTree) as refusal:
        prepared(released, "sessions", "patch")

    text = str(refusal.value)
    assert " M packages/routing/README.md" in text
    assert "?? new.txt" in text
    assert "git stash --include-untracked" in text


def test_of_many_changes_the_first_are_told(released: Tree) -> None:
    for number in range(7):
        released.write(f"new{number}.txt", "")

    with pytest.raises(DirtyTree, match=r"\?\? new4.txt\n  \.\.\. and 2 more\n"):
        prepared(released, "sessions", "patch")


def test_pages_that_call_all_of_it_unpublished_are_refused(released: Tree) -> None:
    released.change("sessions", "One.")
    page = noted("# Sessions\n\n```\npip install tantalus-sessions\n```\n")
    released.write("packages/sessions/README.md", page)
    released.commit("Say that it is not published")

    with pytest.raises(
        SaidToBeUnpublished,
        match=r"  packages/sessions/README.md\n.*hatch run published",
    ):
        prepared(released, "sessions", "patch")


def test_another_branch_is_refused(released: Tree) -> None:
    released.change("sessions", "One.")
    released.git("switch", "--quiet", "--create", "feature")

    with pytest.raises(NotOnMain, match=r"on the branch 'feature'.* git switch main"):
        prepared(released, "sessions", "patch")


def test_a_checkout_of_no_branch_is_refused(released: Tree) -> None:
    released.change("sessions", "One.")
    released.git("switch", "--quiet", "--detach")

    with pytest.raises(NotOnMain, match="on no branch"):
        prepared(released, "sessions", "patch")


def test_a_release_that_tells_nothing_is_refused(released: Tree) -> None:
    released.change_source("sessions")

    with pytest.raises(
        NoEntries, match=r"packages/sessions/CHANGELOG.md has no entry under"
    ):
        prepared(released, "sessions", "patch")


def test_a_version_that_is_tagged_is_refused(released: Tree) -> None:
    released.change("sessions", "One.")

    with pytest.raises(
        AlreadyTagged, match=r"sessions-v0\.1\.0 exists, .* next version"
    ):
        prepared(released, "sessions", "0.1.0")


def test_a_version_that_was_tagged_by_hand_is_refused(released: Tree) -> None:
    released.change("sessions", "One.")
    released.tag("sessions-v0.1.1")

    with pytest.raises(AlreadyTagged, match=r"sessions-v0\.1\.1"):
        prepared(released, "sessions", "patch")


def test_a_version_lower_than_the_newest_tag_is_refused(released: Tree) -> None:
    released.change("sessions", "One.")
    released.tag("sessions-v0.1.9", "sessions-v0.1.10")

    with pytest.raises(NotNewer, match=r"0\.1\.1 is lower than 0\.1\.10, the newest"):
        prepared(released, "sessions", "patch")


def test_a_version_lower_than_that_of_the_tree_is_refused(tree: Tree) -> None:
    with pytest.raises(
        NotNewer, match=r"0\.0\.9 is lower than 0\.1\.0, as packages/sessions/pyproject"
    ):
        prepared(tree, "sessions", "0.0.9")


def test_tags_of_other_packages_do_not_count(released: Tree) -> None:
    released.change("sessions", "One.")
    released.tag("routing-v0.1.1")

    assert prepared(released, "sessions", "patch").tag == "sessions-v0.1.1"


def test_a_component_that_core_does_not_allow_is_refused_with_the_line_to_change(
    released: Tree,
) -> None:
    released.change("sessions", "**Breaking:** Cookies are square.", "Changed")

    with pytest.raises(OutOfRange) as refusal:
        prepared(released, "sessions", "minor")

    text = str(refusal.value)
    assert "tantalus does not allow tantalus-sessions 0.2.0" in text
    assert "packages/core/pyproject.toml, line 15" in text
    assert "'tantalus-sessions>=0.1,<0.2'" in text
    assert 'write "tantalus-sessions>=0.1,<0.3" there' in text
    assert "a release of core is then due" in text


def test_with_the_range_widened_the_component_is_released(released: Tree) -> None:
    released.change("sessions", "**Breaking:** Cookies are square.", "Changed")
    released.replace(
        "packages/core/pyproject.toml", "sessions>=0.1,<0.2", "sessions>=0.1,<0.3"
    )

    assert made(released, "sessions", "minor").tag == "sessions-v0.2.0"


def test_a_core_that_an_example_does_not_allow_is_refused(released: Tree) -> None:
    released.change("core", "**Breaking:** No more apps.", "Removed")

    with pytest.raises(OutOfRange) as refusal:
        prepared(released, "core", "minor")

    text = str(refusal.value)
    assert "board does not allow tantalus 0.2.0: examples/board/pyproject.toml" in text
    assert "a release of core" not in text


def test_a_core_that_needs_an_unreleased_component_is_refused(released: Tree) -> None:
    released.change("core", "Sessions are faster.")
    released.replace(
        "packages/core/pyproject.toml", "sessions>=0.1,<0.2", "sessions>=0.1.1,<0.2"
    )

    with pytest.raises(
        NotReleased, match=r"No released version of tantalus-sessions .*line 15.* first"
    ):
        prepared(released, "core", "patch")


def test_the_first_core_waits_for_its_components(tree: Tree) -> None:
    with pytest.raises(NotReleased, match="Release tantalus-routing first"):
        prepared(tree, "core", "0.1.0")


@pytest.mark.parametrize("version", ["patch", "0.1.7"])
def test_a_patch_that_breaks_is_refused(version: str, released: Tree) -> None:
    released.change("sessions", "**Breaking:** Cookies are square.", "Changed")

    with pytest.raises(PatchBreaks, match=r"Breaking:\*\* Cookies .*\n.*Say minor\."):
        prepared(released, "sessions", version)


def test_an_unknown_package_is_refused_with_the_known_ones(released: Tree) -> None:
    with pytest.raises(UnknownPackage, match=r"'rooting'.*: routing, sessions, core\."):
        prepared(released, "rooting", "patch")


def test_an_unknown_part_is_refused(released: Tree) -> None:
    released.change("sessions", "One.")

    with pytest.raises(UnknownPart, match="'tiny' is no part"):
        prepared(released, "sessions", "tiny")


@pytest.mark.parametrize(
    ("package", "version"),
    [("sessions", "minor"), ("sessions", "0.1.0"), ("core", "tiny"), ("core", "patch")],
)
def test_a_refusal_changes_nothing(package: str, version: str, released: Tree) -> None:
    released.change("sessions", "One.")
    before = released.state()

    with pytest.raises(Refused):
        made(released, package, version)

    assert released.state() == before


def test_a_commit_that_a_hook_stops_leaves_the_tree_as_it_was(released: Tree) -> None:
    released.change("sessions", "One.")
    hook = released.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho Not today.\nexit 1\n")
    hook.chmod(0o755)
    before = released.state()

    with pytest.raises(ProgramFailed, match=r"git commit (.|\n)*Not today\."):
        made(released, "sessions", "patch")

    assert released.state() == before


def test_a_tag_that_git_refuses_leaves_the_tree_as_it_was(released: Tree) -> None:
    released.change("sessions", "One.")
    released.git("config", "tag.gpgSign", "true")
    released.git("config", "gpg.program", "false")
    before = released.state()

    with pytest.raises(ProgramFailed, match="git tag"):
        made(released, "sessions", "patch")

    assert released.state() == before
