"""Where uploads are saved: whole files under names that are safe, or nothing.

A file grows under a name of its own, hidden, and gets its name when it is complete.
What ends before leaves nothing behind.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO, Self

from ._body import too_large
from ._filenames import safe_filename, suffix_of

# Names that are tried, of files that have the same.
_MOST_TRIES = 1_000


@dataclass(frozen=True, slots=True)
class SavedUpload:
    """A file that was uploaded, and is saved.

    Attributes:
        path: Where it lies.
        name: Of the field of the form.
        filename: What the client calls it, made safe.
        content_type: What the client says that it is; nobody has looked.
        size: Bytes.
    """

    path: Path
    name: str
    filename: str
    content_type: str
    size: int


class UploadFolder:
    """A folder for uploads.

    Args:
        to: The folder; it has to exist.
        max_size: Bytes that a file may have; more is a 413, and the file is removed.
            None: what the whole request may have.
        keep_names: Whether files are called as their senders call them, made safe, and
            with a number where there is one already. Otherwise names are random, with
            the suffix that was sent, and nobody can guess them.

    Raises:
        NotADirectoryError: There is no such folder.
    """

    def __init__(
        self,
        to: str | os.PathLike[str],
        *,
        max_size: int | None = None,
        keep_names: bool = False,
    ) -> None:
        self.path = Path(to).absolute()
        self.max_size = max_size
        self.keep_names = keep_names
        if not self.path.is_dir():
            raise NotADirectoryError(
                f"There is no folder {str(self.path)!r} to save uploads in. Make it"
                " before the program starts, writable for whoever runs it."
            )

    def begin(self, name: str, filename: str, content_type: str) -> IncomingFile:
        """Return a new file, to be written and finished, or discarded.

        Args:
            name: Of the field of the form.
            filename: As it was sent.
        """
        return IncomingFile(self, name, safe_filename(filename), content_type)

    def claim(self, filename: str) -> Path:
        """Return the path of a new, empty file, which nobody else has.

        Args:
            filename: A safe one.

        Raises:
            FileExistsError: All names like this are taken.
        """
        suffix = suffix_of(filename)
        if not self.keep_names:
            return self._made(f"{token_hex(16)}{suffix}")
        stem = filename[: len(filename) - len(suffix)]
        for number in range(1, _MOST_TRIES):
            with suppress(FileExistsError):
                return self._made(
                    f"{stem}-{number}{suffix}" if number > 1 else filename
                )
        raise FileExistsError(
            f"{self.path} has {_MOST_TRIES - 1} files with names like {filename!r}."
            " Save uploads under random names: without keep_names."
        )

    def _made(self, name: str) -> Path:
        path = self.path / name
        path.touch(exist_ok=False)
        return path


class IncomingFile:
    """A file that is being received."""

    def __init__(
        self, folder: UploadFolder, name: str, filename: str, content_type: str
    ) -> None:
        self._folder = folder
        self._name = name
        self._filename = filename
        self._content_type = content_type
        self._size = 0
        self._path = folder.path / f".{token_hex(16)}.part"
        self._file: IO[bytes] = open(self._path, "xb")  # noqa: SIM115 - closed below

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Leave nothing of the file if there is an error."""
        if kind is not None:
            self.discard()

    def write(self, content: bytes) -> None:
        """Add to the file.

        Raises:
            RequestEntityTooLarge: It has more than `max_size` bytes (413).
        """
        self._size += len(content)
        limit = self._folder.max_size
        if limit is not None and self._size > limit:
            raise too_large(
                f"the file in {self._name!r} has more than {limit} bytes", "max_size"
            )
        self._file.write(content)

    def finish(self) -> SavedUpload:
        """Give the file its name."""
        self._file.close()
        path = self._folder.claim(self._filename)
        try:
            os.replace(self._path, path)
        except OSError:
            path.unlink()
            raise
        return SavedUpload(
            path, self._name, self._filename, self._content_type, self._size
        )

    def discard(self) -> None:
        """Leave nothing of the file."""
        with suppress(OSError):  # of what could not be written
            self._file.close()
        self._path.unlink(missing_ok=True)
