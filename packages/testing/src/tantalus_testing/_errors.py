"""What this package raises, apart from refused redirects.

    TestingError
    ├── BaseUrlConflictError     (TypeError)      two arguments name the same part
    ├── ClientClosedError        (RuntimeError)   a request after `close()`
    ├── NestedClientError        (RuntimeError)   `with client:` inside itself
    ├── CookiesDisabledError     (TypeError)      a session needs cookies
    ├── SessionUnavailableError  (RuntimeError)   the app offers no session
    ├── MissingCommandError      (LookupError)    nothing to invoke
    ├── MissingSignalError       (LookupError)    nothing to listen to
    ├── LeakedContextError       (AssertionError) a context is still pushed
    ├── NoPlaceInScopeError      (LookupError)    an environ that ASGI cannot tell
    ├── ASGIMessageError         (RuntimeError)   the app does not keep to ASGI
    ├── UnansweredError          (RuntimeError)   the app ended before its answer
    ├── LifespanError            (RuntimeError)   the app cannot start, or stop
    ├── NoWebSocketsError        (TypeError)      the app speaks WSGI
    ├── LoopBlockedError         (RuntimeError)   the client would wait for itself
    ├── RedirectError            see `_redirects`, which needs Werkzeug's test client
    └── WebSocketClosed, WebSocketDenied   see `_websocket`, for the same reason

This module imports nothing, because the pytest plugin loads it in every test run.
"""

from __future__ import annotations


class TestingError(Exception):
    """Whatever this package raises by itself."""

    # A test module imports this name, and pytest would take it for a test class.
    __test__ = False


class BaseUrlConflictError(TestingError, TypeError):
    """`base_url` came together with `subdomain` or `url_scheme`, which it contains."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        super().__init__(
            'Cannot pass "subdomain" or "url_scheme" with "base_url". '
            f"Write host and scheme into base_url={base_url!r}, or leave it out."
        )


class ClientClosedError(TestingError, RuntimeError):
    """A client was used after its `close()`."""

    def __init__(self, app: object) -> None:
        self.app = app
        super().__init__(
            f"The test client of {describe(app)} is closed: it has given up its "
            "cookies and contexts. Make a new client; keep none beyond the test it was "
            "made for."
        )


class NestedClientError(TestingError, RuntimeError):
    """A `with client:` block was entered inside another one of the same client."""

    def __init__(self) -> None:
        super().__init__(
            "Cannot nest client invocations: this client is already in a 'with' block. "
            "Use 'client.clone()' for a second client with the same cookies."
        )


class CookiesDisabledError(TestingError, TypeError):
    """The client was made with `use_cookies=False`."""

    def __init__(self) -> None:
        super().__init__(
            "Cookies are disabled. Create a client with 'use_cookies=True'."
        )


class SessionUnavailableError(TestingError, RuntimeError):
    """The app cannot open a session for `session_transaction()`."""

    @classmethod
    def from_app(cls, app: object, missing: str) -> SessionUnavailableError:
        """Return the error for an app without the attribute `missing`."""
        return cls(
            f"Cannot open a session of {describe(app)}: it has no {missing!r}. Give "
            "the client the app object itself, not a middleware around it."
        )

    @classmethod
    def from_backend(cls, interface: object) -> SessionUnavailableError:
        """Return the error for a session interface that opened nothing."""
        return cls(
            "Session backend did not open a session. "
            f"{type(interface).__qualname__} returned None, as it does for an app "
            "without a secret key. Set 'app.secret_key' to what the command "
            "'tantalus secret' prints."
        )


class NoPlaceInScopeError(TestingError, LookupError):
    """A request for an ASGI app has a value in its environ that no scope can tell."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"The environ of the request has {key!r}, and an ASGI scope has no place "
            "for it. Pass it as a header, or leave it out."
        )


class ASGIMessageError(TestingError, RuntimeError):
    """An app sent a message that no ASGI server takes, or not at that time."""

    def __init__(self, app: object, message: object, problem: str) -> None:
        self.app = app
        self.message = message
        super().__init__(
            f"{describe(app)} sent {message!r}, but {problem}. See the "
            "specification of ASGI for what is sent when."
        )


class UnansweredError(TestingError, RuntimeError):
    """An ASGI app ended, and its answer has not."""

    def __init__(self, app: object, state: str) -> None:
        self.app = app
        super().__init__(
            f"{describe(app)} returned, and {state}. Send 'http.response.start' and "
            "then 'http.response.body', the last one without 'more_body'."
        )


class LifespanError(TestingError, RuntimeError):
    """An ASGI app says that it cannot start, or stop; `message` is what it says."""

    def __init__(self, app: object, phase: str, message: str) -> None:
        self.app = app
        self.message = message
        super().__init__(f"{describe(app)} failed in its {phase}. {message}".rstrip())


class NoWebSocketsError(TestingError, TypeError):
    """A WebSocket was opened with an app that speaks WSGI."""

    def __init__(self, app: object) -> None:
        self.app = app
        super().__init__(
            f"{describe(app)} is called by WSGI, which has no WebSockets. Make the "
            "client with protocol='asgi', if the app speaks that too."
        )


class LoopBlockedError(TestingError, RuntimeError):
    """The synchronous client was used by an app that such a client has called."""

    def __init__(self) -> None:
        super().__init__(
            "This code runs on the event loop of the synchronous client, which cannot "
            "wait for itself. Use AsyncClient here."
        )


class MissingCommandError(TestingError, LookupError):
    """`CliRunner.invoke()` got no command and the app has no group of its own."""

    def __init__(self, app: object) -> None:
        self.app = app
        super().__init__(
            f"No command to invoke: {describe(app)} has no 'cli' group. "
            "Pass the command: runner.invoke(command, args)."
        )


class MissingSignalError(TestingError, LookupError):
    """`captured_templates()` found no signal to listen to."""

    def __init__(self, app: object) -> None:
        self.app = app
        super().__init__(
            f"Cannot capture the templates of {describe(app)}: it has no "
            "'template_rendered_signal'. Pass one: captured_templates(app, signal=...)."
        )


class LeakedContextError(TestingError, AssertionError):
    """A piece of code pushed contexts and left without popping them.

    Attributes:
        where: The test or block that left them.
        contexts: What is still pushed, oldest first.
    """

    def __init__(self, where: str, contexts: list[object]) -> None:
        self.where = where
        self.contexts = contexts
        noun = "context" if len(contexts) == 1 else "contexts"
        places = "".join(f"\n  {ctx!r}, {_place_of(ctx)}" for ctx in contexts)
        super().__init__(
            f"{where} left {len(contexts)} {noun} pushed:{places}\n"
            "Pop each one, or push it by a 'with' block."
        )


def _place_of(context: object) -> str:
    place = getattr(context, "pushed_at", None)
    return f"pushed at {place}" if place else "pushed at an unrecorded place"


def describe(app: object) -> str:
    """Return how messages call an app: a function by its place, not its address."""
    code = getattr(app, "__code__", None)
    if code is None:
        return repr(app)
    name = getattr(app, "__qualname__", code.co_name)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})"
