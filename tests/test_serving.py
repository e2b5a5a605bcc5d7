"""What a visitor of a running server gets: `tantalus run` answers, curl asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from environments import free_port, serving

# sha256sum of the two texts, 16 digits
BEFORE, BEFORE_HASH = "body { color: red }\n", "d92e15bd3da4deb8"
AFTER, AFTER_HASH = "body { color: blue }\n", "35f08b458cfddfe9"

SITE = """
from tantalus import App, render_template, request, stream_template

app = App(__name__)


@app.get("/")
def index():
    return render_template("index.html")


@app.get("/rows")
def rows():
    return stream_template("rows.html", rows=cursor())


def cursor():
    yield "first"
    yield "second"
    raise RuntimeError(f"The cursor of {request.path} is gone.")


@app.teardown_request
def tell(error):
    print(f"Torn down {request.path} after {error!r}", flush=True)
"""
FILES = {
    "site_app.py": SITE,
    "static/style.css": BEFORE,
    "templates/index.html": "{{ url_for('static', filename='style.css') }}",
    "templates/rows.html": "<ul>{% for row in rows %}<li>{{ row }}{% endfor %}</ul>",
}
CURL_INCOMPLETE = 18  # its exit code when the body ends too early


@dataclass
class Answer:
    """What curl received, and how it ended."""

    exit_code: int
    status: int
    headers: dict[str, str]
    body: str


Ask = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "site"


@pytest.fixture
def ask(folder: Path) -> Iterator[Ask]:
    """Serve the site, and return a function that asks it with curl."""
    curl = shutil.which("curl")
    if curl is None:
        text = "This test asks with curl: install it."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(text)
    port = free_port()
    program = [sys.executable, "-m", "tantalus_cli", "--app", "site_app"]
    command = [*program, "run", "--port", str(port)]
    with serving(command, cwd=folder, port=port) as address:

        def ask(path: str, *options: str) -> Answer:
            finished = subprocess.run(
                [curl, "-sS", "-i", "--path-as-is", *options, address + path],
                capture_output=True,
                check=False,
            )
            return read(finished.returncode, finished.stdout.decode())

        yield ask


def read(exit_code: int, received: str) -> Answer:
    head, _, body = received.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(exit_code, int(first.split()[1]), headers, body)


def test_the_url_in_a_page_carries_a_hash_and_is_cached_for_ever(ask: Ask) -> None:
    url = ask("/").body
    answer = ask(url)

    assert url == f"/static/style.css?v={BEFORE_HASH}"
    assert (answer.status, answer.body) == (200, BEFORE)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef", "?w=1"])
def test_a_url_without_the_hash_works_and_is_asked_for_again(
    ask: Ask, query: str
) -> None:
    first = ask(f"/static/style.css{query}")
    again = ask(
        f"/static/style.css{query}", "-H", f"If-None-Match: {first.headers['ETag']}"
    )

    assert (first.status, first.body) == (200, BEFORE)
    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status, again.body) == (304, "")


def test_a_changed_file_has_another_url_at_once(ask: Ask, folder: Path) -> None:
    old = ask("/").body

    (folder / "static" / "style.css").write_text(AFTER, encoding="utf-8")
    new = ask("/").body
    under_new, under_old = ask(new), ask(old)

    assert new == f"/static/style.css?v={AFTER_HASH}"
    assert under_new.body == under_old.body == AFTER
    assert under_new.headers["Cache-Control"].endswith("immutable")
    assert under_old.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/static/../site_app.py", 404),
        ("/static/%2e%2e/site_app.py", 404),
        ("/static//etc/passwd", 308),  # to the path with one slash
        ("/static/%2fetc/passwd", 308),
        ("/static/style.css%00", 404),
    ],
)
def test_no_url_leads_out_of_the_static_folder(
    ask: Ask, path: str, status: int
) -> None:
    answer = ask(f"{path}?v={BEFORE_HASH}")

    assert "App(__name__)" not in answer.body
    assert "root:" not in answer.body
    assert answer.status == status


def test_a_stream_that_fails_breaks_off_and_is_logged_and_torn_down(
    ask: Ask, folder: Path
) -> None:
    answer = ask("/rows")
    alive = ask("/")

    log = (folder / "server.log").read_text(encoding="utf-8")
    failure = "RuntimeError('The cursor of /rows is gone.')"
    assert (answer.status, answer.body) == (200, "<ul><li>first<li>second")
    assert answer.exit_code == CURL_INCOMPLETE
    assert log.count(f"Torn down /rows after {failure}") == 1
    assert log.count("\nRuntimeError: The cursor of /rows is gone.") == 1
    assert (alive.status, alive.exit_code) == (200, 0)
