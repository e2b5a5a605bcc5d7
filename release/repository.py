"""The git repository, as far as a release looks into it and changes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

from release.programs import output
from release.versions import released


class Repository:
    """A checkout. Paths go in and come out as git writes them: relative to its root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def branch(self) -> str:
        """Return the branch that is checked out, or `""` if there is none."""
        return self._git("branch", "--show-current").strip()

    def changes(self) -> list[str]:
        """Return what no commit holds, in the short form of `git status`."""
        return self._git("status", "--porcelain").splitlines()

    def released(self, package: str) -> list[Version]:
        """Return the versions of a package that are tagged, in order."""
        return released(self._git("tag", "--list", f"{package}-v*").split())

    def changed_since(self, tag: str, *paths: str) -> list[str]:
        """Return the files under `paths` that differ from those of a tag."""
        differing = self._git("diff", "--name-only", "-z", tag, "--", *paths)
        return [name for name in differing.split("\0") if name]

    def tracked(self, *paths: str) -> list[str]:
        """Return the files under `paths` that git knows."""
        listed = self._git("ls-files", "-z", "--", *paths)
        return [name for name in listed.split("\0") if name]

    def read(self, revision: str, path: str) -> str:
        """Return a file as it is in a revision."""
        return self._git("show", f"{revision}:{path}")

    def commit(self, message: str, paths: Sequence[str]) -> None:
        """Commit these files and nothing else."""
        self._git("commit", "--quiet", f"--message={message}", "--", *paths)

    def tag(self, name: str, message: str) -> None:
        """Put an annotated tag on the newest commit."""
        # Git would take the headings of a change log for comments.
        kept = "--cleanup=whitespace"
        self._git("tag", "--annotate", kept, f"--message={message}", name)

    def drop_newest_commit(self) -> None:
        """Go back to the commit before, and keep what is not committed."""
        self._git("reset", "--quiet", "--keep", "HEAD~1")

    def _git(self, *arguments: str) -> str:
        return output(["git", *arguments], cwd=self.root)
