"""Everything from the wheels: an app in one file, served by the command."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from environments import OF_CORE, Environment, free_port, run, serving, visitor

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


@pytest.fixture(scope="module")
def installed(
    wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """Return an environment with core and what it stitches, which these tests share."""
    environment = Environment(tmp_path_factory.mktemp("whole") / "environment")
    environment.install(*(wheels[name] for name in [*OF_CORE, "core"]))
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
        "tantalus-config",
        "tantalus-context",
        "tantalus-http",
        "tantalus-routing",
        "tantalus-sessions",
        "tantalus-templating",
        "tantalus-testing",
        "werkzeug",
    ]


TWO_APPS = "first = App(__name__)\nsecond = App(__name__)"
NO_SLASH = "app = App(__name__)\napp.add_url_rule('rule', 'view', print)"
TAKEN = """\
app = App(__name__)
app.add_url_rule("/a", "view", print)
app.add_url_rule("/b", "view", repr)"""


@pytest.mark.parametrize(
    ("app", "program", "said"),
    [
        ("missing", "", "Could not import 'missing'"),
        ("mistaken", "import nothing", "No module named 'nothing'"),
        ("mistaken", "import nothing", 'mistaken.py", line 2'),
        ("mistaken", "number = 1", "Failed to find an application or factory"),
        ("mistaken", TWO_APPS, "Detected multiple applications"),
        ("mistaken", NO_SLASH, "URL rule 'rule' must start with a slash"),
        ("mistaken", TAKEN, "overwriting an existing endpoint function: view"),
    ],
)
def test_a_mistake_is_named(
    app: str, program: str, said: str, installed: Environment, tmp_path: Path
) -> None:
    (tmp_path / "mistaken.py").write_text(f"from tantalus import App\n{program}\n")
    command = [str(installed.programs / "tantalus"), "--app", app, "routes"]

    finished = run(command, cwd=tmp_path)

    assert finished.returncode != 0
    assert said in finished.stderr


def test_a_port_in_use_is_named(installed: Environment, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(PROGRAM)
    command = [str(installed.programs / "tantalus"), "--app", "hello", "run"]

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        finished = run([*command, "--port", port], cwd=tmp_path)

    assert finished.returncode != 0
    assert f"Port {port} is in use by another program." in finished.stderr
