from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from tantalus_context import Lifespan, LifespanError, _ending

HOST = "host"


class Noted:
    """Makes lifespan functions that note when they begin and end."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def sync(self, name: str, fails: str = "") -> Any:
        def opening() -> Iterator[str]:
            self.seen.append(f"begin {name}")
            if fails == "begin":
                raise OSError(f"{name} is broken")
            yield name
            self.seen.append(f"end {name}")
            if fails == "end":
                raise OSError(f"{name} is broken")

        return opening

    def awaited(self, name: str) -> Any:
        async def opening() -> AsyncIterator[str]:
            self.seen.append(f"begin {name}")
            async with asyncio.timeout(60):
                yield name
            self.seen.append(f"end {name}")

        return opening


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def lifespan() -> Iterator[Lifespan[str]]:
    made: Lifespan[str] = Lifespan()
    yield made
    made.stop()


def test_all_begin_in_order_and_end_in_reverse(
    lifespan: Lifespan[str], noted: Noted
) -> None:
    for function in (noted.sync("a"), noted.awaited("b"), noted.sync("c")):
        lifespan(function)

    lifespan.start(HOST)
    begun = noted.seen.copy()
    lifespan.stop()

    assert begun == ["begin a", "begin b", "begin c"]
    assert noted.seen[3:] == ["end c", "end b", "end a"]


def test_what_is_yielded_can_be_asked_for_by_the_function(
    lifespan: Lifespan[str], noted: Noted
) -> None:
    first, second = lifespan(noted.sync("a")), lifespan(noted.awaited("b"))

    lifespan.start(HOST)

    assert (lifespan[first], lifespan[second]) == ("a", "b")


def test_one_may_use_what_those_before_it_yielded(lifespan: Lifespan[str]) -> None:
    @lifespan
    def first() -> Iterator[int]:
        yield 1

    @lifespan
    def second() -> Iterator[int]:
        yield lifespan[first] + 1

    lifespan.start(HOST)

    assert lifespan[second] == 2


def test_a_function_of_one_argument_is_given_the_host(lifespan: Lifespan[str]) -> None:
    @lifespan
    def of_host(host: str) -> Iterator[str]:
        yield host.upper()

    lifespan.start(HOST)

    assert lifespan[of_host] == "HOST"


def test_it_begins_and_ends_once(lifespan: Lifespan[str], noted: Noted) -> None:
    lifespan(noted.sync("a"))

    began = [lifespan.start(HOST), lifespan.start(HOST)]
    lifespan.stop()
    lifespan.stop()

    assert began == [True, False]
    assert noted.seen == ["begin a", "end a"]


def test_it_may_begin_anew_after_its_end(lifespan: Lifespan[str], noted: Noted) -> None:
    lifespan(noted.sync("a"))
    lifespan.start(HOST)
    lifespan.stop()
    was_stopping = lifespan.is_stopping

    assert lifespan.start(HOST)

    assert (was_stopping, lifespan.is_stopping) == (True, False)
    assert noted.seen == ["begin a", "end a", "begin a"]


def test_threads_that_begin_at_once_wait_for_one(lifespan: Lifespan[str]) -> None:
    entered, go_on = threading.Event(), threading.Event()
    begun: list[bool] = []

    @lifespan
    def slow() -> Iterator[None]:
        entered.set()
        assert go_on.wait(60)
        yield

    threads = [
        threading.Thread(target=lambda: begun.append(lifespan.start(HOST)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert entered.wait(60)
    early = begun.copy()
    go_on.set()
    for thread in threads:
        thread.join(60)

    assert early == []
    assert sorted(begun) == [False, False, False, True]


def test_context_variables_of_the_beginning_are_there_at_the_end(
    lifespan: Lifespan[str],
) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="none")
    seen: list[str] = []

    @lifespan
    def setting() -> Iterator[None]:
        token = variable.set("set")
        yield
        seen.append(variable.get())
        variable.reset(token)

    lifespan.start(HOST)
    threading.Thread(target=lifespan.stop).start()
    lifespan.stop()

    assert (seen, variable.get()) == (["set"], "none")


def test_the_same_function_is_registered_once(
    lifespan: Lifespan[str], noted: Noted
) -> None:
    function = noted.sync("a")

    assert lifespan(lifespan(function)) is function

    assert lifespan.functions == [function]


def test_if_one_raises_at_its_beginning_those_before_it_end(
    lifespan: Lifespan[str], noted: Noted
) -> None:
    first = lifespan(noted.sync("a"))
    lifespan(noted.sync("b", fails="begin"))
    lifespan(noted.sync("c"))

    with pytest.raises(OSError, match="b is broken"):
        lifespan.start(HOST)

    assert noted.seen == ["begin a", "begin b", "end a"]
    assert not lifespan.is_started
    with pytest.raises(LifespanError, match="it has not begun"):
        _ = lifespan[first]


def test_if_one_raises_at_its_end_it_is_logged_and_the_others_end(
    lifespan: Lifespan[str], noted: Noted, caplog: pytest.LogCaptureFixture
) -> None:
    lifespan(noted.sync("a"))
    lifespan(noted.sync("b", fails="end"))
    lifespan.start(HOST)

    lifespan.stop()

    assert noted.seen[2:] == ["end b", "end a"]
    assert "opening failed at its end" in caplog.text
    assert "b is broken" in caplog.text


@pytest.mark.parametrize("kind", ["sync", "awaited"])
def test_one_that_never_yields_does_not_begin(
    kind: str, lifespan: Lifespan[str]
) -> None:
    def never() -> Iterator[None]:
        yield from ()

    async def never_awaited() -> AsyncIterator[None]:
        if kind == "none":
            yield

    lifespan(never if kind == "sync" else never_awaited)

    with pytest.raises(LifespanError, match="it has ended without a yield"):
        lifespan.start(HOST)


@pytest.mark.parametrize("kind", ["sync", "awaited"])
def test_one_that_yields_twice_is_logged_and_closed(
    kind: str, lifespan: Lifespan[str], caplog: pytest.LogCaptureFixture
) -> None:
    closed: list[str] = []

    def twice() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append("sync")

    async def twice_awaited() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append("awaited")

    lifespan(twice if kind == "sync" else twice_awaited)
    lifespan.start(HOST)

    lifespan.stop()

    assert closed == [kind]
    assert "it yields twice" in caplog.text


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda: None, "is no generator function. Write what it opens"),
        (Lifespan, "is no generator function"),
        (asyncio.sleep, "is no generator function"),
    ],
)
def test_what_is_no_generator_function_is_refused(
    function: Any, message: str, lifespan: Lifespan[str]
) -> None:
    with pytest.raises(TypeError, match=message):
        lifespan(function)


def test_a_function_of_two_arguments_is_refused(lifespan: Lifespan[str]) -> None:
    def of_two(one: str, other: str) -> Iterator[str]:
        yield one + other

    with pytest.raises(TypeError, match="of_two takes more than one argument"):
        lifespan(of_two)


def test_registering_after_the_beginning_is_refused(
    lifespan: Lifespan[str], noted: Noted
) -> None:
    lifespan.start(HOST)

    with pytest.raises(LifespanError, match="others have begun before it is reg"):
        lifespan(noted.sync("a"))


def test_asking_for_what_is_not_there_says_why(
    lifespan: Lifespan[str], noted: Noted
) -> None:
    function = noted.sync("a")

    with pytest.raises(LifespanError, match=r"opening: it is not registered\."):
        _ = lifespan[function]
    lifespan.start(HOST)
    with pytest.raises(LifespanError, match=r"opening: it is not registered\."):
        _ = lifespan[function]
    lifespan.stop()
    lifespan(function)
    with pytest.raises(RuntimeError, match=r"opening: it has not begun, or has ended"):
        _ = lifespan[function]


def test_a_forked_process_does_not_use_what_its_parent_has_opened(
    lifespan: Lifespan[str], noted: Noted
) -> None:
    function = lifespan(noted.sync("a"))
    lifespan.start(HOST)
    lifespan._pid = os.getpid() + 1

    with pytest.raises(LifespanError, match="this one was forked off; begin"):
        _ = lifespan[function]
    with pytest.raises(LifespanError, match="this one was forked off; begin"):
        lifespan.start(HOST)
    lifespan.stop()

    assert noted.seen == ["begin a"]


def test_all_that_has_begun_ends_when_the_main_thread_has_ended(
    lifespan: Lifespan[str], noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = threading.Thread(target=list)
    main.start()
    monkeypatch.setattr(_ending, "main_thread", lambda: main)
    lifespan(noted.sync("a"))
    lifespan.start(HOST)

    _ending._wait()

    assert noted.seen == ["begin a", "end a"]


PROGRAM = """
import sys, threading
from tantalus_context import Lifespan

lifespan = Lifespan()

@lifespan
def opening():
    yield
    print("sync ended", flush=True)

@lifespan
async def awaited():
    yield
    print("awaited ended", flush=True)

def work():
    lifespan.start(None)

if sys.argv[1] == "main":
    work()
else:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print("main ends", flush=True)
if sys.argv[2] == "exit":
    sys.exit(3)
"""


@pytest.mark.parametrize("where", ["main", "thread"])
@pytest.mark.parametrize(("how", "code"), [("return", 0), ("exit", 3)])
def test_what_is_open_ends_with_the_process(where: str, how: str, code: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, where, how], capture_output=True, text=True
    )

    assert ended.stdout.splitlines() == ["main ends", "awaited ended", "sync ended"]
    assert (ended.stderr, ended.returncode) == ("", code)


FORKS = """
import os
from tantalus_context import Lifespan

lifespan = Lifespan()

@lifespan
def opening():
    yield os.getpid()
    print("ended", os.getpid() == pid, flush=True)

pid = os.fork()
if pid == 0:
    pid = os.getpid()
    lifespan.start(None)
else:
    os.waitpid(pid, 0)
    pid = os.getpid()
    lifespan.start(None)
"""


def test_each_process_ends_its_own() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FORKS], capture_output=True, text=True, check=True
    )

    assert ended.stdout.splitlines() == ["ended True", "ended True"]
