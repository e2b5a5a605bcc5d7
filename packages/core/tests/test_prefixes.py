"""Which blueprint answers for a URL that no rule has, and what is current then."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import BaseConverter

from tantalus import (
    App,
    Blueprint,
    Flask,
    Response,
    abort,
    render_template_string,
    request,
    url_for,
)

HERE = "http://example.org"


def says(text: str, code: int = 404) -> Any:
    return lambda error: (text, code)


def blueprint(name: str, prefix: str | None = None, **options: Any) -> Blueprint:
    """Return a blueprint that answers unknown URLs with its name."""
    made = Blueprint(name, "tests", url_prefix=prefix, **options)
    made.register_error_handler(404, says(name))
    return made


def answers(app: App, *urls: str) -> list[str]:
    client = app.test_client()
    texts = [client.get(url).text for url in urls]
    return ["page" if text.startswith("<!doctype") else text for text in texts]


def shop(app: App) -> App:
    made = blueprint("shop", "/shop/<lang>")
    made.register_error_handler(405, says("method", 405))
    made.add_url_rule("/cart", "cart", lambda lang: abort(404))
    app.register_blueprint(made)
    app.register_error_handler(404, says("app"))
    return app


def test_a_blueprint_answers_for_unknown_urls_under_its_prefix(app: App) -> None:
    shop(app)

    assert answers(app, "/nowhere", "/shop/en/nowhere", "/shop/en/cart", "/shop") == [
        "app",
        "shop",
        "shop",
        "app",
    ]
    assert app.test_client().post("/shop/en/cart").text == "method"


def test_flask_asks_the_app_for_unknown_urls_under_a_prefix(flask_app: Flask) -> None:
    shop(flask_app)

    assert answers(flask_app, "/shop/en/nowhere", "/shop/en/cart") == ["app", "shop"]


@pytest.mark.parametrize("kind", [Exception, BaseException], ids=lambda k: k.__name__)
def test_a_handler_for_any_error_is_not_asked_for_unknown_urls(
    app: App, kind: type[Exception]
) -> None:
    api = Blueprint("api", "tests", url_prefix="/api")
    api.add_url_rule("/ok", "ok", lambda: "ok")
    api.add_url_rule("/bug", "bug", lambda: abort(404))
    api.error_handler_spec[None][None][kind] = says("failed", 500)
    app.register_blueprint(api)
    client = app.test_client()

    codes = [client.get(path).status_code for path in ("/api/bug", "/api/typo")]

    assert codes == [500, 404]
    assert client.post("/api/ok").status_code == 405


def test_a_handler_for_all_http_errors_is_asked(app: App) -> None:
    api = Blueprint("api", "tests", url_prefix="/api")
    api.register_error_handler(HTTPException, lambda error: (f"{error.code}", 499))
    api.add_url_rule("/ok", "ok", lambda: "ok")
    app.register_blueprint(api)

    assert answers(app, "/api/typo") == ["404"]
    assert app.test_client().post("/api/ok").text == "405"


def test_a_code_of_the_app_wins_over_a_class_of_the_blueprint(app: App) -> None:
    api = Blueprint("api", "tests", url_prefix="/api")
    api.register_error_handler(HTTPException, says("blueprint"))
    app.register_blueprint(api)
    app.register_error_handler(404, says("app"))

    assert answers(app, "/api/typo") == ["app"]


@pytest.mark.parametrize("first", ["with", "without"])
def test_of_blueprints_on_one_prefix_the_one_with_a_handler_answers(
    app: App, first: str
) -> None:
    both = [blueprint("with", "/api"), Blueprint("without", "tests", url_prefix="/api")]
    for each in sorted(both, key=lambda each: each.name != first):
        each.add_url_rule(f"/{each.name}", "index", lambda: "")
        app.register_blueprint(each)

    assert answers(app, "/api/none") == ["with"]


def test_of_several_with_a_handler_for_the_code_the_first_answers(app: App) -> None:
    for_all = Blueprint("all", "tests", url_prefix="/api")
    for_all.register_error_handler(HTTPException, says("all"))
    for each in (for_all, blueprint("one", "/api"), blueprint("two", "/api/")):
        app.register_blueprint(each)

    assert answers(app, "/api/none") == ["one"]


@pytest.mark.parametrize("prefix", [None, "", "/", "//"])
def test_a_blueprint_without_a_prefix_owns_nothing(app: App, prefix: Any) -> None:
    app.register_blueprint(blueprint("everywhere", prefix))

    assert answers(app, "/", "/x") == ["page", "page"]


def test_the_longest_and_most_definite_prefix_goes_first(app: App) -> None:
    prefixes = ["/a", "/a/<x>", "/<path:any>", "/a/b", "/<y>/b", "/a/<path:any>/edit"]
    for number, prefix in enumerate(prefixes):
        app.register_blueprint(blueprint(f"{number}", prefix))

    found = answers(app, "/a", "/a/c/d", "/a/b/c", "/x/b/y", "/x", "/a/1/2/edit/3")

    assert [prefixes[int(number)] for number in found] == [
        "/a",
        "/a/<x>",
        "/a/b",
        "/<y>/b",
        "/<path:any>",
        "/a/<x>",
    ]


def test_a_longer_prefix_without_a_handler_leaves_it_to_the_shorter(app: App) -> None:
    app.register_blueprint(blueprint("outer", "/a"))
    app.register_blueprint(Blueprint("inner", "tests", url_prefix="/a/b"))

    assert answers(app, "/a/b/c") == ["outer"]


class Two(BaseConverter):
    regex = "[0-9]{2}"


@pytest.mark.parametrize(
    ("prefix", "inside", "outside"),
    [
        (
            "/p",
            ["/p", "/p/", "/p/x", "/p//x", "/p/x/y/"],
            ["/px", "/", "/q/p"],
        ),
        ("/p/", ["/p", "/p/x"], ["/px"]),
        ("/p/<int:n>", ["/p/1", "/p/1/x"], ["/p", "/p/x", "/p/x/1"]),
        ("/<path:x>/edit", ["/a/edit/x", "/a/b/c/edit/x"], ["/edit/x", "/a/b"]),
        ("/<path:x>/e/<path:y>/f", ["/a/b/e/c/d/f/x"], ["/a/e/f/x"]),
        ("/<any(de, en):lang>", ["/de/x"], ["/fr/x"]),
        ("/v<two:n>", ["/v12/x"], ["/v1/x", "/v123/x"]),
        ("/a.b", ["/a.b/x"], ["/aXb/x"]),
        ("/grün", ["/grün/x", "/gr%C3%BCn/x"], ["/gr/x"]),
    ],
)
def test_a_url_lies_under_a_prefix_as_the_router_reads_it(
    app: App, prefix: str, inside: list[str], outside: list[str]
) -> None:
    app.url_map.converters["two"] = Two
    app.register_blueprint(blueprint("it", prefix))

    assert answers(app, *inside) == ["it"] * len(inside)
    assert answers(app, *outside) == ["page"] * len(outside)


def test_slashes_are_not_merged_if_the_map_does_not(app: App) -> None:
    app.url_map.merge_slashes = False
    app.register_blueprint(blueprint("it", "/a/b"))

    assert answers(app, "/a//b/x", "/a/b/x") == ["page", "it"]


def test_nested_blueprints_own_what_lies_under_all_their_prefixes(app: App) -> None:
    outer, inner = blueprint("outer", "/outer"), blueprint("inner", "/inner")
    silent = Blueprint("silent", "tests", url_prefix="/silent")
    outer.register_blueprint(inner)
    outer.register_blueprint(silent)
    app.register_blueprint(outer)

    paths = ("/outer/x", "/outer/inner/x", "/outer/silent/x", "/inner/x")

    assert answers(app, *paths) == ["outer", "inner", "outer", "page"]


def on_subdomains(**options: Any) -> App:
    app = App("tests", subdomain_matching=True)
    app.config.update(SERVER_NAME="example.org", TESTING=True)
    app.register_blueprint(blueprint("api", **options))
    return app


@pytest.mark.parametrize(
    ("options", "inside", "outside"),
    [
        (
            {"subdomain": "api"},
            ["http://api.example.org/x", "http://api.example.org/"],
            [f"{HERE}/x", "http://www.example.org/x"],
        ),
        (
            {"subdomain": "api", "prefix": "/v1"},
            ["http://api.example.org/v1/x"],
            [f"{HERE}/v1/x", "http://api.example.org/x"],
        ),
        (
            {"subdomain": "<user>", "prefix": "/v1"},
            ["http://ada.example.org/v1/x"],
            [f"{HERE}/v1/x"],
        ),
        (
            {"prefix": "/v1"},
            [f"{HERE}/v1/x"],
            ["http://api.example.org/v1/x"],
        ),
        ({"subdomain": ""}, [], [f"{HERE}/x"]),
    ],
    ids=["subdomain", "both", "variable", "prefix", "everybody's"],
)
def test_a_subdomain_belongs_to_what_a_blueprint_owns(
    options: dict[str, Any], inside: list[str], outside: list[str]
) -> None:
    app = on_subdomains(**options)

    assert answers(app, *inside) == ["api"] * len(inside)
    assert answers(app, *outside) == ["page"] * len(outside)


def test_rules_on_other_subdomains_take_the_prefix_there(app: App) -> None:
    app = on_subdomains(prefix="/v1")
    other = blueprint("other", "/v2")
    other.add_url_rule("/y", "y", lambda: "", subdomain="old")
    app.register_blueprint(other)

    assert answers(app, "http://old.example.org/v2/x", f"{HERE}/v2/x") == ["other"] * 2


def test_without_subdomain_matching_no_subdomain_is_owned(app: App) -> None:
    app.register_blueprint(blueprint("api", subdomain="api"))

    assert answers(app, "http://api.localhost/x", "/x") == ["page", "page"]


def test_a_static_subdomain_goes_before_a_variable_one() -> None:
    app = on_subdomains(prefix="/v1/long", subdomain="<user>")
    app.register_blueprint(blueprint("mine", subdomain="me"))

    assert answers(app, "http://me.example.org/v1/long/x") == ["mine"]


def test_with_host_matching_a_blueprint_owns_its_prefix_on_the_hosts_of_its_rules() -> (
    None
):
    app = App("tests", host_matching=True, static_folder=None)
    api = blueprint("api", "/api")
    api.add_url_rule("/y", "y", lambda: "", host="a.example")
    app.register_blueprint(api)
    app.register_blueprint(blueprint("ruleless", "/ruleless"))

    assert answers(
        app,
        "http://a.example/api/x",
        "http://b.example/api/x",
        "http://a.example/ruleless/x",
    ) == ["api", "page", "page"]


def test_the_blueprint_that_answers_is_the_one_of_the_request(app: App) -> None:
    seen: list[Any] = []
    outer = Blueprint("outer", "tests", url_prefix="/outer")
    inner = Blueprint("inner", "tests", url_prefix="/inner")
    inner.add_url_rule("/", "index", lambda: "")
    inner.context_processor(lambda: {"whose": "inner"})
    outer.before_request(lambda: seen.append("before"))

    @outer.errorhandler(404)
    def unknown(error: NotFound) -> tuple[str, int]:
        seen.append((request.endpoint, request.blueprint, request.blueprints))
        return render_template_string("{{ whose }} {{ url_for('.index') }}"), 404

    @inner.after_request
    def after(response: Response) -> Response:
        response.headers["X-Inner"] = request.blueprint or ""
        return response

    inner.teardown_request(lambda error: seen.append("teardown"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)

    answer = app.test_client().get("/outer/inner/x")

    assert answer.text == "inner /outer/inner/"
    assert answer.headers["X-Inner"] == "outer.inner"
    assert seen == [
        (None, "outer.inner", ["outer.inner", "outer"]),
        "teardown",
    ]


def test_each_registration_answers_under_its_own_name(app: App) -> None:
    made = Blueprint("api", "tests")
    made.add_url_rule("/", "index", lambda: "")
    made.register_error_handler(404, lambda error: url_for(".index"))
    app.register_blueprint(made, url_prefix="/one")
    app.register_blueprint(made, url_prefix="/two", name="two")

    assert answers(app, "/one/x", "/two/x", "/x") == ["/one/", "/two/", "page"]


def test_where_the_app_answers_no_blueprint_is_current(app: App) -> None:
    app.register_blueprint(Blueprint("api", "tests", url_prefix="/api"))
    app.register_error_handler(404, lambda error: (f"{request.blueprint}", 404))

    assert answers(app, "/api/x") == ["None"]


def test_an_error_of_the_handler_is_for_the_blueprint_too(app: App) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.disabled = True
    api = Blueprint("api", "tests", url_prefix="/api")
    api.register_error_handler(404, lambda error: str(1 // 0))
    api.register_error_handler(500, says("broken", 500))
    app.register_blueprint(api)

    assert answers(app, "/api/x") == ["broken"]
    app.logger.disabled = False


def test_a_404_that_a_hook_raises_is_not_for_the_prefix(app: App) -> None:
    app.register_blueprint(blueprint("api", "/api"))
    app.before_request(lambda: abort(404))

    assert answers(app, "/api/x") == ["page"]


def test_an_app_without_an_adapter_for_its_urls_asks_itself() -> None:
    class Own(App):
        def create_url_adapter(self, request: Any) -> Any:
            if request is not None:
                request.routing_exception = NotFound()

    app = Own("tests")
    app.register_blueprint(blueprint("api", "/api"))

    assert answers(app, "/api/x") == ["page"]
