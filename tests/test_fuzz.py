"""The targets of the fuzzer read what they are meant to, and see what is broken."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import targets
from targets import TARGETS, ask

from tantalus_http import _hosts

SEEDS = [(name, seed) for name, (_, seeds) in TARGETS.items() for seed in seeds]


@pytest.mark.parametrize(("name", "seed"), SEEDS)
def test_what_a_target_begins_with_breaks_nothing(name: str, seed: bytes) -> None:
    target, _ = TARGETS[name]

    target(seed)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/session", "Set-Cookie: session="),
        ("/1-a/b/c", "1 a b/c None"),
        ("/form", "form"),
    ],
)
def test_the_views_that_are_fuzzed_answer(path: str, shown: str) -> None:
    answer = targets.served.test_client().get(
        path, headers={"Host": "example.com", "Cookie": "session=x"}
    )

    assert answer.status_code == 200
    assert shown in answer.text + str(answer.headers)


def test_an_error_of_the_app_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(targets.served.view_functions, "kept", broken)
    monkeypatch.setattr(targets.served.logger, "disabled", True)

    with pytest.raises(AssertionError, match="500"):
        ask(path="/session")


@pytest.mark.parametrize(
    "taken", [r"(.*)()", r"([a-z@]+)(?::(\d+))?"], ids=["all", "at"]
)
def test_a_check_of_hosts_that_takes_too_much_is_seen(
    taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts: Callable[[bytes], None] = TARGETS["hosts"][0]
    monkeypatch.setattr(_hosts, "_WELL_FORMED", re.compile(taken))
    monkeypatch.setattr(_hosts, "_is_listed", lambda host, trusted: True)

    with pytest.raises(AssertionError):
        hosts(b"evil@example")
