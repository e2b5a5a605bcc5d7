"""WebSockets and events of a page in a real browser, at each server of ASGI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import ChromiumMissing, chromium
from recipes import Server, serving
from test_live import SERVERS

APP = """
from tantalus import App, Event, event_stream, request, session, websocket

app = App(__name__)
app.secret_key = "0123456789abcdef"


@app.get("/page")
def page():
    session["user"] = request.args.get("user", "nobody")
    return "<!DOCTYPE html><title>Page</title><body></body>"


@app.before_websocket
async def before():
    if session.get("user") == "banned":
        return "Not you.", 403


@app.websocket("/echo")
async def echo():
    await websocket.accept("tea")
    await websocket.send(session["user"])
    async for message in websocket:
        if message == "bye":
            await websocket.close(4001, "as you wish")
            return
        await websocket.send(message)


@app.get("/events")
def events():
    return event_stream(Event({"n": n}, event="tick", id=str(n)) for n in range(2))
"""
TALK = """
const [url, done] = arguments;
const socket = new WebSocket(url, ["cake", "tea"]);
const got = [];
socket.binaryType = "arraybuffer";
socket.onopen = () => ["t\\u00e9a", new Uint8Array([0, 255])].forEach(
    (message) => socket.send(message));
socket.onmessage = ({data}) => {
    got.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
    if (got.length === 3) socket.send("bye");
};
socket.onclose = ({code, reason}) => done([got, socket.protocol, code, reason]);
"""
LISTEN = """
const [url, done] = arguments;
const source = new EventSource(url), got = [];
source.addEventListener("tick", ({data, lastEventId}) => {
    got.push([data, lastEventId]);
    if (got.length === 2) { source.close(); done(got); }
});
"""
FETCH = "fetch(arguments[0]).then((answer) => arguments[1](answer.status));"
# All names are this machine, and sites of their own.
OPTIONS = ("--host-resolver-rules=MAP *.test 127.0.0.1",)
REFUSED = [[], "", 1006, ""]  # a page is not told why


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    try:
        with chromium(tmp_path_factory.mktemp("profile"), OPTIONS) as started:
            yield started
    except ChromiumMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("live")
    (folder / "live.py").write_text(APP, encoding="utf-8")
    with serving(SERVERS[request.param], cwd=folder, settings={}) as server:
        yield server


def visit(browser: WebDriver, server: Server, site: str, user: str = "ada") -> None:
    browser.get(f"http://shop.test:{server.port}/page?user={user}")
    if site != "shop.test":
        browser.get(f"http://{site}:{server.port}/page")


def test_a_page_talks_by_a_websocket_in_the_name_of_its_user(
    browser: WebDriver, server: Server
) -> None:
    visit(browser, server, "shop.test")

    ended = browser.execute_async_script(TALK, f"ws://shop.test:{server.port}/echo")

    assert ended == [["ada", "téa", [0, 255]], "tea", 4001, "as you wish"]


@pytest.mark.parametrize("site", ["evil.test", "blog.shop.test"])
def test_a_page_of_another_site_opens_none(
    browser: WebDriver, server: Server, site: str
) -> None:
    visit(browser, server, site)

    ended = browser.execute_async_script(TALK, f"ws://shop.test:{server.port}/echo")

    assert ended == REFUSED


def test_a_page_opens_none_that_a_hook_refuses(
    browser: WebDriver, server: Server
) -> None:
    visit(browser, server, "shop.test", user="banned")

    ended = browser.execute_async_script(TALK, f"ws://shop.test:{server.port}/echo")

    assert ended == REFUSED


def test_a_page_that_fetches_it_is_told_to_upgrade(
    browser: WebDriver, server: Server
) -> None:
    visit(browser, server, "shop.test")

    assert browser.execute_async_script(FETCH, "/echo") == 426


def test_a_page_hears_events(browser: WebDriver, server: Server) -> None:
    visit(browser, server, "shop.test")

    heard = browser.execute_async_script(LISTEN, "/events")

    assert heard == [['{"n": 0}', "0"], ['{"n": 1}', "1"]]
