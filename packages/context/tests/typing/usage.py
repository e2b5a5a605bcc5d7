"""Typed usage: checked by mypy, never run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextvars import ContextVar
from typing import Any, assert_type

from tantalus_context import Context, Namespace, active_contexts, carry, hold, proxy


class Job(Context):
    name = ""


var: ContextVar[Job] = ContextVar("job")


def numbers() -> Iterator[int]:
    yield 1


async def async_numbers() -> AsyncIterator[int]:
    yield 1


async def shout(text: str) -> str:
    return text.upper()


assert_type(proxy(var, unbound_message=""), Job)
name: str = proxy(var, "name", unbound_message="")

with Job() as job:
    assert_type(job, Job)
    assert_type(hold(numbers(), job), Generator[int, Any, Any])
    assert_type(hold(async_numbers(), job), AsyncGenerator[int, Any])


@job.on_teardown
def close(error: BaseException | None) -> None: ...


assert_type(active_contexts(), list[Context])
assert_type(carry(len)("abc"), int)


async def main() -> None:
    assert_type(await carry(shout)("abc"), str)


namespace = Namespace()
namespace.user = "ada"
del namespace.user
