from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from tantalus_http import SavedUpload, UploadFolder


def save(folder: UploadFolder, filename: str, *pieces: bytes) -> SavedUpload:
    with folder.begin("photo", filename, "image/jpeg") as file:
        for piece in pieces:
            file.write(piece)
        return file.finish()


def full_disk() -> Iterator[bytes]:
    raise OSError("The disk is full.")
    yield b""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_saved_under_a_name_that_nobody_guesses(tmp_path: Path) -> None:
    saved = save(UploadFolder(tmp_path), "../me.JPG", b"ab", b"c")

    assert saved.path.parent == tmp_path
    assert saved.path.read_bytes() == b"abc"
    assert len(saved.path.stem) == 32
    assert saved.path.suffix == ".jpg"
    assert (saved.name, saved.filename) == ("photo", "me.JPG")
    assert (saved.content_type, saved.size) == ("image/jpeg", 3)
    assert names(tmp_path) == [saved.path.name]


def test_a_name_may_be_kept_and_is_never_taken_from_another(tmp_path: Path) -> None:
    folder = UploadFolder(tmp_path, keep_names=True)

    saved = [save(folder, "../me.jpg", content) for content in (b"1", b"2", b"3")]

    assert [each.path.name for each in saved] == ["me.jpg", "me-2.jpg", "me-3.jpg"]
    assert [each.path.read_bytes() for each in saved] == [b"1", b"2", b"3"]


def test_a_file_is_hidden_until_it_is_complete(tmp_path: Path) -> None:
    with UploadFolder(tmp_path, keep_names=True).begin("a", "a.txt", "") as file:
        file.write(b"x")
        [growing] = names(tmp_path)
        file.finish()

    assert growing.startswith(".")
    assert names(tmp_path) == ["a.txt"]


def test_a_file_that_is_too_large_leaves_nothing(tmp_path: Path) -> None:
    folder = UploadFolder(tmp_path, max_size=3)

    with pytest.raises(RequestEntityTooLarge, match=r"'photo' has more than 3 bytes"):
        save(folder, "a.txt", b"ab", b"cd")

    assert names(tmp_path) == []
    assert save(folder, "a.txt", b"ab", b"c").size == 3


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    folder = UploadFolder(tmp_path)

    with pytest.raises(OSError, match="full"):
        save(folder, "a", b"x", *full_disk())

    assert names(tmp_path) == []


def test_a_folder_that_is_gone_leaves_an_error(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    folder = UploadFolder(tmp_path / "uploads")
    (tmp_path / "uploads").rmdir()

    with pytest.raises(FileNotFoundError):
        save(folder, "a.txt", b"x")


def test_a_folder_has_to_exist_when_the_program_starts(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match=r"There is no folder .*/none"):
        UploadFolder(tmp_path / "none")


def test_names_that_are_all_taken_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tantalus_http._upload_folder._MOST_TRIES", 3)
    folder = UploadFolder(tmp_path, keep_names=True)
    save(folder, "a.txt", b"1")
    save(folder, "a.txt", b"2")

    with pytest.raises(FileExistsError, match=r"has 2 files with names like 'a\.txt'"):
        save(folder, "a.txt", b"3")

    assert names(tmp_path) == ["a-2.txt", "a.txt"]


def test_a_name_that_cannot_be_given_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> None:
        raise PermissionError(*paths)

    monkeypatch.setattr("os.replace", refuse)

    with pytest.raises(PermissionError):
        save(UploadFolder(tmp_path), "a.txt", b"1")

    assert names(tmp_path) == []
