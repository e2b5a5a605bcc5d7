from __future__ import annotations

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import plain_app
from werkzeug.test import Client

from tantalus_cli import serve
from tantalus_cli._debugger import Debugger


def resource(app: Any, name: str) -> Any:
    query = {"__debugger__": "yes", "cmd": "resource", "f": name}
    return Client(app).get("/", query_string=query)


def roots(app: Any, **options: Any) -> Any:
    script = resource(Debugger(app, "localhost", **options), "debugger.js").text
    (found,) = re.findall(r"^const ROOTS = (.*);$", script, re.M)
    return json.loads(found)


def test_the_script_of_the_debugger_has_ours_behind_it() -> None:
    answer = resource(Debugger(plain_app, "localhost"), "debugger.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.index("function promptForPin()") < answer.text.index("isOwn")


def test_what_else_the_page_needs_is_left_as_it_is() -> None:
    debugger = Debugger(plain_app, "localhost")

    assert resource(debugger, "style.css").mimetype == "text/css"
    assert resource(debugger, "nothing.css").status_code == 404


def test_the_program_lies_where_it_was_started_and_in_the_folder_of_its_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, shop = tmp_path / "started", tmp_path / 'the "shop"'
    started.mkdir()
    shop.mkdir()
    monkeypatch.chdir(started)
    app = SimpleNamespace(root_path=str(shop))

    assert roots(plain_app) == [f"{started}{os.sep}"]
    assert roots(plain_app, program=app) == sorted(
        [f"{started}{os.sep}", f"{shop}{os.sep}"]
    )


def test_the_console_of_a_program_may_be_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[Any] = []
    monkeypatch.setattr(
        "werkzeug.serving.run_simple", lambda host, port, app, **_: served.append(app)
    )

    serve(plain_app, debug=True, use_evalex=False)

    assert [app.evalex for app in served] == [False]
