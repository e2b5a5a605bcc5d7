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


def shown_one_by_one(app: App, *filters: Any) -> list[Any]:
    """Return what pages show that ask for these categories, after two messages."""

    @app.get("/two")
    def two() -> str:
        flash("failed", "error")
        flash("saved", "info")
        return ""

    for number, wanted in enumerate(filters):
        app.add_url_rule(
            f"/{number}",
            f"page {number}",
            lambda wanted=wanted: get_flashed_messages(category_filter=wanted),
        )
    client = app.test_client()
    client.get("/two")
    return [client.get(f"/{number}").json for number in range(len(filters))]


def test_messages_of_other_categories_wait_for_their_page(app: App) -> None:
    found = shown_one_by_one(app, ["error"], ["info"], [])

    assert found == [["failed"], ["saved"], []]


def test_a_page_that_shows_none_takes_none(app: App) -> None:
    found = shown_one_by_one(app, ["none"], [], [])

    assert found == [[], ["failed", "saved"], []]


@pytest.mark.parametrize("wanted", ["error", iter(["error"])], ids=["text", "iterator"])
def test_a_filter_is_one_category_or_any_iterable_of_them(
    app: App, wanted: Any
) -> None:
    with app.test_request_context():
        flash("one", "error")
        flash("two", "err")

        assert get_flashed_messages(category_filter=wanted) == ["one"]


def test_calls_of_one_request_take_what_they_have_shown(app: App) -> None:
    with app.test_request_context():
        flash("failed", "error")
        flash("saved", "info")

        assert get_flashed_messages(category_filter=["error"]) == ["failed"]
        assert session["_flashes"] == [("info", "saved")]
        assert get_flashed_messages() == ["failed", "saved"]
        assert "_flashes" not in session


def test_what_is_flashed_after_the_messages_were_taken_waits(app: App) -> None:
    with app.test_request_context():
        flash("failed", "error")
        get_flashed_messages(category_filter=["info"])
        flash("later", "info")

        assert get_flashed_messages() == ["failed"]
        assert session["_flashes"] == [("info", "later")]


def test_what_is_flashed_after_the_session_was_cleared_waits(app: App) -> None:
    with app.test_request_context():
        flash("failed", "error")
        get_flashed_messages(category_filter=["info"])
        session.clear()
        flash("bye", "info")

        assert get_flashed_messages() == ["failed"]
        assert session["_flashes"] == [("info", "bye")]


def test_messages_that_no_page_shows_do_not_fill_the_cookie(app: App) -> None:
    with app.test_request_context():
        for number in range(30):
            flash(str(number), "debug")
        flash("saved")

        assert get_flashed_messages(category_filter=["message"]) == ["saved"]
        assert session["_flashes"] == [("debug", str(n)) for n in range(10, 30)]
