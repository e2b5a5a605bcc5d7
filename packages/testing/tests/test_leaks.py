from __future__ import annotations

import pytest
from fakes import FakeApp

from tantalus_testing import ContextHost, LeakedContextError, no_leaks
from tantalus_testing._leaks import LeakCheck, new_contexts


class RecordingHost:
    """Has what a package may offer: a probe, and a switch for the places."""

    def __init__(self) -> None:
        self.contexts: list[object] = []
        self.records = False

    def context_probe(self) -> list[object]:
        return self.contexts

    def record_pushes(self, enabled: bool) -> None:
        self.records = enabled


class PlacedContext:
    pushed_at = "tests/test_shop.py:12 in test_cart"

    def __repr__(self) -> str:
        return "<PlacedContext>"


def test_an_app_that_can_be_probed_is_a_host() -> None:
    assert isinstance(FakeApp(), ContextHost)
    assert not isinstance(object(), ContextHost)


def test_a_block_that_pops_what_it_pushed_passes() -> None:
    app = FakeApp()

    with no_leaks(app), app.test_request_context():
        pass


def test_a_block_that_leaves_a_context_fails() -> None:
    app = FakeApp()

    with (
        pytest.raises(LeakedContextError, match=r"^The block left 1 context pushed:\n"),
        no_leaks(app),
    ):
        app.test_request_context().__enter__()


def test_the_error_names_block_contexts_and_places() -> None:
    host = RecordingHost()

    with pytest.raises(AssertionError) as error, no_leaks(host, where="The set-up"):
        host.contexts = [PlacedContext(), 7]

    assert str(error.value) == (
        "The set-up left 2 contexts pushed:\n"
        "  <PlacedContext>, pushed at tests/test_shop.py:12 in test_cart\n"
        "  7, pushed at an unrecorded place\n"
        "Pop each one, or push it by a 'with' block."
    )
    assert isinstance(error.value, LeakedContextError)
    assert error.value.where == "The set-up"
    assert error.value.contexts == host.contexts


def test_what_was_pushed_before_is_nobodys_leak() -> None:
    app = FakeApp()

    with app.test_request_context(), no_leaks(app):
        pass


def test_an_exception_in_the_block_comes_first() -> None:
    app = FakeApp()

    def leak_and_fail() -> None:
        with no_leaks(app):
            app.test_request_context().__enter__()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        leak_and_fail()


def test_a_watched_host_records_its_pushes() -> None:
    host = RecordingHost()

    LeakCheck(host)

    assert host.records is True


def test_a_leak_is_told_once() -> None:
    host = RecordingHost()
    check = LeakCheck(host)
    host.contexts = ["leaked"]

    assert check.find() == ["leaked"]
    assert check.find() == []


def test_what_lies_below_a_leak_is_still_known() -> None:
    host = RecordingHost()
    host.contexts = ["of the session"]
    check = LeakCheck(host)

    host.contexts = ["leaked"]
    check.find()
    host.contexts = ["of the session"]

    assert check.find() == []


def test_a_context_that_two_hosts_know_is_told_once() -> None:
    check = LeakCheck()
    context = PlacedContext()
    for host in RecordingHost(), RecordingHost():
        host.contexts = [context]
        check.watch(host)
        check.watch(host)

    assert check.pushed() == [context]


def test_an_accepted_context_is_no_leak() -> None:
    host = RecordingHost()
    check = LeakCheck(host)
    since = new_contexts(check)
    host.contexts = ["meant"]

    check.accept(since())

    assert check.find() == []


def test_a_host_that_is_forgotten_is_not_asked() -> None:
    host = RecordingHost()
    check = LeakCheck(host)

    check.forget(host)
    host.contexts = ["leaked"]

    assert check.find() == []
