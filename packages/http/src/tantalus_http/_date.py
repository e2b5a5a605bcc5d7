"""The date of now, as HTTP has it; it is made once a second."""

from __future__ import annotations

import time
from functools import lru_cache

from werkzeug.http import http_date


def date_of_now() -> str:
    """Return the value of the header `Date` (RFC 9110 §6.6.1)."""
    return _date(int(time.time()))


# Another thread may be in the second before.
@lru_cache(maxsize=4)
def _date(seconds: int) -> str:
    return http_date(seconds)
