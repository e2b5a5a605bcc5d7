"""Every server of the pages on deployment: no byte of a body is lost or added.

Bodies are sent by hand, with a length and in chunks, whole, too large and cut off. The
app answers how many bytes it was given, in each way of reading them.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from recipes import GRACE, Server, block, serving

PAGE, ASGI = "deployment.md", "asgi.md"
LIMIT = 100_000
APP = f"""
from tantalus import App, request

app = App("bodies")
app.config.update(MAX_CONTENT_LENGTH={LIMIT}, PROPAGATE_EXCEPTIONS=False)
counts = {{"begun": 0, "answered": 0, "torn down": 0}}


def pieces():
    while piece := request.stream.read(4096):
        yield piece


WAYS = {{
    "data": lambda: request.data,
    "get_data": lambda: request.get_data(cache=False),
    "stream": lambda: request.stream.read(),
    "pieces": lambda: b"".join(pieces()),
    "lines": lambda: b"".join(request.stream),
    "json": lambda: (request.get_json(silent=True) or "").encode(),
    "form": lambda: request.form["a"].encode(),
    "file": lambda: request.files["a"].read(),
}}


@app.post("/<way>")
def read(way):
    counts["begun"] += 1
    body = WAYS[way]()
    counts["answered"] += 1
    return {{"bytes": len(body), "x": body.count(b"x")}}


@app.teardown_request
def torn(error):
    counts["torn down"] += request.method == "POST"


@app.get("/counts")
def counted():
    return counts
"""
MULTIPART = (
    b'--B\r\nContent-Disposition: form-data; name="a"; filename="n"\r\n\r\n',
    b"\r\n--B--",
)
#: How a body is read: its type, and what is in it around the content that counts.
WAYS: dict[str, tuple[str, bytes, bytes]] = {
    **dict.fromkeys(
        ["data", "get_data", "stream", "pieces", "lines"], ("text/plain", b"", b"")
    ),
    "json": ("application/json", b'"', b'"'),
    "form": ("application/x-www-form-urlencoded", b"a=", b""),
    "file": ("multipart/form-data; boundary=B", *MULTIPART),
}


def command(program: str, page: str = PAGE) -> str:
    """Return how a page starts a server, with this app in one process."""
    line = block(page, "sh", f"{program} ")
    for before, after in [("--workers 2", "--workers 1"), ("--processes 2", "")]:
        line = line.replace(before, after)
    return line.replace("shop:app", "bodies:app").replace("board:app", "bodies:app")


SERVERS: dict[str, Callable[[], str]] = {
    "gunicorn, threads": lambda: command("gunicorn"),
    "gunicorn, sync": lambda: command("gunicorn").replace("--threads 8", ""),
    "granian": lambda: command("granian"),
    "waitress": lambda: command("waitress-serve"),
    "uwsgi": lambda: command("uwsgi"),
    "uvicorn": lambda: command("uvicorn", ASGI),
    "granian, asgi": lambda: command("granian", ASGI),
    "hypercorn": lambda: command("hypercorn", ASGI),
    "development": lambda: "tantalus --app bodies run --port 8000",
}
#: It hands over what is chunked without telling where it ends.
WITHOUT_CHUNKS = {"uwsgi"}
#: It hands over the chunks of a client that went away as if they were all.
TRUSTING = {"granian"}


@pytest.fixture(scope="module", params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("bodies")
    (folder / "bodies.py").write_text(APP, encoding="utf-8")
    with serving(SERVERS[name](), cwd=folder, settings={}) as server:
        yield server


def head(way: str, framing: str) -> bytes:
    kind = WAYS[way][0]
    lines = [f"POST /{way} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}"]
    return "\r\n".join([*lines, framing, "Connection: close", "", ""]).encode()


def of_size(way: str, size: int) -> bytes:
    """Return a body of `size` bytes in lines, which is read in this way."""
    _, begin, end = WAYS[way]
    line = b"x" * 999 + (b"x" if way in {"json", "form"} else b"\n")
    content = line * (size // 1000 + 1)
    return begin + content[: size - len(begin) - len(end)] + end


def chunked(body: bytes) -> bytes:
    """Return a body in chunks that no one reads in one piece."""
    pieces = [body[start : start + 7001] for start in range(0, len(body), 7001)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def exchange(
    port: int, sent: bytes, *, is_whole: bool = True
) -> tuple[int | None, bytes]:
    """Send bytes, and if they are not whole, that no more will come.

    Returns:
        The status of the answer, and its body.
        No status if the server hangs up without an answer.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=GRACE) as line:
        # A server may answer and hang up before it was sent all of it.
        with suppress(OSError):
            line.sendall(sent)
            if not is_whole:
                line.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(line, method="POST")
        try:
            answer.begin()
            return answer.status, answer.read()
        except (ConnectionError, http.client.HTTPException):
            return None, b""


def counts(port: int) -> dict[str, int]:
    asked = b"GET /counts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    found: dict[str, int] = json.loads(exchange(port, asked)[1])
    return found


def given(status: int | None, answer: bytes) -> Any:
    """Return what the app says that it was given, or the status of an error."""
    return json.loads(answer) if status == 200 else status


def expected(way: str, body: bytes) -> Any:
    """Return what the app is to be given of a whole body."""
    _, begin, end = WAYS[way]
    content = len(body) - len(begin) - len(end)
    return 413 if len(body) > LIMIT else {"bytes": content, "x": body.count(b"x")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_a_body_with_a_length_is_read_up_to_the_limit(
    server: Server, way: str, size: int
) -> None:
    body = of_size(way, size)

    answer = exchange(server.port, head(way, f"Content-Length: {len(body)}") + body)

    assert given(*answer) == expected(way, body)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_a_chunked_body_is_read_up_to_the_limit_or_not_at_all(
    server: Server, name: str, way: str, size: int
) -> None:
    body = of_size(way, size)
    sent = head(way, "Transfer-Encoding: chunked") + chunked(body) + b"0\r\n\r\n"

    answer = exchange(server.port, sent)

    assert given(*answer) == (411 if name in WITHOUT_CHUNKS else expected(way, body))


@pytest.mark.parametrize("way", WAYS)
def test_half_a_body_is_never_taken_for_a_whole_one(server: Server, way: str) -> None:
    before = counts(server.port)
    sent = head(way, "Content-Length: 90000") + of_size(way, 90_000)[:50_000]

    status, _ = exchange(server.port, sent, is_whole=False)

    assert status in {400, None}
    assert counts(server.port)["answered"] == before["answered"]


def answers_to_half(name: str, way: str) -> set[tuple[int | None, int]]:
    """Return each status that chunks which break off may have, with views answered."""
    if name in TRUSTING and way != "file":  # whose end is seen to be missing
        return {(200, 1)}
    return {(411, 0)} if name in WITHOUT_CHUNKS else {(400, 0), (None, 0)}


@pytest.mark.parametrize("way", WAYS)
def test_chunks_that_break_off_are_not_a_body_if_the_server_tells(
    server: Server, name: str, way: str
) -> None:
    before = counts(server.port)
    sent = head(way, "Transfer-Encoding: chunked")
    sent += chunked(of_size(way, 90_000)[:50_000])

    status, _ = exchange(server.port, sent, is_whole=False)

    answered = counts(server.port)["answered"] - before["answered"]
    assert (status, answered) in answers_to_half(name, way)


def test_each_request_is_torn_down_once(server: Server) -> None:
    for way in WAYS:
        exchange(server.port, head(way, "Content-Length: 9") + b"half", is_whole=False)
        exchange(server.port, head(way, f"Content-Length: {LIMIT + 1}"), is_whole=False)

    found = counts(server.port)

    assert found["torn down"] == found["begun"]
