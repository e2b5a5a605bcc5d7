"""Where in the user's code something is called from."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any
from weakref import WeakValueDictionary

# Contexts that were pushed, by their identities.
recorded: WeakValueDictionary[int, Any] = WeakValueDictionary()
_PREFIX = __name__.rpartition(".")[0] + "."


def record(context: object) -> str:
    """Register `context` for `active_contexts()` and return where it is pushed."""
    recorded.pop(id(context), None)
    recorded[id(context)] = context
    return place_of_caller(context)


def place_of_caller(subject: object) -> str:
    """Return "file:line in function" of the frame that uses `subject`.

    That is the nearest one outside this package and `contextlib` that is no method of
    `subject`.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_inside(frame, subject):
        frame = frame.f_back
    if frame is None:
        return "an unknown place"
    code = frame.f_code
    return f"{code.co_filename}:{frame.f_lineno} in {code.co_qualname}"


def _is_inside(frame: FrameType, subject: object) -> bool:
    module = str(frame.f_globals.get("__name__"))
    if module == "contextlib" or module.startswith(_PREFIX):
        return True
    return frame.f_locals.get("self") is subject
