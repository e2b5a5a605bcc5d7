"""The page on several machines: two servers, one nginx, one Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from environments import free_port
from recipes import Server, block, nginx, required, running, serving
from visitor import Visitor

PAGE = "scaling.md"


class Redis:
    """A Redis with the settings of the page, which keeps its data while it is away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        settings = block(PAGE, "text", "# redis.conf")
        (folder / "redis.conf").write_text(settings, encoding="utf-8")

    @contextmanager
    def up(self) -> Iterator[Server]:
        """Run it."""
        command = [required("redis-server"), "redis.conf", "--port", str(self.port)]
        with running(command, cwd=self.folder, port=self.port, settings={}) as server:
            yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machines")
    app = block(PAGE, "python", "# shop.py")
    (folder / "shop.py").write_text(app, encoding="utf-8")
    return folder


@contextmanager
def machine(folder: Path, redis: Redis) -> Iterator[Server]:
    """Run the server of the page."""
    command = block(PAGE, "sh", "gunicorn ")
    settings = {"TANTALUS_REDIS_URL": redis.url}
    with serving(command, cwd=folder, settings=settings) as server:
        server.wait_for_log("Booting worker", times=2)
        yield server


@contextmanager
def balancer(folder: Path, machines: list[Server]) -> Iterator[Visitor]:
    """Run the nginx of the page, and send a visitor there."""
    text = block(PAGE, "nginx", "upstream")
    for number, server in enumerate(machines, start=1):
        text = text.replace(f"10.0.0.{number}:8000", f"127.0.0.1:{server.port}")
    with nginx(text, folder=folder) as port:
        yield Visitor(port, folder)


@pytest.fixture(scope="module")
def machines(folder: Path) -> Iterator[list[Server]]:
    """Run two machines, and a Redis for both."""
    redis = Redis(folder)
    with redis.up(), machine(folder, redis) as first, machine(folder, redis) as second:
        yield [first, second]


@pytest.fixture
def visitor(
    folder: Path, machines: list[Server], request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    with balancer(folder, machines) as visitor:
        visitor.name = request.node.name
        yield visitor


def test_who_logs_in_on_one_machine_is_known_on_the_other(
    visitor: Visitor, machines: list[Server]
) -> None:
    visitor.ask("/login", "--data", "user=ann")

    answers = [visitor.ask("/").json for _ in range(6)]

    assert {answer["user"] for answer in answers} == {"ann"}
    assert {answer["process"] for answer in answers} == {
        server.process.pid for server in machines
    }


def test_a_user_is_logged_out_everywhere_at_once(visitor: Visitor) -> None:
    phone = Visitor(visitor.port, visitor.folder, "phone")
    for device in (visitor, phone):
        device.ask("/login", "--data", "user=bob")

    ended = visitor.ask("/logout-everywhere", "--request", "POST").json["ended"]

    assert ended == 2
    assert [phone.ask("/").json["user"] for _ in range(4)] == [None] * 4


def test_a_machine_that_is_replaced_is_not_missed(folder: Path) -> None:
    redis = Redis(folder)
    with redis.up(), machine(folder, redis) as stays:
        with machine(folder, redis) as goes, balancer(folder, [goes, stays]) as visitor:
            visitor.ask("/login", "--data", "user=eve")
            assert goes.stop()

            answers = [visitor.ask("/") for _ in range(6)]

        assert [answer.status for answer in answers] == [200] * 6
        assert {answer.json["user"] for answer in answers} == {"eve"}


def test_nobody_is_logged_out_by_a_redis_that_comes_back(folder: Path) -> None:
    redis = Redis(folder)
    with machine(folder, redis) as only, balancer(folder, [only, only]) as visitor:
        with redis.up() as first:
            visitor.ask("/login", "--data", "user=zoe")
            first.process.kill()
            first.process.wait()

            while_away = visitor.ask("/")

        with redis.up():
            afterwards = visitor.ask("/")

    assert while_away.status == 503
    assert afterwards.json["user"] == "zoe"
