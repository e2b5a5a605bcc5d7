from __future__ import annotations

import importlib
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest

import tantalus
from tantalus._flask import _children, _drop_in
from tantalus._flask._borrowed import HOME_OF, lend_names
from tantalus._flask._children import replace_in_children
from tantalus._flask._drop_in import MODULES, FlaskAlreadyImported, install_as_flask
from tantalus.cli import _flask_settings
from tantalus_cli import Settings


@pytest.fixture
def without_flask(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in which Flask was not imported, and is not replaced yet."""
    for name in [*sys.modules]:
        if name.partition(".")[0] == "flask":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))


def run(*arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=cwd
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_flask_and_its_modules_are_ours() -> None:
    code = """
import tantalus; tantalus.install_as_flask(); tantalus.install_as_flask()
import flask, flask.sansio.app, flask.json.tag
from flask import Flask, request
from flask.globals import request_ctx
import tantalus.globals, tantalus.views
assert Flask is tantalus.Flask
assert flask.globals is tantalus.globals
assert flask.views is tantalus.views
assert tantalus.globals.__spec__.name == "tantalus.globals"
assert flask.sansio.app.App is tantalus.App
print(flask.Flask("x").config.env_prefix, hasattr(flask, "nothing"))
print(hasattr(flask.sansio, "nothing"), hasattr(flask, "__nothing__"))
from flask import *
assert Blueprint is tantalus.Blueprint
assert "Blueprint" in dir(flask) and "Flask" in vars(flask)
"""

    assert run("-c", code).split() == ["FLASK", "False", "False", "False"]


def test_the_real_flask_must_not_be_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    flask = ModuleType("flask")
    flask.__file__ = "/somewhere/flask/__init__.py"
    monkeypatch.setitem(sys.modules, "flask", flask)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))

    with pytest.raises(FlaskAlreadyImported, match="from '/somewhere/flask"):
        install_as_flask()


@pytest.mark.usefixtures("without_flask")
def test_the_finder_knows_flask_only() -> None:
    assert not _drop_in.is_installed()

    install_as_flask()
    install_as_flask()

    assert _drop_in.is_installed()
    finder = sys.meta_path[0]
    assert finder.find_spec("flaskery", None) is None
    spec = finder.find_spec("flask.globals", None)
    assert spec is not None
    loader = finder
    module = loader.create_module(spec)  # type: ignore[attr-defined]  # a loader too
    original = module.__spec__
    module.__spec__ = spec
    loader.exec_module(module)  # type: ignore[attr-defined]  # idem
    assert module is tantalus.globals
    assert module.__spec__ is original
    door = loader.create_module(finder.find_spec("flask", None))  # type: ignore[attr-defined]  # idem
    loader.exec_module(door)  # type: ignore[attr-defined]  # idem
    assert door.Flask is tantalus.Flask
    assert door.views is importlib.import_module("tantalus.views")
    assert door.__all__ == tantalus.__all__
    assert {"Flask", "url_for", "__name__"} < set(dir(door))
    sansio = loader.create_module(finder.find_spec("flask.sansio", None))  # type: ignore[attr-defined]  # idem
    assert not hasattr(sansio, "nothing")
    program = finder.find_spec("flask.__main__", None)
    assert program is not None
    assert program.origin == tantalus.__file__.replace("__init__", "__main__")
    with pytest.warns(DeprecationWarning, match="Flask 3.2 has no '__version__'"):
        assert door.__version__ == "3.1.3"
    with pytest.raises(AttributeError, match="no attribute '__nothing__'"):
        door.__nothing__  # noqa: B018 - read for its error


@pytest.mark.parametrize("name", MODULES.values())
def test_every_alias_leads_to_a_module(name: str) -> None:
    assert importlib.import_module(name)


BORROWED = """
import tantalus.as_flask
from flask.app import Rule, current_app, request_ctx, AppContext
from flask.helpers import current_app, _cv_app, datetime
from flask.cli import click
from flask.sansio.scaffold import HTTPException, setupmethod
import werkzeug.routing, flask
assert Rule is werkzeug.routing.Rule
assert current_app is flask.current_app
print(hasattr(flask.helpers, "_app_ctx_stack"), hasattr(flask.json, "nothing"))
"""


def test_modules_lend_what_flasks_own_modules_use() -> None:
    assert run("-c", BORROWED) == "False False"


@pytest.mark.parametrize("name", HOME_OF)
def test_what_is_lent_is_there(name: str) -> None:
    module = ModuleType("tantalus.lender")
    lend_names(module)

    home, own_name = HOME_OF[name]
    assert getattr(module, name) is getattr(importlib.import_module(home), own_name)


def test_what_nobody_has_is_not_lent() -> None:
    module = ModuleType("tantalus.ctx")
    lend_names(module)

    assert module.current_app is tantalus.current_app
    assert module.os is os
    with pytest.raises(AttributeError, match=r"'tantalus\.ctx' has no attribute"):
        module.AppContext  # noqa: B018 - read for its error: its home is this one
    with pytest.raises(AttributeError, match="'nothing'"):
        module.nothing  # noqa: B018 - idem


def test_a_name_that_flask_has_not_is_an_import_error() -> None:
    code = """
import tantalus.as_flask
try:
    from flask.helpers import _nothing
except ImportError as error:
    print(error.name, "|", error)
try:
    import flask.nothing
except ModuleNotFoundError as error:
    print(error)
"""

    told = run("-c", code).splitlines()

    assert told[0].startswith(
        "tantalus.helpers | cannot import name '_nothing' from 'tantalus.helpers'"
    )
    assert told[1:] == ["No module named 'flask.nothing'"]


PROGRAM = """
import sys
import flask
print(flask.Flask.__module__, sys.argv[1:])
"""


def test_a_script_runs_with_flask_replaced(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    module = ["-m", "tantalus.as_flask"]

    script = run(*module, "program.py", "a", cwd=tmp_path)
    as_module = run(*module, "-m", "program", "a", cwd=tmp_path)

    assert script == as_module == "tantalus._flask._class ['a']"


@pytest.mark.usefixtures("without_flask")
def test_programs_run_in_this_process_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "program.py").write_text("import sys; print(sys.argv)")
    monkeypatch.setattr(sys, "argv", ["before"])
    monkeypatch.syspath_prepend(tmp_path)
    as_flask = importlib.import_module("tantalus.as_flask")
    script = str(tmp_path / "program.py")

    as_flask.main([script, "a"])
    as_flask.main(["-m", "program", "b"])
    with pytest.raises(SystemExit, match="usage"):
        as_flask.main([])

    assert capsys.readouterr().out == f"{[script, 'a']}\n{[script, 'b']}\n"


def test_the_settings_of_the_command_line_become_flasks() -> None:
    settings = _flask_settings(Settings(version_text=lambda: "versions"))

    assert settings.prefixes == ("FLASK",)
    assert settings.entry_point_groups == ("flask.commands",)
    assert settings.version_text() == "versions\nFlask 3.1.3 (by Tantalus)"


def test_nothing_to_run_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tantalus.as_flask"], capture_output=True, text=True
    )

    assert done.returncode != 0
    assert "usage: python -m tantalus.as_flask" in done.stderr


def test_the_command_line_is_flasks(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import flask\napp = flask.Flask(__name__)\n@app.cli.command()\n"
        "def hello(): print('hello from', flask.current_app.name)\n"
    )
    code = "import tantalus.as_flask; from flask.cli import main; main()"

    assert run("-c", code, "hello", cwd=tmp_path) == "hello from app"
    assert "Flask 3.1.3" in run("-c", code, "--version", cwd=tmp_path)


CHILDREN = """
import multiprocessing
import flask
import beside

def work(queue):
    queue.put(flask.Flask.__module__)

if __name__ == "__main__":
    for way in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(way)
        queue = context.Queue()
        child = context.Process(target=work, args=(queue,))
        child.start()
        print(way, queue.get(timeout=60))
        child.join()
"""


@pytest.mark.parametrize("program", [["program.py"], ["-m", "program"]], ids=str)
def test_children_have_flask_replaced_however_they_are_started(
    tmp_path: Path, program: list[str]
) -> None:
    (tmp_path / "program.py").write_text(CHILDREN)
    (tmp_path / "beside.py").touch()

    told = run("-m", "tantalus.as_flask", *program, cwd=tmp_path)

    assert told.splitlines() == [
        "fork tantalus._flask._class",
        "spawn tantalus._flask._class",
        "forkserver tantalus._flask._class",
    ]


@pytest.fixture
def spawn(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that spawns, and no change of it that lasts."""
    replaced = SimpleNamespace(get_preparation_data=lambda name: {"name": name})
    monkeypatch.setattr(_children, "spawn", replaced)
    monkeypatch.setattr(multiprocessing, "set_forkserver_preload", [].append)
    return replaced


def test_what_a_child_unpickles_first_imports_the_plug_in(spawn: Any) -> None:
    replace_in_children()
    replace_in_children()

    prepared = spawn.get_preparation_data("child")

    assert [*prepared] == ["tantalus", "name"]
    restored = pickle.loads(pickle.dumps(prepared))
    assert restored["tantalus"].__name__ == "tantalus.as_flask"


def test_a_python_that_prepares_its_children_otherwise_is_left_alone(
    spawn: Any,
) -> None:
    del spawn.get_preparation_data

    replace_in_children()

    assert not hasattr(spawn, "get_preparation_data")


def test_the_command_line_is_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tantalus", "--version"])

    with pytest.raises(SystemExit) as ended:
        importlib.import_module("tantalus.__main__")

    assert ended.value.code == 0
    assert "Tantalus" in capsys.readouterr().out


def test_flask_is_a_program_too(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import flask\napp = flask.Flask(__name__)\n@app.cli.command()\n"
        "def hello(): print('hello from', flask.current_app.name)\n"
    )

    told = run("-m", "tantalus.as_flask", "-m", "flask", "hello", cwd=tmp_path)

    assert told == "hello from app"


def test_a_sitecustomize_replaces_flask_in_every_python(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import tantalus.as_flask")
    grandchild = "import flask; print(flask.Flask.__module__)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"  # noqa: E501 - one program

    told = subprocess.run(
        [sys.executable, "-c", child],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "tantalus._flask._class\n"


RELOADED = """
import os
import flask

app = flask.Flask(__name__)
told = f"{flask.Flask.__module__} {os.environ.get('WERKZEUG_RUN_MAIN')}"
app.add_url_rule("/", "index", lambda: told)
"""


def test_the_reloader_starts_over_with_flask_replaced(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(RELOADED)
    program = ["-m", "tantalus.as_flask", "-m", "flask", "--debug", "run"]
    server = subprocess.Popen(
        [sys.executable, *program, "--port", "0"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )

    try:
        assert server.stderr is not None
        lines = takewhile(lambda line: "Debugger PIN" not in line, server.stderr)
        address = re.findall(r"Running on (http://[\w.:]+)", "".join(lines))[0]
        with urlopen(address, timeout=60) as response:
            told = response.read().decode()
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.communicate()

    assert told == "tantalus._flask._class true"


def test_importing_a_private_name_tells_the_nearest_one() -> None:
    code = """
import tantalus.as_flask
import flask.globals
print(hasattr(flask.globals, "_request_ctx"), getattr(flask.globals, "_x", 1))
for name in ("_current_apps", "_qqqqqq"):
    try:
        exec(f"from flask.globals import {name}")
    except ImportError as error:
        print(error)
"""

    flags, near, far = run("-c", code).splitlines()

    assert flags == "False 1"
    assert "cannot import name '_current_apps' from 'tantalus.globals'" in near
    assert "The nearest public name is 'current_app'." in near
    assert "Nothing is like it." in far


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (
            "from flask import Markup",
            "cannot import name 'Markup' from 'flask': Flask 3 does not have it any"
            " more. Write 'from markupsafe import Markup'.",
        ),
        (
            "from flask.helpers import safe_join",
            "cannot import name 'safe_join' from 'tantalus.helpers': Flask 3 does not"
            " have it any more. Write 'from werkzeug.utils import safe_join'.",
        ),
        (
            "from flask import Flsk",
            "cannot import name 'Flsk' from 'flask', which stands for a module of"
            " Flask: this name is not kept here. The nearest public name is 'Flask'.",
        ),
    ],
    ids=["Markup", "module", "mistyped"],
)
def test_importing_what_flask_has_no_more_tells_the_cure(
    statement: str, text: str
) -> None:
    code = (
        f"import tantalus.as_flask\ntry: {statement}\nexcept ImportError as e: print(e)"
    )

    assert run("-c", code) == text


def test_the_package_has_what_flasks_has_beside_its_names() -> None:
    code = """
import tantalus.as_flask, flask, typing, werkzeug
print(flask.t is typing, flask.helpers.werkzeug is werkzeug, flask.sansio.__name__)
print(flask.sansio.app.T_teardown.__name__, hasattr(flask, "Markup"))
"""

    assert run("-c", code).split() == [
        "True",
        "True",
        "flask.sansio",
        "T_teardown",
        "False",
    ]


@pytest.mark.usefixtures("without_flask")
def test_the_package_looks_for_names_beside_ours() -> None:
    install_as_flask()

    flask = importlib.import_module("flask")

    assert flask.t is importlib.import_module("typing")
    assert flask.sansio.app is tantalus.app
    assert not hasattr(flask, "Markup")
    with pytest.raises(ImportError, match="'from markupsafe import Markup'"):
        exec("from flask import Markup")


def test_a_module_that_finds_names_itself_is_asked_first() -> None:
    module = ModuleType("finds")

    def own(name: str) -> str:
        if name == "mine":
            return "own"
        raise AttributeError(name)

    module.__getattr__ = own  # type: ignore[method-assign]  # as a module defines it
    lend_names(module)
    lend_names(module)

    assert (module.mine, module.os) == ("own", os)
    assert module.T_route.__name__ == "T_route"
    assert not hasattr(module, "nothing")


@pytest.mark.usefixtures("without_flask")
def test_a_name_that_nobody_has_is_an_import_error_in_an_import_only() -> None:
    module = ModuleType("lends")
    lend_names(module)
    sys.modules["lends"] = module
    try:
        assert not hasattr(module, "_nothing")
        with pytest.raises(ImportError, match=r"Nothing is like it|nearest public"):
            exec("from lends import _nothing")
    finally:
        del sys.modules["lends"]


FLASK_TESTING = """
import flask
from flask import templating, template_rendered
from flask.signals import before_render_template

kept = templating._render
seen = []

def empty(app, template, context):
    template_rendered.send(app, template=template, context=context)
    return ""

def note(sender, template, context):
    seen.append((sender.name, template.name, context["a"]))

app = flask.Flask("shop")
template_rendered.connect(note)
templating._render = empty
with app.app_context():
    shown = [flask.render_template_string("{{ a }}", a=1)]
    templating._render = kept
    shown.append(flask.render_template_string("{{ a }}", a=2))
print(shown, seen, before_render_template is flask.before_render_template)
"""


def test_a_suite_may_render_nothing_and_hear_of_templates(tmp_path: Path) -> None:
    script = tmp_path / "suite.py"
    script.write_text(FLASK_TESTING)

    assert run("-m", "tantalus.as_flask", str(script)) == (
        "['', '2'] [('shop', None, 1), ('shop', None, 2)] True"
    )
