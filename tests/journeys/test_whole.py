"""Everything from the wheels: an app in one file, served by the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments import Environment, free_port, run, serving, visitor

PROGRAM = """
from tantalus import App, render_template_string, session, url_for

app = App(__name__)
app.secret_key = "a key for this test only"


@app.get("/hello/<name>")
def hello(name):
    return render_template_string("Hello, {{ name }}!", name=name)


@app.get("/visits")
def visits():
    session["visits"] = session.get("visits", 0) + 1
    return {"visits": session["visits"], "hello": url_for("hello", name="ada")}
"""


@pytest.fixture
def installed(environment: Environment, wheels: dict[str, Path]) -> Environment:
    environment.install(*wheels.values())
    return environment


def test_an_app_in_a_file_is_served_by_the_command(
    installed: Environment, tmp_path: Path
) -> None:
    (tmp_path / "hello.py").write_text(PROGRAM)
    port = free_port()
    command = [str(installed.programs / "tantalus"), "--app", "hello", "run"]

    with serving([*command, "--port", str(port)], cwd=tmp_path, port=port) as address:
        ask = visitor()
        greeting = ask(f"{address}/hello/%3Cb%3E")
        first, second = ask(f"{address}/visits"), ask(f"{address}/visits")

    assert greeting == (200, "Hello, &lt;b&gt;!")
    assert first == (200, '{"hello":"/hello/ada","visits":1}\n')
    assert second == (200, '{"hello":"/hello/ada","visits":2}\n')


def test_the_command_lists_the_routes_of_a_file(
    installed: Environment, tmp_path: Path
) -> None:
    (tmp_path / "hello.py").write_text(PROGRAM)
    command = [str(installed.programs / "tantalus"), "--app", "hello", "routes"]

    finished = run(command, cwd=tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert "/hello/<name>" in finished.stdout


def test_nothing_undeclared_comes_along(installed: Environment) -> None:
    assert sorted(installed.versions()) == [
        "blinker",
        "click",
        "itsdangerous",
        "jinja2",
        "markupsafe",
        "tantalus",
        "tantalus-cli",
        "tantalus-context",
        "tantalus-routing",
        "tantalus-sessions",
        "tantalus-templating",
        "tantalus-testing",
        "werkzeug",
    ]


def test_a_mistake_in_the_file_is_shown_with_its_line(
    installed: Environment, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("import nothing_of_this_name\n")
    command = [str(installed.programs / "tantalus"), "--app", "broken", "routes"]

    finished = run(command, cwd=tmp_path)

    assert finished.returncode != 0
    assert 'broken.py", line 1' in finished.stderr
    assert "No module named 'nothing_of_this_name'" in finished.stderr
