from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from answers import endpoint
from werkzeug.exceptions import BadHost, Conflict
from werkzeug.test import Client, EnvironBuilder, TestResponse
from werkzeug.wrappers import Request, Response

from tantalus_routing import (
    EndpointTaken,
    Match,
    MountedRule,
    NameTaken,
    NoMatch,
    PrefixError,
    RouteGroup,
    Router,
    RoutingError,
    ShadowedRule,
    ViewMissing,
    ViewResultError,
)


def show(request: Request, **args: Any) -> str:
    return f"{request.method} {args}"


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]


def router(**options: Any) -> Router:
    made = Router(**options)
    made.add_url_rule("/show/<int:id>", "show", show)
    made.add_url_rule("/docs/", "docs", show)
    return made


def ask(app: Router, path: str, method: str = "GET", **options: Any) -> TestResponse:
    return Client(app).open(path, method=method, **options)


def test_a_view_answers_with_text() -> None:
    response = ask(router(), "/show/3")

    assert response.text == "GET {'id': 3}"
    assert response.mimetype == "text/html"


def say_seen(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [])
    return [b"seen"]


ANSWERS = {
    "bytes": b"seen",
    "response": Response("seen"),
    "exception": Conflict(response=Response("seen")),
    "application": say_seen,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_view_answers_with_anything_that_can(answer: Any) -> None:
    app = Router()
    app.add_url_rule("/", "index", lambda request: answer)

    assert ask(app, "/").text == "seen"


def test_a_view_that_answers_with_something_else_is_told() -> None:
    app = Router()
    app.add_url_rule("/", "index", lambda request: 3)

    with pytest.raises(ViewResultError, match=r"returned int\. Return a response"):
        ask(app, "/")


def test_an_http_error_of_a_view_is_the_answer() -> None:
    app = Router()

    @app.get("/")
    def index(request: Request) -> str:
        raise Conflict("not now")

    assert ask(app, "/").status_code == 409


def test_a_rule_without_a_view_is_told_when_it_is_reached() -> None:
    app = Router()
    app.add_url_rule("/", "index")

    with pytest.raises(ViewMissing, match="Rule '/': no view was registered for the"):
        ask(app, "/")


def test_what_is_not_there_is_not_found() -> None:
    assert ask(router(), "/nowhere").status_code == 404


def test_a_wrong_method_is_told_the_right_ones() -> None:
    response = ask(router(), "/show/3", "POST")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_head_has_no_body() -> None:
    response = ask(router(), "/show/3", "HEAD")

    assert (response.status_code, response.data) == (200, b"")
    assert response.content_length == len("HEAD {'id': 3}")


def test_options_are_answered_without_the_view() -> None:
    app = router()
    app.add_url_rule("/show/<int:id>", "change", show, methods=["put"])

    response = ask(app, "/show/3", "OPTIONS")

    assert (response.status_code, response.data) == (200, b"")
    assert sorted(response.allow) == ["GET", "HEAD", "OPTIONS", "PUT"]


def test_a_view_may_answer_options_itself() -> None:
    app = Router()
    app.add_url_rule("/own", "own", show, methods=["OPTIONS"])
    app.add_url_rule("/none", "none", show, False)

    assert ask(app, "/own", "OPTIONS").text == "OPTIONS {}"
    assert ask(app, "/none", "OPTIONS").status_code == 405


def test_a_missing_slash_is_added_on_the_same_host() -> None:
    response = ask(router(), "/docs?a=b%20c", base_url="http://h.example:81/app")

    assert response.status_code == 308
    assert response.location == "http://h.example:81/app/docs/?a=b%20c"


def test_a_redirect_without_a_usable_host_is_refused() -> None:
    response = ask(router(), "/docs", headers={"Host": "evil.example/x y"})

    assert response.status_code == 400


def test_a_websocket_rule_needs_a_websocket() -> None:
    app = Router()
    app.add_url_rule("/ws", "ws", show, websocket=True)
    upgrade = {"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade"}

    assert ask(app, "/ws").status_code == 400
    assert ask(app, "/ws", headers=upgrade).text == "GET {}"
    assert ask(app, "/ws", headers={"Upgrade": "h2c"}).status_code == 400


def test_subdomains_stand_before_the_servers_name() -> None:
    app = Router(server_name="example.com:5000")
    app.add_url_rule("/", "user", show, subdomain="<name>")
    app.add_url_rule("/", "main", show)

    def answer(host: str) -> TestResponse:
        return ask(app, "/", base_url=f"http://{host}/")

    assert answer("example.com:5000").text == "GET {}"
    assert answer("Ada.Example.com:5000").text == "GET {'name': 'ada'}"
    assert answer("notexample.com").status_code == 404
    assert ask(app, "/", headers={"Host": "?"}).status_code == 400


def test_hosts_may_be_matched() -> None:
    app = Router(host_matching=True)
    app.add_url_rule("/", "a", show, host="<name>.example.com")

    response = ask(app, "/", base_url="http://ada.example.com/")

    assert response.text == "GET {'name': 'ada'}"


def test_a_match_has_its_view() -> None:
    app = router(server_name="example.com")
    app.add_url_rule("/", "api", show, subdomain="api")

    result = app.match("GET", "/show/3")

    assert isinstance(result, Match)
    assert result[:3] == ("show", show, {"id": 3})
    assert endpoint(app.match("GET", "/", "api.example.com")) == "api"
    assert isinstance(app.match("GET", "/", "api.other.com"), NoMatch)
    assert isinstance(router().match("GET", "/", "api.other.com"), NoMatch)


def test_a_match_with_hosts_takes_the_host() -> None:
    app = Router(host_matching=True)
    app.add_url_rule("/", "a", show, host="a.example")

    assert endpoint(app.match("GET", "/", "A.example")) == "a"
    assert isinstance(app.match("GET", "/"), NoMatch)


URLS: dict[str, tuple[dict[str, Any], str]] = {
    "path": ({"id": 3}, "/app/show/3"),
    "query": ({"id": 3, "q": ["a", "b"]}, "/app/show/3?q=a&q=b"),
    "anchor": ({"id": 3, "_anchor": "a b#%c"}, "/app/show/3#a%20b#%c"),
    "external": ({"id": 3, "_external": True}, "https://example.com/app/show/3"),
    "scheme": ({"id": 3, "_scheme": "http"}, "http://example.com/app/show/3"),
    "method": ({"id": 3, "_method": "PUT"}, "/app/change/3"),
}


@pytest.mark.parametrize(("values", "url"), URLS.values(), ids=URLS)
def test_url_for_builds(values: dict[str, Any], url: str) -> None:
    app = router(server_name="example.com", url_scheme="https", script_name="/app")
    app.add_url_rule("/change/<int:id>", "show", show, methods=["PUT"])

    assert app.url_for("show", **values) == url


def test_a_scheme_in_a_relative_url_is_refused() -> None:
    with pytest.raises(ValueError, match="drop _external=False"):
        router().url_for("docs", _scheme="http", _external=False)


def test_an_absolute_url_needs_a_host() -> None:
    with pytest.raises(ValueError, match="Pass server_name= to the router"):
        router().url_for("docs", _external=True)


def test_urls_are_built_as_seen_from_a_request() -> None:
    builder = EnvironBuilder("/x", base_url="http://h.example/app")
    adapter = router().bind(builder.get_request())

    assert adapter.build("show", {"id": 3}) == "/app/show/3"
    assert adapter.build("docs", force_external=True) == "http://h.example/app/docs/"


def test_a_request_without_a_host_is_not_bound() -> None:
    environ = EnvironBuilder().get_environ() | {"HTTP_HOST": "a b"}

    with pytest.raises(BadHost):
        router().bind(Request(environ))


def test_an_endpoint_has_one_view() -> None:
    app = router()
    app.add_url_rule("/again/<int:id>", "show", show)

    with pytest.raises(
        EndpointTaken, match=r"existing endpoint function: show.*'/other'"
    ):
        app.add_url_rule("/other", "show", lambda request: "")

    assert len(app.routes()) == 3


class Greeter:
    def __call__(self, request: Request) -> str:
        return ""


@pytest.mark.parametrize(
    ("view", "named"),
    [
        (show, rf"show \({re.escape(__file__)}:\d+\)"),
        (partial(show, id=1), rf"a partial of show \({re.escape(__file__)}:\d+\)"),
        (Greeter(), "an object of Greeter"),
    ],
    ids=["function", "partial", "object"],
)
def test_an_error_names_a_view_by_its_place(
    view: Callable[..., Any], named: str
) -> None:
    app = router()
    app.add_url_rule("/first", "taken", view)

    with pytest.raises(EndpointTaken, match=f"It is {named}, and ") as caught:
        app.add_url_rule("/other", "taken", lambda request: "")

    assert " at 0x" not in str(caught.value)


def test_an_error_about_views_takes_texts_too() -> None:
    assert "It is a, and b was" in str(EndpointTaken("x", "/x", "a", "b"))


def test_a_shadowed_rule_is_refused() -> None:
    with pytest.raises(ShadowedRule):
        router().add_url_rule("/docs/", "other", show)


def test_a_group_may_be_included_under_several_names() -> None:
    group = RouteGroup("g", prefix="/g")
    group.get("/")(show)
    app = Router()

    app.include(group)
    app.include(group, prefix="/h", name="h")

    assert (app.url_for("g.show"), app.url_for("h.show")) == ("/g/", "/h/")
    with pytest.raises(NameTaken, match="A group named 'h' is already included"):
        app.include(group, prefix="/i", name="h")


def test_groups_without_a_name_may_be_many() -> None:
    first, second = RouteGroup(), RouteGroup()
    first.get("/a", endpoint="a")(show)
    second.get("/b", endpoint="b")(show)
    app = Router()

    app.include(first)
    app.include(second)

    assert [route.endpoint for route in app.routes()] == ["a", "b"]


def test_the_longest_mounted_prefix_answers() -> None:
    app = router()
    app.mount("/legacy/", echo)
    app.mount("/legacy/ö", echo)

    assert ask(app, "/legacy").text == "/legacy|"
    assert ask(app, "/legacy/x", base_url="http://h/app").text == "/app/legacy|/x"
    assert ask(app, "/legacy/ö/x").data.decode() == "/legacy/Ã¶|/x"
    assert ask(app, "/legacyx").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/", "x", "/a//b", "/<x>"])
def test_a_prefix_must_be_a_plain_path(prefix: str) -> None:
    with pytest.raises(PrefixError, match="is not a plain path of one segment or more"):
        Router().mount(prefix, echo)


def test_a_prefix_has_one_application() -> None:
    app = Router()
    app.mount("/x", echo)

    with pytest.raises(PrefixError, match="'/x/' has an application already"):
        app.mount("/x/", echo)


def test_a_route_under_a_mounted_prefix_is_refused_in_any_order() -> None:
    app = router()
    with pytest.raises(MountedRule, match="'/docs/' can never be reached: every path"):
        app.mount("/docs", echo)
    app.mount("/legacy", echo)

    with pytest.raises(MountedRule) as caught:
        app.add_url_rule("/legacy/page", "page", show)

    assert (caught.value.rule, caught.value.prefix) == ("/legacy/page", "/legacy")


def test_the_url_of_another_subdomain_or_protocol_is_absolute() -> None:
    app = Router(server_name="example.com")
    app.add_url_rule("/<int:id>", "show", show, subdomain="api")
    app.add_url_rule("/ws", "ws", show, websocket=True)

    assert app.url_for("show", id=3, _anchor="a") == "http://api.example.com/3#a"
    assert app.url_for("ws") == "ws://example.com/ws"


def test_one_text_of_methods_is_refused_as_its_letters_would_be_methods() -> None:
    with pytest.raises(TypeError, match=r"Rule '/x': methods='GET' is one text. All"):
        Router().route("/x", methods="GET")(show)


def test_a_view_that_cannot_be_called_is_refused_at_set_up() -> None:
    with pytest.raises(TypeError, match="Rule '/x': its view 5 cannot be called"):
        Router().add_url_rule("/x", "x", 5)  # type: ignore[arg-type] # the mistake


def test_only_an_application_can_be_mounted() -> None:
    with pytest.raises(TypeError, match="5, mounted at '/x', cannot be called"):
        Router().mount("/x", 5)  # type: ignore[arg-type] # the mistake


@pytest.mark.parametrize(
    "rule", ["/<int:id", "/<nope:id>", "/<int(size=1):id>"], ids=["a", "b", "c"]
)
def test_an_error_passes_from_one_process_to_another(rule: str) -> None:
    with pytest.raises(RoutingError) as caught:
        Router().add_url_rule(rule, "x", show)

    copy = pickle.loads(pickle.dumps(caught.value))

    assert type(copy) is type(caught.value)
    assert str(copy) == str(caught.value)
    assert vars(copy) == vars(caught.value)


def test_a_route_beside_a_mounted_prefix_is_served() -> None:
    app = router()
    app.mount("/other", echo)
    app.mount("/else", echo)

    app.add_url_rule("/others", "others", show)

    assert ask(app, "/others").text == "GET {}"
    assert ask(app, "/else/x").text == "/else|/x"
