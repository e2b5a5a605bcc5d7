"""The search box of the site finds the page that answers, and shows it first.

Pages say in an `index` block which words they answer; Sphinx puts those before what it
finds in texts and in the names of the reference.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

ROOT = Path(__file__).parents[2]
INDEX = re.compile(r"^```\{index\} (.*)$", re.M)
# What people type, and the page they should see first.
WORDS = {
    "request data": "recipes/request-data",
    "query string": "recipes/request-data",
    "cookies": "recipes/cookies",
    "headers": "requests-and-responses",
    "status codes": "requests-and-responses",
    "file uploads": "recipes/uploads",
    "upload": "recipes/uploads",
    "sqlalchemy": "recipes/sqlalchemy",
    "database": "recipes/sqlalchemy",
    "testing sqlalchemy": "recipes/sqlalchemy-testing",
    "async sqlalchemy": "recipes/sqlalchemy-async",
    "log-in": "recipes/log-in",
    "login": "recipes/log-in",
    "authentication": "recipes/log-in",
    "flask-login": "recipes/flask-login",
    "csrf": "recipes/csrf",
    "flashing": "recipes/flashing",
    "flash": "recipes/flashing",
    "logging": "recipes/logging",
    "fetch": "recipes/fetch",
    "ajax": "recipes/fetch",
    "single-page apps": "recipes/single-page-apps",
    "react": "recipes/single-page-apps",
    "caching": "recipes/caching",
    "etag": "recipes/caching",
    "pagination": "recipes/pagination",
    "async": "recipes/async",
    "asgi": "asgi",
    "uvicorn": "asgi",
    "server-sent events": "recipes/server-sent-events",
    "sse": "recipes/server-sent-events",
    "background work": "recipes/background-work",
    "celery": "jobs",
    "docker": "recipes/docker",
    "validation": "recipes/typed-api",
    "pydantic": "recipes/typed-api",
    "openapi": "recipes/openapi",
    "swagger": "recipes/openapi",
    "custom errors": "recipes/error-pages",
    "404": "recipes/error-pages",
    "problem+json": "recipes/problem-json",
    "subclassing": "recipes/subclassing",
    "favicon": "recipes/favicon",
    "prefix": "recipes/prefix",
    "behind a proxy": "recipes/proxy",
    "nginx": "deployment",
    "rate limits": "recipes/rate-limits",
    "metrics": "recipes/metrics",
    "prometheus": "recipes/metrics",
    "traces": "recipes/tracing",
    "opentelemetry": "recipes/tracing",
    "debugging": "recipes/debugging",
    "editor": "recipes/debugging",
    "testing": "testing",
    "testing patterns": "recipes/testing-patterns",
    "pytest": "testing",
    "session": "sessions",
    "redirect": "requests-and-responses",
    "url_for": "urls",
    "static files": "files",
    "templates": "templating",
    "blueprints": "blueprints",
    "json": "json",
    "configuration": "configuration",
    "security": "security",
    "extensions": "extensions",
    "deployment": "deployment",
    "gunicorn": "deployment",
    "install": "installation",
    "quickstart": "quickstart",
    "tutorial": "tutorial/index",
}
# The function of the search page itself, without drawing what it found.
FIRST = """
const found = Search._performSearch(...Search._parseQuery(arguments[0]));
return found.length ? found[found.length - 1][0] : null;
"""


@pytest.fixture(scope="module")
def search(browser: WebDriver, site: Path) -> WebDriver:
    """Return the browser on the page of searches, with its index loaded."""
    browser.get((site / "search.html").as_uri() + "?q=nothing")
    waiting = WebDriverWait(browser, 20)
    waiting.until(lambda page: page.execute_script("return Search.hasIndex()"))
    return browser


@pytest.mark.parametrize("word", WORDS)
def test_what_people_type_finds_the_page_that_answers(
    search: WebDriver, word: str
) -> None:
    assert search.execute_script(FIRST, word) == WORDS[word]


def declared() -> list[tuple[str, str]]:
    """Return the words of all `index` blocks, each with its page."""
    return [
        (entry.strip().removeprefix("! "), path.relative_to(ROOT / "docs").as_posix())
        for path in sorted((ROOT / "docs").rglob("*.md"))
        if "_build" not in path.parts
        for line in INDEX.findall(path.read_text(encoding="utf-8"))
        for entry in line.split(",")
    ]


def test_every_word_that_a_page_claims_leads_to_it(search: WebDriver) -> None:
    claimed = declared()

    lost = [
        (word, page)
        for word, page in claimed
        if search.execute_script(FIRST, word) != page.removesuffix(".md")
    ]

    assert lost == []
    assert len(claimed) > 150


def test_no_word_is_claimed_by_two_pages() -> None:
    counts = Counter(word for word, _ in declared())

    assert [word for word, count in counts.items() if count > 1] == []


def test_typing_into_the_box_shows_the_page_first(
    browser: WebDriver, site: Path
) -> None:
    browser.get((site / "index.html").as_uri())
    box = browser.find_element(By.CSS_SELECTOR, "input.sidebar-search")
    box.send_keys("docker", Keys.ENTER)

    first = WebDriverWait(browser, 20).until(
        lambda page: page.find_element(By.CSS_SELECTOR, "ul.search li a")
    )

    assert first.text == "Docker: the app in a container"
