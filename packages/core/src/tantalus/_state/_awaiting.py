"""Coroutine functions run to their end; loaded with the first that an app has."""

from __future__ import annotations

from asyncio import _get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from typing import Any

from asgiref.sync import async_to_sync

Function = Callable[..., Any]

_ABSENT = object()


def running_to_end(function: Function) -> Function:
    """Return a function that runs a coroutine function to its end.

    Where a loop is running already, as in the test of an asynchronous program that
    calls the app, that loop waits for a thread.
    """
    convert = async_to_sync(function)

    @wraps(function)
    def run_to_end(*args: Any, **kwargs: Any) -> Any:
        # Not `get_running_loop`, which raises where there is none: mostly.
        if _get_running_loop() is None:
            return convert(*args, **kwargs)
        return _in_thread(convert, args, kwargs)

    return run_to_end


def _in_thread(function: Function, args: Any, kwargs: Any) -> Any:
    """Call `function` in a thread, with the context variables of here, and wait.

    What it sets of these is set here afterwards, as if it had been called here.
    """
    variables = copy_context()
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            return pool.submit(variables.run, function, *args, **kwargs).result()
        finally:
            for variable, value in variables.items():
                if variable.get(_ABSENT) is not value:
                    variable.set(value)
