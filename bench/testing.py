"""What a suite of 200 small tests costs with the test client, beside Flask's.

The same tests of the same app, each with a client of its own, without a test runner
around them. Both suites take turns; each figure is the best of the rounds.

    python bench/testing.py [rounds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import flask

import tantalus
from timing import interleaved

REPEATED = 40  # times five tests

Test = Callable[[Any], None]


def make_app(package: Any, kind: str) -> Any:
    """Return an app of `package` with pages, JSON, a form and a session."""
    app = getattr(package, kind)("bench")
    app.config.update(SECRET_KEY="a key that is long enough for a test", TESTING=True)

    @app.get("/")
    def index() -> str:
        return "Hello, world!"

    @app.post("/sum")
    def add() -> dict[str, int]:
        return {"sum": sum(package.request.json)}

    @app.post("/login")
    def login() -> Any:
        package.session["user"] = package.request.form["user"]
        return package.redirect(package.url_for("whoami"))

    @app.get("/whoami")
    def whoami() -> str:
        return f"You are {package.session.get('user')}."

    return app


def tests(package: Any) -> list[Test]:
    """Return five small tests, as somebody writes them for an app of `package`."""

    def test_a_page(app: Any) -> None:
        assert app.test_client().get("/").text == "Hello, world!"

    def test_json(app: Any) -> None:
        answer = app.test_client().post("/sum", json=[1, 2, 3])
        assert answer.json == {"sum": 6}

    def test_a_form_and_its_redirect(app: Any) -> None:
        client = app.test_client()
        answer = client.post("/login", data={"user": "ann"}, follow_redirects=True)
        assert answer.text == "You are ann."

    def test_a_prepared_session(app: Any) -> None:
        client = app.test_client()
        with client.session_transaction() as session:
            session["user"] = "bob"
        assert client.get("/whoami").text == "You are bob."

    def test_a_request_that_is_looked_into(app: Any) -> None:
        with app.test_client() as client:
            assert client.get("/nothing?page=2").status_code == 404
            assert package.request.args["page"] == "2"

    return [
        test_a_page,
        test_json,
        test_a_form_and_its_redirect,
        test_a_prepared_session,
        test_a_request_that_is_looked_into,
    ]


def suite(package: ModuleType, kind: str) -> Callable[[], float]:
    """Return a function that runs all tests once, and tells the seconds."""
    app = make_app(package, kind)
    chosen = tests(package) * REPEATED

    def run() -> float:
        begin = time.process_time()
        for test in chosen:
            test(app)
        return time.process_time() - begin

    return run


def main(rounds: int = 15) -> None:
    """Measure, and print milliseconds for each suite."""
    suites = {"tantalus": suite(tantalus, "App"), "Flask": suite(flask, "Flask")}
    figures = interleaved(suites, rounds)
    for name, figure in figures.items():
        print(f"{name:10}{figure.best * 1e3:8.1f} ms for {5 * REPEATED} tests")
    print(f"{'x Flask':10}{figures['Flask'].best / figures['tantalus'].best:8.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
