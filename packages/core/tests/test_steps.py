"""Overriding the steps of a request, with the context as an argument or without."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Any
from wsgiref.types import WSGIEnvironment

import pytest
from werkzeug.routing import Map as WerkzeugMap
from werkzeug.routing import MapAdapter

from tantalus import App, Config, Flask, Request, Response, request, session, url_for
from tantalus._request._steps import find_steps
from tantalus._state._steps import STEP_NAMES
from tantalus.ctx import RequestContext
from tantalus.sessions import SecureCookieSessionInterface


class WithoutContext(Flask):
    """Overrides as Flask 3.1 documents them."""

    def dispatch_request(self) -> Any:
        return f"<{super().dispatch_request()}>"

    def process_response(self, response: Response) -> Response:
        response.headers["X-Processed"] = "yes"
        return super().process_response(response)  # type: ignore[no-any-return]  # a step

    def handle_user_exception(self, e: Exception) -> Any:
        return f"caught {type(e).__name__}"


class WithContext(App):
    """Overrides that are handed the context."""

    def dispatch_request(self, ctx: RequestContext) -> Any:
        return f"<{super().dispatch_request(ctx)} {ctx.request.path}>"

    def process_response(self, ctx: RequestContext, response: Response) -> Response:
        response.headers["X-Processed"] = ctx.request.method
        return super().process_response(ctx, response)  # type: ignore[no-any-return]  # a step


def test_an_override_without_the_context_is_called_without() -> None:
    app = WithoutContext("tests")
    app.add_url_rule("/", "index", lambda: "view")
    app.add_url_rule("/fail", "fail", lambda: 1 / 0)  # type: ignore[arg-type]  # raises
    client = app.test_client()

    response = client.get("/")

    assert response.text == "<view>"
    assert response.headers["X-Processed"] == "yes"
    assert client.get("/fail").text == "caught ZeroDivisionError"


def test_a_method_of_the_class_may_be_patched_while_the_app_is_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Flask("tests")
    app.add_url_rule("/", "index", lambda: "view")
    client = app.test_client()

    before = client.get("/").text
    with monkeypatch.context() as patch:
        patch.setattr(Flask, "dispatch_request", lambda self: "patched")
        during = client.get("/").text
    after = client.get("/").text

    assert (before, during, after) == ("view", "patched", "view")


def test_an_override_is_given_the_flag_of_an_error_by_name() -> None:
    class Noting(Flask):
        def finalize_request(self, rv: Any, **options: Any) -> Response:
            response: Response = super().finalize_request(rv, **options)
            response.headers["X-Options"] = str(options)
            return response

    app = Noting("noting")
    app.logger.disabled = True
    app.add_url_rule("/", "index", lambda: 1 / 0)  # type: ignore[arg-type]  # raises

    response = app.test_client().get("/")

    assert response.headers["X-Options"] == "{'from_error_handler': True}"


def test_an_override_with_the_context_is_given_it() -> None:
    app = WithContext("tests")
    app.add_url_rule("/", "index", lambda: "view")

    response = app.test_client().get("/")

    assert response.text == "<view />"
    assert response.headers["X-Processed"] == "GET"


def test_a_step_of_one_app_can_be_replaced_and_restored(app: App) -> None:
    app.add_url_rule("/", "index", lambda: "view")
    client = app.test_client()
    original = app.dispatch_request

    untyped: Any = app
    untyped.dispatch_request = lambda: f"wrapped {original()}"
    wrapped = client.get("/").text
    del app.dispatch_request
    restored = client.get("/").text

    assert (wrapped, restored) == ("wrapped view", "view")


def test_a_step_wrapped_on_its_class_is_called_with_its_wrapper() -> None:
    class Wrapped(App):
        pass

    @wraps(App.dispatch_request)
    def dispatch(app: App) -> Any:
        return f"wrapped {App.dispatch_request(app)}"

    Wrapped.dispatch_request = dispatch
    app = Wrapped("tests")
    app.add_url_rule("/", "index", lambda: "view")

    assert app.test_client().get("/").text == "wrapped view"


def test_replaced_steps_are_called_where_no_hook_is_registered(app: App) -> None:
    called: list[str] = []
    untyped: Any = app
    for name in ("preprocess_request", "do_teardown_request", "do_teardown_appcontext"):
        setattr(untyped, name, lambda *args, name=name: called.append(name))

    app.test_client().get("/")

    assert called == [
        "preprocess_request",
        "do_teardown_request",
        "do_teardown_appcontext",
    ]


def test_an_own_way_to_inject_defaults_is_called_where_no_function_is_registered(
    app: App,
) -> None:
    app.add_url_rule("/<language>/", "index", lambda language: url_for("index"))

    def inject(endpoint: str, values: dict[str, Any]) -> None:
        values["language"] = f"{endpoint} in latin"

    app.inject_url_defaults = inject  # type: ignore[method-assign]  # by an instance

    assert app.test_client().get("/greek/").text == "/index%20in%20latin/"


def test_an_own_request_context_is_used(app: App) -> None:
    app.add_url_rule("/", "index", lambda: request.args["a"])

    def make(environ: WSGIEnvironment) -> RequestContext:
        return RequestContext(app, {**environ, "QUERY_STRING": "a=own"})

    untyped: Any = app
    untyped.request_context = make

    assert app.test_client().get("/").text == "own"


def test_a_replacement_that_tells_no_signature_is_called_without_context(
    app: App,
) -> None:
    class Opaque:
        __signature__ = "none"

        def __call__(self) -> str:
            return request.path

    app.add_url_rule("/", "index", lambda: "view")
    untyped: Any = app
    untyped.dispatch_request = Opaque()

    assert app.test_client().get("/").text == "/"


def test_a_step_can_be_called_by_anybody(app: App) -> None:
    app.before_request(lambda: "stopped")

    with app.test_request_context("/") as ctx:
        assert app.preprocess_request() == "stopped"
        assert app.preprocess_request(ctx) == "stopped"
    with app.app_context():
        context: dict[str, Any] = {"given": 1}
        app.update_template_context(context)
        assert context["given"] == 1
        assert "g" in context


def test_a_request_step_needs_a_request(app: App) -> None:
    with pytest.raises(RuntimeError, match="outside of request context"):
        app.preprocess_request()


def test_every_step_is_documented_and_shows_its_arguments() -> None:
    for name in STEP_NAMES:
        method = getattr(App, name)
        parameters = list(inspect.signature(method).parameters)
        assert method.__doc__, name
        assert parameters[0] == "self", name
        assert "ctx" not in parameters, name


def test_an_own_url_adapter_is_used_for_matching() -> None:
    class Own(App):
        def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
            adapter = super().create_url_adapter(request)
            assert adapter is not None
            adapter.path_info = "/other"
            return adapter

    app = Own("tests")
    app.add_url_rule("/other", "other", lambda: "other")

    assert app.test_client().get("/").text == "other"
    assert find_steps(app).match_directly is False


def test_an_own_map_class_is_used_for_matching() -> None:
    class Own(App):
        url_map_class = WerkzeugMap  # type: ignore[assignment]  # allowed

    app = Own("tests")
    app.add_url_rule("/<int:n>", "index", lambda n: str(n + 1))

    assert app.test_client().get("/1").text == "2"


def test_an_own_map_class_may_find_nothing() -> None:
    class Own(App):
        url_map_class = WerkzeugMap  # type: ignore[assignment]  # allowed

    assert Own("tests").test_client().get("/nowhere").status_code == 404


def test_no_adapter_means_no_match() -> None:
    class Own(App):
        def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
            return None

    app = Own("tests")

    with app.test_request_context("/") as ctx:
        assert ctx.request.url_rule is None


def test_classes_that_are_replaced_in_use_count_from_the_next_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class OwnRequest(Request):
        @property
        def name(self) -> str:
            return "own request"

    class OwnResponse(Response):
        default_mimetype = "text/plain"

    app = Flask("tests")
    app.add_url_rule("/", "index", lambda: getattr(request, "name", "request"))
    assert app.test_client().get("/").text == "request"

    app.request_class = OwnRequest
    app.response_class = OwnResponse
    answer = app.test_client().get("/")
    assert (answer.text, answer.mimetype) == ("own request", "text/plain")

    del app.request_class
    assert app.test_client().get("/").text == "request"
    monkeypatch.setattr(Flask, "request_class", OwnRequest)
    assert app.test_client().get("/").text == "own request"


def test_an_own_make_response_is_called_for_each_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Own(App):
        def make_response(self, rv: Any) -> Response:
            return super().make_response(f"<{rv}>")

    app = Own("tests")
    app.add_url_rule("/", "index", lambda: "view")
    assert app.test_client().get("/").text == "<view>"

    monkeypatch.setattr(
        Own, "make_response", lambda self, rv: App.make_response(self, f"[{rv}]")
    )
    assert app.test_client().get("/").text == "[view]"


def test_a_session_interface_that_is_replaced_in_use_is_asked(app: App) -> None:
    class Eager(SecureCookieSessionInterface):
        opens_lazily = False
        opened = 0

        def open_session(self, app: Any, request: Any) -> Any:
            self.opened += 1
            return super().open_session(app, request)

    app.add_url_rule("/", "index", lambda: "view")
    client = app.test_client()
    client.get("/")

    app.session_interface = interface = Eager()
    client.get("/")

    assert interface.opened == 1


def test_the_version_of_the_settings_tells_every_change() -> None:
    app = Flask("tests")
    versions = [app.settings_version()]

    app.secret_key = "key"
    versions.append(app.settings_version())
    app.config = Config(app.root_path, app.config)
    versions.append(app.settings_version())

    assert None not in versions
    assert versions == sorted(set(versions), key=lambda version: version or 0)
    assert app.settings_version() == versions[-1]


def test_settings_that_a_subclass_decides_on_have_no_version() -> None:
    class ByTenant(Flask):
        tenant = "a"

        @property
        def secret_key(self) -> str:  # type: ignore[override]  # as users do
            return f"key of {self.tenant}"

    class Computed(Config):
        def __getitem__(self, key: str) -> Any:
            return super().__getitem__(key)

    app = ByTenant("tests")
    app.add_url_rule("/", "index", lambda: session.setdefault("seen", app.tenant))
    client = app.test_client()

    assert app.settings_version() is None
    assert client.get("/").text == client.get("/").text == "a"
    app.tenant = "b"
    assert client.get("/").text == "b"

    computed = Flask("tests")
    assert computed.settings_version() is not None
    computed.config = Computed(computed.root_path, computed.config)
    assert computed.settings_version() is None


def test_steps_that_are_found_again_are_found_by_whoever_still_has_the_old() -> None:
    app = Flask("tests")
    old = app.steps

    assert old.replaced == frozenset()
    assert old.match_directly
    app.subdomain_matching = True
    assert not old.match_directly


@pytest.mark.parametrize(
    "register",
    [
        "before_request",
        "after_request",
        "teardown_request",
        "teardown_appcontext",
        "context_processor",
        "url_value_preprocessor",
        "url_defaults",
        "shell_context_processor",
    ],
)
def test_what_cannot_be_called_is_refused_where_it_is_registered(register: str) -> None:
    app = App("steps")

    with pytest.raises(TypeError, match=r"^None cannot be registered: it cannot be"):
        getattr(app, register)(None)


def test_an_error_handler_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^'gone' cannot be registered"):
        App("steps").register_error_handler(404, "gone")  # type: ignore[arg-type]  # wrong
