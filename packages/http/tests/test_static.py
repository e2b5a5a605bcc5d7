from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder

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
