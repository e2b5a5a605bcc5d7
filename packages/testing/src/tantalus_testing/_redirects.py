"""Follow a redirect: the request that a browser would make next (RFC 9110 §15.4)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit, urlunsplit
from wsgiref.types import WSGIEnvironment

from werkzeug.test import ClientRedirectError, TestResponse
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Request
from werkzeug.wsgi import get_current_url

from ._cookies import GIVEN, host_and_path, replace_given
from ._environ import PLAIN_TARGET
from ._errors import TestingError

_STATUSES = frozenset({301, 302, 303, 305, 307, 308})
# These two repeat the method and the body; the others ask for a page by GET.
_REPEATING = frozenset({307, 308})
# What stands for one request only. All else goes along: the next comes from the same
# browser over the same connection, so what the test said of these still holds.
_OF_ONE_REQUEST = ("werkzeug.request", "werkzeug.debug.preserve_context")


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
        self.history: tuple[TestResponse, ...] = tuple(history)
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


def next_request(response: TestResponse, *, subdomains: bool) -> Request:
    """Return the request that `response` redirects to.

    Args:
        subdomains: Whether it may go to a subdomain of the first host.

    Raises:
        ForeignRedirectError: It goes to another host.
    """
    before = response.request.environ
    target = _target(before, response.location)
    if target.scheme:
        _refuse_foreign(response, target, subdomains)
    environ = {**before}
    for key in _OF_ONE_REQUEST:
        environ.pop(key, None)
    if target.scheme and target.hostname != host_and_path(before)[0]:
        environ[GIVEN] = ""
    replace_given(environ, response.headers.getlist("Set-Cookie"))
    _set_url(environ, target)
    if response.status_code in _REPEATING:
        _rewind_body(environ)
    else:
        _drop_body(environ)
    return Request(environ, populate_request=False)


def _target(environ: WSGIEnvironment, location: str | None) -> SplitResult:
    """Return where `location` leads; without scheme and host if it names none."""
    plain = PLAIN_TARGET.fullmatch(location or "")
    # "/a/../b" has to be resolved (RFC 3986 §5.2.4).
    if plain and "/." not in plain[1]:
        return SplitResult("", "", plain[1], plain[2] or "", "")
    return urlsplit(urljoin(iri_to_uri(get_current_url(environ)), location))


def _refuse_foreign(
    response: TestResponse, target: SplitResult, subdomains: bool
) -> None:
    here = urlsplit(f"//{response.request.host}").hostname
    there = target.hostname or ""
    if target.scheme in ("http", "https") and there == here:
        return
    if not there.endswith(f".{here}"):
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


def _set_url(environ: WSGIEnvironment, target: SplitResult) -> None:
    """Write `target` into `environ`, below the script root if it lies there."""
    if target.scheme:
        host = target.netloc.rpartition("@")[2]
        port = target.port or (443 if target.scheme == "https" else 80)
        environ["wsgi.url_scheme"] = target.scheme
        environ["HTTP_HOST"] = host
        environ["SERVER_NAME"] = host.removesuffix(f":{port}")
        environ["SERVER_PORT"] = str(port)
    # As bytes in the shape of text (PEP 3333).
    path = unquote_to_bytes(target.path or "/").decode("latin1")
    root = environ.get("SCRIPT_NAME", "")
    if path != root and not path.startswith(f"{root}/"):
        root = environ["SCRIPT_NAME"] = ""
    environ["PATH_INFO"] = path[len(root) :]
    environ["QUERY_STRING"] = target.query
    environ["REQUEST_URI"] = environ["RAW_URI"] = urlunsplit(
        ("", "", target.path or "/", target.query, "")
    )


def _rewind_body(environ: WSGIEnvironment) -> None:
    # The app has read it: go back to where it began.
    if "CONTENT_LENGTH" in environ:
        environ["wsgi.input"].seek(-int(environ["CONTENT_LENGTH"]), 2)


def _drop_body(environ: WSGIEnvironment) -> None:
    if environ["REQUEST_METHOD"] != "HEAD":
        environ["REQUEST_METHOD"] = "GET"
    environ["wsgi.input"].close()
    environ["wsgi.input"] = BytesIO()
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
        environ.pop(key, None)
