from __future__ import annotations

import pytest

from services import SERVICES
from suites import KINDS, UnknownSuite, read_suites, read_table, read_untested, select

NAMED_BY_THE_PROJECT = {
    "flask",
    "flask-admin",
    "flask-caching",
    "flask-cors",
    "flask-limiter",
    "flask-login",
    "flask-migrate",
    "flask-restful",
    "flask-session",
    "flask-socketio",
    "flask-sqlalchemy",
    "flask-wtf",
}


def test_the_table_has_the_extensions_that_are_promised() -> None:
    table = read_table()

    assert {*read_suites(table), *read_untested(table)} >= NAMED_BY_THE_PROJECT


def test_each_suite_is_of_a_release_or_ours() -> None:
    suites = read_suites(read_table()).values()

    assert [suite.name for suite in suites if not suite.version] == [
        "notes-in-a-browser",
        "flask-session-in-redis",
    ]
    assert all(suite.folder or suite.version for suite in suites)


def test_each_suite_is_of_a_known_kind_and_wants_known_servers() -> None:
    suites = read_suites(read_table()).values()

    assert {suite.kind for suite in suites} == {*KINDS}
    assert {service for suite in suites for service in suite.services} <= {*SERVICES}


def test_each_exception_has_a_reason() -> None:
    reasons = [
        reason
        for suite in read_suites(read_table()).values()
        for reason in [*suite.left_out.values(), *suite.allowed.values()]
    ]

    assert all(len(reason) > 10 and reason.endswith(".") for reason in reasons)


def test_suites_are_chosen_by_name() -> None:
    suites = read_suites({"suites": {"a": {"version": "1"}, "b": {"version": "2"}}})

    assert [suite.title for suite in select(suites, ["b"])] == ["b 2"]
    assert [suite.releases for suite in select(suites, [])] == [["a==1"], ["b==2"]]
    with pytest.raises(UnknownSuite, match="'c' is not in the table: a, b"):
        select(suites, ["c"])


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="vresion"):
        read_suites({"suites": {"a": {"vresion": "1"}}})
