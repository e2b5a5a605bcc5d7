"""The course in docs/framework: its programs run, and do what its pages say."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from environments import free_port, serving
from tantalus_testing import Client

ROOT = Path(__file__).parent.parent
COURSE = ROOT / "docs" / "framework"
CHAPTERS = sorted(path.stem for path in COURSE.glob("[0-9]*.md"))
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FENCE = "```"
COMPONENTS = (
    "http",
    "routing",
    "context",
    "sessions",
    "templating",
    "cli",
    "testing",
)
# As the pages have it, with the program of the page saved as guestbook.py.
PORT = "8000"
AS_PASTED = ("python", "guestbook.py")
BY_COMMAND = ("python", "guestbook.py", "run", "--port", PORT)
BY_WSGIREF = (
    "python",
    "-c",
    "from wsgiref.simple_server import make_server; from guestbook import app;"
    f" make_server('127.0.0.1', {PORT}, app).serve_forever()",
)
SETTINGS = {"GUESTBOOK_PASSWORD": "of-the-test", "GUESTBOOK_KEY": "of-the-test" * 4}

Ask = Callable[[str], None]


@pytest.fixture
def switching() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def text(chapter: str) -> str:
    return (COURSE / f"{chapter}.md").read_text(encoding="utf-8")


def blocks(chapter: str, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall(text(chapter)) if kind == language]


def program(chapter: str) -> str:
    """Return the last block of a chapter, which is its program."""
    kind, code = BLOCK.findall(text(chapter))[-1]
    assert kind == "python"
    return str(code)


def number(chapter: str) -> int:
    return int(chapter[:2])


def definitions(code: str) -> dict[str, str]:
    """Return what a program defines, as `name` or `Class.name`, and each as text.

    A class stands for its bases; what is in it has names of its own.
    """
    found: dict[str, str] = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = " ".join(map(ast.unparse, node.bases))
            for member in node.body:
                found |= {f"{node.name}.{n}": t for n, t in named(member).items()}
        else:
            found |= named(node)
    return found


def named(node: ast.stmt) -> dict[str, str]:
    if isinstance(node, ast.FunctionDef):
        return {node.name: ast.unparse(node)}
    if isinstance(node, ast.Assign):
        names = [t.id for t in node.targets if isinstance(t, ast.Name)]
        return dict.fromkeys(names, ast.unparse(node))
    return {}


def listed(word: str, chapter: str) -> set[str]:
    """Return the names in the paragraph of a chapter that begins with `word`."""
    found = re.search(rf"^\*\*{word}:\*\*(.*?)\n\n", text(chapter), re.DOTALL | re.M)
    return set(re.findall(r"`([^`]+)`", found.group(1))) if found else set()


def changes(before: str, after: str) -> tuple[set[str], set[str]]:
    """Return the names that a program adds to another one, and those it changes.

    A new class stands for all that is in it.
    """
    old, new = definitions(before), definitions(after)
    added = {name for name in new.keys() - old.keys() if owner(name) not in new} | {
        name for name in new.keys() - old.keys() if owner(name) in old
    }
    return added, {name for name in new.keys() & old.keys() if old[name] != new[name]}


def owner(name: str) -> str:
    return name.rpartition(".")[0]


def classes(code: str) -> dict[str, ast.ClassDef]:
    body = ast.parse(code).body
    return {node.name: node for node in body if isinstance(node, ast.ClassDef)}


def members(code: str, name: str) -> set[str]:
    """Return what a class of a program has, with what its bases there have."""
    known = classes(code)
    found = {member for node in known[name].body for member in named(node)}
    for base in map(ast.unparse, known[name].bases):
        if base in known:
            found |= members(code, base)
    return found


def attributes(code: str) -> set[str]:
    """Return the attributes that methods give to `self`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) == "self"
    }


def imports_of_components(code: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if node.module.startswith("tantalus"):
                    yield node.module, alias.name


def pairs() -> list[tuple[str, str]]:
    return list(pairwise(CHAPTERS))


def serve(folder: Path, code: str, command: tuple[str, ...]) -> Iterator[Ask]:
    """Serve a program, and return what asks it as a console of the page does."""
    if shutil.which("curl") is None:
        missing = "The consoles of the course ask with curl: install it."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    port = free_port()
    (folder / "guestbook.py").write_text(code.replace(PORT, str(port)), "utf-8")
    arguments = in_this_python(" ".join(map(shlex.quote, command)), port)
    with serving(arguments, cwd=folder, port=port, settings=SETTINGS):

        def ask(console: str) -> None:
            for line, expected in commands(console):
                answer = run(in_this_python(line, port), folder)
                assert fits(answer.replace(str(port), PORT), expected), (
                    f"{line}\nanswered\n{answer}\nand not\n{expected}"
                )

        yield ask


def in_this_python(line: str, port: int) -> list[str]:
    program, *rest = shlex.split(line.replace(PORT, str(port)))
    return [sys.executable if program == "python" else program, *rest]


def commands(console: str) -> list[tuple[str, str]]:
    """Return each command of a console, and what it is to print."""
    parts = re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]
    return [(line, rest) for line, _, rest in (part.partition("\n") for part in parts)]


def run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, **SETTINGS, "PYTHONIOENCODING": "utf-8"}
    finished = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False
    )
    return finished.stdout.decode()


def fits(answer: str, expected: str) -> bool:
    """Tell whether an answer is the expected one, where `...` stands for anything."""
    pattern = re.escape(expected.strip()).replace(r"\.\.\.", ".*?")
    return re.fullmatch(pattern, answer.strip(), re.DOTALL) is not None


def on_the_real_core(code: str) -> str:
    """Return the guest book of a program, with the real core as its framework."""
    head, _, rest = code.partition("# The framework\n")
    _, _, book = rest.partition("# The guest book\n")
    standard = "".join(
        line for line in head.splitlines(True) if not line.startswith("from tantalus")
    )
    names = "App, Blueprint, Response, current_app, g, redirect, render_template"
    more = "request, session, stream_with_context, url_for"
    for old, new in (
        (
            'App("guestbook", DictLoader({"index.html": INDEX}))',
            'App("guestbook")\napp.jinja_loader = DictLoader({"index.html": INDEX})',
        ),
        (
            '"/moderation", DictLoader({"desk.html": DESK}))',
            '__name__, url_prefix="/moderation")\n'
            'moderation.jinja_loader = DictLoader({"desk.html": DESK})',
        ),
    ):
        assert old in book
        book = book.replace(old, new)
    return (
        f"{standard}from tantalus_cli import TantalusGroup\n"
        f"from tantalus import {names}, {more}\n{book}"
    )


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_code_of_a_chapter_runs(
    chapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    page = Sybil(parsers=[PythonCodeBlockParser()]).parse(COURSE / f"{chapter}.md")
    page.namespace["__name__"] = "page"
    for example in page.examples():
        example.evaluate()

    assert callable(page.namespace["app"])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_program_answers_as_the_chapter_says(chapter: str, tmp_path: Path) -> None:
    command = AS_PASTED if number(chapter) < 9 else BY_COMMAND

    for ask in serve(tmp_path, program(chapter), command):
        for console in blocks(chapter, "console"):
            ask(console)


@pytest.mark.parametrize("chapter", CHAPTERS[8:])
def test_a_program_with_commands_is_served_by_wsgiref_too(
    chapter: str, tmp_path: Path
) -> None:
    for ask in serve(tmp_path, program(chapter), BY_WSGIREF):
        ask(f"$ curl http://127.0.0.1:{PORT}/entries\n" + '{"1": "Ada was here."}')


def test_each_program_is_asked_something() -> None:
    asked = [sum(len(commands(c)) for c in blocks(x, "console")) for x in CHAPTERS]

    assert len(CHAPTERS) == 10
    assert min(asked) >= 2


@pytest.mark.parametrize("chapter", CHAPTERS[6:])
def test_the_guest_book_of_the_last_chapter_runs_on_the_real_core(
    chapter: str, tmp_path: Path
) -> None:
    code = on_the_real_core(program(CHAPTERS[-1]))

    for ask in serve(tmp_path, code, BY_COMMAND):
        for console in blocks(chapter, "console"):
            ask(console)


@pytest.mark.parametrize("chapter", CHAPTERS[5:])
def test_guests_at_the_same_time_keep_their_names(
    chapter: str, switching: None
) -> None:
    names: dict[str, Any] = {"__name__": "guestbook"}
    exec(compile(program(chapter), f"{chapter}.md", "exec"), names)

    def pages_of(guest: str) -> str:
        client = Client(names["app"])
        client.post("/enter", data={"name": guest})
        return "".join(client.get("/").text for _ in range(10))

    guests = [f"guest {n}" for n in range(8)]
    with ThreadPoolExecutor(len(guests)) as pool:
        pages = list(pool.map(pages_of, guests))

    assert [set(re.findall(r"guest \d", page)) for page in pages] == [
        {guest} for guest in guests
    ]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_core_is_not_needed(chapter: str, tmp_path: Path) -> None:
    (tmp_path / "guestbook.py").write_text(program(chapter), "utf-8")
    code = "import sys, guestbook; print('tantalus' in sys.modules)"

    assert run([sys.executable, "-c", code], tmp_path) == "False\n"


@pytest.mark.parametrize(("before", "after"), pairs())
def test_a_program_keeps_the_names_of_the_one_before(before: str, after: str) -> None:
    old, new = program(before), program(after)

    lost = {
        f"{name}.{member}"
        for name in classes(old)
        for member in members(old, name) - members(new, name)
    }

    assert {name for name in definitions(old) if not owner(name)} <= set(
        definitions(new)
    )
    assert lost <= {"Request.max_content_length"}  # a setting since chapter 6
    assert attributes(old) - attributes(new) == set()


@pytest.mark.parametrize(("before", "after"), pairs())
def test_a_chapter_says_what_is_new(before: str, after: str) -> None:
    added, changed = changes(program(before), program(after))

    assert (listed("New", after), listed("Changed", after)) == (added, changed)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_its_parts(chapter: str) -> None:
    prose, _, _ = text(chapter).rpartition(f"{FENCE}python\n")
    headings = re.findall(r"^## (.*)", text(chapter), re.MULTILINE)

    assert headings[-2:] == ["What you have now", "Exercises"]
    assert {"The smallest step", "What can go wrong"} <= set(headings)
    assert len(prose.splitlines()) <= 180


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_only_public_names_are_imported(chapter: str) -> None:
    for code in blocks(chapter, "python"):
        for module, name in imports_of_components(code):
            assert module.removeprefix("tantalus_") in COMPONENTS
            assert name in importlib.import_module(module).__all__


@pytest.mark.parametrize("page", ["index", *CHAPTERS])
def test_links_of_the_course_lead_somewhere(page: str) -> None:
    links = LINK.findall(BLOCK.sub("", text(page)))

    lost = [link for link in links if not (COURSE / link).exists()]

    assert lost == []


def test_the_core_has_the_names_that_the_last_chapter_compares() -> None:
    linked = r"\]\(\.\./\.\./(packages/\w+/src/[\w/]+\.py)\)(?:: ([^;|]+))?"

    for module, names in re.findall(linked, text(CHAPTERS[-1])):
        code = (ROOT / module).read_text("utf-8")
        for name in re.findall(r"`(\w+)`", names):
            assert re.search(
                rf"^((async )?def|class) {name}\b|^{name}\b.*=", code, re.MULTILINE
            )


def test_the_start_page_lists_all_chapters_in_order() -> None:
    linked = re.findall(r"\[\d+\. .*?\]\((.*?)\.md\)", text("index"))
    tree = text("index").partition(f"{FENCE}{{toctree}}")[2]

    assert linked == CHAPTERS
    assert [line for line in tree.splitlines() if line in CHAPTERS] == CHAPTERS


def test_the_picture_can_be_read() -> None:
    picture = ElementTree.parse(COURSE / "life.svg").getroot()

    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert "life.svg" in text(CHAPTERS[4])
