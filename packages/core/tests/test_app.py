from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import weakref
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from jinja2 import Environment as JinjaEnvironment
from werkzeug.debug import DebuggedApplication
from werkzeug.routing import BuildError, Rule

from tantalus import App, Flask, Response, current_app, request, session
from tantalus._ground._flags import get_load_dotenv
from tantalus._setup._scaffold import _default_template_ctx_processor
from tantalus.testing import FlaskClient, FlaskCliRunner


def test_a_route_says_its_methods(app: App) -> None:
    app.get("/a")(named("get"))
    app.post("/a")(named("post"))
    app.put("/a")(named("put"))
    app.patch("/a")(named("patch"))
    app.delete("/a")(named("delete"))
    client = app.test_client()

    methods = ("get", "post", "put", "patch", "delete")

    assert [getattr(client, method)("/a").text for method in methods] == list(methods)


def named(name: str) -> Any:
    def view() -> str:
        return name

    view.__name__ = name
    return view


def test_an_endpoint_has_one_view(app: App) -> None:
    app.add_url_rule("/", "index", named("one"))

    with pytest.raises(AssertionError, match="existing endpoint function: index"):
        app.add_url_rule("/other", "index", named("two"))
    assert len(list(app.url_map.iter_rules())) == 2  # with the static files


def test_a_view_may_have_several_rules(app: App) -> None:
    view = named("view")
    app.add_url_rule("/a", "view", view)
    app.add_url_rule("/b", "view", view)
    client = app.test_client()

    assert client.get("/a").text == client.get("/b").text == "view"


def test_methods_are_a_list(app: App) -> None:
    with pytest.raises(TypeError, match=r"methods=\['POST'\]"):
        app.add_url_rule("/", "index", named("view"), methods="POST")


def test_a_route_needs_an_endpoint_or_a_view(app: App) -> None:
    with pytest.raises(AssertionError, match="expected view func if endpoint"):
        app.add_url_rule("/")


def test_a_rule_starts_with_a_slash(app: App) -> None:
    with pytest.raises(ValueError, match="'index'"):
        app.add_url_rule("index", "index", named("view"))


def test_automatic_options_follow_view_argument_and_setting(app: App) -> None:
    plain, own = named("plain"), named("own")
    own.provide_automatic_options = False
    own.methods = ["GET", "POST"]
    own.required_methods = ["PATCH"]
    app.add_url_rule("/plain", "plain", plain)
    app.add_url_rule("/own", "own", own)
    app.add_url_rule("/said", "said", named("said"), provide_automatic_options=False)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.add_url_rule("/late", "late", named("late"))
    methods = {rule.endpoint: rule.methods for rule in app.url_map.iter_rules()}

    assert methods["plain"] == {"GET", "HEAD", "OPTIONS"}
    assert methods["own"] == {"GET", "HEAD", "POST", "PATCH"}
    assert methods["said"] == {"GET", "HEAD"}
    assert methods["late"] == {"GET", "HEAD"}


@pytest.mark.parametrize("way", ["attribute", "argument"])
def test_a_view_switches_automatic_options_on_that_the_setting_switched_off(
    app: App, way: str
) -> None:
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    view, argument = named("view"), True if way == "argument" else None
    if way == "attribute":
        view.provide_automatic_options = True
    app.add_url_rule("/", "view", view, provide_automatic_options=argument)

    answer = app.test_client().options("/")

    assert answer.status_code == 200
    assert sorted(answer.allow) == ["GET", "HEAD", "OPTIONS"]


def test_an_own_rule_class_is_used() -> None:
    class OwnRule(Rule):
        pass

    class Own(App):
        url_rule_class = OwnRule  # type: ignore[assignment]  # any rule will do

    app = Own("tests")
    app.add_url_rule("/<int:n>", "index", lambda n: str(n))

    assert all(isinstance(rule, OwnRule) for rule in app.url_map.iter_rules())
    assert app.test_client().get("/3").text == "3"


def test_an_app_is_freed_when_nobody_holds_it() -> None:
    gc.disable()
    try:
        app = App("tests")
        app.add_url_rule("/", "index", named("view"))
        app.synchronous.of(app.view_functions["index"])
        reference = weakref.ref(app)
        del app
        assert reference() is None
    finally:
        gc.enable()


def test_the_name_is_that_of_the_module_or_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__file__", "/somewhere/program.py", raising=False)

    assert App("__main__").name == "program"
    assert repr(App("tests")) == "<App 'tests'>"


def test_the_instance_folder_is_absolute(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'relative' is relative"):
        App("tests", instance_path="relative")

    app = App("tests", instance_path=str(tmp_path), instance_relative_config=True)
    with app.open_instance_resource("a.txt", "w") as file:
        file.write("text")
    with app.open_instance_resource("a.txt") as file:
        assert file.read() == b"text"
    assert app.config.root_path == str(tmp_path)
    assert App("tests").instance_path.endswith("instance")


def test_static_files_are_served(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.txt").write_text("static")
    app = App("tests", root_path=str(tmp_path), static_url_path="/files/")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(minutes=1)

    response = app.test_client().get("/files/a.txt")
    assert response.text == "static"
    assert response.cache_control.max_age == 60
    response.close()
    assert app.static_url_path == "/files"


def test_a_wrong_age_of_static_files_is_named(app: App) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = "1h"

    with app.app_context(), pytest.raises(TypeError, match=r"is '1h'\. Set it to"):
        app.get_send_file_max_age(None)


def test_static_files_may_have_a_host() -> None:
    app = App("tests", host_matching=True, static_host="example.org")

    assert [rule.host for rule in app.url_map.iter_rules()] == ["example.org"]
    with pytest.raises(AssertionError, match="static_host/host_matching"):
        App("tests", static_host="example.org")


def test_an_app_without_static_folder_has_no_static_url() -> None:
    app = App("tests", static_folder=None)

    assert app.static_folder is None
    assert app.static_url_path is None
    assert not app.has_static_folder
    with pytest.raises(RuntimeError, match="'static_folder' must be set"):
        app.send_static_file("a.txt")


def test_settings_are_attributes_too(app: App) -> None:
    app.permanent_session_lifetime = 60

    assert app.permanent_session_lifetime == timedelta(seconds=60)
    assert app.config["PERMANENT_SESSION_LIFETIME"] == 60
    assert app.testing is True
    assert app.secret_key == app.config["SECRET_KEY"]


def test_the_client_gives_the_request_that_it_would_send() -> None:
    client = Flask("tests").test_client()
    client.environ_base["REMOTE_ADDR"] = "10.0.0.1"

    request = client._request_from_builder_args(("/socket",), {"headers": {"A": "b"}})

    assert (request.path, request.headers["A"]) == ("/socket", "b")
    assert request.remote_addr == "10.0.0.1"


def test_app_and_flask_differ_in_settings_only() -> None:
    ours, theirs = App("tests").config, Flask("tests").config

    assert {key for key in ours if ours[key] != theirs[key]} == {
        "BIND_SESSION_COOKIE",
        "BLUEPRINT_ERRORS_BY_PREFIX",
        "CHECK_BUILT_URLS",
        "CHECK_SESSION_COOKIE",
        "CROSS_SITE",
        "EXPLAIN_UNKNOWN_URLS",
        "LIMIT_URLENCODED_FORMS",
        "MAX_CONTENT_LENGTH",
        "MIN_SECRET_KEY_LENGTH",
        "PATHS_WITHOUT_REQUEST",
        "PROBLEM_DOCUMENTS",
        "ROUTE_CONFLICTS",
        "PRIVATE_WITH_COOKIES",
        "SECURITY_HEADERS",
        "SESSION_COMPRESS_FROM",
        "SESSION_COOKIE_PATH",
        "SESSION_COOKIE_SAMESITE",
        "SESSION_COOKIE_SECURE",
        "SHARE_APP_CONTEXT",
        "STATIC_HASH",
        "STRICT_HOSTS",
    }
    assert ours.env_prefix == "TANTALUS"
    assert theirs.env_prefix == "FLASK"


@pytest.mark.parametrize("name", ["page.html", "page.svg", "page.html.j2"])
def test_markup_is_escaped(name: str) -> None:
    assert App("tests").select_jinja_autoescape(name)


def test_flask_escapes_by_the_last_extension() -> None:
    app = Flask("tests")

    assert app.select_jinja_autoescape("page.html")
    assert not app.select_jinja_autoescape("page.html.j2")


@pytest.mark.parametrize(
    ("variables", "debug"),
    [
        ({}, False),
        ({"FLASK_DEBUG": "1"}, True),
        ({"FLASK_DEBUG": "1", "TANTALUS_DEBUG": "0"}, False),
        ({"TANTALUS_DEBUG": "yes"}, True),
    ],
)
def test_debug_mode_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], debug: bool
) -> None:
    for name in ("FLASK_DEBUG", "TANTALUS_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert App("tests").debug is debug


def test_debug_mode_reloads_templates(app: App) -> None:
    assert app.jinja_env.auto_reload is False
    app.debug = True
    assert app.jinja_env.auto_reload is True


@pytest.mark.parametrize("by_attribute", [True, False], ids=["attribute", "config"])
def test_settings_count_that_are_set_after_the_environment_was_made(
    app: App, by_attribute: bool
) -> None:
    app.template_filter("twice")(lambda text: text * 2)
    environment = app.jinja_env

    app.config["TEMPLATES_AUTO_RELOAD"] = True
    assert environment.auto_reload is True
    app.config["TEMPLATES_AUTO_RELOAD"] = False
    if by_attribute:
        app.debug = True
    else:
        app.config["DEBUG"] = True
    assert environment.auto_reload is False
    app.config["TEMPLATES_AUTO_RELOAD"] = None
    assert environment.auto_reload is True


def test_what_is_set_on_the_environment_itself_stays_until_debug_mode_changes(
    app: App,
) -> None:
    app.jinja_env.auto_reload = True
    app.config["TEMPLATES_AUTO_RELOAD"] = False
    assert app.jinja_env.auto_reload is True

    app.config["TEMPLATES_AUTO_RELOAD"] = None
    app.debug = False
    assert app.jinja_env.auto_reload is False
    assert app.jinja_env.overlay().auto_reload is False


def test_an_environment_that_is_only_jinjas_reloads_in_debug_mode() -> None:
    class Plain(JinjaEnvironment):
        def __init__(self, app: App, **options: Any) -> None:
            super().__init__(**options)

    class Own(App):
        jinja_environment = Plain  # type: ignore[assignment]  # any will do

    app = Own("tests")
    reloads = [app.jinja_env.auto_reload]
    app.debug = True
    reloads.append(app.jinja_env.auto_reload)

    assert reloads == [False, True]


@pytest.mark.parametrize(
    ("value", "reads"), [(None, True), ("1", False), ("0", True), ("no", True)]
)
def test_reading_env_files_can_be_turned_off(
    monkeypatch: pytest.MonkeyPatch, value: str | None, reads: bool
) -> None:
    for name in ("FLASK_SKIP_DOTENV", "TANTALUS_SKIP_DOTENV"):
        monkeypatch.delenv(name, raising=False)
    if value is not None:
        monkeypatch.setenv("TANTALUS_SKIP_DOTENV", value)

    assert get_load_dotenv() is reads


def test_attributes_can_be_added_and_taken_away(app: App) -> None:
    untyped: Any = app
    untyped.extra = 1
    del untyped.extra

    assert not hasattr(app, "extra")


def test_templates_without_context_get_nothing_by_default() -> None:
    assert _default_template_ctx_processor() == {}


def test_an_error_that_is_aborted_with_may_be_added() -> None:
    class Own(App):
        def make_aborter(self) -> Any:
            aborter = super().make_aborter()
            aborter.mapping[499] = ZeroDivisionError  # type: ignore[assignment]  # any
            return aborter

    app = Own("tests")

    with pytest.raises(ZeroDivisionError):
        app.aborter(499)


def test_the_shell_starts_with_what_its_processors_give(app: App) -> None:
    app.shell_context_processor(lambda: {"extra": 1})

    with app.app_context():
        names = app.make_shell_context()

    assert set(names) == {"app", "g", "extra"}


def test_commands_run_in_the_apps_context(app: App) -> None:
    @app.cli.command("hello")
    @click.argument("name")
    def hello(name: str) -> None:
        click.echo(f"{current_app.name} {name}")

    result = app.test_cli_runner().invoke(args=["hello", "ada"])

    assert result.output == "tests ada\n"


def test_client_and_runner_classes_can_be_replaced(app: App) -> None:
    class OwnClient(FlaskClient):
        pass

    class OwnRunner(FlaskCliRunner):
        pass

    app.test_client_class = OwnClient
    app.test_cli_runner_class = OwnRunner

    assert isinstance(app.test_client(), OwnClient)
    assert isinstance(app.test_cli_runner(), OwnRunner)


def test_a_session_transaction_is_what_the_next_request_sees(app: App) -> None:
    app.add_url_rule("/", "index", lambda: session["user"])
    client = app.test_client()

    with client.session_transaction() as opened:
        opened["user"] = "ada"

    assert client.get("/").text == "ada"


def test_a_client_block_keeps_the_context(app: App) -> None:
    app.add_url_rule("/", "index", named("view"))

    with app.test_client() as client:
        client.get("/?a=1")
        assert request.args["a"] == "1"
    assert not request


class Server:
    """Stands for Werkzeug's server, and notes how it is started."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, int, dict[str, Any]]] = []
        monkeypatch.setattr("werkzeug.serving.run_simple", self.run)
        for name in ("RUN_FROM_CLI", "DEBUG", "SKIP_DOTENV"):
            monkeypatch.delenv(f"TANTALUS_{name}", raising=False)
            monkeypatch.delenv(f"FLASK_{name}", raising=False)

    def run(self, host: str, port: int, app: object, **options: Any) -> None:
        debugged = isinstance(app, DebuggedApplication)
        self.calls.append((host, port, options | {"debugged": debugged}))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


@pytest.mark.parametrize(
    ("name", "host", "port", "expected"),
    [
        (None, None, None, ("127.0.0.1", 5000)),
        ("example.org:8080", None, None, ("example.org", 8080)),
        ("example.org", None, None, ("example.org", 5000)),
        ("example.org:8080", "::1", 0, ("::1", 0)),
    ],
)
def test_run_listens_where_it_is_told(
    app: App,
    server: Server,
    name: str | None,
    host: str | None,
    port: int | None,
    expected: tuple[str, int],
) -> None:
    app.config["SERVER_NAME"] = name

    app.run(host, port)

    assert server.calls[0][:2] == expected
    assert server.calls[0][2] == {
        "use_reloader": False,
        "debugged": False,
        "threaded": True,
    }


def test_run_debugs_when_it_is_told(app: App, server: Server) -> None:
    app.run(debug=True, use_reloader=False, load_dotenv=False)

    assert app.debug
    assert server.calls[0][2]["debugged"] is True
    assert server.calls[0][2]["use_reloader"] is False


def test_run_reads_the_debug_variable(
    app: App, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANTALUS_DEBUG", "1")

    app.run()

    assert app.debug


def test_run_does_nothing_inside_the_run_command(
    app: App,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TANTALUS_RUN_FROM_CLI", "true")

    app.run()
    told = capsys.readouterr().out
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    app.run()

    assert server.calls == []
    assert "Ignoring a call that serves the app" in told
    assert capsys.readouterr().out == ""


def test_the_app_can_be_set_up_further_after_a_run(app: App, server: Server) -> None:
    app._got_first_request = True

    app.run()

    app.add_url_rule("/", "index", named("view"))


def test_importing_loads_nothing_that_is_not_used() -> None:
    code = """
import sys
import tantalus
app = tantalus.App("tests", static_folder=None)
app.add_url_rule("/", "index", lambda: "view")
loaded = {"asyncio", "click", "jinja2", "werkzeug.debug", "tantalus.testing"}
print(sorted(loaded & set(sys.modules)))
"""

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_the_logger_is_quiet_about_handled_errors(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        app.test_client().get("/nowhere")

    assert caplog.records == []


def test_build_errors_can_be_answered(app: App) -> None:
    def outside(error: Exception, endpoint: str, values: dict[str, Any]) -> str | None:
        return f"https://other.org/{endpoint}" if endpoint == "other" else None

    app.url_build_error_handlers.append(outside)

    with app.test_request_context():
        assert app.url_for("other") == "https://other.org/other"
        with pytest.raises(BuildError):
            app.url_for("nowhere")


def test_the_response_class_has_the_apps_default_type(app: App) -> None:
    assert Response("x").mimetype == "text/html"
    assert os.path.isabs(app.root_path)
