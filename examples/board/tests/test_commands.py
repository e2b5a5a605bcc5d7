from __future__ import annotations

from tantalus import App
from tantalus.testing import FlaskClient as Client

from conftest import SignUp


def test_seed_fills_the_board(app: App, client: Client) -> None:
    result = app.test_cli_runner().invoke(args=["seed"])

    assert result.output == "3 messages. The password of both is underworld.\n"
    assert "Almost there." in client.get("/").text


def test_a_second_seed_explains_itself(app: App) -> None:
    app.test_cli_runner().invoke(args=["seed"])

    result = app.test_cli_runner().invoke(args=["seed"])

    assert result.exit_code == 1
    assert "Run init-db to start anew." in result.output


def test_init_db_empties_the_board(app: App, client: Client, sign_up: SignUp) -> None:
    sign_up("ada").post("/messages", data={"text": "Hello."})

    result = app.test_cli_runner().invoke(args=["init-db", "--yes"])

    assert result.output == "The board is empty.\n"
    assert "Nobody has written anything yet." in client.get("/").text


def test_init_db_asks_before(app: App, client: Client, sign_up: SignUp) -> None:
    sign_up("ada").post("/messages", data={"text": "Hello."})

    result = app.test_cli_runner().invoke(args=["init-db"], input="n\n")

    assert result.exit_code == 1
    assert "Hello." in client.get("/").text
