from __future__ import annotations

import json
from typing import NamedTuple

import pytest
from conftest import Invoke
from fakes import FakeApp, plain_app
from test_deploy import SAFE
from werkzeug.routing import Map


@pytest.fixture
def safe() -> FakeApp:
    app = FakeApp("shop")
    app.config = dict(SAFE)
    return app


def test_a_safe_app_passes(invoke: Invoke, safe: FakeApp) -> None:
    result = invoke("check", "--deploy", app=safe)

    assert (result.exit_code, result.output) == (0, "No problems found in 'shop'.\n")


def test_findings_end_with_status_1(invoke: Invoke, safe: FakeApp) -> None:
    del safe.config["TRUSTED_HOSTS"]

    result = invoke("check", "--deploy", app=safe)

    assert result.exit_code == 1
    assert result.output.splitlines()[2].startswith("hosts  Requests for any host")


def test_findings_are_printed_as_json(invoke: Invoke, safe: FakeApp) -> None:
    safe.config["MAX_CONTENT_LENGTH"] = None

    result = invoke("check", "--deploy", "--json", app=safe)

    assert result.exit_code == 1
    assert json.loads(result.output) == [
        {
            "code": "limit-max-content-length",
            "setting": "MAX_CONTENT_LENGTH",
            "problem": "A request may be of any size, and fill memory or disk.",
            "cure": "Set MAX_CONTENT_LENGTH to the largest that the app has to accept.",
        }
    ]


def test_debug_mode_that_the_app_sets_is_found(invoke: Invoke, safe: FakeApp) -> None:
    safe.debug = True

    result = invoke("check", "--deploy", "--json", app=safe)

    assert [finding["code"] for finding in json.loads(result.output)] == ["debug"]


class Problem(NamedTuple):
    code: str
    rule: str
    problem: str
    cure: str


class TellingMap(Map):
    def problems(self) -> list[Problem]:
        return [Problem("route-shadowed", "/a", "It is dead.", "Remove it.")]


def test_what_is_wrong_with_routes_is_told_without_deploy(
    invoke: Invoke, safe: FakeApp
) -> None:
    safe.url_map = TellingMap()

    result = invoke("check", "--json", app=safe)

    assert result.exit_code == 1
    assert json.loads(result.output) == [
        {
            "code": "route-shadowed",
            "setting": "/a",
            "problem": "It is dead.",
            "cure": "Remove it.",
        }
    ]
    assert invoke("check", "--ignore", "route-shadowed", app=safe).exit_code == 0


def test_a_url_map_that_knows_no_problems_has_none(
    invoke: Invoke, safe: FakeApp
) -> None:
    assert invoke("check", app=safe).exit_code == 0


def test_a_finding_can_be_left_out(invoke: Invoke, safe: FakeApp) -> None:
    del safe.config["TRUSTED_HOSTS"]
    safe.debug = True

    args = ("check", "--deploy", "--ignore", "hosts", "--ignore", "debug")

    assert invoke(*args, app=safe).exit_code == 0


def test_without_deploy_it_is_enough_that_the_app_loads(invoke: Invoke) -> None:
    assert invoke("check", app=plain_app).exit_code == 0
    assert invoke("check").exit_code == 2


def test_a_plain_callable_has_no_settings_to_check(invoke: Invoke) -> None:
    result = invoke("check", "--deploy", app=plain_app)

    assert result.exit_code == 2
    assert "has no 'config', so its settings cannot be checked." in result.output
