"""Swagger UI shows an app and calls it, though no page may have a script in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Annotated, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait
from werkzeug.serving import make_server

from tantalus import App
from tantalus_typed import Status

SECONDS = 30


@dataclass
class Order:
    sku: str
    count: int = 1


@pytest.fixture(params=["/docs", "/a/b"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    app = App("shop", typed=True)

    @app.post("/orders")
    def create(order: Order) -> Annotated[Order, Status(201)]:
        return Order(f"{order.sku}!", order.count)

    app.add_openapi(request.param, title="The shop", swagger_ui=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{request.param}"
    server.shutdown()
    thread.join()
    server.server_close()


def find(browser: WebDriver, selector: str) -> Any:
    """Return an element, once it is there."""
    return WebDriverWait(browser, SECONDS).until(
        lambda browser: browser.find_elements(By.CSS_SELECTOR, selector)
    )[0]


def test_an_operation_is_shown_and_called(browser: WebDriver, address: str) -> None:
    browser.execute_cdp_cmd("Page.enable", {})
    blocked = "addEventListener('securitypolicyviolation', e => (window.blocked ??= [])"
    blocked += ".push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))"
    script = browser.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": blocked}
    )
    browser.get(address)

    assert find(browser, ".info .title").text.startswith("The shop")
    find(browser, ".opblock-summary-control").click()
    find(browser, ".try-out__btn").click()
    find(browser, ".execute").click()
    live = ".live-responses-table tr.response"
    answer = find(browser, f"{live} .response-col_status").text
    body = find(browser, f"{live} .highlight-code").text

    assert answer.startswith("201")
    assert '"sku": "string!"' in body
    assert browser.execute_script("return window.blocked ?? []") == []
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
