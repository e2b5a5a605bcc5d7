"""Flask stays replaced in the processes that `multiprocessing` starts.

A forked process is a copy and needs nothing. One that is spawned begins anew: before it
imports the program, it unpickles what its parent tells it about that program. What is
added there imports `tantalus.as_flask` by being unpickled, so that it comes first.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from multiprocessing import spawn
from types import ModuleType
from typing import Any

PLUGIN = "tantalus.as_flask"


class _AsFlask:
    """Becomes the imported plug-in where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        return import_module, (PLUGIN,)


def replace_in_children() -> None:
    """Have Flask replaced in each process that `multiprocessing` starts from now on.

    `get_preparation_data` is no documented name, but there since Python 3.4 and the one
    that all ways of starting a process look up. Without it children import the real
    Flask, as after any other way to start a Python.
    """
    multiprocessing.set_forkserver_preload([PLUGIN])
    prepare = getattr(spawn, "get_preparation_data", None)
    if prepare is None or hasattr(prepare, "__wrapped__"):
        return

    @wraps(prepare)
    def prepare_as_flask(name: str) -> dict[str, Any]:
        return {"tantalus": _AsFlask(), **prepare(name)}

    spawn.get_preparation_data = prepare_as_flask
