"""Who maintains Tantalus releases one package; who uses it upgrades only that one.

`pytest tests/journeys/test_release.py -s` shows all that is typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from environments import OF_CORE, Environment, copy_tree, free_port, serving, visitor
from rehearsal import (
    PACKAGES,
    Transcript,
    commands_of_the_workflow,
    download_third_parties,
    only_from,
    package_index,
    put_back_to_the_first_version,
)

SHOP = """
from tantalus import App, session

app = App(__name__)
app.secret_key = "a key for this rehearsal"


@app.get("/")
def visits():
    session["visits"] = session.get("visits", 0) + 1
    return f"Visit {session['visits']}"
"""


class Maintainer:
    """Somebody in a clone, with the commands of the repository."""

    def __init__(self, clone: Path, index: str, transcript: Transcript) -> None:
        self.clone = clone
        self.transcript = transcript
        self.settings = only_from(index) | {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "A maintainer",
            "GIT_AUTHOR_EMAIL": "maintainer@example.org",
            "GIT_COMMITTER_NAME": "A maintainer",
            "GIT_COMMITTER_EMAIL": "maintainer@example.org",
        }

    def types(self, command: str) -> str:
        return self.transcript.run(command, cwd=self.clone, settings=self.settings)

    def is_refused(self, command: str) -> str:
        return self.transcript.fail(command, cwd=self.clone, settings=self.settings)

    def edits(self, path: str, old: str, new: str) -> None:
        self.transcript.tell(f"In {path}: {new.splitlines()[-1]}")
        text = (self.clone / path).read_text("utf-8")
        assert old in text
        (self.clone / path).write_text(text.replace(old, new, 1), "utf-8")


class User:
    """Somebody with an app in an environment of its own."""

    def __init__(
        self, environment: Environment, folder: Path, index: str, transcript: Transcript
    ) -> None:
        self.environment = environment
        self.folder = folder
        self.transcript = transcript
        self.settings = only_from(index) | {"PIP_PYTHON": environment.python}
        self.port = free_port()
        self.ask = visitor()
        (folder / "shop.py").write_text(SHOP)

    def types(self, command: str) -> str:
        return self.transcript.run(command, cwd=self.folder, settings=self.settings)

    def visits(self) -> str:
        """Serve the app, and return what one visit in the same browser shows."""
        server = [self.environment.python, "-m", "tantalus", "--app", "shop", "run"]
        command = [*server, "--port", str(self.port)]
        with serving(command, cwd=self.folder, port=self.port) as address:
            _, page = self.ask(address)
        self.transcript.tell(f"The browser shows: {page}")
        return page

    def has(self) -> dict[str, str]:
        versions = self.environment.versions()
        return {
            name.removeprefix("tantalus-"): version
            for name, version in versions.items()
            if name.startswith("tantalus")
        }


@pytest.fixture
def transcript() -> Transcript:
    return Transcript()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    with package_index(tmp_path / "index") as address:
        download_third_parties(tmp_path / "index")
        yield address


@pytest.fixture
def maintainer(tmp_path: Path, index: str, transcript: Transcript) -> Maintainer:
    """Return somebody who has released every package as 0.1.0."""
    clone = copy_tree(tmp_path / "clone")
    put_back_to_the_first_version(clone)
    maintainer = Maintainer(clone, index, transcript)
    transcript.tell("Every package is released for the first time.")
    maintainer.types("hatch run published")
    maintainer.types("git init --quiet --initial-branch=main")
    maintainer.types("git add . && git commit --quiet --message 'All of it'")
    for package in PACKAGES:
        maintainer.types(f"hatch run release {package} 0.1.0")
        maintainer.types(f"hatch run release:build {package}-v0.1.0 --to ../first")
    maintainer.types("twine upload --disable-progress-bar ../first/*")
    return maintainer


@pytest.fixture
def user(
    tmp_path: Path, index: str, environment: Environment, transcript: Transcript
) -> User:
    (tmp_path / "shop").mkdir()
    return User(environment, tmp_path / "shop", index, transcript)


def test_one_package_is_released_and_only_that_one_upgraded(
    maintainer: Maintainer, user: User, transcript: Transcript
) -> None:
    transcript.tell("Somebody installs the app, and pins what is installed.")
    user.types("pip install tantalus")
    user.types("pip freeze | grep -v tantalus-sessions > pins.txt")
    assert user.has() == dict.fromkeys(["tantalus", *OF_CORE], "0.1.0")
    assert user.visits() == "Visit 1"

    release_sessions(maintainer, transcript)
    release_core(maintainer, transcript)

    transcript.tell("With core pinned to what does not allow it, nothing changes.")
    user.types("pip install --upgrade --constraint pins.txt tantalus tantalus-sessions")
    assert user.has() == dict.fromkeys(["tantalus", *OF_CORE], "0.1.0")

    transcript.tell("The pin of core takes the patch; nothing else moves.")
    user.types("sed -i s/tantalus==0.1.0/tantalus==0.1.1/ pins.txt")
    user.types("pip install --upgrade --constraint pins.txt tantalus")
    with_new_core = dict.fromkeys(OF_CORE, "0.1.0") | {"tantalus": "0.1.1"}
    assert user.has() == with_new_core
    assert user.visits() == "Visit 2"

    transcript.tell("Then sessions, and only sessions.")
    user.types("pip install --upgrade --constraint pins.txt tantalus-sessions")
    user.types("pip check")
    assert user.has() == with_new_core | {"sessions": "0.2.0"}
    assert user.visits() == "Visit 3"

    maintainer.types("pytest -q tests/test_changelogs.py tests/test_packages.py")


def release_sessions(maintainer: Maintainer, transcript: Transcript) -> None:
    """Release sessions 0.2.0, for which the range in core has to be widened."""
    transcript.tell("Sessions change, and their change log tells it.")
    maintainer.edits(
        "packages/sessions/CHANGELOG.md",
        "## Unreleased\n",
        "## Unreleased\n\n### Changed\n\n- **Breaking:** For the rehearsal.\n",
    )
    assert "Commit them" in maintainer.is_refused("hatch run release sessions minor")
    maintainer.types(
        "echo '# Changed.' >> packages/sessions/src/tantalus_sessions/__init__.py"
    )
    maintainer.types("git commit --quiet --all --message 'Change sessions'")
    refusal = maintainer.is_refused("hatch run release sessions minor")
    assert "tantalus does not allow tantalus-sessions 0.2.0" in refusal

    transcript.tell("Core works with it, so its range is widened; then both are due.")
    maintainer.edits(
        "packages/core/pyproject.toml",
        "tantalus-sessions>=0.1,<0.2",
        "tantalus-sessions>=0.1,<0.3",
    )
    maintainer.edits(
        "packages/core/CHANGELOG.md",
        "## Unreleased\n",
        "## Unreleased\n\n### Changed\n\n- Works with `tantalus-sessions` 0.2 too.\n",
    )
    maintainer.types("git commit --quiet --all --message 'Allow sessions 0.2'")
    maintainer.types("hatch run release --plan")
    maintainer.types("hatch run release sessions minor")
    publish(maintainer, transcript, "sessions-v0.2.0")


def release_core(maintainer: Maintainer, transcript: Transcript) -> None:
    """Release core 0.1.1, which allows sessions 0.2.0."""
    transcript.tell("Core follows, so that users can have both.")
    maintainer.types("hatch run release core patch")
    publish(maintainer, transcript, "core-v0.1.1")


def publish(maintainer: Maintainer, transcript: Transcript, tag: str) -> None:
    """Do what the workflow does for a tag, with fewer of the tests."""
    transcript.tell(f"The tag {tag} is pushed, and the workflow runs:")
    maintainer.settings["GITHUB_REF_NAME"] = tag
    build, try_out = commands_of_the_workflow()
    maintainer.types(build)
    maintainer.types(f"{try_out} -q -k 'cookie or session'")
    maintainer.types("twine upload --disable-progress-bar dist/* && rm -r dist")
