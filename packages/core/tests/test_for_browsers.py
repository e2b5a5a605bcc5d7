"""Headers by which an app tells browsers what not to do, and the nonce of a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tantalus import (
    App,
    Flask,
    Response,
    csp_nonce,
    render_template_string,
    request,
    send_file,
    stream_template_string,
)
from tantalus_http import SecurityHeaders

POLICY = {"default-src": "'self'", "script-src": ["'self'", "'nonce'"]}
NAME = "Content-Security-Policy"
SCRIPT = '<script nonce="{{ csp_nonce() }}">1</script>'


def fail() -> str:
    raise ZeroDivisionError


def made(cls: type[App] = App, **settings: Any) -> App:
    app = cls("shop")
    app.config.update(settings)
    app.add_url_rule("/", "index", lambda: "Hello.")
    app.add_url_rule("/page", "page", lambda: render_template_string(SCRIPT))
    app.add_url_rule("/twice", "twice", lambda: render_template_string(SCRIPT * 2))
    app.add_url_rule("/stream", "stream", lambda: stream_template_string(SCRIPT))
    app.add_url_rule("/error", "error", fail)
    return app


def headers_of(app: App, path: str = "/", scheme: str = "http") -> dict[str, str]:
    answer = app.test_client().get(path, base_url=f"{scheme}://localhost")
    return {**answer.headers}


def with_nonce() -> App:
    return made(SECURITY_HEADERS=SecurityHeaders(csp=POLICY))


@pytest.mark.parametrize("path", ["/", "/page", "/error", "/nowhere"])
def test_every_answer_has_them(path: str, caplog: pytest.LogCaptureFixture) -> None:
    found = headers_of(made(SECURITY_HEADERS=SecurityHeaders()), path, "https")

    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["X-Frame-Options"] == "SAMEORIGIN"
    assert found["Strict-Transport-Security"] == "max-age=31536000"


def test_true_stands_for_what_browsers_do_not_keep() -> None:
    found = headers_of(made(SECURITY_HEADERS=True), scheme="https")

    assert {"X-Content-Type-Options", "Cross-Origin-Opener-Policy"} < set(found)
    assert "Strict-Transport-Security" not in found
    assert NAME not in found


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
@pytest.mark.parametrize("cls", [App, Flask])
def test_what_the_setting_says_counts_while_the_app_is_used(
    cls: type[App], protocol: str
) -> None:
    app = cls("shop")

    @app.get("/")
    async def index() -> str:
        return "Hello."

    def are_there() -> bool:
        return "X-Content-Type-Options" in client.get("/").headers

    with app.test_client(protocol=protocol) as client:
        at_first = are_there()
        app.config["SECURITY_HEADERS"] = None
        switched_off = are_there()
        app.config["SECURITY_HEADERS"] = True
        switched_on = are_there()
        app.config["SECURITY_HEADERS"] = SecurityHeaders(nosniff=False)
        replaced = are_there()

    assert at_first is (cls is App)
    assert (switched_off, switched_on, replaced) == (False, True, False)


@pytest.mark.parametrize("value", [None, False])
def test_they_can_be_switched_off(value: Any) -> None:
    assert set(headers_of(made(SECURITY_HEADERS=value))) == {
        "Content-Type",
        "Content-Length",
    }


def test_flask_has_none() -> None:
    assert "X-Frame-Options" not in headers_of(made(Flask))


def test_what_a_view_or_a_hook_sets_stays() -> None:
    app = made(SECURITY_HEADERS=SecurityHeaders(csp=POLICY))
    app.add_url_rule("/own", "own", lambda: ("", {"x-frame-options": "DENY"}))

    @app.after_request
    def own(response: Response) -> Response:
        response.headers[NAME] = "default-src 'none'"
        return response

    answer = app.test_client().get("/own")

    assert answer.headers.getlist("X-Frame-Options") == ["DENY"]
    assert answer.headers.getlist(NAME) == ["default-src 'none'"]


def test_the_policy_has_the_nonce_of_the_page() -> None:
    client = with_nonce().test_client()

    first, second = client.get("/twice"), client.get("/twice")

    nonce = first.text.split('"')[1]
    assert first.text.count(nonce) == 2
    assert f"script-src 'self' 'nonce-{nonce}'" in first.headers[NAME]
    assert nonce not in second.text


def test_a_page_without_a_nonce_allows_none() -> None:
    assert "nonce" not in headers_of(with_nonce())[NAME]


def test_a_stream_that_asks_late_has_it_in_its_headers() -> None:
    answer = with_nonce().test_client().get("/stream")

    assert f"'nonce-{answer.text.split(chr(34))[1]}'" in answer.headers[NAME]


def test_a_file_has_no_nonce(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    app = with_nonce()
    app.add_url_rule("/file", "file", lambda: send_file(tmp_path / "a.txt"))

    answer = app.test_client().get("/file", buffered=True)

    assert "nonce" not in answer.headers[NAME]


def test_views_have_the_nonce_and_it_is_the_requests() -> None:
    app = with_nonce()
    app.add_url_rule("/view", "view", lambda: f"{csp_nonce()} {request.csp_nonce}")

    one, other = app.test_client().get("/view").text.split()

    assert one == other
    assert len(one) == 32


def test_without_a_policy_a_nonce_does_no_harm() -> None:
    assert made(Flask).test_client().get("/page").text.startswith("<script nonce=")


def test_a_nonce_needs_a_request() -> None:
    with pytest.raises(RuntimeError, match="'csp_nonce' can only be used when"):
        csp_nonce()


def test_an_extension_may_put_a_nonce_of_its_own() -> None:
    app = with_nonce()
    app.before_request(lambda: setattr(request, "csp_nonce", "own"))

    answer = app.test_client().get("/page")

    assert 'nonce="own"' in answer.text
    assert "'nonce-own'" in answer.headers[NAME]


def test_a_304_keeps_what_the_browser_has(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    app = with_nonce()
    app.add_url_rule("/file", "file", lambda: send_file(tmp_path / "a.txt"))
    client = app.test_client()
    etag = client.get("/file", buffered=True).headers["ETag"]

    again = client.get("/file", headers={"If-None-Match": etag}, buffered=True)

    assert again.status_code == 304
    assert NAME not in again.headers
