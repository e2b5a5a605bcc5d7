"""Which pages of other origins may read: per app, blueprint and route."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tantalus import App, Blueprint, Flask, abort, request
from tantalus_http import CrossOrigin

SHOP, EVIL = "https://shop.example", "https://evil.example"
NAMED = CrossOrigin([SHOP], credentials=True)
OPEN = CrossOrigin("*")
ALLOWED = "Access-Control-Allow-Origin"


def done(**values: Any) -> str:
    return "Done."


def fail() -> str:
    raise ZeroDivisionError


def made(cls: type[App] = App, **settings: Any) -> App:
    app = cls("shop")
    app.config.update(TRUSTED_ORIGINS=[SHOP], **settings)
    app.add_url_rule("/plain", "plain", done)
    app.add_url_rule("/items", "items", done, cors=True)
    app.add_url_rule("/items", "add", done, methods=["POST", "PUT"], cors=NAMED)
    app.add_url_rule("/items", "drop", done, methods=["DELETE"])
    app.add_url_rule("/open", "open", done, methods=["GET", "POST"], cors=OPEN)
    app.add_url_rule("/closed", "closed", done, cors=False)
    return app


def asked(app: App, path: str, origin: str = SHOP, **options: Any) -> TestResponse:
    options.setdefault("method", "GET")
    return app.test_client().from_site(origin).open(path, **options)


def preflight(
    app: App, path: str, method: str, origin: str = SHOP, headers: str | None = None
) -> TestResponse:
    sent = {"Access-Control-Request-Method": method}
    if headers is not None:
        sent["Access-Control-Request-Headers"] = headers
    return asked(app, path, origin, method="OPTIONS", headers=sent)


def test_a_route_says_who_may_read() -> None:
    app = made()

    assert asked(app, "/items").headers[ALLOWED] == SHOP
    assert asked(app, "/items").headers["Vary"] == "Origin"
    assert ALLOWED not in asked(app, "/items", EVIL).headers
    assert asked(app, "/items", EVIL).headers["Vary"] == "Origin"
    assert asked(app, "/open", EVIL).headers[ALLOWED] == "*"
    assert "Vary" not in asked(app, "/open", EVIL).headers


@pytest.mark.parametrize("path", ["/plain", "/closed"])
def test_a_route_that_says_nothing_is_not_changed(path: str) -> None:
    headers = asked(made(), path).headers

    assert not {ALLOWED, "Vary"} & set(headers.keys())


def test_an_answer_without_an_origin_differs_by_origin_too() -> None:
    assert made().test_client().get("/items").headers["Vary"] == "Origin"


@pytest.mark.parametrize("value", [True, NAMED])
def test_an_app_says_it_for_all_that_do_not_also_for_errors(value: Any) -> None:
    app = made(CORS=value)

    @app.get("/error")
    def error() -> str:
        raise abort(418)

    for path in ("/plain", "/error", "/nowhere", "/static/none.css"):
        assert asked(app, path).headers[ALLOWED] == SHOP
    assert ALLOWED not in asked(app, "/closed").headers
    assert asked(app, "/open").headers[ALLOWED] == "*"


def test_an_unhandled_error_can_be_read(caplog: pytest.LogCaptureFixture) -> None:
    app = made()
    app.add_url_rule("/fails", "fails", fail, cors=True)

    answer = asked(app, "/fails")

    assert (answer.status_code, answer.headers[ALLOWED]) == (500, SHOP)


@pytest.mark.parametrize(
    ("own", "registered", "silent"),
    [({}, {}, None), ({"cors": OPEN}, {}, "*"), ({}, {"cors": OPEN}, "*")],
)
def test_a_blueprint_says_it_for_its_routes(
    own: Any, registered: Any, silent: Any
) -> None:
    app, part = made(), Blueprint("part", "shop", **own)
    part.get("/silent")(done)
    part.add_url_rule("/said", "said", done, cors=True)
    part.add_url_rule("/no", "no", done, cors=False)
    app.register_blueprint(part, **registered)

    assert asked(app, "/silent").headers.get(ALLOWED) == silent
    assert asked(app, "/said").headers[ALLOWED] == SHOP
    assert ALLOWED not in asked(app, "/no").headers


def test_what_a_view_sets_by_hand_stays() -> None:
    app = made()
    app.add_url_rule("/hand", "hand", lambda: ("", {ALLOWED: "https://x"}), cors=True)

    assert asked(app, "/hand").headers.getlist(ALLOWED) == ["https://x"]


# Preflights


@pytest.mark.parametrize(
    ("path", "method", "origin", "headers", "status", "allowed"),
    [
        ("/items", "GET", SHOP, None, 204, "GET"),
        ("/items", "PUT", SHOP, "content-type", 204, "PUT"),
        ("/items", "PUT", SHOP, "x-other", 403, None),
        ("/items", "PUT", EVIL, None, 403, None),
        ("/items", "PUT", "null", None, 403, None),
        ("/items", "DELETE", SHOP, None, 200, None),
        ("/items", "PATCH", SHOP, None, 200, None),
        ("/items", "frob", SHOP, None, 200, None),
        ("/plain", "GET", SHOP, None, 200, None),
        ("/closed", "GET", SHOP, None, 200, None),
        ("/open", "post", EVIL, None, 204, "post"),
        ("/nowhere", "GET", SHOP, None, 404, None),
        ("/items/", "GET", SHOP, None, 404, None),
    ],
)
def test_a_preflight_is_answered_for_the_route_to_come(
    path: str, method: str, origin: str, headers: Any, status: int, allowed: Any
) -> None:
    answer = preflight(made(), path, method, origin, headers)

    assert answer.status_code == status
    assert answer.headers.get("Access-Control-Allow-Methods") == allowed
    assert (ALLOWED in answer.headers) is (allowed is not None)


def test_a_preflight_of_credentials_is_allowed_by_the_policy_of_its_route() -> None:
    app = made()

    put, get = preflight(app, "/items", "PUT"), preflight(app, "/items", "GET")

    assert put.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Credentials" not in get.headers


def test_a_preflight_does_not_reach_hooks_that_ask_who_is_logged_in() -> None:
    app = made()
    app.before_request(lambda: ("Log in.", 401))

    assert preflight(app, "/items", "PUT").status_code == 204
    assert preflight(app, "/plain", "GET").status_code == 401


def test_a_preflight_of_a_url_without_automatic_options_is_answered() -> None:
    app = made(PROVIDE_AUTOMATIC_OPTIONS=False)
    app.add_url_rule("/silent", "silent", done, cors=True)

    assert preflight(app, "/silent", "GET").status_code == 204


def test_a_view_that_answers_options_itself_answers_preflights_too() -> None:
    app = made()
    app.add_url_rule("/own", "own", done, methods=["GET", "OPTIONS"], cors=True)

    assert preflight(app, "/own", "GET").text == "Done."


def test_options_that_are_no_preflight_are_answered_as_ever() -> None:
    answer = asked(made(), "/items", method="OPTIONS")

    assert "PUT" in answer.headers["Allow"]
    assert answer.headers[ALLOWED] == SHOP


def test_a_preflight_is_matched_by_the_adapter_of_a_subclass_too() -> None:
    class Own(App):
        def create_url_adapter(self, request: Any) -> Any:
            return super().create_url_adapter(request)

    app = made(Own)

    assert preflight(app, "/items", "PUT").status_code == 204
    assert preflight(app, "/items", "PATCH").status_code == 200


def test_a_preflight_to_a_refused_host_is_400() -> None:
    app = made(TRUSTED_HOSTS=["shop.example"], CORS=True)

    assert preflight(app, "/items", "PUT").status_code == 400


class NoHost(App):
    def create_url_adapter(self, request: Any) -> Any:
        return None


def test_a_preflight_without_a_url_adapter_has_no_route_to_come() -> None:
    assert preflight(made(NoHost), "/items", "PUT").status_code in {404, 500}


# Requests that change something


@pytest.mark.parametrize(
    ("path", "origin", "headers", "status"),
    [
        ("/items", SHOP, {}, 200),
        ("/items", EVIL, {}, 403),
        ("/open", EVIL, {}, 200),
        ("/open", "null", {}, 200),
        ("/open", EVIL, {"Authorization": "Bearer token"}, 200),
        ("/open", EVIL, {"Authorization": "Basic YTpi"}, 403),
        ("/open", EVIL, {"Cookie": "session=1"}, 403),
    ],
)
def test_what_may_be_read_may_be_sent_but_not_in_the_name_of_a_visitor(
    path: str, origin: str, headers: dict[str, str], status: int
) -> None:
    app = made()

    assert (
        asked(app, path, origin, method="POST", headers=headers).status_code == status
    )


@pytest.mark.parametrize(
    ("policy", "cookie", "status"),
    [
        (CrossOrigin([EVIL], credentials=True), "a=1", 200),
        (CrossOrigin([EVIL]), "a=1", 403),
        (CrossOrigin([EVIL]), "", 200),
        (CrossOrigin([SHOP], credentials=True), "", 403),
    ],
)
def test_a_policy_with_credentials_is_needed_to_act_for_a_visitor(
    policy: CrossOrigin, cookie: str, status: int
) -> None:
    app = made()
    app.add_url_rule("/act", "act", done, methods=["POST"], cors=policy)
    sent = {"Cookie": cookie} if cookie else {}

    assert asked(app, "/act", EVIL, method="POST", headers=sent).status_code == status


def test_flask_has_it_where_it_is_asked_for() -> None:
    app = made(Flask)

    assert asked(app, "/items").headers[ALLOWED] == SHOP
    assert preflight(app, "/items", "PUT").status_code == 204
    assert ALLOWED not in asked(app, "/plain").headers


@pytest.mark.parametrize("value", ["*", [SHOP], 1])
def test_what_is_no_policy_is_refused_at_set_up(value: Any) -> None:
    with pytest.raises(TypeError, match=r"Rule '/x': cors=.* is no policy"):
        made().add_url_rule("/x", "x", done, cors=value)


@pytest.mark.parametrize("name", ["CORS", "SECURITY_HEADERS"])
def test_a_setting_that_is_no_policy_is_told_with_the_first_request(name: str) -> None:
    app = made()
    app.config[name] = "*"
    app.testing = True

    with pytest.raises(ValueError, match=rf"{name} is '\*'. Set it to True, None or a"):
        app.test_client().get("/plain")


def test_the_origin_is_read_by_views_as_ever() -> None:
    app = made()
    app.add_url_rule("/origin", "origin", lambda: str(request.origin))

    assert asked(app, "/origin").text == SHOP
