from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from tantalus import (
    App,
    Blueprint,
    Flask,
    Response,
    abort,
    g,
    render_template,
    render_template_string,
    request,
    url_for,
)
from tantalus.blueprints import BlueprintSetupState


def page(name: str = "page", **options: Any) -> Blueprint:
    blueprint = Blueprint(name, "tests", **options)
    blueprint.add_url_rule("/", "index", lambda **values: [request.endpoint, values])
    return blueprint


def test_rules_are_joined_to_the_prefix(app: App) -> None:
    blueprint = page(url_prefix="/prefix")
    blueprint.add_url_rule("", "bare", lambda: "bare")
    app.register_blueprint(blueprint)
    client = app.test_client()

    assert client.get("/prefix/").json == ["page.index", {}]
    assert client.get("/prefix").text == "bare"


def test_a_blueprint_can_be_registered_under_several_names(app: App) -> None:
    blueprint = page()
    app.register_blueprint(blueprint, url_prefix="/a")
    app.register_blueprint(blueprint, url_prefix="/b", name="other")
    client = app.test_client()

    assert client.get("/a/").json == ["page.index", {}]
    assert client.get("/b/").json == ["other.index", {}]


def test_a_name_is_taken_once(app: App) -> None:
    blueprint = page()
    app.register_blueprint(blueprint)

    with pytest.raises(ValueError, match="'page' is already registered for this"):
        app.register_blueprint(blueprint, url_prefix="/b")
    with pytest.raises(ValueError, match="registered for a different blueprint"):
        app.register_blueprint(page())


def test_a_name_is_taken_once_in_a_blueprint(app: App) -> None:
    outer = page("outer")
    outer.register_blueprint(page(url_prefix="/a"))
    outer.register_blueprint(page(url_prefix="/b"))

    with pytest.raises(ValueError, match=r"blueprint 'outer\.page'\. Use 'name='"):
        app.register_blueprint(outer)


@pytest.mark.parametrize(("name", "text"), [("", "be empty"), ("a.b", "contain a dot")])
def test_a_name_must_be_one_part_of_a_dotted_name(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Blueprint(name, "tests")


def test_blueprints_nest_to_any_depth(app: App) -> None:
    inner = page("inner", url_prefix="/inner", subdomain="c")
    middle = page("middle", url_prefix="/middle")
    outer = page("outer", url_prefix="/outer")
    inner.subdomain = None
    middle.register_blueprint(inner)
    outer.register_blueprint(middle, url_prefix="/renamed")
    app.register_blueprint(outer)

    answer = app.test_client().get("/outer/renamed/inner/")

    assert answer.json == ["outer.middle.inner.index", {}]
    assert list(app.blueprints) == ["outer", "outer.middle", "outer.middle.inner"]


def test_subdomains_of_nested_blueprints_are_joined() -> None:
    app = App("tests", subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    inner = page("inner", subdomain="api")
    outer = page("outer", subdomain="v1")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    client = app.test_client()

    assert client.get("/", subdomain="v1").json == ["outer.index", {}]
    assert client.get("/", subdomain="api.v1").json == ["outer.inner.index", {}]


def test_a_blueprint_cannot_hold_itself() -> None:
    blueprint = page()

    with pytest.raises(ValueError, match="nested in itself"):
        blueprint.register_blueprint(blueprint)


def test_url_defaults_of_blueprint_and_registration_are_values(app: App) -> None:
    blueprint = page(url_defaults={"a": 1, "b": 1})
    app.register_blueprint(blueprint, url_defaults={"b": 2})

    assert app.test_client().get("/").json == ["page.index", {"a": 1, "b": 2}]


def test_dots_are_for_blueprints() -> None:
    blueprint = page()

    def dotted() -> str:
        return ""

    dotted.__name__ = "a.b"

    with pytest.raises(ValueError, match="'endpoint' may not contain a dot"):
        blueprint.add_url_rule("/x", "a.b", lambda: "")
    with pytest.raises(ValueError, match="'view_func' name may not contain a dot"):
        blueprint.add_url_rule("/x", view_func=dotted)


def test_set_up_after_registration_is_refused(app: App) -> None:
    blueprint = page()
    app.register_blueprint(blueprint)

    with pytest.raises(AssertionError, match=r"'before_request' can no.*page"):
        blueprint.before_request(lambda: None)


def test_functions_are_recorded_for_each_registration_or_the_first(app: App) -> None:
    calls: list[str] = []
    blueprint = page()
    blueprint.record(lambda state: calls.append(f"each {state.name}"))
    blueprint.record_once(lambda state: calls.append(f"once {state.name}"))

    app.register_blueprint(blueprint)
    app.register_blueprint(blueprint, name="again", url_prefix="/again")

    assert calls == ["each page", "once page", "each again"]


def test_a_subclass_may_make_its_own_state(app: App) -> None:
    class State(BlueprintSetupState):
        def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
            super().add_url_rule(f"/own{rule}", *args, **options)

    class Own(Blueprint):
        def make_setup_state(
            self, app: App, options: dict[str, Any], first_registration: bool = False
        ) -> State:
            return State(self, app, options, first_registration)

    blueprint = Own("page", "tests")
    blueprint.add_url_rule("/", view_func=view)
    app.register_blueprint(blueprint)

    assert app.test_client().get("/own/").text == "view"


def view() -> str:
    return "view"


def test_an_endpoint_without_a_rule_gets_its_view(app: App) -> None:
    blueprint = Blueprint("page", "tests")
    blueprint.add_url_rule("/", "index")
    blueprint.endpoint("page.index")(view)
    app.register_blueprint(blueprint)

    assert app.test_client().get("/").text == "view"


def test_hooks_for_the_whole_app_run_outside_the_blueprint(app: App) -> None:
    calls: list[str] = []
    blueprint = page(url_prefix="/page")
    blueprint.before_app_request(lambda: calls.append("before"))
    blueprint.teardown_app_request(lambda error: calls.append("teardown"))
    blueprint.app_url_value_preprocessor(lambda *args: calls.append("values"))
    blueprint.app_url_defaults(lambda endpoint, values: values.update(extra=1))
    blueprint.app_errorhandler(418)(lambda error: "tea")

    @blueprint.after_app_request
    def after(response: Response) -> Response:
        calls.append("after")
        return response

    app.register_blueprint(blueprint)
    app.add_url_rule("/", "index", lambda: url_for("index"))
    app.add_url_rule("/tea", "tea", lambda: abort(418))
    client = app.test_client()

    assert client.get("/").text == "/?extra=1"
    assert calls == ["values", "before", "after", "teardown"]
    assert client.get("/tea").text == "tea"


def test_template_helpers_for_the_whole_app(app: App) -> None:
    blueprint = page()
    blueprint.app_context_processor(lambda: {"word": "abc"})
    blueprint.app_template_filter("backwards")(lambda text: text[::-1])
    blueprint.app_template_test("long")(lambda text: len(text) > 2)
    blueprint.app_template_global("shout")(lambda text: text.upper())
    app.register_blueprint(blueprint)
    source = "{{ word|backwards }} {{ word is long }} {{ shout(word) }}"

    with app.app_context():
        assert render_template_string(source) == "cba True ABC"


def test_context_processors_of_a_blueprint_are_its_own(app: App) -> None:
    blueprint = Blueprint("page", "tests", url_prefix="/page")
    blueprint.context_processor(lambda: {"word": "blueprint"})
    source = "{{ word }}"
    blueprint.add_url_rule("/", "index", lambda: render_template_string(source))
    app.context_processor(lambda: {"word": "app"})
    app.add_url_rule("/", "index", lambda: render_template_string(source))
    app.register_blueprint(blueprint)
    client = app.test_client()

    assert client.get("/").text == "app"
    assert client.get("/page/").text == "blueprint"


def test_url_defaults_of_a_blueprint_apply_to_its_endpoints(app: App) -> None:
    blueprint = Blueprint("page", "tests", url_prefix="/<lang>")

    @blueprint.url_value_preprocessor
    def pull(endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = (values or {}).pop("lang")

    @blueprint.url_defaults
    def push(endpoint: str, values: dict[str, Any]) -> None:
        values.setdefault("lang", g.lang)

    blueprint.add_url_rule("/a", "a", lambda: url_for(".b"))
    blueprint.add_url_rule("/b", "b", lambda: url_for("page.a", lang="de"))
    app.register_blueprint(blueprint)
    client = app.test_client()

    assert client.get("/en/a").text == "/en/b"
    assert client.get("/en/b").text == "/de/a"


def test_a_blueprint_has_its_own_folders(app: App, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("static")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.html").write_text("template")
    blueprint = Blueprint(
        "page",
        "tests",
        url_prefix="/page",
        static_folder="files",
        template_folder="pages",
        root_path=str(tmp_path),
    )
    blueprint.add_url_rule("/", "index", lambda: render_template("page.html"))
    app.register_blueprint(blueprint)
    client = app.test_client()

    static = client.get("/page/files/a.txt")
    assert static.text == "static"
    static.close()
    assert client.get("/page/").text == "template"
    with blueprint.open_resource("files/a.txt") as file:
        assert file.read() == b"static"


def test_commands_of_blueprints_are_grouped_by_name(app: App) -> None:
    def blueprint(name: str, **options: Any) -> Blueprint:
        made = Blueprint(name, "tests", **options)
        made.cli.command(f"{name}-command")(lambda: click.echo(name))
        return made

    app.register_blueprint(blueprint("named"))
    app.register_blueprint(blueprint("own", cli_group="group"))
    app.register_blueprint(blueprint("beside", cli_group=None))
    app.register_blueprint(page())
    runner = app.test_cli_runner()

    for arguments, output in (
        (["named", "named-command"], "named\n"),
        (["group", "own-command"], "own\n"),
        (["beside-command"], "beside\n"),
    ):
        assert runner.invoke(args=arguments).output == output
    assert "page" not in app.cli.commands


def folder(path: Path, **files: str) -> Path:
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text)
    return path


def with_files(name: str, path: Path, **options: Any) -> Blueprint:
    return Blueprint(
        name, "tests", static_folder=path, static_url_path="/static", **options
    )


BOTH = pytest.mark.parametrize("kind", [App, Flask], ids=["App", "Flask"])


@BOTH
@pytest.mark.parametrize("own", [True, False], ids=["beside the app's", "alone"])
def test_urls_of_static_files_lead_to_them_where_folders_share_a_place(
    kind: type[App], own: bool, tmp_path: Path
) -> None:
    static = folder(tmp_path / "static", both="app", app="app")
    app = kind("tests", static_folder=static if own else None)
    one = with_files("one", folder(tmp_path / "one", both="one", one="one"))
    two = with_files("two", folder(tmp_path / "two", both="two", two="two"))
    inner = with_files("inner", folder(tmp_path / "inner", inner="inner"))
    two.register_blueprint(inner)
    for blueprint in (one, two):
        app.register_blueprint(blueprint)
    client = app.test_client()

    def text(endpoint: str, filename: str) -> str:
        with app.test_request_context():
            url = url_for(endpoint, filename=filename)
        with client.get(url) as answer:
            text = answer.get_data(as_text=True)
            return text if answer.status_code == 200 else answer.status

    assert text("one.static", "one") == "one"
    assert text("two.static", "two") == "two"
    assert text("two.inner.static", "inner") == "inner"
    assert text("one.static", "both") == ("app" if own else "one")
    assert text("two.static", "none") == "404 NOT FOUND"


def test_static_folders_with_places_of_their_own_are_not_mixed(tmp_path: Path) -> None:
    app = App("tests", static_folder=folder(tmp_path / "static", app="app"))
    path = folder(tmp_path / "shop", shop="shop")
    app.register_blueprint(with_files("shop", path, url_prefix="/shop"))
    app.register_blueprint(with_files("sub", path, subdomain="sub"))
    client = app.test_client()

    answers = [client.get(url) for url in ("/static/shop", "/shop/static/app")]

    assert [answer.status_code for answer in answers] == [404, 404]
    with client.get("/shop/static/shop") as answer:
        assert answer.get_data() == b"shop"


@BOTH
def test_url_defaults_reach_nested_blueprints_which_may_have_their_own(
    kind: type[App],
) -> None:
    app = kind("tests")
    outer = Blueprint("outer", "tests", url_prefix="/o", url_defaults={"a": 1, "b": 1})
    inner = Blueprint("inner", "tests", url_prefix="/i", url_defaults={"b": 2, "c": 2})
    leaf = Blueprint("leaf", "tests", url_prefix="/l")
    for blueprint in (outer, inner, leaf):
        blueprint.add_url_rule("/", "index", lambda **values: values)
    inner.register_blueprint(leaf)
    outer.register_blueprint(inner, url_defaults={"c": 3})
    app.register_blueprint(outer, url_defaults={"d": 4})
    client = app.test_client()

    assert [client.get(url).json for url in ("/o/", "/o/i/", "/o/i/l/")] == [
        {"a": 1, "b": 1, "d": 4},
        {"a": 1, "b": 2, "c": 3, "d": 4},
        {"a": 1, "b": 2, "c": 3, "d": 4},
    ]


def test_an_app_lists_its_blueprints_in_order_of_registration(app: App) -> None:
    first, second = Blueprint("b", "b"), Blueprint("a", "a")
    app.register_blueprint(first)
    app.register_blueprint(second)

    assert list(app.iter_blueprints()) == [first, second]


@pytest.mark.parametrize("prefix", ["/<nothing_like_it:id>", "/<id"])
def test_a_mistake_in_a_prefix_shows_at_registration(app: App, prefix: str) -> None:
    blueprint = Blueprint("page", "page", url_prefix=prefix)
    blueprint.register_error_handler(404, lambda error: "nothing")

    with pytest.raises(ValueError, match="Rule '"):
        app.register_blueprint(blueprint)
