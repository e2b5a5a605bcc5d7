"""The recipes, read from their pages, and what somebody does who copies one."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from doctest import ELLIPSIS, OutputChecker
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from environments import clean_environment, free_port, serving

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "recipes"
RECIPES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "index")

# A block of code, and before it, in bold, the name of the file that it is.
BLOCK = re.compile(r"^(?:\*\*`([^`\n]+)`\*\*\n\n)?(`{3,})(\w+)\n(.*?)^\2$", re.M | re.S)
SERVES = re.compile(
    r"(uvicorn|gunicorn|granian|hypercorn) |(tantalus|python -m [\w.]+)( .*)? run\b"
)
SHOWN = "127.0.0.1:5000"


class Block(NamedTuple):
    """A block of code of a page; `file` is empty if it is none."""

    file: str
    language: str
    text: str


def blocks(name: str) -> list[Block]:
    """Return the blocks of a recipe, from top to bottom."""
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return [
        Block(file, language, text) for file, _, language, text in BLOCK.findall(page)
    ]


def files(name: str) -> dict[str, str]:
    """Return the files of a recipe, as they are in the end."""
    return {block.file: block.text for block in blocks(name) if block.file}


def commands(name: str) -> list[str]:
    """Return what a recipe has its reader type, line by line."""
    texts = [block.text for block in blocks(name) if block.language == "sh"]
    return [line for text in texts for line in lines_of(text)]


def lines_of(text: str) -> list[str]:
    return text.replace("\\\n", " ").splitlines()


def follow(name: str, folder: Path) -> None:
    """Do all that a recipe says, in an empty folder, and see that it shows the same.

    Files are written, commands typed, servers left running until the end. Only the port
    is another one, and what `pip install` names has to be here already.
    """
    with ExitStack() as servers:
        reader = Reader(folder, servers)
        said: str | None = None
        for block in blocks(name):
            if block.file:
                path = folder / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            elif block.language == "powershell":
                continue  # says what the block of `sh` beside it says
            elif block.language == "sh":
                said = "".join(map(reader.type, lines_of(block.text)))
            else:
                assert said is not None, f"Nothing was typed that shows {block.text}"
                assert OutputChecker().check_output(
                    block.text.strip() + "\n", said.strip() + "\n", ELLIPSIS
                ), f"The page shows\n{block.text}\nand there came\n{said}"
                said = None


class Reader:
    """Somebody in a folder, with a shell and as many terminals as it takes."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self.folder = folder
        self.servers = servers
        self.port = free_port()
        self.exports: list[str] = []

    def type(self, line: str) -> str:
        """Return what a command has written, or nothing where it goes on running."""
        if line.startswith("pip install "):
            for wanted in requirements_of(line):
                assert distribution(Requirement(wanted).name), f"no {wanted} here"
            return ""
        if line.startswith("docker "):
            return self.contain(line)
        line = line.replace(SHOWN, f"127.0.0.1:{self.port}")
        if line.startswith("export "):
            self.exports.append(line)
        elif SERVES.match(line):
            self.servers.enter_context(self.serve(line))
        else:
            return self.run(line).replace(f"127.0.0.1:{self.port}", SHOWN)
        return ""

    def run(self, line: str) -> str:
        finished = subprocess.run(
            self.shell(line),
            cwd=self.folder,
            env=clean_environment() | self.settings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert finished.returncode == 0, f"{line}\n{finished.stdout}{finished.stderr}"
        return finished.stdout

    @contextmanager
    def serve(self, line: str) -> Iterator[None]:
        line = re.sub(r"(?<=--port )5000", str(self.port), line)
        with serving(
            self.shell(f"exec {line}"),
            cwd=self.folder,
            port=self.port,
            settings=self.settings(),
        ):
            yield

    def contain(self, line: str) -> str:
        """Do here what a container would: build, by checks, or run its command."""
        image = Dockerfile(self.folder / "Dockerfile")
        if line.startswith("docker build "):
            self.run("hadolint Dockerfile")
            image.check()
            return ""
        given = re.findall(r"--env (\w+=(?:\$\(.*?\)|\S+))", line)
        self.exports += [f"export {text}" for text in [*given, *image.all("ENV")]]
        inside = re.findall(r"--publish 127\.0\.0\.1:5000:(\d+)", line)[0]
        command = shlex.join(image.words("CMD")).replace(inside, str(self.port))
        self.servers.enter_context(self.serve(command))
        self.run(shlex.join(image.words("HEALTHCHECK")).replace(inside, str(self.port)))
        return ""

    def shell(self, line: str) -> list[str]:
        return ["bash", "-e", "-c", "\n".join([*self.exports, line])]

    def settings(self) -> dict[str, str]:
        programs = str(Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join([programs, os.environ["PATH"]]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "-q -W error -p no:cacheprovider",
            "TANTALUS_RUN_PORT": str(self.port),
            "FLASK_RUN_PORT": str(self.port),  # read by `tantalus.as_flask`
        }


class Dockerfile:
    """The lines of a Dockerfile, each of which is one instruction."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        lines = path.read_text(encoding="utf-8").splitlines()
        self.instructions = [line.split(" ", 1) for line in lines if line]

    def all(self, name: str) -> list[str]:
        return [text for word, text in self.instructions if word == name]

    def words(self, name: str) -> list[str]:
        """Return the words of the one instruction that is a command."""
        [text] = self.all(name)
        words: list[str] = json.loads(text.removeprefix("CMD "))
        return words

    def check(self) -> None:
        """See that what it copies is there, and what it installs is what is here."""
        for text in self.all("COPY"):
            *sources, _ = text.split()
            assert [s for s in sources if not (self.folder / s).exists()] == []
        for text in (self.folder / "requirements.txt").read_text().splitlines():
            requirement = Requirement(text)
            installed = distribution(requirement.name).version
            assert requirement.specifier.contains(installed), (text, installed)


def requirements_of(line: str) -> list[str]:
    """Return what `pip install` is told to get."""
    _, _, *wanted = shlex.split(line)
    return wanted
