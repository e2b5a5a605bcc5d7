from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from conftest import Use, Write
from fakes import FakeApp, plain_app

from tantalus_cli import AppGroup, NoAppException, ScriptInfo
from tantalus_cli._app import app_title

SITE = """
class App:
    debug = None
    cli = url_map = ()

    def app_context(self): ...
    def __call__(self, environ, start_response): ...

app = App()

def create_app(name="default"):
    made = App()
    made.name = name
    return made
"""


@pytest.mark.parametrize("path", ["site_one", "site_one.py", "site_one:app"])
def test_an_app_is_loaded_by_module_file_or_name(path: str, write: Write) -> None:
    write("site_one.py", SITE)
    info = ScriptInfo(path)

    app = info.load_app()

    assert type(app).__name__ == "App"
    assert info.load_app() is app


def test_an_absolute_path_may_carry_a_name(write: Write) -> None:
    path = write("site_one.py", SITE)

    app = ScriptInfo(f'{path}:create_app("shop")').load_app()

    assert app.name == "shop"  # type: ignore[union-attr] # the app of SITE


def test_the_colon_of_a_drive_is_not_the_one_before_a_name(write: Write) -> None:
    write("site_one.py", SITE)

    with pytest.raises(NoAppException, match=r"Could not import 'C:\\\\\\\\site_one'"):
        ScriptInfo(r"C:\\site_one").load_app()


@pytest.mark.parametrize("file", ["wsgi.py", "app.py"])
def test_a_file_with_the_usual_name_is_found(file: str, write: Write) -> None:
    write(file, SITE)

    assert type(ScriptInfo().load_app()).__name__ == "App"


def test_wsgi_comes_before_app(write: Write) -> None:
    write("wsgi.py", SITE + "app.name = 'wsgi'\n")
    write("app.py", SITE)

    app = ScriptInfo().load_app()

    assert app.name == "wsgi"  # type: ignore[union-attr] # the app of SITE


def test_the_project_file_comes_before_the_usual_names(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("pyproject.toml", "[tool.tantalus]\napp = 'site_two:create_app(\"toml\")'\n")
    write("site_two.py", SITE)
    write("below/app.py", SITE)
    monkeypatch.chdir("below")

    app = ScriptInfo().load_app()

    assert app.name == "toml"  # type: ignore[union-attr] # the app of SITE


def test_the_project_file_can_be_left_alone(write: Write, use: Use) -> None:
    write("pyproject.toml", "[tool.tantalus]\napp = 'site_two'\n")
    write("app.py", SITE)
    use(project_table=None)

    assert type(ScriptInfo().load_app()).__name__ == "App"


def test_no_app_anywhere_is_told(write: Write, use: Use) -> None:
    use(program="prog", prefixes=("PROG",))

    with pytest.raises(
        NoAppException,
        match="Could not locate an application. Use the 'prog --app' option, the"
        r" 'PROG_APP' environment variable, or a 'wsgi\.py' or 'app\.py' file",
    ):
        ScriptInfo().load_app()


def test_a_factory_is_called_once(app: FakeApp) -> None:
    made: list[FakeApp] = []

    def create_app() -> FakeApp:
        made.append(app)
        return app

    info = ScriptInfo(create_app=create_app)

    assert info.load_app() is info.load_app() is app
    assert len(made) == 1


@pytest.mark.parametrize(("set_flag", "debug"), [(True, True), (False, False)])
def test_debug_mode_comes_from_the_environment_on_request(
    set_flag: bool, debug: bool, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANTALUS_DEBUG", "1")
    info = ScriptInfo(create_app=lambda: app, set_debug_flag=set_flag)

    info.load_app()

    assert app.debug is debug
    assert info.app_debug is False


def test_a_plain_callable_has_no_debug_mode() -> None:
    info = ScriptInfo(create_app=lambda: plain_app)

    assert info.load_app() is plain_app
    assert not hasattr(plain_app, "debug")


def test_whether_default_files_are_wanted_is_kept_for_the_one_who_loads_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ScriptInfo().load_dotenv_defaults
    assert not ScriptInfo(load_dotenv_defaults=False).load_dotenv_defaults
    monkeypatch.setenv("TANTALUS_SKIP_DOTENV", "1")
    assert not ScriptInfo().load_dotenv_defaults


def test_an_error_of_the_app_passes_through(write: Write, tmp_path: Path) -> None:
    write("app.py", "def broken(:\n")

    with pytest.raises(SyntaxError) as caught:
        ScriptInfo().load_app()

    assert caught.value.filename == str(tmp_path / "app.py")


@pytest.mark.parametrize("variable", ["TANTALUS_APP", "FLASK_APP"])
def test_the_app_that_the_environment_names_comes_before_files(
    variable: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("site_named.py", "from fakes import FakeApp\ndef make(): return FakeApp('a')")
    write("app.py", "from fakes import FakeApp\napp = FakeApp('b')")
    monkeypatch.setenv(variable, "site_named:make")

    assert app_title(ScriptInfo().load_app()) == "a"
    assert app_title(ScriptInfo("app").load_app()) == "b"
    assert app_title(ScriptInfo(create_app=lambda: FakeApp("c")).load_app()) == "c"


def test_the_group_of_an_app_is_a_program_of_its_own(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("site_named.py", "from fakes import FakeApp\nshop = FakeApp('shop')")
    monkeypatch.setenv("FLASK_APP", "site_named")
    manage = AppGroup("manage")

    @manage.command()
    @click.pass_obj
    def show(info: ScriptInfo) -> None:
        click.echo(app_title(info.load_app()))

    result = CliRunner().invoke(manage, ["show"])

    assert (result.exit_code, result.output) == (0, "shop\n")
