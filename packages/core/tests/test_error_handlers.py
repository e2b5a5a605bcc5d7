from __future__ import annotations

from typing import Any

import pytest
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from tantalus import App, Blueprint, abort, make_response


class Teapot(HTTPException):
    code = 418
    description = "Short and stout."


class BaseError(Exception):
    pass


class DerivedError(BaseError):
    pass


def says(text: str) -> Any:
    return lambda error: text


def test_the_nearest_class_wins(app: App) -> None:
    app.register_error_handler(Exception, says("any"))
    app.register_error_handler(BaseError, says("base"))

    @app.route("/")
    def index() -> str:
        raise DerivedError

    assert app.test_client().get("/").text == "base"


def test_a_code_wins_over_a_class_and_a_class_over_any_error(app: App) -> None:
    app.register_error_handler(Exception, says("any"))
    app.add_url_rule("/", "index", lambda: abort(403))
    client = app.test_client()

    answers = [client.get("/").text]
    app._got_first_request = False
    app.register_error_handler(HTTPException, says("http"))
    answers.append(client.get("/").text)
    app._got_first_request = False
    app.register_error_handler(403, says("code"))
    answers.append(client.get("/").text)

    assert answers == ["any", "http", "code"]


def test_the_innermost_blueprint_wins(app: App) -> None:
    outer = Blueprint("outer", "tests", url_prefix="/outer")
    inner = Blueprint("inner", "tests", url_prefix="/inner")
    for blueprint, text in ((outer, "outer"), (inner, "inner")):
        blueprint.register_error_handler(403, says(text))
        blueprint.add_url_rule("/", "index", lambda: abort(403))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.register_error_handler(403, says("app"))
    app.add_url_rule("/", "index", lambda: abort(403))
    client = app.test_client()

    texts = [client.get(path).text for path in ("/", "/outer/", "/outer/inner/")]

    assert texts == ["app", "outer", "inner"]


def test_a_code_of_the_app_wins_over_a_class_of_the_blueprint(app: App) -> None:
    blueprint = Blueprint("bp", "tests")
    blueprint.register_error_handler(Exception, says("blueprint"))
    blueprint.add_url_rule("/", "index", lambda: abort(403))
    app.register_blueprint(blueprint)
    app.register_error_handler(403, says("app"))

    assert app.test_client().get("/").text == "app"


def test_an_own_http_error_is_handled_by_its_class(app: App) -> None:
    app.register_error_handler(Teapot, lambda error: (error.description, 418))

    @app.route("/")
    def index() -> str:
        raise Teapot

    response = app.test_client().get("/")

    assert (response.status_code, response.text) == (418, "Short and stout.")


def test_an_http_error_without_code_is_the_answer(app: App) -> None:
    class NoCode(HTTPException):
        def get_response(self, *args: Any, **kwargs: Any) -> Any:
            return app.response_class("no code")

    app.register_error_handler(NoCode, says("handled"))

    @app.route("/")
    def index() -> str:
        raise NoCode

    assert app.test_client().get("/").text == "no code"


def test_a_handler_of_a_subclass_is_not_asked(app: App) -> None:
    class Locked(Forbidden):
        pass

    app.register_error_handler(Locked, says("locked"))
    app.register_error_handler(HTTPException, says("http"))
    app.add_url_rule("/", "index", lambda: abort(403))

    assert app.test_client().get("/").text == "http"


def test_an_error_in_a_handler_is_a_500(app: App) -> None:
    app.testing = False
    app.register_error_handler(403, lambda error: str(1 / 0))
    app.add_url_rule("/", "index", lambda: abort(403))

    assert app.test_client().get("/").status_code == 500


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        (
            999,
            ValueError,
            "'999' is not a recognized HTTP error code\\. Use a subclass of HTTPE",
        ),
        (Forbidden(), TypeError, "is an instance, not a class\\. "),
        (int, ValueError, "'int' is not a subclass of Exception\\. "),
    ],
    ids=["code", "instance", "class"],
)
def test_a_handler_for_nonsense_is_refused(
    app: App, given: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        app.register_error_handler(given, says(""))


def test_the_lookup_of_older_extensions_works(app: App) -> None:
    handler = says("found")
    app.register_error_handler(404, handler)

    assert app._find_error_handler(NotFound(), ["bp"]) is handler
    assert app._find_error_handler(ValueError(), []) is None
    assert app._get_exc_class_and_code(404) == (NotFound, 404)


@pytest.mark.parametrize("code", [200, 403, 503])
def test_a_response_given_to_abort_is_the_answer_and_no_handler_hears_of_it(
    app: App, code: int
) -> None:
    app.register_error_handler(HTTPException, says("handled"))
    app.add_url_rule("/", "index", lambda: abort(make_response(("own", code))))

    answer = app.test_client().get("/")

    assert (answer.status_code, answer.text) == (code, "own")


def test_handlers_hear_of_codes_that_werkzeug_gives_no_class_name(app: App) -> None:
    app.register_error_handler(421, lambda error: (f"handled {error.code}", 421))
    app.add_url_rule("/", "index", lambda: abort(421))

    assert app.test_client().get("/").text == "handled 421"
