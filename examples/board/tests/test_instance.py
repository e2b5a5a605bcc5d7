from __future__ import annotations

import stat
from pathlib import Path

import pytest

from board import create_app
from board.instance import UnusableInstanceFolder


def test_the_first_start_makes_the_folder_the_key_and_the_database(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "not" / "there"

    create_app(instance_path=str(folder))

    assert sorted(path.name for path in folder.iterdir()) == [
        "board.sqlite",
        "secret_key",
    ]


def test_only_the_owner_reads_the_key(tmp_path: Path) -> None:
    create_app(instance_path=str(tmp_path))

    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_the_key_stays_over_a_restart(tmp_path: Path) -> None:
    first = create_app(instance_path=str(tmp_path)).secret_key
    second = create_app(instance_path=str(tmp_path)).secret_key

    assert first == second
    assert len(first or b"") == 32


def test_boards_have_keys_of_their_own(tmp_path: Path) -> None:
    first = create_app(instance_path=str(tmp_path / "first")).secret_key
    second = create_app(instance_path=str(tmp_path / "second")).secret_key

    assert first != second


def test_the_environment_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOARD_INSTANCE", str(tmp_path / "elsewhere"))

    create_app()

    assert (tmp_path / "elsewhere" / "board.sqlite").exists()


def test_a_folder_that_cannot_be_used_is_named_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(
        UnusableInstanceFolder, match=r"file.*cannot be used: .*BOARD_INSTANCE"
    ):
        create_app(instance_path=str(tmp_path / "file"))
