from __future__ import annotations

import warnings
from typing import Any

import pytest
from werkzeug.exceptions import SecurityError
from werkzeug.wsgi import get_host

from tantalus import App, Flask, Response, request, request_started, url_for
from tantalus._request._begin import begin_serving
from tantalus._state import _matching
from tantalus_http import NoTrustedHosts


@pytest.mark.parametrize("host", ["evil.org", "a b"])
def test_an_app_answers_400_for_a_host_it_does_not_trust(app: App, host: str) -> None:
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    app.add_url_rule("/", "index", lambda: "fine")

    refused = app.test_client().get("/", headers={"Host": host})
    accepted = app.test_client().get("/", headers={"Host": "example.org"})

    assert (refused.status_code, accepted.status_code) == (400, 200)


def test_a_changed_setting_counts_at_once(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "fine")
    client = app.test_client()

    before = client.get("/").status_code
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    after = client.get("/").status_code

    assert (before, after) == (200, 400)


def test_a_request_class_may_trust_hosts_itself(flask_app: Flask) -> None:
    class Own(flask_app.request_class):  # type: ignore[name-defined, misc]  # a value
        trusted_hosts = ["example.org"]  # noqa: RUF012 - an attribute of the base

    flask_app.request_class = Own
    flask_app.add_url_rule("/", "index", lambda: "fine")

    assert flask_app.test_client().get("/").status_code == 400


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:80", "a.b.", "127.0.0.1:5000", "[::1]:8000"]
)
def test_matched_path_request_path_and_url_agree(app: App, host: str) -> None:
    app.add_url_rule(
        "/<path:rest>", "index", lambda rest: [f"/{rest}", request.path, request.url]
    )

    answer = app.test_client().get("/a/b", headers={"Host": host})

    rest, path, url = answer.json or []
    assert rest == path == "/a/b"
    assert url.endswith(path)


@pytest.mark.parametrize("host", ["a..b", ".a", f"{'a' * 64}.org"])
def test_a_host_that_is_no_name_is_refused_unless_urls_have_another(
    flask_app: Flask, host: str
) -> None:
    flask_app.add_url_rule("/", "index", lambda: "fine")
    client = flask_app.test_client()

    refused = client.get("/", headers={"Host": host})
    flask_app.config["SERVER_NAME"] = "example.org"
    answered = client.get("/", headers={"Host": host})

    assert (refused.status_code, answered.status_code) == (400, 200)


def make(kind: type[App], **settings: Any) -> App:
    app = kind("tests")
    app.config.update(TESTING=True, **settings)
    return app


BOTH = pytest.mark.parametrize("kind", [App, Flask], ids=["App", "Flask"])
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "another": ({"TRUSTED_HOSTS": ["example.org"]}, "evil.example", "example.org"),
    "subdomains": ({"TRUSTED_HOSTS": [".a.org", "b.org"]}, "evil.example", "a.org"),
    "text": ({"TRUSTED_HOSTS": "example.org"}, "evil.example", "example.org"),
    "named": (
        {"TRUSTED_HOSTS": ["a.org"], "SERVER_NAME": "www.a.org:81"},
        "evil.example",
        "www.a.org:81",
    ),
    "no name": ({}, "a..b", "host.invalid"),
}


@BOTH
@pytest.mark.parametrize(
    ("settings", "sent", "seen"), REFUSED.values(), ids=REFUSED.keys()
)
@pytest.mark.parametrize("subdomains", [False, True], ids=["plain", "subdomains"])
def test_handlers_and_hooks_of_a_refused_request_see_a_host_of_the_app(
    kind: type[App], settings: dict[str, Any], sent: str, seen: str, subdomains: bool
) -> None:
    app = kind("tests", subdomain_matching=subdomains)
    app.config.update(TESTING=True, **settings)
    app.add_url_rule("/x", "x", lambda: "fine")
    torn: list[str] = []

    @app.errorhandler(400)
    def refused(error: Exception) -> tuple[list[str], int]:
        return [request.host, request.url, url_for("x", _external=True)], 400

    @app.after_request
    def add(response: Response) -> Response:
        response.headers["X-Url"] = request.url
        return response

    app.teardown_request(lambda error: torn.append(request.host_url))

    answer = app.test_client().get("/x", headers={"Host": sent})

    url = f"http://{seen}/x"
    assert answer.status_code == 400
    assert answer.json == [seen, url, url]
    assert answer.headers["X-Url"] == url
    assert torn == [f"http://{seen}/"]


def seen_by_hooks(app: App, host: str) -> list[str]:
    seen: list[str] = []
    app.url_value_preprocessor(lambda endpoint, values: seen.append("preprocessor"))
    app.before_request(lambda: seen.append("before"))
    app.add_url_rule("/", "index", lambda: "fine")
    answer = app.test_client().get("/", headers={"Host": host})
    return [*seen, answer.status]


@pytest.mark.parametrize(
    ("settings", "host"),
    [({"TRUSTED_HOSTS": ["example.org"]}, "evil.example"), ({}, "a..b")],
    ids=["another", "malformed"],
)
def test_hooks_of_an_app_never_see_a_host_that_is_refused(
    settings: dict[str, Any], host: str
) -> None:
    refused = "400 BAD REQUEST"

    assert seen_by_hooks(make(App, **settings), host) == [refused]
    assert seen_by_hooks(make(Flask, **settings), host) == [
        "preprocessor",
        "before",
        refused,
    ]


def test_hooks_see_each_other_request_that_no_rule_matches(app: App) -> None:
    seen: list[str] = []
    app.before_request(lambda: seen.append(request.host))

    assert app.test_client().get("/none").status_code == 404
    assert seen == ["localhost"]


def test_a_hook_of_flask_that_reads_a_refused_host_is_a_400(flask_app: Flask) -> None:
    flask_app.config["TRUSTED_HOSTS"] = ["example.org"]
    flask_app.before_request(lambda: f"https://{request.host}")

    assert flask_app.test_client().get("/").status_code == 400


def test_after_a_hook_of_flask_has_answered_the_host_is_one_of_the_app(
    flask_app: Flask,
) -> None:
    flask_app.config["TRUSTED_HOSTS"] = ["example.org"]
    flask_app.before_request(lambda: "closed")

    @flask_app.after_request
    def add(response: Response) -> Response:
        response.headers["X-Url"] = request.url
        return response

    answer = flask_app.test_client().get("/x")

    assert (answer.text, answer.headers["X-Url"]) == ("closed", "http://example.org/x")


def test_signals_of_an_app_do_not_see_a_refused_host(app: App) -> None:
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    seen: list[str] = []

    def receive(sender: App, **extra: Any) -> None:
        seen.append(request.host)

    with request_started.connected_to(receive, app):
        app.test_client().get("/")

    assert seen == ["example.org"]


EMPTY: list[Any] = [[], (), "", set()]


@pytest.mark.parametrize("trusted", EMPTY, ids=repr)
def test_an_app_refuses_to_trust_an_empty_list_of_hosts(app: App, trusted: Any) -> None:
    app.config["TRUSTED_HOSTS"] = trusted
    app.add_url_rule("/", "index", lambda: "fine")

    with pytest.raises(NoTrustedHosts, match="names no host"):
        app.test_client().get("/")
    with pytest.raises(NoTrustedHosts, match="or set it to None"):
        begin_serving(app)


def test_a_list_that_is_emptied_later_is_refused_too(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "fine")
    app.test_client().get("/")
    app.config["TRUSTED_HOSTS"] = []

    with pytest.raises(NoTrustedHosts):
        app.test_client().get("/")


def test_an_empty_list_of_a_request_class_is_refused_when_serving_begins(
    app: App,
) -> None:
    class Own(app.request_class):  # type: ignore[name-defined, misc]  # a value
        trusted_hosts: list[str] = []  # noqa: RUF012 - an attribute of the base

    app.request_class = Own

    with pytest.raises(NoTrustedHosts):
        begin_serving(app)


def of_an_empty_list() -> int:
    """Return how Werkzeug answers; older ones trust no host by an empty list."""
    try:
        get_host({"HTTP_HOST": "localhost", "wsgi.url_scheme": "http"}, [])
    except SecurityError:
        return 400
    return 200


def test_an_empty_list_is_in_flask_what_it_is_to_werkzeug(flask_app: Flask) -> None:
    flask_app.config["TRUSTED_HOSTS"] = []
    flask_app.add_url_rule("/", "index", lambda: "fine")

    assert flask_app.test_client().get("/").status_code == of_an_empty_list()


MOUNTS = {
    "": "",
    "/": "",
    "/app": "/app",
    "/app/": "/app",
    "app": "/app",
    "@evil.example": "/@evil.example",
    ".evil.example": "/.evil.example",
    "//evil.example": "/evil.example",
    "/\\evil.example": "/evil.example",
    "\\/\t/evil.example": "/evil.example",
    "/\n/evil.example/a": "/evil.example/a",
}


@BOTH
@pytest.mark.parametrize("subdomains", [False, True], ids=["plain", "subdomains"])
@pytest.mark.parametrize(("mount", "path"), MOUNTS.items(), ids=map(repr, MOUNTS))
def test_no_mount_point_leads_urls_and_redirects_to_another_host(
    kind: type[App], subdomains: bool, mount: str, path: str
) -> None:
    app = kind("tests", subdomain_matching=subdomains)
    app.config.update(TESTING=True, SERVER_NAME="example.org")
    app.add_url_rule("/new", "new", lambda: [url_for("new"), request.url])
    app.add_url_rule("/old", "old", lambda: "", redirect_to="new")
    app.add_url_rule("/alias", "new", alias=True)
    app.add_url_rule("/slash/", "slash", lambda: "")
    client = app.test_client()
    environ = {"SCRIPT_NAME": mount}

    found = client.get("/new", environ_overrides=environ).json
    targets = [
        client.get(old, environ_overrides=environ).location
        for old in ("/old", "/alias", "/slash")
    ]

    there = f"http://example.org{path}"
    assert found == [f"{path}/new", f"{there}/new"]
    assert targets == [f"{there}/new", f"{there}/new", f"{there}/slash/"]


@BOTH
@pytest.mark.parametrize(
    ("root", "path"), [("/", "/x"), ("/app", "/app/x"), ("app", "/app/x")]
)
def test_an_application_root_may_lack_its_slash(
    kind: type[App], root: str, path: str
) -> None:
    app = make(kind, APPLICATION_ROOT=root, SERVER_NAME="example.org")
    app.add_url_rule("/x", "x", lambda: "x")

    with app.app_context():
        assert url_for("x", _external=False) == path
        assert url_for("x") == f"http://example.org{path}"


def test_paths_without_a_request_have_the_application_root(app: App) -> None:
    app.config["APPLICATION_ROOT"] = "app"
    app.add_url_rule("/x", "x", lambda: "x")

    with app.app_context():
        assert url_for("x") == "/app/x"


def test_warnings_of_foreign_hosts_do_not_pile_up() -> None:
    app = App("tests", subdomain_matching=True)
    app.config.update(SERVER_NAME="example.org", TESTING=True)
    client = app.test_client()

    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("default")
        for number in range(600):
            client.get("/", headers={"Host": f"h{number}.other"})

    assert len(given) == 600
    assert len(_matching._warned) <= 257
