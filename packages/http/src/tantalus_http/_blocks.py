"""Files that are sent under ASGI."""

from __future__ import annotations

from typing import IO

from werkzeug.wsgi import FileWrapper

#: Bytes of a file that are read and sent at a time.
BLOCK = 262_144


class FileBlocks(FileWrapper):
    """A file that is read in large blocks, by whatever thread is free.

    What a program gives to `wsgi.file_wrapper` becomes one.
    """

    def __init__(self, file: IO[bytes], buffer_size: int = BLOCK) -> None:
        super().__init__(file, max(buffer_size, BLOCK))
