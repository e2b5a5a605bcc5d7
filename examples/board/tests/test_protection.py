from __future__ import annotations

import pytest
from tantalus.testing import FlaskClient as Client

from conftest import SignUp


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"Sec-Fetch-Site": "same-origin"}, 302),
        ({"Sec-Fetch-Site": "none"}, 302),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost"}, 302),
        ({"Origin": "http://example.org"}, 403),
        ({"Origin": "http://localhost.example.org"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_forms_of_this_site_count(
    sign_up: SignUp, headers: dict[str, str], status: int
) -> None:
    response = sign_up("ada").post("/messages", data={"text": "Hi."}, headers=headers)

    assert response.status_code == status


def test_another_site_may_link_here(client: Client) -> None:
    response = client.get("/", headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 200


def test_the_session_cookie_stays_on_this_site(client: Client) -> None:
    response = client.post(
        "/account/sign-up", data={"name": "ada", "password": "correct horse"}
    )

    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_pages_allow_no_scripts_but_ours_and_no_frames(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "text", ["'); DROP TABLE message; --", "' OR '1'='1", '"; DELETE FROM user; --']
)
def test_sql_in_a_message_is_text(sign_up: SignUp, text: str) -> None:
    ada = sign_up("ada")

    ada.post("/messages", data={"text": text})

    assert ada.get("/api/messages/1").get_json()["text"] == text
