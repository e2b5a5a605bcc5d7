"""Who has an account: names and hashed passwords."""

from __future__ import annotations

import re
import sqlite3
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

from .database import connection

NAME = re.compile(r"[a-z0-9_-]{3,30}", re.IGNORECASE | re.ASCII)
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200


class Refused(ValueError):
    """An account cannot be made like this; the text says why to its owner."""


def find(user_id: int) -> sqlite3.Row | None:
    """Return the user with this number."""
    found: sqlite3.Row | None = (
        connection()
        .execute("SELECT id, name FROM user WHERE id = ?", (user_id,))
        .fetchone()
    )
    return found


def add(name: str, password: str) -> int:
    """Make an account and return its number.

    Raises:
        Refused: The name is taken, or one of both is too short, long or strange.
    """
    check_name(name)
    check_length(password)
    try:
        # The database decides whether a name is free: asking before writing would
        # let two people have it who ask at the same moment.
        with connection() as transaction:
            added = transaction.execute(
                "INSERT INTO user (name, password_hash) VALUES (?, ?)",
                (name, generate_password_hash(password)),
            )
    except sqlite3.IntegrityError:
        raise Refused(f"The name {name} is taken. Choose another one.") from None
    assert added.lastrowid is not None
    return added.lastrowid


def authenticate(name: str, password: str) -> int | None:
    """Return the number of the user whose name and password these are."""
    user = None
    if NAME.fullmatch(name):
        user = (
            connection()
            .execute("SELECT id, password_hash FROM user WHERE name = ?", (name,))
            .fetchone()
        )
    # A name that nobody has takes as long as a wrong password, so that the time of
    # the answer does not tell which names exist.
    password_hash = user["password_hash"] if user else hash_of_nobody()
    correct = check_password_hash(password_hash, password[:LONGEST_PASSWORD])
    return user["id"] if user and correct else None


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Refused(
            "A name has 3 to 30 characters: letters from a to z, digits, - and _."
        )


def check_length(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters;"
            f" yours has {len(password)}."
        )


@cache
def hash_of_nobody() -> str:
    return generate_password_hash("nobody's password")
