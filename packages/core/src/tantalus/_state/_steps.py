"""The steps of a request as one app has them: its own, or what took their place.

They are found when first used, and again when one of their sources is replaced: see
`tantalus._request._steps`. A request reads them, and never looks for them.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Protocol
from wsgiref.types import WSGIEnvironment

import tantalus_http as http

from ..wrappers import Response

#: `run(app, ctx, ...)`; what follows depends on the step.
Run = Callable[..., Any]


class Steps:
    """The steps of one app, each as `run(app, ctx, ...)`.

    Attributes:
        replaced: The names of those that are not ours.
        preprocesses_always: `preprocess_request` is replaced, and so to be called
            where no hook is registered, too; likewise the other three.
        make_context: `request_context`, as a function of app and environ.
        make_response: The method, as a function of app and value.
        request_class: That of the app, as are `response_class` and
            `app_ctx_globals_class`.
        opens_lazily: What the session interface says of itself.
        build_url: `url_for`, as a function of app, endpoint, values and options.
        injects_url_defaults: `inject_url_defaults` was replaced.
        settings_are_config: Every setting is read from `config`, which counts changes.
        match_directly: URLs may be matched without a URL adapter: nobody has replaced
            the map's class, `create_url_adapter` or the matching of subdomains.
        usual_headers: What `SECURITY_HEADERS` stands for if it is True, None if it is
            something else.
        told: Those who observe requests, None if nobody does.
        parts: What the class of the app had in the places that these come from.
    """

    full_dispatch_request: Run
    preprocess_request: Run
    dispatch_request: Run
    make_default_options_response: Run
    finalize_request: Run
    process_response: Run
    handle_user_exception: Run
    handle_http_exception: Run
    handle_exception: Run
    log_exception: Run
    do_teardown_request: Run
    do_teardown_appcontext: Run
    update_template_context: Run

    def __init__(self, replaced: frozenset[str], parts: tuple[object, ...]) -> None:
        self.replaced = replaced
        self.parts = parts
        self.preprocesses_always = "preprocess_request" in replaced
        self.processes_always = "process_response" in replaced
        self.tears_requests_down_always = "do_teardown_request" in replaced
        self.tears_contexts_down_always = "do_teardown_appcontext" in replaced
        self.told: Any = None
        self.make_response: Run
        self.make_context: Callable[[Any, WSGIEnvironment], Any]
        self.build_url: Run
        self.app_ctx_globals_class: Callable[[], Any]
        self.request_class: Callable[[WSGIEnvironment], Any]
        self.response_class: type[Response]
        self.opens_lazily: bool
        self.injects_url_defaults: bool
        self.settings_are_config: bool
        self.match_directly: bool
        self.usual_headers: http.SecurityHeaders | None


STEP_NAMES = frozenset(Steps.__annotations__)
#: What is no step, and yet called at each request.
BESIDE_THE_STEPS = frozenset(
    [
        "__call__",
        "async_to_sync",
        "create_url_adapter",
        "ensure_sync",
        "make_response",
        "raise_routing_exception",
        "request_context",
        "should_ignore_error",
        "trap_http_exception",
        "wsgi_app",
    ]
)
_OF_THE_CLASS = (
    STEP_NAMES
    | BESIDE_THE_STEPS
    | {
        "app_ctx_globals_class",
        "inject_url_defaults",
        "request_class",
        "response_class",
        "session_interface",
        "url_for",
    }
)
#: Attributes of an app that its steps are made from.
STEP_SOURCES = _OF_THE_CLASS | {"config", "observers", "subdomain_matching", "url_map"}
#: What a class of apps has in these places.
parts_of: Callable[[type], tuple[object, ...]] = attrgetter(*_OF_THE_CLASS)


class HasSteps(Protocol):
    """An app, to who finds its steps."""

    steps: Any

    def find_steps(self) -> Steps:
        """Return the steps as they are now."""
        ...


class Unresolved:
    """Stands in for the steps of an app until the first of them is needed."""

    def __init__(self, app: HasSteps) -> None:
        # The app holds this object: a reference back would be a cycle.
        self._app = weakref.ref(app)

    def __getattr__(self, name: str) -> Any:
        app = self._app()
        assert app is not None
        if vars(app)["steps"] is self:
            vars(app)["steps"] = app.find_steps()
        return getattr(app.steps, name)


def see_patches(app: object) -> None:
    """Have the steps of an app found again if methods of its class were replaced.

    Tests do so, and back again, while the app is in use; no request looks for it.
    """
    steps = getattr(app, "__dict__", {}).get("steps")
    if isinstance(steps, Steps) and steps.parts != parts_of(type(app)):
        app.__dict__["steps"] = Unresolved(app)  # type: ignore[arg-type]  # who has steps finds them
