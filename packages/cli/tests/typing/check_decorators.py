"""Types that users rely on; checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_type

import click

from tantalus_cli import (
    AppGroup,
    ASGICallable,
    ScriptInfo,
    WSGICallable,
    locate_app,
    with_appcontext,
)

group = AppGroup("group")


@with_appcontext
def plain(count: int) -> str:
    return "x" * count


@group.command
def bare() -> None: ...


@group.command("named")
def named() -> None: ...


assert_type(plain(3), str)
assert_type(bare, click.Command)
assert_type(named, click.Command)
assert_type(group.command("other"), Callable[[Callable[..., Any]], click.Command])
assert_type(locate_app("module", None), WSGICallable | ASGICallable)
assert_type(locate_app("module", None, False), WSGICallable | ASGICallable | None)
assert_type(ScriptInfo().load_app(), WSGICallable | ASGICallable)
