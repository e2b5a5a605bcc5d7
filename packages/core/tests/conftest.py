"""Apps to test with: ours, and the one with Flask's defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tantalus import App, Flask
from tantalus.globals import _cv_app

KEY = "a key that is long enough"


@pytest.fixture
def app() -> App:
    return make_app()


@pytest.fixture
def flask_app() -> Flask:
    app = Flask("tests")
    app.config.update(TESTING=True, SECRET_KEY=KEY)
    return app


@pytest.fixture(autouse=True)
def nothing_left_current() -> Iterator[None]:
    yield
    left = _cv_app.get(None)
    assert left is None, f"{left!r} was left pushed"


def make_app() -> App:
    app = App("tests")
    app.config.update(TESTING=True, SECRET_KEY=KEY)
    return app


AppFactory = Callable[[], App]
