from __future__ import annotations

import pytest
from tantalus.testing import FlaskClient as Client

from board import live
from conftest import SignUp


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PAUSE", 0)


def first_pieces(client: Client, path: str, count: int, **headers: str) -> list[str]:
    response = client.get(path, headers=headers)
    pieces = response.iter_encoded()
    seen = [next(pieces).decode() for _ in range(count)]
    response.close()
    return seen


def test_a_page_is_sent_what_is_newer_than_what_it_shows(sign_up: SignUp) -> None:
    ada = sign_up("ada")
    for text in ("First.", "<b>Second</b>."):
        ada.post("/messages", data={"text": text})

    begin, event, beat = first_pieces(ada, "/events?after=1", 3)

    assert begin == "retry: 2000\n\n"
    assert event.startswith("id: 2\ndata: ")
    assert "&lt;b&gt;Second&lt;/b&gt;." in event
    assert beat == ":\n\n"


def test_a_browser_that_connects_again_goes_on_where_it_was(sign_up: SignUp) -> None:
    ada = sign_up("ada")
    for text in ("First.", "Second."):
        ada.post("/messages", data={"text": text})

    pieces = first_pieces(ada, "/events?after=0", 2, **{"Last-Event-ID": "1"})

    assert "Second." in pieces[1]


def test_a_message_that_is_written_later_is_sent(sign_up: SignUp) -> None:
    ada = sign_up("ada")
    response = ada.get("/events")
    pieces = response.iter_encoded()
    assert [next(pieces) for _ in range(3)][2] == b":\n\n"

    sign_up("eve").post("/messages", data={"text": "Later."})

    assert b"Later." in next(pieces)
    response.close()


def test_what_is_no_id_is_refused(client: Client) -> None:
    assert client.get("/events", headers={"Last-Event-ID": "x"}).status_code == 400


def test_older_pages_stay_as_they_are(client: Client) -> None:
    assert "live.js" in client.get("/").text
    assert "live.js" not in client.get("/?before=5").text
