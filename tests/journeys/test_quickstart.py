"""Somebody new follows the installation page and the quickstart, copying what they say.

A wheelhouse stands in for the registry, so that `pip install tantalus` gets the tree.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

import quickstart
from environments import (
    clean_environment,
    copy_tree,
    free_port,
    run,
    serving,
    visitor,
)

LINUX_VENV = "python3 -m venv needs ensurepip: install python3-venv."


@pytest.fixture(scope="module")
def wheelhouse(
    wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a folder with the packages, and all that they and the page need."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    command = [sys.executable, "-m", "pip", "download", "--dest", str(folder)]
    wanted = [*map(str, wheels.values()), "pytest", "hatchling"]
    finished = run([*command, *wanted], cwd=folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder


@pytest.fixture
def settings(wheelhouse: Path) -> dict[str, str]:
    """Return the variables of the newcomer: this Python, and the wheelhouse."""
    if find_spec("ensurepip") is None:
        assert os.environ.get("CI") != "true", LINUX_VENV
        pytest.skip(LINUX_VENV)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        "PATH": path,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheelhouse),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def test_a_newcomer_ends_with_a_running_app_and_a_test(
    settings: dict[str, str], tmp_path: Path
) -> None:
    make, serve, with_key, test = quickstart.blocks("quickstart.md", "sh")
    folder = tmp_path / "hello"

    installed = shell(f"{make}\ntantalus --version", tmp_path, settings)
    quickstart.write(quickstart.files(), folder)
    port = free_port()
    with serving(
        ["bash", "-c", f". .venv/bin/activate\n{with_key}"],
        cwd=folder,
        port=port,
        settings=settings | {"TANTALUS_RUN_PORT": str(port)},
    ) as address:
        pages = {url: look(address + url) for url in quickstart.urls()}
        refused = look(f"{address}/upload", b"")
        sent_on = visitor()(f"{address}/name", {"name": "Ada"})[1]
    tested = shell(f". .venv/bin/activate\n{test}", folder, settings)

    assert "Tantalus 0." in installed
    assert with_key.splitlines()[1:] == serve.splitlines()
    assert {url for url, (status, _) in pages.items() if status != 200} == {"/teas/red"}
    assert pages["/"][1] == "Hello, world!"
    assert pages["/squares/7"][1] == quickstart.blocks("quickstart.md", "json")[0]
    assert "<h1>Hello, Ada!</h1>" in pages["/hello/Ada"][1]
    assert "<h1>Hello, &lt;b&gt;!</h1>" in pages["/hello/%3Cb%3E"][1]
    assert '"colour": "red"' in pages["/about-you?colour=red"][1]
    assert "We have no red tea." in pages["/teas/red"][1]
    # In debug mode a missing field is an error that names it, and no 400.
    assert refused[0] == 500
    assert "KeyError: &#39;text&#39;" in refused[1]
    assert "Hello, Ada!" in sent_on
    assert "4 passed" in tested


def look(url: str, body: bytes | None = None) -> tuple[int, str]:
    """Return status and body, whatever the status."""
    try:
        with urlopen(url, body, timeout=60) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_the_smallest_app_runs_as_the_readme_says(
    settings: dict[str, str], tmp_path: Path
) -> None:
    make, _, _ = quickstart.blocks("installation.md", "sh")
    [program] = quickstart.blocks("../README.md", "python")
    install, serve = quickstart.blocks("../README.md", "sh")[-1].splitlines()

    shell(make.replace("pip install tantalus", install), tmp_path, settings)
    folder = tmp_path / "hello"
    (folder / "hello.py").write_text(program)
    port = free_port()
    with serving(
        ["bash", "-c", f". .venv/bin/activate\n{serve}"],
        cwd=folder,
        port=port,
        settings=settings | {"TANTALUS_RUN_PORT": str(port)},
    ) as address:
        answer = visitor()(address)

    assert answer == (200, "Hello, world!")


IN_A_CLONE = [
    quickstart.blocks("installation.md", "sh")[-1],
    "pip install ./packages/*",  # in the notes that nothing is published yet
]


@pytest.mark.parametrize("install", IN_A_CLONE, ids=["page", "note"])
def test_a_clone_is_installed_as_the_page_says(
    settings: dict[str, str], tmp_path: Path, install: str
) -> None:
    make, show, _ = quickstart.blocks("installation.md", "sh")
    tree = copy_tree(tmp_path / "clone")
    environment = make.replace("pip install tantalus", f"cd {tree}")

    said = shell(f"{environment}\n{install}\n{show}", tmp_path, settings)

    assert "Tantalus 0." in said


def shell(commands: str, folder: Path, settings: dict[str, str]) -> str:
    """Return what a shell wrote that was given lines as they stand on a page."""
    finished = subprocess.run(
        ["bash", "-e", "-c", commands],
        cwd=folder,
        env=clean_environment() | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout
