"""Requests of pages of other sites, as an app decides on them: by its routes."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tantalus import App, Blueprint, Flask, conditional, request
from tantalus._request._cross_site import refuse_websocket
from tantalus.views import MethodView
from tantalus_http import CrossOrigin, CrossSiteRequest
from tantalus_testing import Client

EVIL, PAY = "https://evil.example", "https://pay.example"


def done() -> str:
    return "Done."


def made(cls: type[App] = App, **settings: Any) -> App:
    app = cls("shop")
    app.config.update(settings)
    app.add_url_rule("/orders", "orders", done, methods=["GET", "POST"])
    app.post("/hooks", cross_site=True)(done)
    return app


def status(app: App, path: str = "/orders", origin: str = EVIL, **options: Any) -> int:
    client = app.test_client().from_site(origin)
    return client.open(path, **{"method": "POST", **options}).status_code


def test_a_form_of_another_site_is_refused() -> None:
    assert status(made()) == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_changes_nothing_may_come_from_anywhere(method: str) -> None:
    assert status(made(), method=method) == 200


def test_a_program_and_the_own_pages_are_let_through() -> None:
    client = made().test_client()
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}

    assert client.post("/orders").status_code == 200
    assert client.post("/orders", headers=own).status_code == 200
    assert client.post("/orders", headers={"Origin": own["Origin"]}).status_code == 200


def test_a_sibling_subdomain_and_an_old_browser_are_other_sites() -> None:
    client = made().test_client()

    sibling = client.from_site("http://blog.localhost", site="same-site")
    old = client.from_site(EVIL, site=None)

    assert sibling.post("/orders").status_code == 403
    assert old.post("/orders").status_code == 403


def test_a_route_for_everybody_says_so() -> None:
    app = made()

    assert status(app, "/hooks") == 200
    assert status(app, "/hooks/") == 404
    assert status(app, "/hooks2") == 404


def test_a_url_without_a_route_is_answered_as_ever() -> None:
    app = made()

    assert status(app, "/nowhere") == 404
    assert status(app, "/hooks", method="PUT") == 405


def test_a_redirect_to_the_slash_leads_to_the_route_that_decides() -> None:
    app = made()
    app.post("/in/", endpoint="in", cross_site=True)(done)

    assert status(app, "/in") == 308
    assert status(app, "/in", follow_redirects=True) == 200


def test_a_view_class_is_for_everybody_by_its_route() -> None:
    class Hook(MethodView):
        def post(self) -> str:
            return "Done."

    app = made()
    app.add_url_rule("/class", view_func=Hook.as_view("class"), cross_site=True)

    assert status(app, "/class") == 200


def blueprint(**options: Any) -> Blueprint:
    part = Blueprint("part", "shop", **options)
    part.post("/said", cross_site=True)(done)
    part.post("/refused", endpoint="refused", cross_site=False)(done)
    part.post("/silent", endpoint="silent")(done)
    return part


@pytest.mark.parametrize(
    ("own", "registered", "expected"),
    [
        ({}, {}, 403),
        ({"cross_site": True}, {}, 200),
        ({}, {"cross_site": True}, 200),
        ({"cross_site": True}, {"cross_site": False}, 403),
    ],
)
def test_a_blueprint_decides_for_its_routes_that_say_nothing(
    own: dict[str, Any], registered: dict[str, Any], expected: int
) -> None:
    app = made()
    app.register_blueprint(blueprint(**own), **registered)

    assert status(app, "/silent") == expected
    assert status(app, "/said") == 200
    assert status(app, "/refused") == 403


@pytest.mark.parametrize(
    ("outer", "inner", "registered", "expected"),
    [
        ({"cross_site": True}, {}, {}, 200),
        ({"cross_site": True}, {"cross_site": False}, {}, 403),
        ({"cross_site": True}, {}, {"cross_site": False}, 403),
        ({}, {"cross_site": True}, {}, 200),
    ],
)
def test_a_nested_blueprint_decides_before_the_one_around_it(
    outer: dict[str, Any],
    inner: dict[str, Any],
    registered: dict[str, Any],
    expected: int,
) -> None:
    app, around = made(), Blueprint("around", "shop", **outer)
    around.register_blueprint(blueprint(**inner), **registered)
    app.register_blueprint(around)

    assert status(app, "/silent") == expected


def test_a_blueprint_of_a_class_that_skips_ours_works() -> None:
    class Own(Blueprint):
        def __init__(self) -> None:
            super().__init__("own", "shop")
            del self.cross_site

    app, own = made(), Own()
    own.post("/own")(done)
    app.register_blueprint(own)

    assert status(app, "/own") == 403


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_what_is_no_boolean_is_refused_at_set_up(value: Any) -> None:
    with pytest.raises(TypeError, match=r"'/x': cross_site=.* is neither True nor"):
        made().add_url_rule("/x", "x", done, cross_site=value)


def test_hooks_do_not_see_what_is_refused_and_handlers_do() -> None:
    app, seen = made(), []
    app.before_request(lambda: seen.append("before"))

    @app.errorhandler(CrossSiteRequest)
    def refused(error: CrossSiteRequest) -> tuple[str, int]:
        return f"{error.site} {error.origin} {request.endpoint}", 418

    answer = app.test_client().from_site(EVIL).post("/orders")

    assert (answer.text, answer.status_code) == (f"cross-site {EVIL} orders", 418)
    assert seen == []


def test_a_handler_of_403_answers_too() -> None:
    app = made()
    app.register_error_handler(403, lambda error: ("No.", 403))

    assert app.test_client().from_site(EVIL).post("/orders").text == "No."


def test_the_page_names_what_was_seen() -> None:
    page = made().test_client().from_site("https://localhost:1", site=None)

    text = page.post("/orders").text

    for part in ("http://localhost", "https://localhost:1", "ProxyFix"):
        assert part in text


def test_trusted_origins_may_send_and_are_read_when_they_change() -> None:
    app = made(TRUSTED_ORIGINS=[PAY])

    assert (status(app, origin=PAY), status(app)) == (200, 403)
    app.config["TRUSTED_ORIGINS"].append(EVIL)
    assert status(app) == 200
    app.config["TRUSTED_ORIGINS"] = ()
    assert (status(app, origin=PAY), status(app)) == (403, 403)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"CROSS_SITE": "off"}, "CROSS_SITE is 'off'. Set it to 'refuse', 'log' or"),
        (
            {"TRUSTED_ORIGINS": ["pay.example"]},
            "TRUSTED_ORIGINS is wrong: 'pay",
        ),
        ({"TRUSTED_ORIGINS": PAY}, f"TRUSTED_ORIGINS is wrong: '{PAY}' is no"),
        ({"TRUSTED_ORIGINS": None}, "TRUSTED_ORIGINS is None"),
    ],
)
@pytest.mark.parametrize("cls", [App, Flask])
def test_a_wrong_setting_is_told_with_the_first_request(
    cls: type[App], settings: dict[str, Any], message: str
) -> None:
    app = made(cls, **settings)
    app.testing = True

    with pytest.raises(ValueError, match=message):
        app.test_client().get("/orders")


def test_log_lets_through_and_tells(caplog: pytest.LogCaptureFixture) -> None:
    app = made(CROSS_SITE="log")

    with caplog.at_level(logging.WARNING):
        assert status(app) == 200

    (record,) = caplog.records
    assert record.getMessage().startswith("POST /orders would be refused with 403 by")
    assert EVIL in record.getMessage()


def test_a_line_break_in_the_path_is_escaped_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = made(CROSS_SITE="log")
    app.post("/x/<name>", endpoint="x")(lambda name: name)

    with caplog.at_level(logging.WARNING):
        status(app, "/x/a%0Ab")

    assert "\n" not in caplog.records[0].getMessage()


def test_flask_allows_what_it_always_did_and_refuses_if_told_to() -> None:
    assert status(made(Flask)) == 200
    assert status(made(Flask, CROSS_SITE="refuse")) == 403


def websocket(app: App, origin: str) -> int:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Origin": origin}
    return app.test_client().get("/live", headers=headers).status_code


def live(cls: type[App] = App, cross_site: bool = False, **settings: Any) -> App:
    app = made(cls, **settings)
    options: dict[str, Any] = {"websocket": True, "cross_site": cross_site}
    app.add_url_rule("/live", "live", done, **options)
    return app


def test_a_websocket_of_wsgi_is_judged_by_its_origin() -> None:
    assert websocket(live(), "http://localhost") == 200
    assert websocket(live(), EVIL) == 403
    assert websocket(live(TRUSTED_ORIGINS=[EVIL]), EVIL) == 200
    assert websocket(live(cross_site=True), EVIL) == 200
    assert websocket(live(Flask), EVIL) == 200


def scope(origin: str) -> dict[str, Any]:
    headers = [(b"host", b"localhost"), (b"origin", origin.encode())]
    return {"type": "websocket", "scheme": "ws", "path": "/live", "headers": headers}


def rule_of(app: App) -> Any:
    return next(app.url_map.iter_rules("live"))


@pytest.mark.parametrize("cls", [App, Flask])
def test_a_websocket_of_asgi_is_judged_in_both(cls: type[App]) -> None:
    app = live(cls)

    refuse_websocket(app, scope("http://localhost"), rule_of(app))
    with pytest.raises(CrossSiteRequest):
        refuse_websocket(app, scope(EVIL), rule_of(app))


def test_a_websocket_of_asgi_is_let_through_by_route_list_or_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    apps = [live(cross_site=True), live(TRUSTED_ORIGINS=[EVIL]), live(CROSS_SITE="log")]

    with caplog.at_level(logging.WARNING):
        for app in apps:
            refuse_websocket(app, scope(EVIL), rule_of(app))

    (record,) = caplog.records
    assert record.getMessage().startswith("WebSocket /live would be refused")


def test_a_view_on_the_event_loop_is_guarded_in_the_same_way() -> None:
    app = App("shop")
    app.config.update(TRUSTED_ORIGINS=[PAY])
    seen: list[str] = []
    app.before_request(lambda: seen.append("hook"))

    async def awaited() -> str:
        return "Done."

    add = app.add_url_rule
    add("/act", "act", awaited, methods=["POST"])
    add("/named", "named", awaited, methods=["PUT"], cors=CrossOrigin([EVIL]))
    add("/tag", "tag", conditional(etag="v1")(awaited))
    client = Client(app, protocol="asgi")
    evil, asks = client.from_site(EVIL), {"Access-Control-Request-Method": "PUT"}

    assert evil.post("/act").status_code == 403
    assert evil.options("/named", headers=asks).status_code == 204
    assert seen == []
    assert client.from_site(PAY).post("/act").status_code == 200
    put = evil.put("/named")
    assert put.headers["Access-Control-Allow-Origin"] == EVIL
    assert put.headers["X-Frame-Options"] == "SAMEORIGIN"
    known = {"If-None-Match": '"v1"'}
    assert client.get("/tag", headers=known).status_code == 304
    client.close()
