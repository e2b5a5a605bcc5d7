from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tantalus import App


def test_a_process_that_answers_lives_and_is_ready() -> None:
    app = App("healthy")
    app.add_health()
    client = app.test_client()

    live, ready = client.get("/healthz"), client.get("/readyz")

    assert (live.status_code, live.json) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json) == (200, {"status": "ready"})
    assert live.headers["Cache-Control"] == "no-store"


def test_it_is_not_ready_if_a_check_fails(caplog: pytest.LogCaptureFixture) -> None:
    app = App("ill")

    def database() -> None:
        raise OSError("no disk")

    async def queue() -> bool:
        return False

    def well() -> None:
        pass

    app.add_health(checks=[database, queue, well])
    client = app.test_client()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.get_json(force=True) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "These checks failed: database, queue.",
    }
    assert "no disk" in caplog.text
    assert client.get("/healthz").status_code == 200


def test_it_is_not_ready_while_it_drains() -> None:
    app = App("leaving")
    app.add_health()
    client = app.test_client()
    app.is_draining = True

    ready: Any = client.get("/readyz").get_json(force=True)

    assert ready["detail"] == "The process is stopping."
    assert client.get("/healthz").status_code == 200


def test_it_is_not_ready_while_it_closes_what_it_has_opened() -> None:
    app = App("leaving")
    seen: list[int] = []

    @app.lifespan
    def pool() -> Iterator[None]:
        yield
        seen.append(app.test_client().get("/readyz").status_code)

    app.add_health()
    client = app.test_client()
    seen.append(client.get("/readyz").status_code)
    client.close()

    assert seen == [200, 503]


@pytest.mark.parametrize(
    ("urls", "codes"),
    [
        ({"live": "/live", "ready": None}, [200, 404]),
        ({"live": None, "ready": "/ready"}, [404, 200]),
    ],
)
def test_each_may_be_left_out_or_have_another_url(
    urls: dict[str, Any], codes: list[int]
) -> None:
    app = App("healthy")
    app.add_health(**urls)
    client = app.test_client()

    assert [client.get(url).status_code for url in ("/live", "/ready")] == codes
