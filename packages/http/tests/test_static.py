from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder

import tantalus_http._static as _static
from tantalus_http import send_static_file, static_hash, static_version

HELLO = b"hello world\n"
HELLO_HASH = "a948904f2f0f479b"  # sha256sum, 16 digits


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "hello.txt").write_bytes(HELLO)
    (tmp_path / "secret.txt").write_text("secret")
    return str(tmp_path / "static")


def environ() -> dict[str, Any]:
    return EnvironBuilder().get_environ()


def test_the_hash_is_that_of_the_content(folder: str) -> None:
    assert static_hash(f"{folder}/hello.txt") == HELLO_HASH
    assert static_version(folder, "hello.txt") == HELLO_HASH


NOT_HASHES = [
    *("", "x", "x" * 5000, "0" * 15, "0" * 17, "A948904F2F0F479B", "a948904f2f0f479g"),
    "\uff10" * 16,
]


@pytest.mark.parametrize("version", NOT_HASHES, ids=[repr(v[:20]) for v in NOT_HASHES])
def test_a_file_is_not_read_for_what_is_no_hash(
    folder: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_static, "static_version", pytest.fail)

    with send_static_file(folder, "hello.txt", environ(), version=version) as response:
        assert response.status_code == 200


class Slow:
    """Stands for `hashlib`, and lets others come while it reads."""

    def __init__(self, others: int) -> None:
        self.read: list[str] = []
        self.all_came = threading.Barrier(others)

    def file_digest(self, file: Any, name: str) -> Any:
        self.read.append(file.name)
        self.all_came.wait(60)
        return hashlib.file_digest(file, name)


def test_one_of_all_that_ask_at_once_reads_the_file(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, hashes = f"{folder}/hello.txt", []
    slow = Slow(others=2)
    monkeypatch.setattr(_static, "hashlib", slow)
    threads = [
        threading.Thread(target=lambda: hashes.append(static_hash(path)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()

    slow.all_came.wait(60)
    for thread in threads:
        thread.join()

    assert (hashes, slow.read) == ([HELLO_HASH] * 8, [path])
    assert _static._reading == {}


def test_different_files_are_read_at_the_same_time(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"{folder}/{name}" for name in "ab"]
    for path in paths:
        Path(path).write_bytes(HELLO)
    monkeypatch.setattr(_static, "hashlib", Slow(others=2))  # each waits for the other
    threads = [threading.Thread(target=static_hash, args=(path,)) for path in paths]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [static_hash(path) for path in paths] == [HELLO_HASH] * 2


def test_a_file_that_cannot_be_read_is_tried_again(folder: str) -> None:
    path = Path(folder, "later.txt")
    with pytest.raises(FileNotFoundError):
        static_hash(str(path))

    path.write_bytes(HELLO)

    assert static_hash(str(path)) == HELLO_HASH
    assert _static._reading == {}


def test_a_file_that_is_removed_while_it_is_waited_for_is_no_hash(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed(path: str) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(_static, "_read", removed)

    assert static_version(folder, "hello.txt") is None
    assert _static._reading == {}


def test_a_pipe_is_not_opened(folder: str) -> None:
    os.mkfifo(f"{folder}/pipe")

    with pytest.raises(OSError, match="no regular file"):
        static_hash(f"{folder}/pipe")
    assert static_version(folder, "pipe") is None
    with pytest.raises(NotFound):
        send_static_file(folder, "pipe", environ(), version=HELLO_HASH)


def test_the_memory_of_hashes_is_bounded_and_forgets_the_oldest(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_static, "_REMEMBERED", 50)
    monkeypatch.setattr(_static, "_hashes", {})
    paths = [f"{folder}/{number}" for number in range(200)]
    for path in paths:
        Path(path).write_bytes(HELLO)

    for path in paths:
        static_hash(path)

    assert list(_static._hashes) == paths[-50:]


def test_a_file_is_hashed_once_for_each_change(folder: str) -> None:
    path = Path(folder, "hello.txt")
    first = static_hash(str(path))
    stat = path.stat()

    path.write_bytes(HELLO.upper())
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert static_hash(str(path)) == first

    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    changed = static_hash(str(path))
    assert changed != first

    path.write_bytes(HELLO + HELLO)
    assert static_hash(str(path)) not in (first, changed)


OUTSIDE = [
    "../secret.txt",
    "/etc/passwd",
    "a/../../secret.txt",
    "..\\secret.txt",
    "missing.txt",
    "",
    ".",
    "..",
    "hello.txt\0",
    "x" * 5000,
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_only_files_in_the_folder_have_a_version(folder: str, path: str) -> None:
    assert static_version(folder, path) is None


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("version", [None, HELLO_HASH])
def test_only_files_in_the_folder_are_sent(
    folder: str, path: str, version: str | None
) -> None:
    with pytest.raises(NotFound):
        send_static_file(folder, path, environ(), version=version)


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (HELLO_HASH, "public, max-age=31536000, immutable"),
        ("0000000000000000", "public, max-age=60"),
        ("", "public, max-age=60"),
        (None, "public, max-age=60"),
    ],
)
def test_a_file_under_its_hash_is_cached_for_ever(
    folder: str, version: str | None, told: str
) -> None:
    with send_static_file(
        folder, "hello.txt", environ(), version=version, max_age=60
    ) as response:
        assert response.headers["Cache-Control"] == told
        assert response.content_length == 12
