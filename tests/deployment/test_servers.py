"""The page on deployment: its app, behind each of its servers and its nginx."""

from __future__ import annotations

import configparser
import http.client
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values

from environments import clean_environment
from recipes import (
    GRACE,
    PROGRAMS,
    Server,
    block,
    nginx,
    port_is_free,
    serving,
)
from visitor import Visitor

PAGE = "deployment.md"
SERVERS = ["gunicorn", "granian", "waitress-serve", "uwsgi", "uvicorn", "hypercorn"]
# What the log says once every process is there. Stopped before, granian may hang.
STARTED = {
    "gunicorn": "Booting worker",
    "granian": "Started worker",
    "uwsgi": "spawned uWSGI worker",
    "uvicorn": "Application startup complete",
}


# What the command `tantalus secret` adds to the environment file.
KEY = secrets.token_hex()


def settings() -> dict[str, str]:
    """Return the environment that the page gives the app."""
    given = dotenv_values(stream=StringIO(block(PAGE, "sh", "# /etc/shop.env")))
    known = {name: value for name, value in given.items() if value is not None}
    return known | {"TANTALUS_SECRET_KEY": KEY}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a machine's disk: the app, its environment file, its static files."""
    folder = tmp_path_factory.mktemp("machine")
    static = folder / "srv" / "shop" / "static"
    static.mkdir(parents=True)
    (static / "style.css").write_text("body { color: red }\n")
    app = block(PAGE, "python", "# shop.py")
    (static.parent / "shop.py").write_text(app, encoding="utf-8")
    environment = block(PAGE, "sh", "# /etc/shop.env")
    key = f"\nTANTALUS_SECRET_KEY={KEY}\n"
    (static.parent / "shop.env").write_text(environment + key, encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, folder: Path) -> Iterator[Server]:
    """Run one of the servers as the page says."""
    with serving_home(request.param, folder) as server:
        yield server


@pytest.fixture(scope="module")
def online(server: Server, folder: Path) -> Iterator[int]:
    """Run nginx in front of it, and return the port of https."""
    text = block(PAGE, "nginx", "server {").replace("8000", str(server.port))
    with nginx(text, folder=folder) as port:
        yield port


@pytest.fixture
def visitor(online: int, folder: Path, request: pytest.FixtureRequest) -> Visitor:
    return Visitor(online, folder, request.node.name)


def test_the_app_knows_its_address_and_who_asks(visitor: Visitor) -> None:
    answer = visitor.ask("/")

    assert answer.status == 200
    assert answer.json["url"] == "https://shop.example/"
    assert answer.json["client"] == "127.0.0.1"


def test_what_a_client_claims_of_itself_is_not_believed(visitor: Visitor) -> None:
    claims = ("X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: ftp")
    options = [part for claim in claims for part in ("--header", claim)]

    answer = visitor.ask("/", *options, "--header", "X-Forwarded-Host: evil.example")

    assert answer.json["url"] == "https://shop.example/"
    assert answer.json["client"] == "127.0.0.1"


def test_another_host_is_refused(visitor: Visitor) -> None:
    assert visitor.ask("/", "--header", "Host: evil.example").status == 400


def test_a_session_lasts_in_a_secure_cookie(visitor: Visitor) -> None:
    answer = visitor.ask("/login", "--data", "user=ann")

    assert "; Secure; HttpOnly" in answer.headers["set-cookie"]
    assert visitor.ask("/").json["user"] == "ann"


def test_static_files_come_from_nginx(visitor: Visitor, folder: Path) -> None:
    (folder / "srv/shop/static/style.css").write_text("body { color: blue }\n")

    answer = visitor.ask("/static/style.css")

    assert answer.text == "body { color: blue }\n"
    assert answer.headers["etag"].count("-") == 1  # nginx's: of time and size


def test_an_unknown_page_is_the_app_s_404(visitor: Visitor) -> None:
    answer = visitor.ask("/nothing")

    assert answer.status == 404
    assert "The requested URL was not found" in answer.text


@pytest.mark.parametrize(("size", "status"), [(1_000_000, 200), (3_000_000, 413)])
def test_an_upload_may_be_as_large_as_the_settings_say(
    size: int, status: int, visitor: Visitor, tmp_path: Path
) -> None:
    (tmp_path / "upload").write_bytes(b"x" * size)

    answer = visitor.ask("/upload", "--data-binary", f"@{tmp_path / 'upload'}")

    assert answer.status == status
    assert status != 200 or answer.json == {"bytes": size}


def test_a_stream_arrives_whole_and_knows_its_request(visitor: Visitor) -> None:
    lines = visitor.ask("/count").text.splitlines()

    assert lines == [f"{number} for 127.0.0.1" for number in range(3)]


@pytest.mark.parametrize("program", STARTED)
def test_a_server_that_is_stopped_finishes_what_it_has_begun(
    program: str, folder: Path
) -> None:
    with serving_home(program, folder) as server:
        server.wait_for_log(STARTED[program], times=2)
        with counting(server.port) as answer:
            nothing_left = server.stop()

            assert answer.read().count(b"for 127.0.0.1") == 2

        assert nothing_left
        assert port_is_free(server.port)


def test_hypercorn_finishes_what_it_has_begun_in_one_process(folder: Path) -> None:
    command = block(PAGE, "sh", "hypercorn ").replace("--workers 2", "--workers 1")
    with (
        serving(command, cwd=folder / "srv" / "shop", settings=settings()) as server,
        counting(server.port) as answer,
    ):
        nothing_left = server.stop()

        assert answer.read().count(b"for 127.0.0.1") == 2
        assert nothing_left


def test_waitress_breaks_off_when_it_is_stopped(folder: Path) -> None:
    with (
        serving_home("waitress-serve", folder) as server,
        counting(server.port) as answer,
    ):
        assert server.stop()

        with pytest.raises(http.client.IncompleteRead):
            answer.read()


def serving_home(program: str, folder: Path) -> AbstractContextManager[Server]:
    """Run a server without nginx."""
    command = block(PAGE, "sh", f"{program} ")
    return serving(command, cwd=folder / "srv" / "shop", settings=settings())


@contextmanager
def counting(port: int) -> Iterator[http.client.HTTPResponse]:
    """Ask for the stream of three lines, and read the first."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=GRACE)
    with closing(line):
        line.request("GET", "/count", headers={"Host": "shop.example"})
        answer = line.getresponse()
        assert answer.readline() == b"0 for 127.0.0.1\n"
        yield answer


def test_the_deploy_check_has_no_objection(folder: Path) -> None:
    home = folder / "srv" / "shop"
    line = block(PAGE, "sh", "tantalus ").replace("/etc/", f"{home}/")
    program, *arguments = shlex.split(line)

    done = subprocess.run(
        [str(PROGRAMS / program), *arguments],
        cwd=home,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_systemd_starts_the_same_server() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # keep the case
    unit.read_string(block(PAGE, "ini", "# /etc/systemd/system/shop.service"))
    command = block(PAGE, "sh", "gunicorn ").strip()

    assert unit["Service"]["ExecStart"] == f"/srv/shop/venv/bin/{command}"
    assert unit["Service"]["EnvironmentFile"] == "/etc/shop.env"


def test_the_container_starts_the_same_server() -> None:
    command = block(PAGE, "dockerfile", "FROM ").splitlines()[-1]
    words = shlex.split(block(PAGE, "sh", "gunicorn "))
    words[2] = "0.0.0.0:8000"

    assert command == f"CMD {words}".replace("'", '"')
