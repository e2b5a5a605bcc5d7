"""Sessions of Flask-Session in a real Redis: on Flask, and with Flask replaced.

Which of the two is said as for any other suite: by `-p tantalus.as_flask`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, flash, get_flashed_messages, session
from flask_session import Session
from flask_session.redis import RedisSessionInterface
from redis import Redis

PREFIX = "session:"


@pytest.fixture
def redis() -> Redis:
    """Return the server, emptied."""
    server = Redis()
    server.flushall()
    return server


@pytest.fixture
def app(redis: Redis) -> Flask:
    """Return an app with a counter, a log-in, and messages."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="of the tests",
        SESSION_TYPE="redis",
        SESSION_REDIS=redis,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=5),
    )
    Session(app)

    @app.get("/untouched")
    def untouched() -> str:
        return "."

    @app.get("/count")
    def count() -> str:
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    @app.get("/append")
    def append() -> list[int]:
        session.setdefault("numbers", []).append(len(session["numbers"]))
        session.modified = True
        return session["numbers"]

    @app.get("/login")
    def login() -> str:
        app.session_interface.regenerate(session)
        return session.sid

    @app.get("/logout")
    def logout() -> str:
        session.clear()
        return "."

    @app.get("/flash")
    def say() -> str:
        flash("Saved.", "success")
        return "."

    @app.get("/messages")
    def messages() -> list[tuple[str, str]]:
        return get_flashed_messages(with_categories=True)

    @app.get("/fail")
    def fail() -> str:
        session["count"] = 100
        raise ValueError

    return app


def keys(redis: Redis) -> list[str]:
    return [key.decode() for key in redis.keys(f"{PREFIX}*")]


def test_the_interface_is_that_of_the_extension(app: Flask) -> None:
    assert isinstance(app.session_interface, RedisSessionInterface)


def test_a_request_that_does_not_touch_the_session_stores_nothing(
    app: Flask, redis: Redis
) -> None:
    response = app.test_client().get("/untouched")

    assert "Set-Cookie" not in response.headers
    assert keys(redis) == []


def test_what_is_put_in_is_found_by_the_next_request(app: Flask) -> None:
    client = app.test_client()

    assert [client.get("/count").text for _ in range(3)] == ["1", "2", "3"]


def test_each_visitor_has_a_session_of_their_own(app: Flask, redis: Redis) -> None:
    ada, ben = app.test_client(), app.test_client()

    seen = [visitor.get("/count").text for visitor in (ada, ben, ada)]

    assert seen == ["1", "1", "2"]
    assert len(keys(redis)) == 2


def test_the_cookie_holds_nothing_but_the_key(app: Flask, redis: Redis) -> None:
    client = app.test_client()
    client.get("/count")

    cookie = client.get_cookie("session")

    assert cookie is not None
    assert keys(redis) == [f"{PREFIX}{cookie.value}"]
    assert cookie.http_only


def test_what_is_changed_within_is_kept_if_it_is_said(app: Flask) -> None:
    client = app.test_client()

    assert [client.get("/append").json for _ in range(2)] == [[0], [0, 1]]


def test_the_lifetime_of_the_app_is_that_of_the_key(app: Flask, redis: Redis) -> None:
    app.test_client().get("/count")

    assert 290 < redis.ttl(keys(redis)[0]) <= 300


def test_a_new_key_keeps_what_was_in_the_session(app: Flask, redis: Redis) -> None:
    client = app.test_client()
    client.get("/count")
    before = keys(redis)

    after = f"{PREFIX}{client.get('/login').text}"

    assert keys(redis) == [after]
    assert after not in before
    assert client.get("/count").text == "2"


def test_an_emptied_session_is_deleted_with_its_cookie(
    app: Flask, redis: Redis
) -> None:
    client = app.test_client()
    client.get("/count")

    client.get("/logout")

    assert keys(redis) == []
    assert client.get_cookie("session") is None
    assert client.get("/count").text == "1"


def test_a_session_that_the_server_lost_begins_again(app: Flask, redis: Redis) -> None:
    client = app.test_client()
    client.get("/count")
    redis.flushall()

    assert client.get("/count").text == "1"


def test_messages_are_shown_once(app: Flask) -> None:
    client = app.test_client()
    client.get("/flash")

    assert client.get("/messages").json == [["success", "Saved."]]
    assert client.get("/messages").json == []


def test_what_a_failed_request_put_in_is_kept(app: Flask) -> None:
    client = app.test_client()
    client.get("/count")

    assert client.get("/fail").status_code == 500
    assert client.get("/count").text == "101"


def test_a_transaction_of_the_client_is_stored(app: Flask, redis: Redis) -> None:
    client = app.test_client()
    with client.session_transaction() as stored:
        stored["count"] = 41

    assert client.get("/count").text == "42"
    assert len(keys(redis)) == 1
