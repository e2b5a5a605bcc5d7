from __future__ import annotations

import pytest

from tantalus import App, Flask, request


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
