from __future__ import annotations

import pytest
from tantalus.testing import FlaskClient as Client

from conftest import SignUp


def test_an_empty_board_says_so(client: Client) -> None:
    assert "Nobody has written anything yet." in client.get("/").text


def test_a_message_appears_with_its_author(client: Client, sign_up: SignUp) -> None:
    response = sign_up("ada").post(
        "/messages", data={"text": "Hello, board."}, follow_redirects=True
    )

    assert "Your message is on the board." in response.text
    page = client.get("/").text
    assert "Hello, board." in page
    assert '<strong class="author">ada</strong>' in page


def test_a_message_is_shown_as_text_and_never_as_markup(sign_up: SignUp) -> None:
    response = sign_up("ada").post(
        "/messages",
        data={"text": "<script>alert('hi')</script>"},
        follow_redirects=True,
    )

    assert "<script>" not in response.text
    assert "&lt;script&gt;" in response.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The message is empty."),
        (" \r\n ", "The message is empty."),
        ("x" * 501, "The message has 501 characters, and at most 500 fit."),
    ],
)
def test_a_text_that_cannot_be_posted_is_refused_with_the_reason(
    sign_up: SignUp, text: str, reason: str
) -> None:
    response = sign_up("ada").post("/messages", data={"text": text})

    assert response.status_code == 400
    assert reason in response.text


def test_a_refused_text_is_still_in_the_form(sign_up: SignUp) -> None:
    response = sign_up("ada").post("/messages", data={"text": "x" * 501})

    assert "x" * 501 + "</textarea>" in response.text


def test_a_line_end_counts_once_as_in_the_browser(sign_up: SignUp) -> None:
    response = sign_up("ada").post("/messages", data={"text": "x\r\n" * 249 + "xy"})

    assert response.status_code == 302


def test_posting_without_an_account_leads_to_the_login(client: Client) -> None:
    response = client.post("/messages", data={"text": "Hello?"}, follow_redirects=True)

    assert response.request.path == "/account/log-in"
    assert "Log in first." in response.text
    assert "Hello?" not in client.get("/").text


def test_the_author_deletes_a_message(client: Client, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    ada.post("/messages", data={"text": "A mistake."})

    response = ada.post("/messages/1/delete", follow_redirects=True)

    assert "Your message is gone." in response.text
    assert "A mistake." not in client.get("/").text
    assert client.get("/messages/1").status_code == 404


def test_nobody_else_deletes_a_message(client: Client, sign_up: SignUp) -> None:
    sign_up("ada").post("/messages", data={"text": "Mine."})
    bob = sign_up("bob")

    response = bob.post("/messages/1/delete")

    assert response.status_code == 403
    assert "Only its author can delete a message." in response.text
    assert "Mine." in client.get("/").text
    assert "Delete" not in bob.get("/").text


@pytest.mark.parametrize("path", ["/messages/1/delete", "/account/log-out"])
def test_a_link_changes_nothing(client: Client, path: str) -> None:
    assert client.get(path).status_code == 405


def test_twenty_messages_are_on_a_page(client: Client, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    for number in range(1, 22):
        ada.post("/messages", data={"text": f"This is number {number}."})

    first, second = client.get("/").text, client.get("/?before=2").text

    assert first.count("<article") == 20
    assert "This is number 21." in first
    assert "/?before=2" in first
    assert second.count("<article") == 1
    assert "This is number 1." in second


@pytest.mark.parametrize("before", ["0", "-1", "1e3", "x", "9" * 30, "-" + "9" * 30])
def test_a_strange_page_is_a_page(client: Client, before: str) -> None:
    assert client.get("/", query_string={"before": before}).status_code == 200


def test_a_message_has_a_page_of_its_own(client: Client, sign_up: SignUp) -> None:
    sign_up("ada").post("/messages", data={"text": "Look at me."})

    assert "Look at me." in client.get("/messages/1").text
