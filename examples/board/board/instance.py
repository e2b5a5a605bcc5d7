"""The folder in which the board keeps its data."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


class UnusableInstanceFolder(OSError):
    """The board cannot write into its instance folder."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            f"The instance folder {str(folder)!r} cannot be used: {error.strerror}."
            " Make it a folder that this user may write to, or name another one in"
            " the environment variable BOARD_INSTANCE."
        )


def prepare(folder: Path) -> Path:
    """Return `folder`, made if it is missing, once it is known to be writable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise UnusableInstanceFolder(folder, error) from error


def secret_key(folder: Path) -> bytes:
    """Return the key that signs sessions, made at the first start and then kept.

    A key that changed with every start would log everybody out, and two workers
    with a key each would not accept each other's sessions.
    """
    path = folder / "secret_key"
    if not path.exists():
        # Only this user may read a temporary file. Giving it its name in one step,
        # which fails if the name is taken, lets one of two workers win.
        with NamedTemporaryFile(dir=folder) as draft:
            draft.write(secrets.token_bytes(32))
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_bytes()
