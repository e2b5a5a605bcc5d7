from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tantalus import App
from tantalus.testing import FlaskClient as Client

from board import create_app

PASSWORD = "correct horse"

SignUp = Callable[[str], Client]


@pytest.fixture
def app(tmp_path: Path) -> App:
    return create_app({"TESTING": True}, instance_path=str(tmp_path))


@pytest.fixture
def client(app: App) -> Client:
    return app.test_client()


@pytest.fixture
def sign_up(app: App) -> SignUp:
    """Return a function that signs somebody up, and returns their browser."""

    def sign_up(name: str) -> Client:
        browser = app.test_client()
        response = browser.post(
            "/account/sign-up", data={"name": name, "password": PASSWORD}
        )
        assert response.status_code == 302
        return browser

    return sign_up
