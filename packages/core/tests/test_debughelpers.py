from __future__ import annotations

import io
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import DictLoader
from werkzeug.exceptions import BadRequestKeyError
from werkzeug.routing import RequestRedirect

from tantalus import App, Blueprint, abort, request
from tantalus.debughelpers import (
    DebugFilesKeyError,
    FormDataRoutingRedirect,
    UnexpectedUnicodeError,
    explain_template_loading_attempts,
)
from tantalus_templating import Attempt


@pytest.fixture
def app() -> App:
    app = App("debugged_app")
    app.debug = True
    app.testing = True

    @app.post("/upload")
    def upload() -> str:
        return request.files["photo"].filename or ""

    @app.route("/slash/", methods=["GET", "POST"])
    def slash() -> str:
        return "slash"

    return app


def test_text_errors_are_unicode_errors() -> None:
    assert issubclass(UnexpectedUnicodeError, UnicodeError)
    assert issubclass(UnexpectedUnicodeError, AssertionError)


def test_a_file_that_only_its_name_was_sent_of_is_explained(app: App) -> None:
    with pytest.raises(DebugFilesKeyError) as caught:
        app.test_client().post("/upload", data={"photo": "me.jpg"})

    text = str(caught.value)
    assert "There is no file 'photo' in request.files" in text
    assert "no file contents were transmitted" in text
    assert 'enctype="multipart/form-data"' in text
    assert "This was submitted: 'me.jpg'" in text


def test_a_file_that_was_not_sent_at_all_is_a_plain_error(app: App) -> None:
    with pytest.raises(BadRequestKeyError) as caught:
        app.test_client().post("/upload", data={"other": "x"})

    assert not isinstance(caught.value, DebugFilesKeyError)


def test_a_file_that_was_sent_is_there(app: App) -> None:
    photo = (io.BytesIO(b"jpg"), "me.jpg")

    assert app.test_client().post("/upload", data={"photo": photo}).text == "me.jpg"


def test_outside_of_debug_mode_a_missing_file_is_a_plain_error(app: App) -> None:
    app.debug = False
    app.testing = False

    response = app.test_client().post("/upload", data={"photo": "me.jpg"})

    assert response.status_code == 400


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redirect with 301, on which browsers drop the form."""
    monkeypatch.setattr(RequestRedirect, "code", 301)


@pytest.mark.usefixtures("moved")
def test_a_redirect_that_would_drop_the_form_is_explained(app: App) -> None:
    with pytest.raises(FormDataRoutingRedirect) as caught:
        app.test_client().post("/slash", data={"a": "b"})

    text = str(caught.value)
    assert "sent to 'http://localhost/slash'" in text
    assert "canonical URL 'http://localhost/slash/'" in text
    assert "ends with a slash" in text


@pytest.mark.usefixtures("moved")
def test_a_redirect_of_another_kind_says_nothing_of_slashes(app: App) -> None:
    @app.post("/old", redirect_to="/new")
    def old() -> None: ...

    with pytest.raises(FormDataRoutingRedirect) as caught:
        app.test_client().post("/old")

    assert "canonical URL 'http://localhost/new'" in str(caught.value)
    assert "slash" not in str(caught.value)


def test_a_redirect_that_keeps_the_form_is_followed(app: App) -> None:
    response = app.test_client().post("/slash", data={"a": "b"}, follow_redirects=True)

    assert response.text == "slash"


@pytest.mark.usefixtures("moved")
def test_a_redirect_of_a_get_request_is_followed(app: App) -> None:
    assert app.test_client().get("/slash", follow_redirects=True).text == "slash"


def test_a_request_that_was_not_redirected_is_refused() -> None:
    fake: Any = SimpleNamespace(routing_exception=None)

    with pytest.raises(TypeError, match="was not redirected by its rule"):
        FormDataRoutingRedirect(fake)


LOADER = DictLoader({})
MISSED = Attempt("application 'shop'", LOADER, "folder '/templates'", False, None)
FOUND = Attempt(
    "blueprint 'cart' (shop)", LOADER, "folder '/cart'", True, "/cart/a.html"
)
TEXT = Attempt("blueprint 'text' (shop)", LOADER, "DictLoader", True, None)


@pytest.fixture
def logging_app(caplog: pytest.LogCaptureFixture) -> App:
    caplog.set_level(logging.INFO)
    return App("explained_app")


def test_a_template_found_once_is_reported_with_every_place(
    logging_app: App, caplog: pytest.LogCaptureFixture
) -> None:
    explain_template_loading_attempts(logging_app, "a.html", [MISSED, FOUND])

    assert caplog.messages == [
        "Template 'a.html' was looked up in:\n"
        "    1: trying loader of application 'shop', folder '/templates' -> no match\n"
        "    2: trying loader of blueprint 'cart' (shop), folder '/cart'"
        " -> found (/cart/a.html)\n"
        "Found once."
    ]


def test_a_template_found_twice_is_a_warning(
    logging_app: App, caplog: pytest.LogCaptureFixture
) -> None:
    explain_template_loading_attempts(logging_app, "a.html", [FOUND, TEXT])

    assert "-> found (no file)" in caplog.messages[0]
    assert caplog.messages[0].endswith(
        "Found 2 times: the first is used and hides the others."
    )


def test_a_missing_template_is_an_error(
    logging_app: App, caplog: pytest.LogCaptureFixture
) -> None:
    explain_template_loading_attempts(logging_app, "a.html", [MISSED])

    assert "Error: the template could not be found." in caplog.messages[0]


def test_outside_of_blueprints_a_missing_template_is_only_an_error(
    app: App, logging_app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with app.test_request_context("/slash/"):
        explain_template_loading_attempts(logging_app, "a.html", [MISSED])
    with app.app_context():
        explain_template_loading_attempts(logging_app, "a.html", [MISSED])

    assert [message[-7:] for message in caplog.messages] == ["places."] * 2


def test_the_blueprint_that_missed_the_template_is_named(
    app: App, logging_app: App, caplog: pytest.LogCaptureFixture
) -> None:
    blueprint = Blueprint("cart", "shop.cart")
    blueprint.add_url_rule("/cart", "show", lambda: "")
    app.register_blueprint(blueprint)

    with app.test_request_context("/cart"):
        explain_template_loading_attempts(logging_app, "a.html", [MISSED])

    assert (
        "looked up from an endpoint that belongs to the blueprint 'cart'"
        in caplog.messages[0]
    )


@pytest.fixture
def routed() -> App:
    app = App("routed_app")
    app.debug = True

    @app.get("/users/<int:id>")
    def user(id: int) -> str:
        return str(id)

    @app.get("/orders")
    def orders() -> str:
        return "orders"

    return app


def test_a_404_of_debug_mode_tells_which_routes_come_near(routed: App) -> None:
    page = routed.test_client().get("/users/<ada>").text

    assert "Routes that come near, shown in debug mode only:" in page
    assert (
        "/users/&lt;int:id&gt; (GET, HEAD, OPTIONS): "
        "&#39;&lt;ada&gt;&#39; does not fit &#39;(\\\\d+)&#39;." in page
    )
    assert "orders" not in page


def test_a_404_of_debug_mode_where_nothing_is_near_is_the_usual_one(
    routed: App,
) -> None:
    page = routed.test_client().get("/about")

    assert page.status_code == 404
    assert "near" not in page.text


def test_visitors_are_told_of_no_routes(routed: App) -> None:
    routed.debug = False

    assert "/users" not in routed.test_client().get("/users/ada").text


def test_a_404_of_a_view_is_its_own(routed: App) -> None:
    @routed.get("/orders/<name>")
    def order(name: str) -> str:
        abort(404)

    assert "near" not in routed.test_client().get("/orders/x").text


def test_the_host_may_be_what_comes_near() -> None:
    app = App("hosts", host_matching=True, static_host="a.example")
    app.debug = True

    page = app.test_client().get("/static", base_url="http://b.example").text

    assert "Routes that come near" not in page
    near = app.test_client().get("/static/x.css", base_url="http://b.example").text
    assert "/static/&lt;path:filename&gt;" in near
