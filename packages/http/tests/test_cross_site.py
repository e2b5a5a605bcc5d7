"""Requests of pages of other sites: the table of decisions, case by case."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from driver import scope_of
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request as WerkzeugRequest

from tantalus_http import CrossSiteCheck, Request, is_own_request

HOST = "shop.example"
OWN, OTHER = f"https://{HOST}", "https://evil.example"
SIBLING, PAY = f"https://blog.{HOST}", "https://pay.example"
PASS, REFUSE = True, False

# What is asked, and whether it passes; https://shop.example asks, if nothing is said.
CASES: dict[str, tuple[dict[str, Any], bool]] = {
    "GET of another site": (dict(method="GET", site="cross-site"), PASS),
    "HEAD of another site": (dict(method="HEAD", site="cross-site"), PASS),
    "preflight": (dict(method="OPTIONS", site="cross-site", origin=OTHER), PASS),
    "own form": (dict(site="same-origin", origin=OWN), PASS),
    "own PUT": (dict(method="PUT", site="same-origin"), PASS),
    "address bar": (dict(site="none"), PASS),
    "sibling subdomain": (dict(site="same-site", origin=SIBLING), REFUSE),
    "other site": (dict(site="cross-site", origin=OTHER), REFUSE),
    "other site without Origin": (dict(site="cross-site"), REFUSE),
    "other site that claims the own origin": (
        dict(site="cross-site", origin=OWN),
        REFUSE,
    ),
    "trusted origin": (dict(site="cross-site", origin=PAY), PASS),
    "trusted origin in capitals": (
        dict(site="cross-site", origin="HTTPS://PAY.EXAMPLE:443"),
        PASS,
    ),
    "trusted host by http": (
        dict(site="cross-site", origin="http://pay.example"),
        REFUSE,
    ),
    "trusted and another origin": (
        dict(site="cross-site", origin=f"{PAY},{OTHER}"),
        REFUSE,
    ),
    "sandboxed frame, or 307 through another site": (
        dict(site="cross-site", origin="null"),
        REFUSE,
    ),
    "own page with no-referrer": (dict(site="same-origin", origin="null"), PASS),
    "unknown word": (dict(site="weird"), REFUSE),
    "empty Sec-Fetch-Site": (dict(site=""), REFUSE),
    "Sec-Fetch-Site in capitals": (dict(site="Same-Origin"), REFUSE),
    "two Sec-Fetch-Site": (dict(site="same-origin,same-origin"), REFUSE),
    "unknown word of a trusted origin": (dict(site="weird", origin=PAY), PASS),
    "program": ({}, PASS),
    "old browser, own page": (dict(origin=OWN), PASS),
    "old browser, default port": (dict(origin=f"{OWN}:443"), PASS),
    "old browser, other port": (dict(origin=f"{OWN}:8443"), REFUSE),
    "old browser, other site": (dict(origin=OTHER), REFUSE),
    "old browser, sibling": (dict(origin=SIBLING), REFUSE),
    "old browser, trusted": (dict(origin=PAY), PASS),
    "old browser, null": (dict(origin="null"), REFUSE),
    "old browser, empty": (dict(origin=""), REFUSE),
    "old browser, two origins": (dict(origin=f"{OWN}, {OTHER}"), REFUSE),
    "old browser, the own origin twice": (dict(origin=f"{OWN}, {OWN}"), REFUSE),
    "user name in front of the host": (dict(origin=f"https://evil@{HOST}"), REFUSE),
    "host as user name": (dict(origin=f"https://{HOST}@evil.example"), REFUSE),
    "host as a prefix": (dict(origin=f"{OWN}.evil.example"), REFUSE),
    "path": (dict(origin=f"{OWN}/x"), REFUSE),
    "own host in capitals": (dict(origin="https://SHOP.example"), PASS),
    "Host in capitals": (dict(host="SHOP.EXAMPLE", origin=OWN), PASS),
    "page by http of a host by https": (dict(origin=f"http://{HOST}"), REFUSE),
    "intranet": (dict(scheme="http", origin=f"http://{HOST}"), PASS),
    "intranet with a port": (
        dict(scheme="http", host="wiki:8080", origin="http://wiki:8080"),
        PASS,
    ),
    "another port of the intranet": (
        dict(scheme="http", host="wiki:8080", origin="http://wiki:8081"),
        REFUSE,
    ),
    "intranet, own page with no-referrer": (dict(scheme="http", origin="null"), REFUSE),
    "proxy ends TLS without a word": (dict(scheme="http", origin=OWN), PASS),
    "and passes the port on": (
        dict(scheme="http", host=f"{HOST}:443", origin=OWN),
        PASS,
    ),
    "proxy that rewrites Host": (dict(host="app:8000", site="same-origin"), PASS),
    "proxy that rewrites Host, old browser": (
        dict(scheme="http", host="app:8000", origin=OWN),
        REFUSE,
    ),
    "IPv6": (dict(scheme="http", host="[::1]:80", origin="http://[::1]"), PASS),
    "other IPv6": (dict(scheme="http", host="[::1]", origin="http://[::2]"), REFUSE),
    "IDNA": (
        dict(host="xn--bcher-kva.example", origin="https://xn--bcher-kva.example"),
        PASS,
    ),
    "IDNA as it is read": (
        dict(host="xn--bcher-kva.example", origin="https://bücher.example"),
        REFUSE,
    ),
    "no Host": (dict(host="", origin=OWN), REFUSE),
    "extension": (dict(origin="chrome-extension://abcdef"), REFUSE),
    "lower-case method": (dict(method="post", site="cross-site"), REFUSE),
    "lower-case safe method": (dict(method="get", site="cross-site"), REFUSE),
    "TRACE": (dict(method="TRACE", site="cross-site"), REFUSE),
    "unknown method": (dict(method="FROB", origin=OTHER), REFUSE),
    "CONNECT": (dict(method="CONNECT", site="cross-site", origin=OTHER), REFUSE),
    "own WebSocket": (dict(socket=True, origin=OWN), PASS),
    "own WebSocket by http": (
        dict(socket=True, scheme="http", origin=f"http://{HOST}"),
        PASS,
    ),
    "WebSocket of another site": (dict(socket=True, origin=OTHER), REFUSE),
    "WebSocket of a sibling": (dict(socket=True, origin=SIBLING), REFUSE),
    "WebSocket of a page without origin": (dict(socket=True, origin="null"), REFUSE),
    "WebSocket of a page by http": (dict(socket=True, origin=f"http://{HOST}"), REFUSE),
    "WebSocket of a trusted origin": (dict(socket=True, origin=PAY), PASS),
    "WebSocket of a program": (dict(socket=True), PASS),
    "WebSocket whose site is told": (
        dict(socket=True, site="cross-site", origin=OTHER),
        REFUSE,
    ),
    "trusted WebSocket whose site is told": (
        dict(socket=True, site="cross-site", origin=PAY),
        PASS,
    ),
    "WebSocket whose site and origin differ": (
        dict(socket=True, site="same-origin", origin=OTHER),
        REFUSE,
    ),
    "own WebSocket whose site is told": (
        dict(socket=True, site="same-origin", origin=OWN),
        PASS,
    ),
    "WebSocket whose site alone is told": (dict(socket=True, site="same-origin"), PASS),
    "foreign WebSocket whose site alone is told": (
        dict(socket=True, site="cross-site"),
        REFUSE,
    ),
}
each_case = pytest.mark.parametrize(
    ("asked", "passes"), CASES.values(), ids=CASES.keys()
)
check = CrossSiteCheck([PAY])


def environ_of(
    method: str = "POST",
    scheme: str = "https",
    host: str = HOST,
    site: str | None = None,
    origin: str | None = None,
    socket: bool = False,
) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if socket else method,
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(),
        "HTTP_HOST": host,
    }
    environ |= {} if site is None else {"HTTP_SEC_FETCH_SITE": site}
    return environ | ({} if origin is None else {"HTTP_ORIGIN": origin})


def scope_for(
    method: str = "POST",
    scheme: str = "https",
    host: str = HOST,
    site: str | None = None,
    origin: str | None = None,
    socket: bool = False,
) -> dict[str, Any]:
    """Return a scope whose headers are spelled in any case, as servers may."""
    headers = [(b"Host", host.encode("latin1")), (b"accept", b"*/*")]
    headers += [] if site is None else [(b"sec-fetch-site", site.encode("latin1"))]
    # Values that are joined by a comma came in headers of their own.
    parts = [] if origin is None else origin.split(",")
    headers += [(b"Origin", part.strip().encode("latin1")) for part in parts]
    scope = scope_of("/", method)
    if socket:
        del scope["method"]
        scheme = {"http": "ws", "https": "wss"}[scheme]
    kind = "websocket" if socket else "http"
    return {**scope, "type": kind, "scheme": scheme, "headers": headers}


@each_case
def test_each_case_is_decided_so_by_an_environ(
    asked: dict[str, Any], passes: bool
) -> None:
    environ = environ_of(**asked)

    refusal = check.of_environ(environ, is_websocket="socket" in asked)

    assert (refusal is None) is passes


@each_case
def test_each_case_is_decided_so_by_a_scope(
    asked: dict[str, Any], passes: bool
) -> None:
    assert (check.of_scope(scope_for(**asked)) is None) is passes


@each_case
def test_a_decision_that_is_remembered_is_the_same(
    asked: dict[str, Any], passes: bool
) -> None:
    fresh = CrossSiteCheck([PAY])
    environ = environ_of(**asked)

    for _ in range(3):
        refusal = fresh.of_environ(environ, is_websocket="socket" in asked)

        assert (refusal is None) is passes


def test_a_request_is_read_from_the_environ_or_the_scope_that_it_has() -> None:
    asked: dict[str, Any] = {"site": "cross-site", "origin": OTHER}
    scope = scope_for(**asked)

    assert check.of_request(Request(environ_of(**asked))) is not None
    assert check.of_request(WerkzeugRequest(environ_of(**asked))) is not None
    assert check.of_request(Request.from_scope(scope, body=b"")) is not None
    assert check.of_request(Request.from_scope(scope_for(), body=b"")) is None


def test_an_environ_that_middleware_has_changed_goes_before_the_scope() -> None:
    request = Request.from_scope(scope_for(scheme="http", origin=OTHER), body=b"")
    request.environ["HTTP_HOST"] = "evil.example"

    assert check.of_request(request) is None


def test_a_websocket_on_an_environ_is_told_by_the_caller() -> None:
    request = Request(environ_of("GET", origin=OTHER))

    assert check.of_request(request) is None
    assert check.of_request(request, is_websocket=True) is not None


def test_a_refusal_tells_what_was_seen_and_what_helps() -> None:
    refusal = check.of_environ(
        environ_of(scheme="http", host="app:8000", origin="https://shop.example")
    )

    assert refusal is not None
    assert refusal.code == 403
    assert (refusal.address, refusal.origin, refusal.site) == (
        "http://app:8000",
        OWN,
        None,
    )
    text = str(refusal.description)
    for part in ("'http://app:8000'", f"'{OWN}'", "ProxyFix", "TRUSTED_ORIGINS"):
        assert part in text


def test_a_refusal_of_a_known_foreign_site_names_setting_and_route() -> None:
    refusal = check.of_environ(environ_of(site="same-site", origin=SIBLING))

    text = str(refusal and refusal.description)
    for part in ("'same-site'", SIBLING, "TRUSTED_ORIGINS", "cross_site=True"):
        assert part in text
    assert "ProxyFix" not in text


def test_a_refusal_of_the_origin_null_names_its_causes() -> None:
    refusal = check.of_environ(environ_of(scheme="http", origin="null"))

    text = str(refusal and refusal.description)
    assert "sandbox" in text
    assert "Referrer-Policy" in text


def test_what_a_client_sent_is_shown_escaped_and_not_at_length() -> None:
    origin = "https://<script>\x1b" + "a" * 10_000

    refusal = check.of_environ(environ_of(origin=origin))

    assert refusal is not None
    page = refusal.get_body()
    assert "<script>" not in page
    assert "\x1b" not in page
    assert len(page) < 1500


def test_what_clients_send_does_not_fill_the_memory() -> None:
    fresh = CrossSiteCheck()
    for number in range(1000):
        fresh.of_environ(environ_of(origin=f"https://{number}.example"))
    fresh.of_environ(environ_of(origin="https://" + "a" * 10_000))

    assert len(fresh._known) <= 256
    assert max(len(origin) for _, _, origin in fresh._known) < 600


HEADER = st.none() | st.text(st.characters(codec="latin1"), max_size=40)


@given(
    st.sampled_from(["GET", "POST", "post", "DELETE", ""]),
    st.sampled_from(["http", "https"]),
    st.text(st.characters(codec="latin1"), max_size=30),
    HEADER | st.sampled_from(["same-origin", "same-site", "cross-site", "none"]),
    HEADER | st.sampled_from([OWN, OTHER, PAY, "null"]),
    st.booleans(),
)
def test_whatever_is_sent_is_decided_and_both_protocols_agree(
    method: str, scheme: str, host: str, site: Any, origin: Any, socket: bool
) -> None:
    asked: dict[str, Any] = {"scheme": scheme, "host": host, "site": site}
    asked |= {"method": method, "socket": socket}
    if origin is not None and "," not in origin:
        asked["origin"] = origin.strip()

    by_environ = check.of_environ(environ_of(**asked), is_websocket=socket)
    by_scope = check.of_scope(scope_for(**asked))

    assert (by_environ is None) == (by_scope is None)


@pytest.mark.parametrize(
    ("site", "origin", "is_own"),
    [
        (None, None, True),
        ("same-origin", OWN, True),
        ("none", None, True),
        ("same-site", None, False),
        ("", None, False),
        (None, OWN, True),
        (None, OWN.upper(), False),
        (None, OTHER, False),
    ],
)
def test_most_requests_are_plainly_own(
    site: str | None, origin: str | None, is_own: bool
) -> None:
    assert is_own_request(environ_of(site=site, origin=origin)) is is_own
