from __future__ import annotations

import pytest

from laboratory import PLUGINS
from services import SERVICES
from suites import (
    FACES,
    KINDS,
    Suite,
    UnknownSuite,
    read_suites,
    read_suites_of_faces,
    read_table,
    read_untested,
    select,
)

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
        for reasons in (suite.left_out, suite.allowed, *suite.allowed_by.values())
        for reason in reasons.values()
    ]

    assert all(len(reason) > 10 and reason.endswith(".") for reason in reasons)


def test_suites_are_chosen_by_name() -> None:
    suites = read_suites({"suites": {"a": {"version": "1"}, "b": {"version": "2"}}})

    assert [suite.title for suite in select(suites, ["b"])] == ["b 2"]
    assert [suite.releases for suite in select(suites, [])] == [["a==1"], ["b==2"]]
    with pytest.raises(UnknownSuite, match="'c' is not in the table: a, b"):
        select(suites, ["c"])


def test_flask_and_ten_extensions_are_run_by_each_face() -> None:
    table = read_table()
    suites = select(read_suites(table), read_suites_of_faces(table))

    kinds = [suite.kind for suite in suites]
    assert kinds.count("framework") == 1
    assert kinds.count("extension") >= 10


def test_losses_are_allowed_by_a_face_that_there_is() -> None:
    suites = read_suites(read_table()).values()

    assert {face for suite in suites for face in suite.allowed_by} <= {*FACES}


def test_what_may_be_lost_depends_on_the_face() -> None:
    suite = Suite("s", allowed={"a": "One."}, allowed_by={"asgi": {"b": "Another."}})

    assert suite.called_by("asgi").allowed == {"b": "Another."}
    assert suite.called_by("other").allowed == {}


def test_the_plugins_of_faces_are_there() -> None:
    plugins = {plugin for plugins in FACES.values() for plugin in plugins}

    assert all((PLUGINS / f"{plugin}.py").exists() for plugin in plugins)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="vresion"):
        read_suites({"suites": {"a": {"vresion": "1"}}})
