from __future__ import annotations

import pytest
from tantalus import App
from tantalus.testing import FlaskClient as Client


def test_an_unknown_address_has_a_page(client: Client) -> None:
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert "<h1>There is nothing here</h1>" in response.text
    assert "Back to the board" in response.text


def test_an_error_in_the_code_has_a_page_that_tells_no_details(app: App) -> None:
    app.config["TESTING"] = False

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("a detail")

    response = app.test_client().get("/broken")

    assert response.status_code == 500
    assert "<h1>Something broke</h1>" in response.text
    assert "a detail" not in response.text


def test_a_lost_database_has_a_page(app: App) -> None:
    app.config.update(TESTING=False, DATABASE="/nowhere/board.sqlite")

    response = app.test_client().get("/")

    assert response.status_code == 500
    assert "<h1>Something broke</h1>" in response.text


def test_a_wrong_method_names_the_right_ones(client: Client) -> None:
    response = client.put("/messages/1")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "<h1>Method Not Allowed</h1>" in response.text


def test_too_large_a_form_is_refused(client: Client) -> None:
    response = client.post("/account/log-in", data={"name": "x" * 70_000})

    assert response.status_code == 413
    assert "<h1>That is too much</h1>" in response.text


@pytest.mark.parametrize("path", ["/static/style.css", "/static/icon.svg"])
def test_the_files_of_the_pages_are_there(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    response.close()
