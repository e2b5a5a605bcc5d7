"""What programs under WSGI do without, found once by those under ASGI."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def scope_requests() -> Callable[..., Any]:
    """Return what makes a request on a scope. It loads asyncio."""
    from ._scope_request import from_scope  # noqa: PLC0415 - see above

    return from_scope
