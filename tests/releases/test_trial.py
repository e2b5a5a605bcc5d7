from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from release import trial
from release.environments import Environment
from release.refusals import NothingAllowed
from release.trials import Trial


class Pretended:
    """An environment in which the tests of archives called `bad` fail."""

    def __init__(self, folder: Path) -> None:
        pass

    def install(self, *arguments: str) -> None:
        pass

    def ours(self) -> dict[str, str]:
        return {"tantalus": "0.1.0", "tantalus-x": "0.2.0"}

    def passes(self, sources: Path, options: Sequence[str]) -> bool:
        return sources.name != "bad"


def pretend(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let there be one trial for each of these archives."""

    def made(root: Path, folder: Path, scratch: Path) -> Iterator[Trial]:
        return (Trial(f"x with {name}", [], Path(name)) for name in names)

    monkeypatch.setattr(trial, "trials", made)
    monkeypatch.setattr(trial, "Environment", Pretended)


def test_what_was_tried_is_told_with_the_versions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend(monkeypatch, "good", "better")

    result = CliRunner().invoke(trial.main, [str(tmp_path)])

    assert result.exit_code == 0
    assert result.stdout == (
        "== x with good\ntantalus 0.1.0, tantalus-x 0.2.0\n"
        "== x with better\ntantalus 0.1.0, tantalus-x 0.2.0\n"
    )


def test_one_failure_fails_the_release_after_all_trials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend(monkeypatch, "good", "bad", "better")

    result = CliRunner().invoke(trial.main, [str(tmp_path)])

    assert result.exit_code == 1
    assert "== x with better" in result.stdout
    assert result.stderr == "Error: Do not publish this. Failed: x with bad\n"


def test_a_trial_that_cannot_be_made_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing(root: Path, folder: Path, scratch: Path) -> Iterator[Trial]:
        raise NothingAllowed("tantalus-x>=0.2")

    monkeypatch.setattr(trial, "trials", nothing)

    result = CliRunner().invoke(trial.main, [str(tmp_path)])

    assert result.exit_code == 1
    assert "no version that 'tantalus-x>=0.2' allows" in result.stderr


def test_tests_run_without_the_source_beside_them(tmp_path: Path) -> None:
    (tmp_path / "x-0.1.0" / "src").mkdir(parents=True)
    (tmp_path / "x-0.1.0" / "tests").mkdir()
    archive = tmp_path / "x-0.1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        made.add(tmp_path / "x-0.1.0", "x-0.1.0")
    environment = Environment(tmp_path / "environment")

    passed = environment.passes(archive, [])

    assert not passed, "there is no pytest in it"
    unpacked = tmp_path / "environment.sources" / "x-0.1.0"
    assert [path.name for path in unpacked.iterdir()] == ["tests"]
    assert environment.ours() == {}
