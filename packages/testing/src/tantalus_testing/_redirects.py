"""Follow a redirect: the request that a browser would make next (RFC 9110 §15.4)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, urljoin, urlsplit

from werkzeug.test import ClientRedirectError, EnvironBuilder, TestResponse
from werkzeug.urls import iri_to_uri
from werkzeug.wsgi import get_current_url

from ._errors import TestingError

_STATUSES = frozenset({301, 302, 303, 305, 307, 308})
# These two repeat the method and the body; the others ask for a page by GET.
_REPEATING = frozenset({307, 308})


class RedirectError(TestingError, RuntimeError):
    """A redirect leads where the client does not go.

    Attributes:
        response: The response that redirects.
    """

    def __init__(self, text: str, response: TestResponse) -> None:
        self.response = response
        request = response.request
        super().__init__(
            f"{text} {request.method} {request.url} answered "
            f"{response.status_code} with the location {response.location!r}."
        )


class RedirectLoopError(RedirectError, ClientRedirectError):
    """Redirects that do not come to an end.

    Attributes:
        history: The responses so far, oldest first.
    """

    def __init__(
        self, text: str, response: TestResponse, history: list[TestResponse]
    ) -> None:
        self.history = tuple(history)
        super().__init__(text, response)


class ForeignRedirectError(RedirectError):
    """A redirect to another host, which is not the app under test."""


def follow(
    response: TestResponse,
    resolve: Callable[[TestResponse], TestResponse],
    *,
    buffered: bool,
    limit: int,
) -> TestResponse:
    """Return the first response from `response` on that is no redirect.

    Args:
        resolve: Makes the request that a response redirects to.
        buffered: Whether the bodies are read already.
        limit: How many redirects to follow.

    Raises:
        RedirectLoopError: The redirects do not end.
        ForeignRedirectError: One goes to another host.
    """
    first_input = response.request.environ["wsgi.input"]
    history: list[TestResponse] = []
    while is_redirect(response):
        if not buffered:
            # Read the body and close it, so that middleware can clean up.
            response.make_sequence()
            response.close()
        refuse_loop(response, history, limit)
        response.history = tuple(history)
        history.append(response)
        response = resolve(response)
    response.history = tuple(history)
    # It may be an open temporary file.
    response.call_on_close(first_input.close)
    return response


def is_redirect(response: TestResponse) -> bool:
    """Whether `response` sends the client elsewhere."""
    return response.status_code in _STATUSES and response.location is not None


def refuse_loop(
    response: TestResponse, history: list[TestResponse], limit: int
) -> None:
    """Check that following `response` can come to an end.

    Raises:
        RedirectLoopError: The same redirect came before, or `limit` others did.
    """
    step = (response.status_code, response.location)
    if any((one.status_code, one.location) == step for one in history):
        raise RedirectLoopError(
            f"Loop detected: A {step[0]} redirect to {step[1]} was already made.",
            response,
            history,
        )
    if len(history) >= limit:
        raise RedirectLoopError(
            f"Loop detected: {limit} redirects were followed and there is one more. "
            "If the app means it, raise 'client.max_redirects'.",
            response,
            history,
        )


def next_request(response: TestResponse, *, subdomains: bool) -> EnvironBuilder:
    """Return the request that `response` redirects to.

    Args:
        subdomains: Whether it may go to a subdomain of the first host.

    Raises:
        ForeignRedirectError: It goes to another host.
    """
    environ = response.request.environ
    target = urlsplit(urljoin(iri_to_uri(get_current_url(environ)), response.location))
    if response.status_code in _REPEATING and "CONTENT_LENGTH" in environ:
        # The app has read the body: go back to where it began.
        environ["wsgi.input"].seek(-int(environ["CONTENT_LENGTH"]), 2)
    builder = EnvironBuilder.from_environ(
        environ, path=target.path or "/", query_string=target.query
    )
    _refuse_foreign(response, target, builder.server_name, subdomains)
    builder.url_scheme = target.scheme
    builder.host = target.netloc
    _set_path(builder, target.path or "/")
    if response.status_code not in _REPEATING:
        environ["wsgi.input"].close()
        _drop_body(builder)
    return builder


def _refuse_foreign(
    response: TestResponse, target: SplitResult, here: str, subdomains: bool
) -> None:
    there = target.hostname or ""
    if target.scheme in ("http", "https") and there == here.lower():
        return
    if not there.endswith(f".{here.lower()}"):
        raise ForeignRedirectError(
            "Following external redirects is not supported. "
            "Look at 'response.location' without 'follow_redirects'.",
            response,
        )
    if not subdomains:
        raise ForeignRedirectError(
            "Following subdomain redirects is not enabled. "
            "Create the client with 'allow_subdomain_redirects=True'.",
            response,
        )


def _set_path(builder: EnvironBuilder, path: str) -> None:
    """Divide `path` into script root and the path below it."""
    root = builder.script_root
    if path == root or path.startswith(f"{root}/"):
        builder.path = path[len(root) :]
    else:
        builder.path, builder.script_root = path, ""


def _drop_body(builder: EnvironBuilder) -> None:
    if builder.method != "HEAD":
        builder.method = "GET"
    builder.input_stream = None
    builder.content_type = None
    builder.content_length = None
    builder.headers.pop("Transfer-Encoding", None)
