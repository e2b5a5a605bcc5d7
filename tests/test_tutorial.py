"""Who follows the tutorial has an app after each chapter, and at last the board."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

import quickstart
import tutorial
from environments import free_port, serving

BOARD = tutorial.ROOT / "examples" / "board"
VISIT = """
import json
import sys

from board import create_app

browser = create_app().test_client()
for method, path, data in json.loads(sys.argv[1]):
    response = browser.open(path, method=method, data=data)
    print(json.dumps([response.status_code, response.text]))
"""
LOG_IN = ("POST", "/account/log-in", {"name": "sisyphus", "password": "underworld"})
# Chapters whose commands put messages on the board.
SEEDING = ("02-data", "04-accounts")
SEEDED = ["Almost there.", "Has anybody seen the menu?", "Small setback."]

Visit = tuple[str, str, dict[str, str] | None]


def follow(folder: Path, chapter: str) -> Path:
    """Do what the tutorial says up to the end of a chapter, its commands too."""
    for done in tutorial.CHAPTERS[: tutorial.CHAPTERS.index(chapter) + 1]:
        tutorial.write(done, folder)
        if done in SEEDING:
            [command], [shown] = blocks(done, "sh"), blocks(done, "text")
            assert shell(folder, command) == shown
    return folder


def blocks(chapter: str, language: str) -> list[str]:
    return quickstart.blocks(f"tutorial/{chapter}.md", language)


def shell(folder: Path, commands: str) -> str:
    """Return what a shell wrote that was given lines as they stand on a page."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    finished = subprocess.run(
        ["bash", "-e", "-c", commands],
        cwd=folder,
        env=os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def visit(folder: Path, *visits: Visit) -> list[tuple[int, str]]:
    """Return status and text of the answers to one browser's visits, in order."""
    program = shlex.join(["python", "-c", VISIT, json.dumps(visits)])
    lines = shell(folder, program).splitlines()
    return [(status, text) for status, text in map(json.loads, lines)]


def get(path: str) -> Visit:
    return ("GET", path, None)


def test_the_first_chapter_has_a_page(tmp_path: Path) -> None:
    page, style = visit(
        follow(tmp_path, "01-a-page"), get("/"), get("/static/style.css")
    )

    assert page[0] == style[0] == 200
    assert "Nobody has written anything yet." in page[1]


def test_after_the_second_there_are_messages_on_the_page(tmp_path: Path) -> None:
    [page] = visit(follow(tmp_path, "02-data"), get("/"))

    assert (tmp_path / "instance" / "board.sqlite").exists()
    assert [text in page[1] for text in SEEDED] == [True, True, True]


def test_after_the_third_the_messages_are_read(tmp_path: Path) -> None:
    index, one, missing, odd = visit(
        follow(tmp_path, "03-pages"),
        get("/"),
        get("/messages/2"),
        get("/messages/999"),
        get("/?before=nonsense"),
    )

    assert [text in index[1] for text in SEEDED] == [True, True, True]
    assert SEEDED[1] in one[1]
    assert SEEDED[0] not in one[1]
    assert missing[0] == 404
    assert odd == index


def test_after_the_fourth_one_can_log_in(tmp_path: Path) -> None:
    before, logged_in, after = visit(
        follow(tmp_path, "04-accounts"), get("/"), LOG_IN, get("/")
    )

    assert "Sign up" in before[1]
    assert logged_in[0] == 302
    assert "Welcome back, sisyphus!" in after[1]
    assert "Log out" in after[1]


def test_after_the_fifth_one_can_post_and_delete(tmp_path: Path) -> None:
    *_, posted, page, deleted, foreign = visit(
        follow(tmp_path, "05-posting"),
        LOG_IN,
        ("POST", "/messages", {"text": "Nearly <there>."}),
        get("/"),
        ("POST", "/messages/4/delete", None),
        ("POST", "/messages/2/delete", None),
    )

    assert posted[0] == deleted[0] == 302
    assert "Nearly &lt;there&gt;." in page[1]
    assert foreign[0] == 403


def test_after_the_sixth_errors_are_pages_of_the_board(tmp_path: Path) -> None:
    [missing] = visit(follow(tmp_path, "06-protection"), get("/messages/999"))

    assert missing[0] == 404
    assert "There is nothing here" in missing[1]
    assert "Back to the board" in missing[1]


@pytest.mark.skipif(
    shutil.which("curl") is None and os.environ.get("CI") != "true",
    reason="The page asks with curl: install it.",
)
def test_after_the_seventh_the_answer_is_the_one_on_the_page(tmp_path: Path) -> None:
    folder = follow(tmp_path, "07-api")
    [serve], [ask, _] = blocks("01-a-page", "sh"), blocks("07-api", "sh")
    [shown] = blocks("07-api", "json")
    port = free_port()
    program = Path(sys.executable).with_name("tantalus")

    with serving(
        shlex.split(serve.replace("tantalus", str(program), 1)),
        cwd=folder,
        port=port,
        settings={"TANTALUS_RUN_PORT": str(port)},
    ):
        answer = shell(folder, ask.replace("5000", str(port)))

    assert masked(json.loads(answer)) == masked(json.loads(shown))
    assert answer.count("\n") >= shown.count("\n")  # as it is written under --debug


def test_after_the_eighth_a_page_names_its_events(tmp_path: Path) -> None:
    page, script = visit(follow(tmp_path, "08-live"), get("/"), get("/static/live.js"))

    assert 'data-events="/events?after=3"' in page[1]
    assert "new EventSource(list.dataset.events)" in script[1]


def masked(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message without its time, and without its host."""
    path = message["url"].removeprefix("http://").partition("/")[2]
    return message | {"created": len(message["created"]), "url": path}


def test_the_tests_of_the_last_chapter_pass(tmp_path: Path) -> None:
    folder = follow(tmp_path, "07-api")

    [_, test] = blocks("07-api", "sh")
    install, command = test.splitlines()

    said = shell(folder, f"{command} -p no:cacheprovider")

    assert install == "pip install pytest"
    assert "5 passed" in said


def test_the_reader_has_the_board_in_the_end(tmp_path: Path) -> None:
    folder = follow(tmp_path, "08-live") / "board"

    assert files_in(folder) == files_in(BOARD / "board")


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def typed_board(tmp_path: Path) -> Path:
    return follow(tmp_path, "09-typed-api")


def test_the_answer_of_the_typed_api_is_the_one_on_the_page(typed_board: Path) -> None:
    [_, ask, _] = blocks("09-typed-api", "sh")
    [shown] = blocks("09-typed-api", "json")
    path = shlex.split(ask)[1].removeprefix("http://127.0.0.1:5000")

    (status, answer), docs = visit(typed_board, get(path), get("/api/docs"))

    assert status == 422
    assert json.loads(answer) == json.loads(shown)
    assert docs[0] == 200
    assert "<h1>The board" in docs[1]


def test_the_commands_of_the_typed_chapter_run(typed_board: Path) -> None:
    install, _, commands = blocks("09-typed-api", "sh")
    test, *others = commands.splitlines()

    said = shell(typed_board, f"{test} -p no:cacheprovider")
    shell(typed_board, "\n".join(others))

    assert "tantalus[typed]" in install
    assert "8 passed" in said
    made = json.loads((typed_board / "openapi.json").read_text())
    assert list(made["paths"]["/api/messages"]) == ["get", "post"]
    links = (typed_board / "board" / "links.py").read_text()
    assert "before: int | None = None," in links


def test_views_tests_and_links_have_types_without_exceptions(typed_board: Path) -> None:
    *_, commands = blocks("09-typed-api", "sh")
    shell(typed_board, commands.splitlines()[2])
    (typed_board / "use.py").write_text(
        "from board import links\n\nlinks.api_one(message_id='x')\n"
    )

    strictly = "MYPYPATH=tests python -m mypy --strict --cache-dir=/dev/null"
    said = shell(
        typed_board, f"{strictly} board/api.py board/links.py tests/test_api.py"
    )
    wrong = shell(typed_board, f"{strictly} use.py || true")

    assert said.startswith("Success")
    assert 'Argument "message_id" to "api_one" has incompatible type "str"' in wrong
    written = tutorial.files_of("09-typed-api")
    assert not [text for text in written.values() if "Any" in text or "ignore" in text]


@pytest.mark.parametrize("chapter", tutorial.CHAPTERS)
def test_a_chapter_has_the_reader_write_something(chapter: str) -> None:
    assert tutorial.files_of(chapter)


@pytest.mark.parametrize("chapter", tutorial.CHAPTERS)
def test_the_code_of_the_reader_is_strictly_typed(tmp_path: Path, chapter: str) -> None:
    for done in tutorial.CHAPTERS[: tutorial.CHAPTERS.index(chapter) + 1]:
        tutorial.write(done, tmp_path)
    folders = [name for name in ("board", "tests") if (tmp_path / name).exists()]

    said = shell(
        tmp_path,
        f"mypy --strict --cache-dir {tmp_path.parent}/mypy {' '.join(folders)}",
    )

    assert "no issues found" in said


@pytest.fixture(scope="module")
def installed_board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the board as its wheel has it, and nothing else."""
    folder = follow(tmp_path_factory.mktemp("source"), "10-online")
    _, _, build, *_ = blocks("10-online", "sh")
    _, command = build.splitlines()
    # Nothing is fetched: what it builds with is installed where the tests run.
    shell(folder, f"{command} --no-isolation")
    (wheel,) = (folder / "dist").iterdir()
    assert f"dist/{wheel.name}" in tutorial.page_of("10-online")
    place = tmp_path_factory.mktemp("machine")
    shell(
        place, f"python -m pip install --no-deps --target . {shlex.quote(str(wheel))}"
    )
    return place


def test_the_tests_of_the_board_reach_most_of_it(tmp_path: Path) -> None:
    folder = follow(tmp_path, "10-online")
    install, *commands = blocks("10-online", "sh")[0].splitlines()

    said = shell(folder, "\n".join(commands))

    assert install == 'pip install --editable ".[test]"'
    assert "8 passed" in said
    assert int(said.split()[-1].removesuffix("%")) >= 70


def test_the_board_is_told_what_is_missing_before_it_goes_online(
    tmp_path: Path,
) -> None:
    folder = follow(tmp_path, "10-online")
    [shown] = blocks("10-online", "text")

    said = shell(folder, blocks("10-online", "sh")[1])

    assert [line.rstrip() for line in said.splitlines()] == shown.splitlines()


@pytest.mark.parametrize("server", ["gunicorn", "uvicorn"])
def test_the_board_goes_online(
    installed_board: Path, tmp_path: Path, server: str
) -> None:
    [commands] = [text for text in blocks("10-online", "sh") if f"{server} -" in text]
    install, instance, hosts, check, serve = commands.splitlines()
    settings = f"{instance.replace('/var/lib', str(tmp_path))}\n{hosts}"
    port = free_port()
    command = serve.replace("8000", str(port)).replace("--workers 2", "--workers 1")

    checked = shell(installed_board, f"{settings}\n{check}")
    with serving(
        ["bash", "-c", f"{settings}\nexec {command}"],
        cwd=installed_board,
        port=port,
        settings={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    ) as address:
        home = ask(address, "board.example")
        style = ask(f"{address}/static/style.css", "board.example")
        foreign = ask(address, "evil.example")

    assert install.startswith(f"pip install {server} board-1.0-")
    assert "Problem" not in checked
    assert (home, style, foreign) == (200, 200, 400)
    assert (tmp_path / "board" / "board.sqlite").is_file()


def ask(url: str, host: str) -> int:
    """Return the status of a page of a host."""
    try:
        with urlopen(Request(url, headers={"Host": host}), timeout=60) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
