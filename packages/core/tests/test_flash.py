from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tantalus import App, flash, get_flashed_messages, session
from tantalus.signals import message_flashed

SAVED = [("message", "Saved."), ("error", "No <b>."), ("info", "By the way")]


@pytest.fixture
def app() -> App:
    app = App("flashing_app")
    app.secret_key = "a secret for these tests only"

    @app.get("/flash")
    def put() -> str:
        flash("Saved.")
        flash("No <b>.", "error")
        flash("By the way", category="info")
        return "flashed"

    return app


def shown(app: App, show: Callable[[], Any]) -> Any:
    """Return what `show` returns in the request after the one that flashed."""
    client = app.test_client()
    app.add_url_rule("/show", "show", lambda: {"shown": show()})
    client.get("/flash")
    return client.get("/show").get_json()["shown"]


def test_messages_are_shown_by_the_next_request(app: App) -> None:
    assert shown(app, get_flashed_messages) == ["Saved.", "No <b>.", "By the way"]


def test_messages_are_shown_with_their_categories(app: App) -> None:
    pairs = shown(app, lambda: get_flashed_messages(with_categories=True))

    assert pairs == [list(pair) for pair in SAVED]


def test_pairs_are_tuples_after_the_cookie_too(app: App) -> None:
    assert shown(app, lambda: get_flashed_messages(True) == SAVED) is True


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({"category_filter": ["error"]}, ["No <b>."]),
        ({"category_filter": {"info", "message"}}, ["Saved.", "By the way"]),
        ({"category_filter": ("none",)}, []),
        (
            {"category_filter": ["error"], "with_categories": True},
            [["error", "No <b>."]],
        ),
    ],
)
def test_messages_are_chosen_by_category(
    app: App, kwargs: dict[str, Any], expected: list[Any]
) -> None:
    assert shown(app, lambda: get_flashed_messages(**kwargs)) == expected


def test_a_message_is_shown_in_one_request_only(app: App) -> None:
    client = app.test_client()
    app.add_url_rule("/show", "show", lambda: {"shown": get_flashed_messages()})
    client.get("/flash")

    client.get("/show")

    assert client.get("/show").json == {"shown": []}


def test_within_a_request_every_call_shows_the_same(app: App) -> None:
    with app.test_request_context():
        flash("Saved.")

        assert get_flashed_messages() == ["Saved."]
        assert "_flashes" not in session
        flash("Later.")
        assert get_flashed_messages() == ["Saved."]
        assert session["_flashes"] == [("message", "Later.")]


def test_without_messages_the_session_stays_as_it_is(app: App) -> None:
    with app.test_request_context():
        assert get_flashed_messages() == []
        assert not session.modified


def test_flashing_changes_a_session_that_held_messages(app: App) -> None:
    with app.test_request_context():
        session["_flashes"] = [("message", "Saved.")]
        session.modified = False

        flash("Again.")

        assert session.modified
        assert get_flashed_messages() == ["Saved.", "Again."]


def test_flashing_needs_a_secret_key() -> None:
    app = App("keyless_app")

    with app.test_request_context(), pytest.raises(RuntimeError, match="secret key"):
        flash("Saved.")


def test_flashing_needs_a_request() -> None:
    with pytest.raises(RuntimeError, match="Working outside of request context"):
        flash("Saved.")
    with pytest.raises(RuntimeError, match="Working outside of request context"):
        get_flashed_messages()


@pytest.fixture
def received() -> Iterator[list[Any]]:
    received: list[Any] = []

    def receive(sender: App, **kwargs: Any) -> None:
        received.append((sender, kwargs))

    with message_flashed.connected_to(receive):
        yield received


def test_a_message_is_signalled_with_the_app_as_sender(
    app: App, received: list[Any]
) -> None:
    with app.test_request_context():
        flash("Saved.", "info")

    assert received == [(app, {"message": "Saved.", "category": "info"})]
    assert received[0][0] is app


def test_a_message_is_signalled_to_async_receivers(app: App) -> None:
    received = []

    async def receive(sender: App, message: str, category: str) -> None:
        received.append((message, category))

    with message_flashed.connected_to(receive, app), app.test_request_context():
        flash("Saved.")

    assert received == [("Saved.", "message")]
