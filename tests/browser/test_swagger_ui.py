"""Swagger UI shows an app and calls it, though no page may have a script in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Annotated

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from werkzeug.serving import make_server

from chromium import wait
from tantalus import App
from tantalus_typed import Status


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


def text_of(browser: WebDriver, selector: str) -> str:
    """Return the text of an element, once it has one; the page makes some anew."""
    return wait(browser).until(
        lambda page: page.find_element(By.CSS_SELECTOR, selector).text, selector
    )


def click(browser: WebDriver, selector: str) -> None:
    """Click an element, once that works."""

    def try_to(page: WebDriver) -> bool:
        page.find_element(By.CSS_SELECTOR, selector).click()
        return True

    wait(browser).until(try_to, selector)


def test_an_operation_is_shown_and_called(browser: WebDriver, address: str) -> None:
    browser.execute_cdp_cmd("Page.enable", {})
    blocked = "addEventListener('securitypolicyviolation', e => (window.blocked ??= [])"
    blocked += ".push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))"
    script = browser.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": blocked}
    )
    browser.get(address)

    assert text_of(browser, ".info .title").startswith("The shop")
    click(browser, ".opblock-summary-control")
    click(browser, ".try-out__btn")
    click(browser, ".execute")
    live = ".live-responses-table tr.response"
    answer = text_of(browser, f"{live} .response-col_status")
    body = text_of(browser, f"{live} .highlight-code")

    assert answer.startswith("201")
    assert '"sku": "string!"' in body
    assert browser.execute_script("return window.blocked ?? []") == []
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
