"""Many requests of every kind at once, on one event loop and its workers.

    python tests/stress.py --requests 100000

A third of the clients leaves early: before the body has come, while the view waits, or
within the answer. At the end no context is left, each request that has begun was torn
down once, and the memory in use has not grown. Prints what it found; the exit code is 1
if something is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import logging
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from tantalus import (
    App,
    Blueprint,
    Response,
    abort,
    after_this_request,
    copy_current_request_context,
    current_app,
    g,
    nonblocking,
    request,
    send_file,
    session,
    stream_with_context,
)
from tantalus.globals import _cv_app
from tantalus_context import active_contexts
from tantalus_sessions import MemoryStore, StoreSessionInterface

GONE = {"type": "http.disconnect"}
#: How many requests are under way at the same time.
AT_ONCE = 50
BODY = b"x" * 90_000


class Client:
    """One request, and the client of it, who may leave.

    Args:
        leaves_after: Messages of the server after which it leaves; None if it stays.
    """

    def __init__(
        self, path: str, number: int, leaves_after: int | None, body: bytes | None
    ) -> None:
        self._leaves_after = leaves_after
        self._left = asyncio.Event()
        whole = body or b""
        self._pieces = [whole[i : i + 9_000] for i in range(0, len(whole), 9_000)]
        self.status = 0
        self.is_complete = False
        self._messages = 0
        length = [] if body is None else [(b"content-length", b"%d" % len(body))]
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET" if body is None else "POST",
            "scheme": "http",
            "path": path,
            "query_string": b"number=%d" % number,
            "root_path": "",
            "headers": [(b"host", b"localhost"), *length],
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50_000),
        }
        if leaves_after == 0:
            asyncio.get_running_loop().call_later(random.random() / 50, self._left.set)

    async def receive(self) -> dict[str, Any]:
        if self._pieces and not self._left.is_set():
            await asyncio.sleep(0)
            piece = self._pieces.pop(0)
            more = bool(self._pieces)
            return {"type": "http.request", "body": piece, "more_body": more}
        await self._left.wait()
        return GONE

    async def send(self, message: Any) -> None:
        if self._left.is_set():
            raise ConnectionResetError("The client has gone.")
        await asyncio.sleep(0)
        self._messages += 1
        self.status = self.status or message["status"]
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.is_complete = True
        if self._messages == self._leaves_after:
            self._left.set()


class Seen:
    """What the app has noted: which requests have begun, and were not torn down yet.

    Attributes:
        wrong: The numbers of requests that were torn down twice, or without a begin.
    """

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        self.begun: set[str] = set()
        self.wrong: list[str] = []

    def begin(self, number: str) -> None:
        """Note that a request has begun."""
        with self._lock:
            self.count += 1
        self.begun.add(number)

    def end(self, number: str) -> None:
        """Note that a request was torn down."""
        try:
            self.begun.remove(number)
        except KeyError:
            self.wrong.append(number)


kinds = Blueprint("kinds", __name__)


@kinds.before_app_request
def begin() -> None:
    g.number = request.args["number"]
    current_app.extensions["seen"].begin(g.number)


@kinds.before_app_request
async def begin_awaited() -> None:
    await asyncio.sleep(0)
    assert g.number == request.args["number"]


@kinds.before_app_request
@nonblocking
def begin_quickly() -> None:
    assert g.number == request.args["number"]


@kinds.after_app_request
def after(response: Response) -> Response:
    assert g.number == request.args["number"]
    return response


@kinds.after_app_request
async def after_awaited(response: Response) -> Response:
    await asyncio.sleep(0)
    return response


@kinds.teardown_app_request
async def end_awaited(error: BaseException | None) -> None:
    await asyncio.sleep(0)
    assert g.number == request.args["number"]


def end(error: BaseException | None) -> None:
    """Note that a request was torn down."""
    if "copied" not in g:
        current_app.extensions["seen"].end(request.args["number"])


@kinds.app_errorhandler(KeyError)
async def handle(error: KeyError) -> tuple[str, int]:
    return g.number, 409


# Answers that are whole.


@kinds.route("/plain", methods=["GET", "POST"])
def plain() -> str:
    return f"{g.number} {len(request.get_data())}"


@kinds.route("/awaited", methods=["GET", "POST"])
async def awaited() -> str:
    size = sum([len(piece) async for piece in request.chunks()])
    return f"{g.number} {size}"


@kinds.get("/nap", cancel_on_disconnect=True)
async def nap() -> str:
    await asyncio.sleep(random.random() / 20)
    return str(g.number)


@kinds.get("/patient")
async def patient() -> str:
    await asyncio.sleep(random.random() / 20)
    return str(g.number)


@kinds.get("/session")
async def of_session() -> str:
    session["number"] = g.number
    answer = str(session["number"])
    session.clear()  # the store forgets it, or it would grow
    return answer


@kinds.get("/error")
async def error() -> str:
    raise KeyError(g.number)


@kinds.get("/abort")
async def aborted() -> str:
    abort(404)


@kinds.get("/broken")
async def broken() -> str:
    raise OSError(g.number)


def answer(environ: Any, start_response: Any) -> list[bytes]:
    """Answer as a WSGI application."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"a", b"b"]


@kinds.get("/application")
async def application() -> Any:
    after_this_request(lambda response: response)
    return answer


@kinds.get("/file")
async def of_file() -> Response:
    return send_file(current_app.extensions["file"])


async def step() -> str:
    await asyncio.sleep(0)
    return str(g.number)


async def in_copy() -> str:
    g.copied = True
    g.number = request.args["number"]
    return await step()


@kinds.get("/tasks")
async def tasks() -> str:
    copied = copy_current_request_context(in_copy)
    steps = await asyncio.gather(step(), asyncio.create_task(copied()), step())
    assert len(set(steps)) == 1
    return steps[0]


# Answers that are made while they are sent.


def parts() -> Iterator[str]:
    for _ in range(20):
        yield request.args["number"]


async def awaited_parts() -> AsyncIterator[str]:
    for part in parts():
        await asyncio.sleep(random.random() / 500)
        yield part


async def endless() -> AsyncIterator[str]:
    while True:
        await asyncio.sleep(0.001)
        yield request.args["number"]


@kinds.get("/stream/plain")
def plain_stream() -> Any:
    return stream_with_context(parts())


@kinds.get("/stream/of-plain")
async def stream_of_plain() -> Any:
    return stream_with_context(parts())


@kinds.get("/stream/awaited")
async def awaited_stream() -> Any:
    return stream_with_context(awaited_parts())


@kinds.get("/stream/from-worker")
def stream_from_worker() -> Any:
    return stream_with_context(awaited_parts())


@kinds.get("/stream/endless")
async def endless_stream() -> Any:
    return stream_with_context(endless())


def make_app(seen: Seen, file: Path) -> App:
    """Return an app with a view of every kind, and hooks of both kinds around it."""
    app = App("stress")
    app.config.update(SECRET_KEY="not so secret a key", WORKER_QUEUE=100_000)
    app.session_interface = StoreSessionInterface(MemoryStore())
    app.extensions.update(seen=seen, file=file)
    app.teardown_appcontext(end)
    app.register_blueprint(kinds)
    return app


#: What is asked for; the last of them is nowhere.
PATHS = [
    *(rule.rule for rule in make_app(Seen(), Path()).url_map.iter_rules()),
    "/none",
]
PATHS.remove("/static/<path:filename>")
WITH_BODY = {"/plain", "/awaited"}


async def ask(app: Any, number: int, errors: Counter[str]) -> bool:
    """Make one request, look at the answer, and tell whether it had to begin."""
    path = random.choice(PATHS)
    leaves_after = random.randrange(4) if random.random() < 1 / 3 else None
    if path == "/stream/endless" and leaves_after is None:
        leaves_after = 5
    has_body = path in WITH_BODY and random.random() < 0.5
    client = Client(path, number, leaves_after, BODY if has_body else None)
    try:
        await app(client.scope, client.receive, client.send)
    except Exception as error:
        errors[f"{path}: {error!r}"] += 1
    if leaves_after is None and not client.is_complete:
        errors[f"{path}: no complete answer"] += 1
    return leaves_after != 0


async def stress(app: App, count: int) -> tuple[Counter[str], list[int], int]:
    """Make requests, so many at once.

    Returns:
        What went wrong, memory at times, and how many requests had to begin.
    """
    numbers, errors = itertools.count(), Counter[str]()
    memory: list[int] = []
    due = 0

    async def ask_on() -> None:
        nonlocal due
        while (number := next(numbers)) < count:
            is_due = await ask(app, number, errors)
            due += is_due
            if number % max(count // 10, 1) == 0:
                gc.collect()
                memory.append(resident())

    await asyncio.gather(*(ask_on() for _ in range(AT_ONCE)))
    return errors, memory, due


def resident() -> int:
    """Return the memory of this process, in KiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(
        int(line.split()[1]) for line in status.splitlines() if line[:6] == "VmRSS:"
    )


def run(count: int) -> tuple[list[str], list[int]]:
    """Make so many requests; return what is wrong, and the memory at times in KiB."""
    seen = Seen()
    App.record_pushes(True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "file.bin"
            file.write_bytes(b"x" * 600_000)
            app = make_app(seen, file)
            errors, memory, due = asyncio.run(stress(app, count))
            face: Any = app.asgi_app
            face.stop()
    finally:
        App.record_pushes(False)
    gc.collect()
    wrong = [f"{times} x {error}" for error, times in errors.most_common()]
    wrong += [f"left: {context!r}" for context in active_contexts(_cv_app)]
    wrong += [f"request {number} was not torn down" for number in seen.begun]
    wrong += [f"request {number} was torn down twice" for number in seen.wrong]
    if seen.count < due:
        wrong.append(f"only {seen.count} requests have begun, and not {due}")
    return wrong, memory


def main() -> int:
    """Run, print, and return the exit code for the shell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    logging.disable(logging.CRITICAL)
    start = time.monotonic()
    wrong, memory = run(options.requests)
    print(f"{options.requests} requests in {time.monotonic() - start:.0f} s")
    print("memory, KiB:", *memory)
    print(*wrong or ["nothing is wrong"], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
