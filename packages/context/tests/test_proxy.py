from __future__ import annotations

import asyncio
import doctest
import inspect
import sys
from contextvars import ContextVar
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from jobs import Job, job
from werkzeug.local import LocalProxy

from tantalus_context import Context, Namespace, proxy


class Session(Context):
    __slots__ = ("items",)

    var = ContextVar("session")

    def __init__(self) -> None:
        super().__init__()
        self.items = Namespace()


items: Namespace = proxy(Session.var, "items", unbound_message="There is no session.")


def test_a_proxy_stands_for_the_current_context() -> None:
    with Job("build"):
        assert job.name == "build"

        with Job("deploy"):
            assert job.name == "deploy"

        assert job.name == "build"


def test_a_proxy_of_an_attribute_stands_for_that_attribute() -> None:
    with Session() as session:
        items.user = "ada"

        assert session.items.user == "ada"
        assert "user" in items


def test_a_proxy_gives_the_object_behind_it() -> None:
    with Job() as current, Session() as session:
        assert job._get_current_object() is current  # type: ignore[attr-defined]  # typed as a Job
        assert items._get_current_object() is session.items
        assert isinstance(job, Job)
        assert isinstance(job, LocalProxy)


@pytest.mark.parametrize("value", ["unset", None])
def test_using_a_proxy_where_nothing_is_current_raises_its_message(
    value: str | None,
) -> None:
    var: ContextVar[str | None] = ContextVar("var")
    if value is None:
        var.set(None)
    name = proxy(var, unbound_message="Nothing here. Push something.")

    with pytest.raises(RuntimeError, match=r"^Nothing here\. Push something\.$"):
        name.upper()  # type: ignore[union-attr]  # None stands for "unset"


def test_a_proxy_of_an_attribute_raises_its_message_too() -> None:
    with pytest.raises(RuntimeError, match=r"There is no session\."):
        _ = items.user


def test_a_proxy_is_false_and_printable_where_nothing_is_current() -> None:
    assert not job
    assert repr(job) == "<LocalProxy unbound>"


def test_a_false_value_is_a_value() -> None:
    var: ContextVar[int] = ContextVar("number")
    var.set(0)
    number = proxy(var, unbound_message="No number.")

    assert number + 1 == 1


def test_a_proxy_of_a_mapping_is_read_and_written_like_it() -> None:
    var: ContextVar[dict[str, int]] = ContextVar("counts")
    var.set({"a": 1})
    counts = proxy(var, unbound_message="No counts.")

    counts["b"] = counts["a"] + 1

    assert var.get() == {"a": 1, "b": 2}
    assert "b" in counts
    assert "c" not in counts


def test_private_and_missing_attributes_are_those_of_what_is_current() -> None:
    with Session() as session:
        session.items._hidden = 1

        assert items._hidden == 1
        with pytest.raises(AttributeError, match="'missing' is not set"):
            _ = items.missing
        del items._hidden
        assert list(session.items) == []


# --- what tools ask of whatever they find in a module


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module that has imported proxies, while nothing is current."""
    module = ModuleType("with_proxies")
    module.job = job  # type: ignore[attr-defined] # a module has what it imports
    module.name = proxy(Job.var, "name", unbound_message="There is no job.")  # type: ignore[attr-defined] # the same
    monkeypatch.setitem(sys.modules, "with_proxies", module)
    return module


# All that `inspect` tells kinds by, but that every proxy has the method of awaitables.
CHECKS = [
    check
    for name, check in vars(inspect).items()
    if name.startswith("is") and getattr(check, "__module__", "") == "inspect"
    if name != "isawaitable"
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.__name__))
def test_members_of_a_module_can_be_listed_by_kind(
    module: ModuleType, check: Any
) -> None:
    members = dict(inspect.getmembers(module, check))

    assert not {"job", "name"} & {*members}


def test_a_proxy_is_no_coroutine_function_for_asyncio_either(
    module: ModuleType,
) -> None:
    assert not asyncio.iscoroutinefunction(module.job)


def test_doctest_finds_nothing_in_a_proxy(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("name", ["job", "name"])
def test_a_proxy_can_be_replaced_in_a_module(module: ModuleType, name: str) -> None:
    with mock.patch(f"with_proxies.{name}") as double:
        inside = getattr(module, name)

    assert inside is double
    assert getattr(module, name) is not double


@pytest.mark.parametrize("name", ["__code__", "__func__", "_is_coroutine_marker"])
def test_such_attributes_are_those_of_what_is_current(name: str) -> None:
    assert not hasattr(job, name)
    with Job() as current:
        assert not hasattr(job, name)
        function = proxy(Job.var, "push", unbound_message="There is no job.")
        assert function.__func__ is type(current).push


def test_what_is_missing_says_how_to_get_it() -> None:
    with pytest.raises(AttributeError, match=r"'__code__' is not there.* no job"):
        _ = job.__code__  # type: ignore[attr-defined] # what is tested


def test_any_other_attribute_is_an_error_where_nothing_is_current() -> None:
    with pytest.raises(RuntimeError, match="There is no job"):
        getattr(job, "user", None)
