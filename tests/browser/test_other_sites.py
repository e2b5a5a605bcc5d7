"""What a browser sends from pages of other sites, and what an app answers.

Each row of the table is a page somewhere that does something, and what arrives for it.
The names end in `.test` and are all this machine, so that they are sites like any, and
not this machine, to which browsers send more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from selenium.webdriver.remote.webdriver import WebDriver
from werkzeug.serving import make_server

from chromium import SECONDS, ChromiumMissing, chromium
from tantalus import App, Response, redirect, render_template_string, request
from tantalus_http import CrossOrigin, SecurityHeaders

OPTIONS = (
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    "--ignore-certificate-errors",
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
)
CERTIFICATE = (
    "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.test"
    " -keyout key.pem -out cert.pem"
)
PASSES, REFUSED = 200, 403


class Arrived(NamedTuple):
    """What an app saw of a request, and answered."""

    site: str | None
    origin: str | None
    has_cookie: bool
    status: int


class Row(NamedTuple):
    """A page that does something, and what is to arrive for it.

    Attributes:
        page: Scheme and name of the site of the page.
        action: A name of `ACTIONS`.
        target: Scheme and name of the site that it sends to.
        site: What `Sec-Fetch-Site` says then.
        origin: What `Origin` says; a port is added.
        has_cookie: Whether the visitor's cookie comes along.
        status: What is answered.
    """

    page: str
    action: str
    target: str
    site: str | None
    origin: str | None
    has_cookie: bool
    status: int


# What a page runs, with the address it sends to.
FORM = (
    "const f = document.createElement('form'); f.method = 'post'; f.action = URL;"
    "document.body.append(f); f.submit();"
)
FRAME = (
    "const i = document.createElement('iframe'); i.sandbox = 'allow-forms"
    " allow-scripts'; i.srcdoc = `<body><script>const URL = '${URL}';"
    f"{FORM}</script></body>`; document.body.append(i);"
)
FETCH = "fetch(URL, {method: 'POST', mode: 'no-cors', credentials: 'include'});"
SOCKET = "window.socket = new WebSocket(URL.replace('http', 'ws'));"
ACTIONS = {
    "form": (FORM, "/order"),
    "form to the open route": (FORM, "/open"),
    "form of a page without referrer": (FORM, "/order"),
    "form in a sandbox": (FRAME, "/order"),
    "form by way of another site": (FORM, "/order"),
    "fetch": (FETCH, "/order"),
    "link": ("location.href = URL;", "/page"),
    "address bar": ("", "/page"),
    "WebSocket": (SOCKET, "/live"),
}
OWN, HTTP = "https://shop.test", "http://shop.test"
SIBLING, EVIL, PAY = "https://blog.shop.test", "https://evil.test", "https://pay.test"

TABLE = [
    Row(OWN, "form", OWN, "same-origin", OWN, True, PASSES),
    Row(OWN, "fetch", OWN, "same-origin", OWN, True, PASSES),
    Row(
        OWN,
        "form of a page without referrer",
        OWN,
        "same-origin",
        "null",
        True,
        PASSES,
    ),
    Row(SIBLING, "form", OWN, "same-site", SIBLING, True, REFUSED),
    Row(SIBLING, "fetch", OWN, "same-site", SIBLING, True, REFUSED),
    Row(EVIL, "form", OWN, "cross-site", EVIL, False, REFUSED),
    Row(EVIL, "fetch", OWN, "cross-site", EVIL, False, REFUSED),
    Row(EVIL, "form in a sandbox", OWN, "cross-site", "null", False, REFUSED),
    Row(
        EVIL,
        "form of a page without referrer",
        OWN,
        "cross-site",
        "null",
        False,
        REFUSED,
    ),
    Row(EVIL, "form to the open route", OWN, "cross-site", EVIL, False, PASSES),
    Row(PAY, "form", OWN, "cross-site", PAY, False, PASSES),
    Row(OWN, "form by way of another site", OWN, "cross-site", "null", True, REFUSED),
    Row(HTTP, "form", OWN, "cross-site", HTTP, False, REFUSED),
    Row(EVIL, "link", OWN, "cross-site", None, True, PASSES),
    Row(OWN, "address bar", OWN, "none", None, True, PASSES),
    Row(OWN, "WebSocket", OWN, None, OWN, True, PASSES),
    Row(SIBLING, "WebSocket", OWN, None, SIBLING, True, REFUSED),
    Row(EVIL, "WebSocket", OWN, None, EVIL, False, REFUSED),
    Row(PAY, "WebSocket", OWN, None, PAY, False, PASSES),
    Row(HTTP, "form", HTTP, None, HTTP, True, PASSES),
    Row(HTTP, "fetch", HTTP, None, HTTP, True, PASSES),
    Row(HTTP, "form of a page without referrer", HTTP, None, "null", True, REFUSED),
    Row(
        "http://blog.shop.test",
        "form",
        HTTP,
        None,
        "http://blog.shop.test",
        True,
        REFUSED,
    ),
    Row("http://evil.test", "form", HTTP, None, "http://evil.test", False, REFUSED),
    Row("http://evil.test", "form in a sandbox", HTTP, None, "null", False, REFUSED),
    Row(HTTP, "WebSocket", HTTP, None, HTTP, True, PASSES),
    Row(
        "http://evil.test", "WebSocket", HTTP, None, "http://evil.test", False, REFUSED
    ),
    Row(
        "http://localhost",
        "form",
        "http://localhost",
        "same-origin",
        "http://localhost",
        True,
        PASSES,
    ),
    Row(
        "http://127.0.0.1",
        "form",
        "http://localhost",
        "cross-site",
        "http://127.0.0.1",
        False,
        REFUSED,
    ),
]


class Sites:
    """All sites, by http and by https, and what arrived at any of them."""

    def __init__(self, ports: dict[str, int], arrived: Queue[Arrived]) -> None:
        self.ports = ports
        self.arrived = arrived

    def address(self, origin: str | None) -> str | None:
        """Return an origin with the port of its scheme."""
        if origin in {None, "null"}:
            return origin
        return f"{origin}:{self.ports[str(origin).partition(':')[0]]}"


# A script with the nonce, one without, and one of the site.
SCRIPTS = (
    "<!DOCTYPE html><title>Scripts</title><body>"
    '<script nonce="{{ csp_nonce() }}">window.ran = ["nonce"]</script>'
    '<script>window.ran.push("injected")</script>'
    '<img src="/none" onerror="window.ran.push(1)">'
    '<script nonce="{{ csp_nonce() }}">parent.postMessage("shown", "*")</script></body>'
)


def add_readable_routes(app: App) -> None:
    """Add what pages of other origins may read, or not."""

    def read(**values: Any) -> str:
        return request.cookies.get("visitor", "nobody")

    methods = ["GET", "PUT"]
    app.add_url_rule("/closed", "closed", read, methods=methods)
    app.add_url_rule("/all", "all", read, methods=methods, cors=CrossOrigin("*"))
    app.add_url_rule("/named", "named", read, methods=methods, cors=True)
    app.add_url_rule("/scripts", "scripts", lambda: render_template_string(SCRIPTS))


def made(arrived: Queue[Arrived]) -> App:
    """Return the app that answers for every site."""
    app = App("shop")

    @app.get("/page")
    def page() -> Response:
        response = Response("<!DOCTYPE html><title>Page</title><body></body>")
        response.set_cookie("visitor", "ada", samesite="Lax")
        # By hand, for what the tests run in it.
        response.headers["Content-Security-Policy"] = "img-src 'self'"
        if "policy" in request.args:
            response.headers["Referrer-Policy"] = request.args["policy"]
        return response

    @app.post("/order")
    def order() -> str:
        return "Ordered."

    @app.post("/open", cross_site=True)
    def open_route() -> str:
        return "Open."

    @app.post("/bounce", cross_site=True)
    def bounce() -> Any:
        return redirect(request.args["to"], 307)

    def live() -> str:
        return "A server of WebSockets would take over."

    app.add_url_rule("/live", "live", live, websocket=True)
    add_readable_routes(app)

    @app.after_request
    def note(response: Response) -> Response:
        if "anywhere" in request.args:
            # What browsers do not understand they pass over.
            response.headers["X-Frame-Options"] = "anywhere"
        if "count" in request.args:
            seen = request.headers
            has_cookie = "visitor" in request.cookies
            sent = seen.get("Sec-Fetch-Site"), seen.get("Origin")
            arrived.put(Arrived(*sent, has_cookie, response.status_code))
        return response

    return app


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Serve all sites by http and by https."""
    folder = tmp_path_factory.mktemp("certificate")
    program = shutil.which("openssl")
    assert program is not None, "This makes a certificate: install openssl."
    subprocess.run(
        [program, *CERTIFICATE.split()],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    arrived: Queue[Arrived] = Queue()
    app = made(arrived)
    context = (str(folder / "cert.pem"), str(folder / "key.pem"))
    plain = make_server("127.0.0.1", 0, app, threaded=True)
    secure = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    found = Sites({"http": plain.port, "https": secure.port}, arrived)
    app.config["TRUSTED_ORIGINS"] = [found.address(PAY)]
    with_cookies = CrossOrigin([str(found.address(SIBLING))], credentials=True)
    for rule in app.url_map.iter_rules("named"):
        rule.cors = with_cookies  # type: ignore[attr-defined]  # of ours
    app.config["SECURITY_HEADERS"] = SecurityHeaders(
        hsts=None, csp={"script-src": "'nonce'"}
    )
    for server in (plain, secure):
        Thread(target=server.serve_forever, daemon=True).start()
    yield found
    for server in (plain, secure):
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def started_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Start Chromium, for which every name is this machine and any certificate good."""
    try:
        with chromium(tmp_path_factory.mktemp("profile"), OPTIONS) as started:
            yield started
    except ChromiumMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


def run(browser: WebDriver, sites: Sites, row: Row) -> Arrived:
    """Visit the target, then the page, which acts; return what arrived for that."""
    target, page = sites.address(row.target), sites.address(row.page)
    script, path = ACTIONS[row.action]
    url = f"{target}{path}?count=1"
    browser.get(f"{target}/page")  # which sets the cookie
    if row.action == "address bar":
        browser.get(url)
    elif row.action == "form by way of another site":
        bounce = f"{sites.address(EVIL)}/bounce?{urlencode({'to': url})}"
        browser.get(f"{page}/page")
        browser.execute_script(f"const URL = {bounce!r}; {script}")
    else:
        silent = row.action == "form of a page without referrer"
        browser.get(f"{page}/page" + "?policy=no-referrer" * silent)
        browser.execute_script(f"const URL = {url!r}; {script}")
    return sites.arrived.get(timeout=SECONDS)


@pytest.mark.parametrize("row", TABLE, ids=[" ".join(row[:3]) for row in TABLE])
def test_what_arrives_is_what_the_table_says(
    browser: WebDriver, sites: Sites, row: Row
) -> None:
    arrived = run(browser, sites, row)

    assert arrived == (row.site, sites.address(row.origin), row.has_cookie, row.status)
    assert sites.arrived.empty()


READ = (
    "const [url, method, credentials, done] = arguments;"
    "fetch(url, {method, credentials, headers: method == 'PUT'"
    " ? {'Content-Type': 'application/json'} : {}})"
    ".then(answer => answer.text()).then(done, () => done('refused'));"
)
REFUSES = "refused"


@pytest.mark.parametrize(
    ("page", "path", "method", "credentials", "got"),
    [
        (EVIL, "/closed", "GET", "include", REFUSES),
        (EVIL, "/closed", "PUT", "include", REFUSES),
        (EVIL, "/all", "GET", "omit", "nobody"),
        (EVIL, "/all", "GET", "include", REFUSES),
        (EVIL, "/all", "PUT", "omit", "nobody"),
        (EVIL, "/named", "GET", "omit", REFUSES),
        (EVIL, "/named", "PUT", "include", REFUSES),
        (SIBLING, "/named", "GET", "include", "ada"),
        (SIBLING, "/named", "PUT", "include", "ada"),
        (SIBLING, "/nowhere", "PUT", "include", REFUSES),
        (OWN, "/closed", "PUT", "include", "ada"),
    ],
)
def test_pages_read_what_their_origin_may(
    browser: WebDriver,
    sites: Sites,
    page: str,
    path: str,
    method: str,
    credentials: str,
    got: str,
) -> None:
    url = f"{sites.address(OWN)}{path}"
    browser.get(f"{sites.address(OWN)}/page")
    browser.get(f"{sites.address(page)}/page")

    found = browser.execute_async_script(READ, url, method, credentials)

    assert found == got


def test_only_scripts_with_the_nonce_run(browser: WebDriver, sites: Sites) -> None:
    browser.get(f"{sites.address(OWN)}/scripts")

    assert browser.execute_script("return window.ran") == ["nonce"]


FRAME_OF = (
    "const [url, wait, done] = arguments, f = document.createElement('iframe');"
    "addEventListener('message', message => done(message.data));"
    "f.onload = () => setTimeout(() => done('not shown'), wait);"
    "f.src = url; document.body.append(f);"
)


@pytest.mark.parametrize(
    ("page", "path", "shown"),
    [
        (OWN, "/scripts", "shown"),
        (EVIL, "/scripts", "not shown"),
        (EVIL, "/scripts?anywhere=1", "shown"),
    ],
)
def test_pages_are_shown_in_frames_of_the_own_site_alone(
    browser: WebDriver, sites: Sites, page: str, path: str, shown: str
) -> None:
    browser.get(f"{sites.address(page)}/page")

    url = f"{sites.address(OWN)}{path}"
    # The word of a frame that is shown may come late, and that of none never comes.
    wait = SECONDS * 1000 if shown == "shown" else 1000
    found = browser.execute_async_script(FRAME_OF, url, wait)

    assert found == shown
