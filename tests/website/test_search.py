"""The search box of the site finds the page that answers, and shows it first.

Pages say in an `index` block which words they answer. Sphinx puts those before what it
finds in texts and in the names of the reference; of two that claim a word, either.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from chromium import wait

ROOT = Path(__file__).parents[2]
INDEX = re.compile(r"^```\{index\} (.*)$", re.M)
# What people type, and the page they should see first; of two, either answers.
WORDS = {
    "request data": "recipes/request-data",
    "query string": "recipes/request-data",
    "slow app": "what-to-expect",
    "performance": "what-to-expect",
    "server timing": "what-to-expect",
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
    "api key": "recipes/api-keys",
    "jwt": "recipes/api-keys",
    "bearer token": "recipes/api-keys",
    "csrf": "recipes/csrf",
    "cors": "recipes/cors",
    "security headers": "recipes/security-headers",
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
    "server-sent events": "recipes/server-sent-events or live",
    "sse": "recipes/server-sent-events or live",
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
    "traces": "recipes/tracing or observing",
    "opentelemetry": "recipes/tracing or observing",
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
    "cookie": "recipes/cookies",
    "set cookie": "recipes/cookies",
    "redirects": "requests-and-responses",
    "websocket": "websockets or recipes/websockets",
    "websockets": "websockets or recipes/websockets",
    "session timeout": "sessions",
    "session lifetime": "sessions",
    "sessions in redis": "scaling",
    "secret key": "sessions",
    "rate limit": "recipes/rate-limits",
    "background": "recipes/background-work",
    "background tasks": "recipes/background-work",
    "threads": "recipes/background-work or asgi",
    "environment variables": "configuration",
    "config": "configuration",
    ".env": "cli",
    "dotenv": "cli",
    "test client": "testing",
    "blueprint": "blueprints",
    "streaming": "streaming",
    "csv": "streaming",
    "type hints": "recipes/typed-api",
    "dataclass": "recipes/typed-api",
    "debug": "recipes/debugging",
    "debugger": "recipes/debugging",
    "vscode": "recipes/debugging",
    "port": "cli",
    "host": "cli",
    "reload": "cli",
    "hot reload": "cli",
    "development server": "cli",
    "commands": "cli",
    "https": "deployment",
    "ssl": "deployment",
    "certificate": "deployment",
    "systemd": "deployment",
    "graceful shutdown": "deployment",
    "proxy": "recipes/proxy",
    "load balancer": "recipes/proxy",
    "subdomain": "urls",
    "trailing slash": "urls",
    "url parameters": "urls",
    "converter": "urls",
    "migrate": "migration",
    "flask": "migration",
    "fastapi": "from-fastapi",
    "http status": "requests-and-responses",
    "basic auth": "requests-and-responses",
    "middleware": "requests",
    "before_request": "requests",
    "hooks": "requests",
    "teardown": "requests",
    "signals": "signals",
    "app context": "contexts-in-the-app",
    "working outside of application context": "contexts-in-the-app",
    "working outside of request context": "contexts-in-the-app",
    "g": "contexts-in-the-app",
    "template": "templating",
    "jinja": "templating",
    "htmx": "templating",
    "forms": "recipes/request-data",
    "form": "recipes/request-data",
    "error handling": "errors",
    "errorhandler": "recipes/error-pages",
    "500": "recipes/error-pages",
    "405": "recipes/error-pages",
    "413": "uploads",
    "max upload size": "uploads",
    "password": "recipes/log-in",
    "download": "files",
    "send_file": "files",
    "static": "files",
    "cache": "recipes/caching",
    "orm": "recipes/sqlalchemy",
    "migrations": "recipes/sqlalchemy",
    "alembic": "recipes/sqlalchemy",
    "xss": "security",
    "content security policy": "recipes/security-headers",
    "clickjacking": "recipes/security-headers",
    "class based views": "views",
    "methodview": "views",
    "json encoder": "json",
    "async views": "recipes/async",
    "await": "recipes/async",
    "event loop": "asgi",
    "redis": "scaling",
    "pubsub": "live",
    "health check": "recipes/metrics or observing",
    "access log": "observing",
    "windows": "installation",
    "kubernetes": "recipes/docker",
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
    wait(browser).until(lambda page: page.execute_script("return Search.hasIndex()"))
    return browser


@pytest.mark.parametrize("word", WORDS)
def test_what_people_type_finds_the_page_that_answers(
    search: WebDriver, word: str
) -> None:
    found = search.execute_script(FIRST, word)

    assert found in WORDS[word].split(" or ")


def claimed() -> dict[str, set[str]]:
    """Return the words of all `index` blocks, each with the pages that claim it."""
    words: dict[str, set[str]] = {}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        page = path.relative_to(ROOT / "docs").as_posix().removesuffix(".md")
        for line in INDEX.findall(path.read_text(encoding="utf-8")):
            for entry in line.split(","):
                word = entry.strip().removeprefix("! ").lower()
                words.setdefault(word, set()).add(page)
    return words


def test_every_word_that_a_page_claims_leads_to_it(search: WebDriver) -> None:
    words = claimed()

    lost = {
        word: pages
        for word, pages in words.items()
        if search.execute_script(FIRST, word) not in pages
    }

    assert lost == {}
    assert len(words) > 150


def test_typing_into_the_box_shows_the_page_first(
    browser: WebDriver, site: Path
) -> None:
    browser.get((site / "index.html").as_uri())
    box = browser.find_element(By.CSS_SELECTOR, "input.sidebar-search")
    box.send_keys("docker", Keys.ENTER)

    first = wait(browser).until(
        lambda page: page.find_element(By.CSS_SELECTOR, "ul.search li a").text
    )

    assert first == "Docker: the app in a container"
