from __future__ import annotations

import warnings
from typing import Any

import pytest
from werkzeug.routing import BaseConverter, WebsocketMismatch

from tantalus import App, Flask, request, session
from tantalus.cli import routes_command


def test_variables_are_converted(app: App) -> None:
    app.add_url_rule("/<int:a>/<path:b>", "index", lambda a, b: [a, b])

    assert app.test_client().get("/1/x/y").json == [1, "x/y"]


def test_paths_are_decoded(app: App) -> None:
    app.add_url_rule("/<name>", "index", lambda name: [name, request.path])

    assert app.test_client().get("/sm%C3%B6r").json == ["smör", "/smör"]


def test_an_app_may_be_mounted_below_a_path(app: App) -> None:
    app.add_url_rule("/page/", "page", lambda: request.root_path)
    client = app.test_client()

    response = client.get("/page/", base_url="http://localhost/mount")
    redirect = client.get("/page", base_url="http://localhost/mount")

    assert response.text == "/mount"
    assert redirect.headers["Location"] == "http://localhost/mount/page/"


def test_a_mount_point_without_its_slash_is_redirected(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "")
    environ = {"SCRIPT_NAME": "/mount", "PATH_INFO": ""}

    response = app.test_client().get("/?a=1", environ_overrides=environ)

    assert response.status_code == 308
    assert response.headers["Location"] == "http://localhost/mount/?a=1"


def test_matching_can_be_explained(app: App) -> None:
    app.add_url_rule("/<int:n>", "number", lambda n: "")
    app.add_url_rule("/new", "new", lambda: "", methods=["POST"])

    attempts = {one.endpoint: one for one in app.url_map.explain("GET", "/new")}

    assert attempts["number"].outcome == "path"
    assert attempts["new"].outcome == "method"


def test_routes_can_be_explained_on_the_command_line(app: App) -> None:
    app.add_url_rule("/<int:n>", "number", lambda n: "")

    result = app.test_cli_runner().invoke(
        routes_command, ["--explain", "GET", "/x"], catch_exceptions=False
    )

    assert result.exit_code == 0
    assert "/<int:n>" in result.output


def test_redirects_keep_a_query_that_is_not_escaped(app: App) -> None:
    app.add_url_rule("/page/", "page", lambda: "")
    environ = {"QUERY_STRING": "a=\xc3\xb6"}  # as a server hands UTF-8 over

    redirect = app.test_client().get("/page", environ_overrides=environ)

    assert redirect.headers["Location"] == "http://localhost/page/?a=%C3%B6"


class Adapted(App):
    def create_url_adapter(self, request: Any) -> Any:
        return super().create_url_adapter(request)


@pytest.mark.parametrize("app_class", [App, Flask, Adapted])
@pytest.mark.parametrize(
    ("query", "sent"), [("a=\0", "a=%00"), ("\r\nX: 1", "%0D%0AX:%201")]
)
def test_a_redirect_has_no_line_ends_of_a_query_in_it(
    app_class: type[App], query: str, sent: str
) -> None:
    app = app_class("tests")
    app.add_url_rule("/page/", "page", lambda: "a page")
    environ = {"QUERY_STRING": query}

    redirect = app.test_client().get("/page", environ_overrides=environ)

    assert redirect.headers["Location"] == f"http://localhost/page/?{sent}"


def test_redirects_lead_to_the_configured_host(app: App) -> None:
    app.config["SERVER_NAME"] = "Example.org:80"
    app.add_url_rule("/page/", "page", lambda: "page")

    redirect = app.test_client().get("/page", base_url="http://other.org")

    assert redirect.headers["Location"] == "http://example.org/page/"


def test_a_session_can_be_read_by_a_converter(app: App) -> None:
    class Own(BaseConverter):
        def to_python(self, value: str) -> str:
            return f"{value} {session.get('user')}"

    app.url_map.converters["own"] = Own
    app.add_url_rule("/<own:value>", "index", lambda value: value)

    assert app.test_client().get("/hello").text == "hello None"


@pytest.mark.parametrize("app_class", [App, Flask])
def test_subdomains_choose_the_rule(app_class: type[App]) -> None:
    app = app_class("tests", subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/", "plain", lambda: "plain")
    app.add_url_rule("/", "admin", lambda: "admin", subdomain="admin")
    client = app.test_client()

    assert client.get("/").text == "plain"
    assert client.get("/", subdomain="admin").text == "admin"
    assert client.get("/", subdomain="other").status_code == 404


def test_without_a_server_name_there_are_no_subdomains() -> None:
    app = Flask("tests", subdomain_matching=True)
    app.add_url_rule("/", "plain", lambda: "plain")
    app.add_url_rule("/", "admin", lambda: "admin", subdomain="admin")

    assert app.test_client().get("/", base_url="http://admin.org").text == "plain"


def test_a_host_beside_the_server_name_is_warned_of_as_in_flask() -> None:
    app = Flask("tests", subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/", "plain", lambda: "plain")

    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Current server name", UserWarning, "flask.app"
        )
        filtered = app.test_client().get("/", base_url="http://127.0.0.1")
    with pytest.warns(UserWarning, match=r"'example.com' is neither SERVER_NAME"):
        warned = app.test_client().get("/", base_url="http://example.com")

    assert filtered.status_code == warned.status_code == 404


def test_without_subdomain_matching_every_host_is_answered(app: App) -> None:
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/", "plain", lambda: "plain")

    assert app.test_client().get("/", base_url="http://other.org").text == "plain"


def test_hosts_choose_the_rule() -> None:
    app = App("tests", host_matching=True, static_folder=None)
    app.add_url_rule("/", "one", lambda: "one", host="one.org")
    app.add_url_rule("/", "two", lambda: "two", host="two.org:8000")
    client = app.test_client()

    assert client.get("/", base_url="http://one.org").text == "one"
    assert client.get("/", base_url="http://two.org:8000").text == "two"
    assert client.get("/", base_url="http://three.org").status_code == 404


UPGRADE = {"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket"}


def test_a_websocket_request_matches_websocket_rules_only(app: App) -> None:
    app.add_url_rule("/", "plain", lambda: "plain")
    app.add_url_rule("/ws", "socket", lambda: "socket", websocket=True)
    client = app.test_client()

    assert client.get("/ws", headers=UPGRADE).text == "socket"
    assert client.get("/ws").status_code == 400
    assert client.get("/", headers=UPGRADE).status_code == 400
    assert client.get("/", headers={"Upgrade": "websocket"}).text == "plain"


def test_a_websocket_mismatch_is_a_routing_exception(app: App) -> None:
    app.add_url_rule("/ws", "socket", lambda: "socket", websocket=True)

    with app.test_request_context("/ws"):
        assert isinstance(request.routing_exception, WebsocketMismatch)


def test_the_adapter_is_bound_to_the_configured_host_without_a_request(
    app: App,
) -> None:
    assert app.create_url_adapter(None) is None

    app.config.update(
        SERVER_NAME="example.org", APPLICATION_ROOT="/x", PREFERRED_URL_SCHEME="https"
    )
    adapter: Any = app.create_url_adapter(None)

    assert adapter.server_name == "example.org"
    assert adapter.script_name == "/x/"
    assert adapter.url_scheme == "https"


def test_the_adapter_of_a_host_matching_map_is_bound_to_the_request() -> None:
    app = App("tests", host_matching=True, static_folder=None)
    app.config["SERVER_NAME"] = "example.org"

    with app.test_request_context("/", base_url="http://one.org") as ctx:
        adapter: Any = ctx.url_adapter
        assert adapter.server_name == "one.org"
