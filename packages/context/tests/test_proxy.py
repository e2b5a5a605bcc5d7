from __future__ import annotations

from contextvars import ContextVar

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
