"""Never run: the types that a user sees, for the type checker alone."""

from __future__ import annotations

import logging
from typing import assert_type
from wsgiref.types import WSGIApplication

import click.testing
from werkzeug.test import TestResponse

from tantalus_testing import (
    Client,
    CliRunner,
    Cookie,
    EnvironBuilder,
    TestingError,
    captured_templates,
    recorded_logs,
)


class OwnClient(Client):
    pass


def use(app: WSGIApplication) -> None:
    client = OwnClient(app)
    assert_type(client.get("/"), TestResponse)
    assert_type(client.post("/", json={"a": 1}, follow_redirects=True), TestResponse)
    assert_type(client.clone(), OwnClient)
    assert_type(client.get_cookie("a"), Cookie | None)
    with client as entered:
        assert_type(entered, OwnClient)
    assert_type(EnvironBuilder(app, "/").json_dumps([]), str)
    assert_type(CliRunner(app).invoke(args=["a"]), click.testing.Result)
    with captured_templates(app) as [(_, context)]:
        assert_type(list(context), list[str])
    with recorded_logs("a") as logs:
        assert_type(logs.messages, list[str])
        assert_type(logs[0], logging.LogRecord)


def catch(error: TestingError) -> Exception:
    return error
