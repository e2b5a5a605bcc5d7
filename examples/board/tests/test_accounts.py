from __future__ import annotations

import sqlite3

import pytest
from tantalus import App
from tantalus.testing import FlaskClient as Client

from board.accounts import is_own_page
from conftest import PASSWORD, SignUp


def test_signing_up_logs_in_and_welcomes(client: Client) -> None:
    response = client.post(
        "/account/sign-up",
        data={"name": "ada", "password": PASSWORD},
        follow_redirects=True,
    )

    assert "Welcome, ada!" in response.text
    assert "Log out" in response.text


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("al", PASSWORD, "A name has 3 to 30 characters"),
        ("a" * 31, PASSWORD, "A name has 3 to 30 characters"),
        ("<b>ada</b>", PASSWORD, "A name has 3 to 30 characters"),
        ("ada\x00", PASSWORD, "A name has 3 to 30 characters"),
        ("ada", "short", "A password has 8 to 200 characters; yours has 5."),
        ("ada", "x" * 201, "A password has 8 to 200 characters; yours has 201."),
        ("", "", "A name has 3 to 30 characters"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_the_reason(
    client: Client, name: str, password: str, reason: str
) -> None:
    response = client.post(
        "/account/sign-up", data={"name": name, "password": password}
    )

    assert response.status_code == 400
    assert reason in response.text


def test_a_name_is_taken_whatever_its_case(client: Client, sign_up: SignUp) -> None:
    sign_up("ada")

    response = client.post(
        "/account/sign-up", data={"name": "ADA", "password": PASSWORD}
    )

    assert response.status_code == 400
    assert "The name ADA is taken." in response.text


def test_passwords_are_kept_as_hashes(app: App, sign_up: SignUp) -> None:
    sign_up("ada")

    with sqlite3.connect(app.config["DATABASE"]) as database:
        (kept,) = database.execute("SELECT password_hash FROM user").fetchone()
    database.close()

    assert kept.startswith("scrypt:")
    assert PASSWORD not in kept


def test_logging_in_with_the_right_password(client: Client, sign_up: SignUp) -> None:
    sign_up("ada")

    response = client.post(
        "/account/log-in",
        data={"name": "ada", "password": PASSWORD},
        follow_redirects=True,
    )

    assert "Welcome back, ada!" in response.text


@pytest.mark.parametrize("name", ["ada", "nobody", "", "\x00"])
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    client: Client, sign_up: SignUp, name: str
) -> None:
    sign_up("ada")

    response = client.post(
        "/account/log-in", data={"name": name, "password": "wrong password"}
    )

    assert response.status_code == 400
    assert "This name and password do not belong together." in response.text


def test_logging_in_forgets_the_session_before_it(
    client: Client, sign_up: SignUp
) -> None:
    sign_up("ada")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"

    client.post("/account/log-in", data={"name": "ada", "password": PASSWORD})

    with client.session_transaction() as session:
        assert "planted" not in session
        assert "user_id" in session


def test_logging_out(sign_up: SignUp) -> None:
    ada = sign_up("ada")

    response = ada.post("/account/log-out", follow_redirects=True)

    assert "You are logged out." in response.text
    assert "Log in" in response.text


def test_a_session_of_a_deleted_user_is_logged_out(client: Client) -> None:
    with client.session_transaction() as session:
        session["user_id"] = 12345

    assert "Log in" in client.get("/").text


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("/?before=5", "/account/log-in?next=/?before%3D5"),
        ("/", "/account/log-in?next=/"),
        ("/account/sign-up", "/account/log-in"),
        ("/nowhere", "/account/log-in"),
    ],
)
def test_the_link_to_the_login_leads_back(client: Client, page: str, link: str) -> None:
    assert f'<a href="{link}">Log in</a>' in client.get(page).text


def test_after_logging_in_the_visit_goes_on_where_it_was(
    client: Client, sign_up: SignUp
) -> None:
    sign_up("ada")

    response = client.post(
        "/account/log-in",
        data={"name": "ada", "password": PASSWORD, "next": "/messages/1?x=y"},
    )

    assert response.location == "/messages/1?x=y"


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org/",
        "\\\\example.org",
        "/\t/example.org/",
        "/\n/example.org/",
        "javascript:alert(1)",
        "messages",
        "",
    ],
)
def test_logging_in_never_leads_to_another_site(
    client: Client, sign_up: SignUp, target: str
) -> None:
    sign_up("ada")

    response = client.post(
        "/account/log-in",
        data={"name": "ada", "password": PASSWORD, "next": target},
    )

    assert not is_own_page(target)
    assert response.location == "/"
