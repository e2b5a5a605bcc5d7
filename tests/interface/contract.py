"""What schemathesis makes of the documents of two apps, and asks of the apps.

    python tests/interface/contract.py --requests 10000 --seed 1

The apps are the board, as it is at the end of the tutorial, and one with every feature.
No answer may be an error of the server, or one that the document denies: a status, a
type, a header or a value that it does not have. Requests that are wrong on purpose are
among them. What fails is printed with the request, as a command of curl.
"""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from werkzeug.serving import WSGIRequestHandler, make_server

import features
import tutorial
from tantalus import App

# Not among them: that what the schema allows is accepted, and that what it denies is
# refused. A JSON schema allows 1.0 for a whole number, and an empty text in a query or
# form is a missing value here.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
)
ROUNDS = 8  # as many as it takes to come to the requests; each has another seed


class Asked(NamedTuple):
    """What came of some requests: how many they were, and what was wrong."""

    requests: int
    wrong: str


class Subject(NamedTuple):
    """An app, the path of its document, and headers of who is known to it."""

    app: App
    document: str
    known: Sequence[str]


class Quiet(WSGIRequestHandler):
    """Keeps connections open, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def feature_app(folder: Path) -> Subject:
    """Return the app with every feature."""
    return Subject(features.make_app(), "/docs/openapi.json", ["X-Key: t1"])


def board(folder: Path) -> Subject:
    """Return the board of the tutorial, written into a folder, and a cookie for it."""
    for chapter in tutorial.CHAPTERS:
        tutorial.write(chapter, folder)
    sys.path.insert(0, str(folder))
    make: Callable[..., App] = importlib.import_module("board").create_app
    app = make({"TESTING": True}, instance_path=str(folder / "instance"))
    browser = app.test_client()
    account = {"name": "ada", "password": "correct horse battery"}
    assert browser.post("/account/sign-up", data=account).status_code == 302
    cookie = browser.get_cookie("session")
    assert cookie is not None
    return Subject(app, "/api/docs/openapi.json", [f"Cookie: session={cookie.value}"])


SUBJECTS: dict[str, Callable[[Path], Subject]] = {
    "board": board,
    "features": feature_app,
}


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve an app from a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(url: str, headers: Sequence[str], examples: int, seed: int) -> Asked:
    """Have schemathesis ask what a document says, and more."""
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", url]
    command += ["--checks", ",".join(CHECKS), "--continue-on-failure"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--no-color"]
    command += ["--request-timeout", "60"]  # for a busy machine
    command += ["--generation-database", "none", "--warnings", "off"]
    for header in headers:
        command += ["--header", header]
    with TemporaryDirectory() as folder:  # where it leaves what it found
        finished = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False
        )
    said = finished.stdout + finished.stderr
    found = re.search(r"^  ([\d,]+) generated", said, re.M)
    number = int(found[1].replace(",", "")) if found else 0
    return Asked(number, said if finished.returncode or not number else "")


def asked_of(name: str, requests: int, seed: int, folder: Path) -> Asked:
    """Ask an app until there were so many requests, or something is wrong.

    Half of the rounds are asked by nobody in particular, the others by who is known.
    """
    subject = SUBJECTS[name](folder)
    operations = len(list(operations_of(subject.app)))
    examples = max(1, requests // operations // ROUNDS)
    total = 0
    with served(subject.app) as url:
        for number in range(1, 100):
            headers = subject.known if number % 2 else []
            found = ask(url + subject.document, headers, examples, seed + number)
            total += found.requests
            if found.wrong or total >= requests:
                return Asked(total, found.wrong)
    raise RuntimeError(f"Only {total} requests were made.")


def operations_of(app: App) -> Iterator[tuple[str, str]]:
    """Yield the methods and paths of a document."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            yield method, path


def main() -> int:
    """Ask both apps, and return the status to exit with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=10_000, help="of each app")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*", default=list(SUBJECTS))
    options = parser.parse_args()
    failed = 0
    for name in options.names:
        with TemporaryDirectory() as folder:
            found = asked_of(name, options.requests, options.seed, Path(folder))
        print(f"{name}: {found.requests:,} requests", found.wrong or "as documented.")
        failed += bool(found.wrong)
    return failed


if __name__ == "__main__":
    sys.exit(main())
