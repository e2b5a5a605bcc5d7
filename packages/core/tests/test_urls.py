from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BuildError

from tantalus import App, Blueprint, Flask, Response, abort, redirect, url_for
from tantalus_routing import ShadowedRule, ShadowedRuleWarning


@pytest.fixture
def linked(app: App) -> App:
    app.add_url_rule("/", "index", lambda: "")
    app.add_url_rule("/<int:n>", "page", lambda n: "")
    app.add_url_rule("/form", "form", lambda: "", methods=["GET"])
    app.add_url_rule("/form/send", "form", methods=["POST"])
    return app


@pytest.mark.parametrize(
    ("endpoint", "values", "url"),
    [
        ("index", {}, "/"),
        ("page", {"n": 3}, "/3"),
        ("page", {"n": 3, "a": "x y", "b": [1, 2]}, "/3?a=x+y&b=1&b=2"),
        ("index", {"a": None}, "/"),
        ("index", {"_anchor": "a b&c"}, "/#a%20b&c"),
        ("index", {"_external": True}, "http://localhost/mount/"),
        ("index", {"_scheme": "https"}, "https://localhost/mount/"),
        ("form", {"_method": "POST"}, "/form/send"),
    ],
)
def test_urls_in_a_request(
    linked: App, endpoint: str, values: dict[str, Any], url: str
) -> None:
    expected = url if url.startswith("http") else f"/mount{url}"

    with linked.test_request_context(base_url="http://localhost/mount"):
        assert url_for(endpoint, **values) == expected


def test_outside_a_request_a_path_needs_no_setting(linked: App) -> None:
    linked.config["APPLICATION_ROOT"] = "/mount"

    with linked.app_context():
        assert url_for("page", n=3) == "/mount/3"
    assert linked.url_for("page", n=3, _anchor="x") == "/mount/3#x"


def test_outside_a_request_a_whole_url_needs_the_host(linked: App) -> None:
    with linked.app_context():
        with pytest.raises(RuntimeError, match="'SERVER_NAME'"):
            url_for("index", _external=True)

        linked.config["SERVER_NAME"] = "example.org"
    with linked.app_context():
        assert url_for("index") == "http://example.org/"
        assert url_for("index", _external=False) == "/"


def test_flask_always_needs_the_host_outside_a_request(flask_app: Flask) -> None:
    flask_app.add_url_rule("/", "index", lambda: "")

    with pytest.raises(RuntimeError, match="Unable to build URLs outside"):
        flask_app.url_for("index")


def test_a_scheme_makes_no_sense_in_a_path(linked: App) -> None:
    with (
        linked.test_request_context(),
        pytest.raises(ValueError, match="'_external' must be True"),
    ):
        url_for("index", _scheme="https", _external=False)


def test_an_endpoint_may_be_relative(linked: App) -> None:
    with linked.test_request_context("/"):
        assert url_for(".page", n=1) == "/1"


def test_what_cannot_be_built_is_named(linked: App) -> None:
    with linked.test_request_context():
        with pytest.raises(BuildError, match="page"):
            url_for("page")
        with pytest.raises(BuildError, match="pgae"):
            url_for("pgae", n=1)


def test_no_url_is_built_without_an_app() -> None:
    with pytest.raises(RuntimeError, match="Working outside of application context"):
        url_for("page", n=1)


def test_error_handlers_of_urls_are_asked_in_order(linked: App) -> None:
    replaced: list[BuildError] = []

    def refuse(error: Exception, endpoint: str, values: dict[str, Any]) -> str:
        raise BuildError("another", {}, None)

    def note(error: BuildError, endpoint: str, values: dict[str, Any]) -> None:
        replaced.append(error)

    linked.url_build_error_handlers += [refuse, note]

    with (
        linked.test_request_context(),
        pytest.raises(BuildError, match="another"),
    ):
        url_for("nowhere")
    assert replaced[0].endpoint == "another"


def test_url_defaults_are_added(linked: App) -> None:
    @linked.url_defaults
    def add(endpoint: str, values: dict[str, Any]) -> None:
        values.setdefault("n", 7)

    with linked.test_request_context():
        assert url_for("page") == "/7"


def test_urls_are_built_for_a_host_that_is_refused(linked: App) -> None:
    linked.config["TRUSTED_HOSTS"] = ["example.org"]
    linked.register_error_handler(400, lambda error: (url_for("index"), 400))

    response = linked.test_client().get("/")

    assert (response.status_code, response.text) == (400, "/")


def test_no_whole_url_is_built_for_a_host_that_is_about_to_be_refused(
    linked: App,
) -> None:
    linked.config.update(TRUSTED_HOSTS=["example.org"], STRICT_HOSTS=False)

    with (
        linked.test_request_context(),
        pytest.raises(RuntimeError, match="host of this request is not valid"),
    ):
        url_for("index", _external=True)


def test_urls_of_another_domain_or_protocol_are_whole(linked: App) -> None:
    linked.add_url_rule("/sub", "sub", subdomain="sub")
    linked.add_url_rule("/ws", "socket", websocket=True)

    with linked.test_request_context():
        assert url_for("sub") == "http://sub.localhost/sub"
        assert url_for("socket") == "ws://localhost/ws"


def test_redirects_are_of_the_apps_class(app: App) -> None:
    class Own(Response):
        pass

    app.response_class = Own

    with app.test_request_context():
        inside = redirect("/there", 303)
    outside = redirect("/there", Response=Own)

    assert isinstance(inside, Own)
    assert isinstance(outside, Own)
    assert (inside.status_code, inside.location) == (303, "/there")
    assert outside.status_code == 302


def test_abort_works_with_and_without_an_app(app: App) -> None:
    with pytest.raises(NotFound):
        abort(404)
    with app.app_context(), pytest.raises(NotFound, match="gone"):
        abort(404, "gone")


def test_an_app_may_build_urls_its_own_way(linked: App) -> None:
    class Own(App):
        def url_for(self, endpoint: str, **values: Any) -> str:
            return f"{endpoint} {values}"

    with Own("tests").app_context():
        own = url_for("index", _anchor="top", id=7)
    with linked.app_context():
        before = url_for("index")
        linked.url_for = lambda endpoint, **values: "replaced"  # type: ignore[method-assign]  # as extensions do
        after = url_for("index")

    options = {"_anchor": "top", "_method": None, "_scheme": None, "_external": None}
    assert own == f"index {options | {'id': 7}}"
    assert before != after == "replaced"


@pytest.mark.parametrize(
    "prefix", ["@evil.example", "//evil.example", "/\\evil.example"]
)
def test_a_prefix_of_a_proxy_leads_to_no_other_host(linked: App, prefix: str) -> None:
    linked.add_url_rule("/folder/", "folder", lambda: "")
    linked.add_url_rule("/old", "old", redirect_to="/")
    linked.add_url_rule("/alias", "index", alias=True)
    linked.wsgi_app = ProxyFix(linked.wsgi_app, x_prefix=1)  # type: ignore[method-assign]  # as documented
    client = linked.test_client()
    headers = {"X-Forwarded-Prefix": prefix}

    answers = [
        client.get(path, headers=headers) for path in ("/folder", "/old", "/alias")
    ]
    hosts = {urlsplit(answer.location).netloc for answer in answers}
    assert hosts == {"localhost"}


@pytest.mark.parametrize(
    "prefix", ["@evil.example", "//evil.example", "/\\evil.example"]
)
def test_a_prefix_of_a_proxy_builds_urls_of_this_host(linked: App, prefix: str) -> None:
    environ = {"SCRIPT_NAME": prefix}

    with linked.test_request_context(environ_overrides=environ):
        urls = url_for("index"), url_for("index", _external=True)

    assert urls == ("/@evil.example/", "http://localhost/@evil.example/") or urls == (
        "/evil.example/",
        "http://localhost/evil.example/",
    )


@pytest.fixture
def users(app: App) -> App:
    app.add_url_rule("/user/<id>", "user", lambda id: id)
    app.add_url_rule("/user/current", "current", lambda: "")
    app.add_url_rule("/user/<id>/delete", "delete", lambda id: "")
    app.add_url_rule("/number/<int:n>", "number", lambda n: "")
    return app


@pytest.mark.parametrize(
    ("endpoint", "values", "reason"),
    [
        ("user", {"id": "current"}, "leads to '/user/current' of endpoint 'current'"),
        ("user", {"id": "1/delete"}, "'1/delete' of 'id' does not fit '/user/<id>'"),
        ("user", {"id": ".."}, "browsers take"),
        ("number", {"n": -5}, "-5 of 'n' does not fit '/number/<int:n>'"),
    ],
)
def test_a_url_leads_back_or_is_not_built(
    users: App, endpoint: str, values: dict[str, Any], reason: str
) -> None:
    with users.test_request_context(), pytest.raises(BuildError) as caught:
        url_for(endpoint, **values)

    assert reason in str(caught.value)


def test_whether_urls_lead_back_is_a_setting(users: App) -> None:
    users.config["CHECK_BUILT_URLS"] = False
    users.add_url_rule("/", "index", lambda: url_for("user", id="1/delete"))

    assert users.test_client().get("/").text == "/user/1/delete"


@pytest.mark.parametrize("app_class", [App, Flask])
def test_a_refused_value_is_a_build_error_for_handlers_too(
    app_class: type[App],
) -> None:
    app = app_class("tests")
    app.add_url_rule("/number/<int:n>", "number", lambda n: "")
    app.url_build_error_handlers.append(lambda error, endpoint, values: "/instead")

    with app.test_request_context():
        assert url_for("number", n="x") == "/instead"


def test_a_second_view_on_a_rule_is_refused(app: App) -> None:
    shop = Blueprint("shop", "shop")
    shop.add_url_rule("/hello/<name>", "hello", lambda name: "shop")
    app.register_blueprint(shop)

    with pytest.raises(ShadowedRule, match=r"endpoint 'shop.hello' stands before it"):
        app.add_url_rule("/hello/<other>", "hello", lambda other: "app")


def test_a_second_view_on_a_rule_is_warned_of_if_a_setting_says_so(app: App) -> None:
    app.config["ROUTE_CONFLICTS"] = "warn"
    app.add_url_rule("/hello", "one", lambda: "one")

    with pytest.warns(ShadowedRuleWarning, match="endpoint 'two'"):
        app.add_url_rule("/hello", "two", lambda: "two")


def test_flask_takes_a_second_view_and_check_tells_of_it() -> None:
    app = Flask("tests")
    app.add_url_rule("/hello", "one", lambda: "one")
    app.add_url_rule("/hello", "two", lambda: "two")

    assert app.test_client().get("/hello").text == "one"
    assert [each.code for each in app.url_map.problems()] == ["route-shadowed"]
