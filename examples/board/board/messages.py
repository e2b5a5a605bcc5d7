"""The messages on the board, for the pages and the API alike."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from tantalus import abort

from .database import connection

LONGEST_TEXT = 500
PAGE_SIZE = 20
# SQLite counts in 64 bits; no message has a higher number.
HIGHEST_ID = 2**63 - 1
ONE = f"/messages/<int(max={HIGHEST_ID}):message_id>"

SELECT = """
    SELECT message.id, message.text, message.created, message.author_id,
           user.name AS author
    FROM message JOIN user ON user.id = message.author_id
"""


class Unpostable(ValueError):
    """This text cannot be a message; the error's text says why to its author."""


def newest(*, before: int | None = None, limit: int = PAGE_SIZE) -> list[sqlite3.Row]:
    """Return the `limit` newest messages, newest first, older than number `before`."""
    return (
        connection()
        .execute(
            f"{SELECT} WHERE message.id < ? ORDER BY message.id DESC LIMIT ?",
            (HIGHEST_ID if before is None else max(0, min(before, HIGHEST_ID)), limit),
        )
        .fetchall()
    )


def find(message_id: int) -> sqlite3.Row:
    """Return the message with this number; the answer is 404 if it is not there."""
    found: sqlite3.Row | None = (
        connection().execute(f"{SELECT} WHERE message.id = ?", (message_id,)).fetchone()
    )
    return found or abort(404)


def add(author_id: int, text: str) -> int:
    """Post `text` and return the number of the message.

    Raises:
        Unpostable: The text is empty or too long.
    """
    with connection() as transaction:
        added = transaction.execute(
            "INSERT INTO message (author_id, text, created) VALUES (?, ?, ?)",
            (author_id, cleaned(text), datetime.now(UTC).isoformat(timespec="seconds")),
        )
    assert added.lastrowid is not None
    return added.lastrowid


def delete(message_id: int, author_id: int) -> None:
    """Take a message off the board; the answer is 403 if somebody else wrote it."""
    if find(message_id)["author_id"] != author_id:
        abort(403, "Only its author can delete a message.")
    with connection() as transaction:
        transaction.execute("DELETE FROM message WHERE id = ?", (message_id,))


def cleaned(text: str) -> str:
    """Return `text` as it is kept: a line end is one character, as forms count."""
    # JSON may carry half a surrogate pair, which is no character and cannot be kept.
    text = text.encode("utf-8", "replace").decode()
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Unpostable("The message is empty. Write something first.")
    if len(text) > LONGEST_TEXT:
        raise Unpostable(
            f"The message has {len(text)} characters, and at most {LONGEST_TEXT} fit."
        )
    return text
