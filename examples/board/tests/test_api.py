from __future__ import annotations

import pytest
from tantalus.testing import FlaskClient as Client

from conftest import SignUp


def test_a_posted_message_is_answered_and_listed(
    client: Client, sign_up: SignUp
) -> None:
    response = sign_up("ada").post("/api/messages", json={"text": "From a program."})

    assert response.status_code == 201
    assert response.location == "/api/messages/1"
    message = response.get_json()
    assert message["author"] == "ada"
    assert message["text"] == "From a program."
    assert message["url"] == "http://localhost/messages/1"
    assert client.get("/api/messages").get_json() == {"messages": [message]}
    assert client.get("/api/messages/1").get_json() == message


def test_posting_needs_an_account(client: Client) -> None:
    response = client.post("/api/messages", json={"text": "Hello?"})

    assert response.status_code == 401
    assert "Log in first" in response.get_json()["error"]


@pytest.mark.parametrize(
    "body", [[], "text", 1, {}, {"text": None}, {"text": 1}, {"text": ["x"]}]
)
def test_a_body_without_a_text_is_refused(sign_up: SignUp, body: object) -> None:
    response = sign_up("ada").post("/api/messages", json=body)

    assert response.status_code == 400
    assert "Send an object with the message" in response.get_json()["error"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"text": "\xff"}', b"[" * 5000])
def test_a_body_that_is_not_json_is_refused(sign_up: SignUp, body: bytes) -> None:
    response = sign_up("ada").post(
        "/api/messages", data=body, content_type="application/json"
    )

    assert response.status_code == 400
    assert "error" in response.get_json()


def test_a_form_is_no_json(sign_up: SignUp) -> None:
    response = sign_up("ada").post("/api/messages", data={"text": "Hello"})

    assert response.status_code == 415


def test_half_a_character_is_kept_as_a_question_mark(sign_up: SignUp) -> None:
    response = sign_up("ada").post(
        "/api/messages", data=r'{"text": "\ud800"}', content_type="application/json"
    )

    assert response.status_code == 201
    assert response.get_json()["text"] == "?"


def test_too_long_a_text_is_refused_with_the_reason(sign_up: SignUp) -> None:
    response = sign_up("ada").post("/api/messages", json={"text": "x" * 501})

    assert response.status_code == 400
    assert response.get_json() == {
        "error": "The message has 501 characters, and at most 500 fit."
    }


def test_the_author_deletes_a_message(client: Client, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    ada.post("/api/messages", json={"text": "A mistake."})

    assert sign_up("bob").delete("/api/messages/1").status_code == 403
    assert client.delete("/api/messages/1").status_code == 401
    assert ada.delete("/api/messages/1").status_code == 204
    assert ada.delete("/api/messages/1").status_code == 404


@pytest.mark.parametrize("query", ["limit=1", "limit=0", "limit=-5"])
def test_fewer_messages_can_be_asked_for(sign_up: SignUp, query: str) -> None:
    ada = sign_up("ada")
    ada.post("/api/messages", json={"text": "One."})
    ada.post("/api/messages", json={"text": "Two."})

    listed = ada.get(f"/api/messages?{query}").get_json()["messages"]

    assert [message["text"] for message in listed] == ["Two."]


@pytest.mark.parametrize(
    "path", ["messages/1", "messages/0", "messages/x", "messages/" + "9" * 30, "none"]
)
def test_what_does_not_exist_is_404_as_json(client: Client, path: str) -> None:
    response = client.get(f"/api/{path}")

    assert response.status_code == 404
    assert response.get_json()["error"].startswith("The message may have been deleted")
