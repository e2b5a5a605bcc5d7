"""The life of a request: hooks, errors and teardown in their documented order."""

from __future__ import annotations

import logging
import os
from contextlib import nullcontext
from typing import Any, NoReturn

import pytest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import (
    BadRequestKeyError,
    Forbidden,
    HTTPException,
    NotFound,
)
from werkzeug.routing import MapAdapter

from tantalus import (
    App,
    Blueprint,
    Flask,
    Request,
    Response,
    abort,
    after_this_request,
    appcontext_pushed,
    appcontext_tearing_down,
    got_request_exception,
    request,
    request_finished,
    request_started,
    request_tearing_down,
    session,
)
from tantalus.debughelpers import FormDataRoutingRedirect
from tantalus_sessions import (
    SecureCookieSessionInterface,
    SessionInterface,
    SessionStoreError,
)


class Log(list[str]):
    """What was called, in order; makes hooks that note their name."""

    def hook(self, name: str, result: Any = None) -> Any:
        def note(*args: Any, **kwargs: Any) -> Any:
            self.append(name)
            return result

        return note

    def response_hook(self, name: str) -> Any:
        def note(response: Response) -> Response:
            self.append(name)
            return response

        return note


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def hooked(app: App, log: Log) -> App:
    """An app and a blueprint in a blueprint, with every hook twice."""
    inner = Blueprint("inner", "tests")
    outer = Blueprint("outer", "tests", url_prefix="/outer")
    for owner, name in ((app, "app"), (outer, "outer"), (inner, "inner")):
        for number in "12":
            owner.url_value_preprocessor(log.hook(f"url_value {name} {number}"))
            owner.before_request(log.hook(f"before {name} {number}"))
            owner.after_request(log.response_hook(f"after {name} {number}"))
            owner.teardown_request(log.hook(f"teardown {name} {number}"))
    app.teardown_appcontext(log.hook("teardown context 1"))
    app.teardown_appcontext(log.hook("teardown context 2"))

    @inner.route("/view")
    def view() -> str:
        log.append("view")
        after_this_request(log.response_hook("after this 1"))
        after_this_request(log.response_hook("after this 2"))
        return "done"

    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def test_hooks_run_from_the_app_inwards_and_after_the_view_outwards(
    hooked: App, log: Log
) -> None:
    hooked.test_client().get("/outer/view")

    assert log == [
        "url_value app 1",
        "url_value app 2",
        "url_value outer 1",
        "url_value outer 2",
        "url_value inner 1",
        "url_value inner 2",
        "before app 1",
        "before app 2",
        "before outer 1",
        "before outer 2",
        "before inner 1",
        "before inner 2",
        "view",
        "after this 1",
        "after this 2",
        "after inner 2",
        "after inner 1",
        "after outer 2",
        "after outer 1",
        "after app 2",
        "after app 1",
        "teardown inner 2",
        "teardown inner 1",
        "teardown outer 2",
        "teardown outer 1",
        "teardown app 2",
        "teardown app 1",
        "teardown context 2",
        "teardown context 1",
    ]


def test_hooks_of_blueprints_do_not_run_for_other_urls(hooked: App, log: Log) -> None:
    hooked.test_client().get("/nowhere")

    assert [entry for entry in log if "app" not in entry] == [
        "teardown context 2",
        "teardown context 1",
    ]


def test_an_answer_of_before_request_replaces_the_view(app: App, log: Log) -> None:
    app.before_request(log.hook("first", "stop"))
    app.before_request(log.hook("second"))
    app.after_request(log.response_hook("after"))
    app.add_url_rule("/", "index", log.hook("view", "never"))

    response = app.test_client().get("/")

    assert response.text == "stop"
    assert log == ["first", "after"]


def test_signals_surround_the_request(app: App, log: Log) -> None:
    app.add_url_rule("/", "index", log.hook("view", "done"))
    signals = [
        (request_started, "started"),
        (request_finished, "finished"),
        (request_tearing_down, "tearing down request"),
        (appcontext_tearing_down, "tearing down context"),
    ]
    receivers = [(signal, log.hook(name)) for signal, name in signals]
    for signal, receiver in receivers:
        signal.connect(receiver, app)

    app.test_client().get("/")

    assert log == [
        "started",
        "view",
        "finished",
        "tearing down request",
        "tearing down context",
    ]


def test_a_hook_appended_to_the_registry_counts_at_once(app: App, log: Log) -> None:
    app.add_url_rule("/", "index", log.hook("view", "done"))
    client = app.test_client()
    client.get("/")

    app.before_request_funcs.setdefault(None, []).append(log.hook("late"))
    client.get("/")

    assert log == ["view", "late", "view"]


def test_an_unhandled_error_is_logged_and_answered_with_500(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False

    @app.route("/")
    def index() -> str:
        raise ZeroDivisionError("the cause")

    response = app.test_client().get("/")

    assert response.status_code == 500
    assert "Internal Server Error" in response.text
    assert "Exception on / [GET]" in caplog.text
    assert "ZeroDivisionError: the cause" in caplog.text


def test_a_500_handler_is_given_the_original_error(app: App) -> None:
    app.testing = False

    @app.errorhandler(500)
    def handle(error: Any) -> tuple[str, int]:
        return repr(error.original_exception), 500

    @app.route("/")
    def index() -> str:
        raise ZeroDivisionError

    assert app.test_client().get("/").text == "ZeroDivisionError()"


def test_an_unhandled_error_propagates_while_testing(app: App) -> None:
    seen: list[Exception] = []

    def receive(sender: Any, exception: Exception, **extra: Any) -> None:
        seen.append(exception)

    got_request_exception.connect(receive, app)

    @app.route("/")
    def index() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        app.test_client().get("/")

    assert seen == [caught.value]


def test_propagate_exceptions_off_wins_over_testing(app: App) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/", "index", lambda: 1 / 0)  # type: ignore[arg-type]  # raises

    assert app.test_client().get("/").status_code == 500


def test_an_error_in_an_after_request_hook_is_a_500(app: App) -> None:
    app.testing = False
    app.add_url_rule("/", "index", lambda: "fine")

    @app.after_request
    def fail(response: Response) -> Response:
        raise ValueError

    assert app.test_client().get("/").status_code == 500


def test_an_error_of_a_hook_does_not_replace_the_500_page(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    app.add_url_rule("/", "index", lambda: 1 / 0)  # type: ignore[arg-type]  # raises

    @app.after_request
    def fail(response: Response) -> Response:
        raise ValueError("in the hook")

    response = app.test_client().get("/")

    assert response.status_code == 500
    assert "ValueError: in the hook" in caplog.text


@pytest.mark.parametrize("stage", ["url_value", "before", "view"])
def test_teardown_runs_once_and_is_told_the_error(app: App, stage: str) -> None:
    app.testing = False
    told: list[BaseException | None] = []

    def fail(*args: Any) -> Any:
        raise ZeroDivisionError

    app.add_url_rule("/", "index", fail if stage == "view" else lambda: "fine")
    app.url_value_preprocessors[None] = [fail] if stage == "url_value" else []
    app.before_request_funcs[None] = [fail] if stage == "before" else []
    app.teardown_request(told.append)
    client = app.test_client()

    client.get("/")
    app.url_value_preprocessors.clear()
    app.before_request_funcs.clear()
    app.view_functions["index"] = lambda: "fine"
    after = client.get("/")

    assert [type(error) for error in told] == [ZeroDivisionError, type(None)]
    assert after.status_code == 200


def test_an_ignored_error_is_not_told_to_teardown(app: App) -> None:
    app.testing = False
    told: list[BaseException | None] = []
    app.teardown_request(told.append)
    app.should_ignore_error = lambda error: True  # type: ignore[method-assign]
    app.add_url_rule("/", "index", lambda: 1 / 0)  # type: ignore[arg-type]  # raises

    app.test_client().get("/")

    assert told == [None]


def test_a_handled_error_is_not_told_to_teardown(app: App) -> None:
    told: list[BaseException | None] = []
    app.teardown_request(told.append)
    app.register_error_handler(ZeroDivisionError, lambda error: "handled")
    app.add_url_rule("/", "index", lambda: 1 / 0)  # type: ignore[arg-type]  # raises

    response = app.test_client().get("/")

    assert response.text == "handled"
    assert told == [None]


def test_a_keyboard_interrupt_passes_through_with_teardown(app: App) -> None:
    told: list[BaseException | None] = []
    app.teardown_request(told.append)

    @app.route("/")
    def index() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        app.test_client().get("/")

    assert [type(error) for error in told] == [KeyboardInterrupt]


def failing(log: Log, name: str) -> Any:
    """Return a teardown function, or a receiver, that raises its name."""

    def fail(*args: Any, **kwargs: Any) -> None:
        log.append(name)
        raise ValueError(name)

    return fail


def test_all_teardown_functions_run_even_if_one_raises(app: App, log: Log) -> None:
    app.teardown_request(log.hook("last"))
    app.teardown_request(failing(log, "first"))
    app.teardown_appcontext(log.hook("context"))
    app.add_url_rule("/", "index", lambda: "fine")

    with pytest.raises(ValueError, match=r"^first$"):
        app.test_client().get("/")

    assert log == ["first", "last", "context"]


def test_no_error_of_several_teardown_functions_is_lost(app: App, log: Log) -> None:
    app.teardown_request(failing(log, "request"))
    app.teardown_appcontext(failing(log, "app"))
    on_request, on_app = failing(log, "request signal"), failing(log, "app signal")
    app.add_url_rule("/", "index", lambda: "fine")

    with (
        request_tearing_down.connected_to(on_request, app),
        appcontext_tearing_down.connected_to(on_app, app),
        pytest.raises(ExceptionGroup, match="Errors during context teardown") as caught,
    ):
        app.test_client().get("/")

    assert log == ["request", "request signal", "app", "app signal"]
    assert [
        (group.message, [str(error) for error in group.exceptions])
        for group in caught.value.exceptions
        if isinstance(group, ExceptionGroup)
    ] == [
        ("Errors during request teardown", ["request", "request signal"]),
        ("Errors during app teardown", ["app", "app signal"]),
    ]


def test_a_request_that_cannot_be_closed_is_torn_down_all_the_same(
    app: App, log: Log
) -> None:
    class Stubborn(Request):
        def close(self) -> None:
            raise ValueError("stubborn")

    app.request_class = Stubborn
    app.teardown_appcontext(log.hook("context"))
    app.add_url_rule("/", "index", lambda: "fine")

    with pytest.raises(ValueError, match="stubborn"):
        app.test_client().get("/")

    assert log == ["context"]


@pytest.mark.parametrize("handled", [True, False], ids=["handled", "unhandled"])
def test_signals_of_the_teardown_are_told_unhandled_errors(
    app: App, handled: bool
) -> None:
    told: list[BaseException | None] = []

    def tell(sender: App, exc: BaseException | None) -> None:
        told.append(exc)

    def fail() -> NoReturn:
        raise ValueError("view")

    app.add_url_rule("/", "index", fail)
    if handled:
        app.register_error_handler(ValueError, lambda error: "handled")

    with (
        request_tearing_down.connected_to(tell, app),
        appcontext_tearing_down.connected_to(tell, app),
        nullcontext() if handled else pytest.raises(ValueError, match="view"),
    ):
        app.test_client().get("/")

    assert [str(error) for error in told] == (["None"] if handled else ["view"]) * 2


def test_options_are_answered_with_the_allowed_methods(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "fine", methods=["GET", "POST"])

    response = app.test_client().options("/")

    assert response.status_code == 200
    assert sorted(response.allow) == ["GET", "HEAD", "OPTIONS", "POST"]
    assert response.data == b""


def test_a_view_may_answer_options_itself(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "mine", methods=["OPTIONS"])

    assert app.test_client().options("/").text == "mine"


def test_a_missing_page_is_raised_inside_the_hooks(app: App, log: Log) -> None:
    app.before_request(log.hook("before"))
    app.register_error_handler(404, lambda error: ("none", 404))

    response = app.test_client().get("/nowhere")

    assert response.status_code == 404
    assert response.text == "none"
    assert log == ["before"]


def test_a_slash_redirect_keeps_the_query(app: App) -> None:
    app.add_url_rule("/page/", "page", lambda: "fine")

    response = app.test_client().get("/page?a=1")

    assert response.status_code == 308
    assert response.headers["Location"] == "http://localhost/page/?a=1"


def test_a_redirect_that_would_lose_a_form_is_an_error_in_debug_mode(app: App) -> None:
    app.debug = True
    app.add_url_rule("/old", "old", redirect_to="/new", methods=["GET", "POST"])
    app.url_map.redirect_defaults = True

    @app.before_request
    def pretend() -> None:
        error = request.routing_exception
        if error is not None:
            error.code = 301

    with pytest.raises(FormDataRoutingRedirect):
        app.test_client().post("/old", data={"a": "1"})


def test_a_redirect_of_a_get_is_followed_in_debug_mode(app: App) -> None:
    app.debug = True
    app.add_url_rule("/page/", "page", lambda: "fine")

    assert app.test_client().get("/page").status_code == 308


def test_a_routing_redirect_is_given_to_no_handler(app: App) -> None:
    app.register_error_handler(HTTPException, lambda error: "taken")
    app.add_url_rule("/page/", "page", lambda: "fine")

    assert app.test_client().get("/page").status_code == 308


def test_an_abort_with_a_response_is_the_answer(app: App) -> None:
    app.add_url_rule("/", "index", lambda: abort(Response("own", 418)))

    response = app.test_client().get("/")

    assert (response.status_code, response.text) == (418, "own")


def test_an_http_error_is_its_own_page(app: App) -> None:
    app.add_url_rule("/", "index", lambda: abort(403, "Not for you."))

    response = app.test_client().get("/")

    assert response.status_code == 403
    assert "Not for you." in response.text
    assert response.mimetype == "text/html"


def test_a_missing_form_field_says_which_while_debugging(app: App) -> None:
    app.add_url_rule("/", "index", lambda: request.form["name"], methods=["POST"])
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    client = app.test_client()

    quiet = client.post("/")
    app.debug = True
    loud = client.post("/")

    assert (quiet.status_code, loud.status_code) == (400, 400)
    assert "name" not in quiet.text
    assert "KeyError: &#39;name&#39;" in loud.text


@pytest.mark.parametrize(
    ("setting", "value", "error"),
    [
        ("TRAP_HTTP_EXCEPTIONS", True, Forbidden),
        ("TRAP_BAD_REQUEST_ERRORS", True, BadRequestKeyError),
        ("DEBUG", True, BadRequestKeyError),
    ],
)
def test_trapped_errors_are_treated_as_bugs(
    app: App, setting: str, value: bool, error: type[Exception]
) -> None:
    app.config[setting] = value

    @app.route("/")
    def index() -> str:
        if error is Forbidden:
            abort(403)
        return request.form["missing"]

    with pytest.raises(error):
        app.test_client().get("/")


def test_a_trapped_error_still_finds_its_handler(app: App) -> None:
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    app.register_error_handler(NotFound, lambda error: "handled")

    assert app.test_client().get("/nowhere").text == "handled"


def test_an_untouched_session_sends_no_header(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "fine")

    response = app.test_client().get("/")

    assert "Set-Cookie" not in response.headers
    assert "Vary" not in response.headers


def test_a_function_for_this_request_alone_changes_its_response(app: App) -> None:
    def stamp(response: Response) -> Response:
        response.headers["X-Stamp"] = "once"
        return response

    @app.route("/")
    def index() -> str:
        after_this_request(stamp)
        return "fine"

    assert app.test_client().get("/").headers["X-Stamp"] == "once"


def test_a_permanent_session_is_refreshed_though_nobody_touched_it(app: App) -> None:
    @app.route("/login")
    def login() -> str:
        session.permanent = True
        session["user"] = "ada"
        return "in"

    app.add_url_rule("/", "index", lambda: "fine")
    client = app.test_client()
    client.get("/login")

    response = client.get("/")

    assert response.headers["Set-Cookie"].startswith("session=")


def test_a_permanent_session_is_refreshed_for_a_request_with_cookies_of_its_own(
    app: App,
) -> None:
    key = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # of the signed cookie
    signed = key.dumps({"_permanent": True})

    class FromHeader(Request):
        @property
        def cookies(self) -> ImmutableMultiDict[str, str]:
            return ImmutableMultiDict({"session": self.headers["X-Session"]})

    app.request_class = FromHeader
    app.add_url_rule("/", "index", lambda: "fine")

    response = app.test_client().get("/", headers={"X-Session": signed})

    assert response.headers["Set-Cookie"].startswith("session=")


def test_a_session_without_a_key_says_what_to_set(app: App) -> None:
    app.secret_key = None

    @app.route("/")
    def index() -> str:
        session["a"] = 1
        return "never"

    with pytest.raises(RuntimeError, match="no secret key was set"):
        app.test_client().get("/")


def test_a_guessable_secret_key_is_refused_in_production(app: App) -> None:
    app.config.update(SECRET_KEY="short", TESTING=False, PROPAGATE_EXCEPTIONS=True)
    app.add_url_rule("/", "index", lambda: "fine")

    with pytest.raises(RuntimeError, match="has 5 characters; at least 16"):
        app.test_client().get("/")


def test_a_cookie_that_browsers_refuse_is_told_at_the_first_request(app: App) -> None:
    app.config.update(SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_SECURE=False)

    with pytest.raises(ValueError, match="SameSite"):
        app.test_client().get("/")


def test_an_app_refuses_a_session_too_large_for_a_cookie(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    @app.route("/")
    def index() -> str:
        session["a"] = os.urandom(4000).hex()
        return "large"

    response = app.test_client().get("/")

    assert "Set-Cookie" not in response.headers
    assert response.status_code == 200


def test_flask_sends_a_large_session_with_a_warning(flask_app: Flask) -> None:
    @flask_app.route("/")
    def index() -> str:
        session["a"] = os.urandom(4000).hex()
        return "large"

    with pytest.warns(UserWarning, match="too large"):
        response = flask_app.test_client().get("/")

    assert len(response.headers["Set-Cookie"]) > 4093


def test_set_up_is_refused_after_the_first_request(app: App) -> None:
    app.test_client().get("/")

    with pytest.raises(AssertionError, match="setup method 'add_url_rule'"):
        app.add_url_rule("/late", "late", lambda: "late")


def test_the_log_names_the_app(app: App) -> None:
    assert isinstance(app.logger, logging.Logger)
    assert app.logger.name == "tests"


def test_a_push_that_fails_leaves_nothing_current(app: App) -> None:
    def fail(sender: App, **extra: Any) -> None:
        raise ValueError("listener")

    app.add_url_rule("/", "index", lambda: "fine")
    appcontext_pushed.connect(fail, app)
    try:
        with pytest.raises((ValueError, RuntimeError)):
            app.test_client().get("/")
    finally:
        appcontext_pushed.disconnect(fail, app)

    assert app.test_client().get("/").text == "fine"


def test_options_of_an_own_adapter_are_asked_of_it() -> None:
    class Own(App):
        def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
            return super().create_url_adapter(request)

    app = Own("tests")
    app.add_url_rule("/", "index", lambda: "fine", methods=["PUT"])

    assert sorted(app.test_client().options("/").allow) == ["OPTIONS", "PUT"]
    with app.test_request_context("/") as ctx:
        ctx.url_adapter = None
        assert list(app.make_default_options_response().allow) == []


def test_a_url_that_nothing_fits_allows_nothing(app: App) -> None:
    with app.test_request_context("/nowhere"):
        assert list(app.make_default_options_response().allow) == []


class DownInterface(SecureCookieSessionInterface):
    """Stands for a store that is down."""

    opens_lazily = True

    def save_session(self, *args: Any) -> None:
        raise SessionStoreError("the store is down")


def test_a_store_that_is_down_is_answered_with_503(app: App) -> None:
    app.session_interface = DownInterface()

    @app.route("/")
    def index() -> str:
        session["a"] = 1
        return "lost"

    assert app.test_client().get("/").status_code == 503


class EagerInterface(SessionInterface):
    """An interface as an extension for Flask writes it."""

    opened = 0

    def open_session(self, app: Any, request: Any) -> Any:
        self.opened += 1
        return None if request.path == "/null" else {"path": request.path}

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        response.headers["X-Saved"] = session["path"]


def test_an_interface_written_for_flask_is_asked_at_each_request(app: App) -> None:
    app.session_interface = interface = EagerInterface()
    app.add_url_rule("/", "index", lambda: "fine")
    client = app.test_client()

    assert client.get("/").headers["X-Saved"] == "/"
    assert "X-Saved" not in client.get("/null").headers
    assert interface.opened == 2


def test_teardown_called_by_hand_takes_the_error_being_handled(app: App) -> None:
    told: list[BaseException | None] = []
    app.teardown_request(told.append)
    app.teardown_appcontext(told.append)

    with app.test_request_context("/"):
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            app.do_teardown_request()
            app.do_teardown_appcontext()

    assert [type(error) for error in told[:2]] == [ZeroDivisionError] * 2


def test_options_are_answered_with_the_methods_in_order(app: App) -> None:
    app.config["SECURITY_HEADERS"] = None
    app.add_url_rule("/", "index", lambda: "", methods=["PUT", "GET", "DELETE"])

    response = app.test_client().options("/")

    assert list(response.headers) == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Allow", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("Content-Length", "0"),
    ]
