"""Environments, archives and runs: one environment for each suite, none shared."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from reports import Outcomes, read_report
from services import running
from suites import FACES, Suite

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FLASK = "3.1.3"
PLUGINS = ROOT / "tests" / "differential"
#: Of one run: what takes longer hangs.
SECONDS = 1800
#: What tests find as the program `flask`, when Flask is replaced.
COMMAND = """#!/bin/sh
exec {python} -m tantalus.as_flask -m flask "$@"
"""


class StepFailed(RuntimeError):
    """A program that a run needs ended with an error."""

    def __init__(self, command: list[str], output: str) -> None:
        super().__init__(f"{' '.join(command)}\n{output}")


def build_wheels(target: Path) -> list[Path]:
    """Build the packages of the tree into `target`, and return the wheels."""
    for source in sorted(ROOT.glob("packages/*/")):
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
        run([*build, "--outdir", str(target), str(source)])
    return sorted(target.glob("*.whl"))


class Laboratory:
    """Where one suite is run: its environment, and the tests out of its archive.

    Args:
        folder: Kept by the caller or not; what it has from before is used again.
    """

    def __init__(self, suite: Suite, folder: Path) -> None:
        self.suite = suite
        self.folder = folder / suite.name
        self.environment = self.folder / "environment"
        self.python = self.environment / "bin" / "python"
        self.tests = self.folder / "tests"

    def prepare(self, wheels: list[Path]) -> None:
        """Install the release with Flask and Tantalus, and unpack its tests."""
        if not self.python.exists():
            run([sys.executable, "-m", "venv", str(self.environment)])
        self._install_requirements(wheels)
        replace = ["--quiet", "--no-deps", "--force-reinstall"]
        self._pip("install", *replace, *map(str, wheels))
        self._lay_out_tests()

    def run_on_flask(self) -> Outcomes:
        """Run the tests on the real Flask, and return what became of them."""
        return self._run("flask", [self.environment / "bin"], [])

    def run_on_tantalus(self, face: str = "wsgi") -> Outcomes:
        """Run the tests with Flask replaced, and the command `flask` as well.

        Args:
            face: How clients call the app, one of `FACES`.
        """
        commands = self.folder / "commands"
        commands.mkdir(exist_ok=True)
        command = commands / "flask"
        command.write_text(COMMAND.format(python=self.python), encoding="utf-8")
        command.chmod(0o755)
        path = [commands, self.environment / "bin"]
        plugins = ["tantalus.as_flask", *FACES[face]]
        on = "tantalus" if face == "wsgi" else f"tantalus-{face}"
        return self._run(on, path, plugins)

    def report(self, on: str) -> Outcomes:
        """Return what became of the tests in the last run.

        Args:
            on: `flask`, `tantalus`, or for another face than WSGI `tantalus-FACE`.
        """
        return read_report(self.folder / f"{on}.xml")

    def _install_requirements(self, wheels: list[Path]) -> None:
        """Install what is needed, unless a kept environment has just that already."""
        needed = [f"flask=={FLASK}", *self.suite.requires]
        if not self.suite.without_dependencies:
            needed += self.suite.releases
        installed = self.folder / "installed.txt"
        text = "\n".join([*needed, *(wheel.name for wheel in wheels)])
        if not installed.exists() or installed.read_text(encoding="utf-8") != text:
            self._pip("install", "--quiet", *needed, *map(str, wheels))
            if self.suite.without_dependencies:
                self._pip("install", "--quiet", "--no-deps", *self.suite.releases)
            installed.write_text(text, encoding="utf-8")

    def _lay_out_tests(self) -> None:
        shutil.rmtree(self.tests, ignore_errors=True)
        if self.suite.folder is None:
            self._unpack(self._download())
        else:
            shutil.copytree(HERE / self.suite.folder, self.tests)
        for path, content in self.suite.files.items():
            (self.tests / path).write_text(content, encoding="utf-8")

    def _run(self, on: str, path: list[Path], plugins: list[str]) -> Outcomes:
        """Run pytest in a fresh copy of the tests: none sees what another run left."""
        place = self.folder / "run"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.tests, place)
        report = self.folder / f"{on}.xml"
        report.unlink(missing_ok=True)
        command = [str(self.python), "-m", "pytest", *self._options()]
        command += [f"-p{plugin}" for plugin in plugins]
        settings = {"PYTHONPATH": str(PLUGINS)} if len(plugins) > 1 else {}
        commands = os.pathsep.join([*map(str, path), os.environ["PATH"]])
        with running(self.suite.services):
            output = run(
                [*command, f"--junit-xml={report}", *self.suite.options],
                cwd=place,
                settings={**self.suite.settings, **settings, "PATH": commands},
                may_fail=True,
            )
        report.with_suffix(".log").write_text(output, encoding="utf-8")
        return self.report(on)

    def _options(self) -> list[str]:
        left_out = [
            f"--{'deselect' if '::' in test else 'ignore'}={test}"
            for test in self.suite.left_out
        ]
        # Of a module that can't be imported on either, the others still count.
        return ["-q", "--continue-on-collection-errors", *left_out]

    def _download(self) -> Path:
        target = self.folder / "archive"
        if not target.exists():
            only_source = ["--no-deps", f"--no-binary={self.suite.name}"]
            self._pip(
                "download",
                "--quiet",
                *only_source,
                f"--dest={target}",
                *self.suite.releases,
            )
        (archive,) = target.glob("*.tar.gz")
        return archive

    def _unpack(self, archive: Path) -> None:
        with tarfile.open(archive) as opened:
            for member in opened.getmembers():
                _, _, path = member.name.partition("/")
                wanted = any(
                    path == source or path.startswith(f"{source}/")
                    for source in self.suite.sources
                )
                if wanted:
                    opened.extract(member.replace(name=path), self.tests, filter="data")

    def _pip(self, *arguments: str) -> str:
        return run([str(self.python), "-m", "pip", *arguments])


def run(
    command: list[str],
    *,
    cwd: Path | None = None,
    settings: dict[str, str] | None = None,
    may_fail: bool = False,
) -> str:
    """Run a program to its end and return all that it wrote.

    Raises:
        StepFailed: It ended with an error, and may not.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd or ROOT,
            env=clean_environment() | (settings or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StepFailed(command, f"did not end in {SECONDS} seconds") from error
    if done.returncode != 0 and not may_fail:
        raise StepFailed(command, done.stdout)
    return done.stdout


def clean_environment() -> dict[str, str]:
    """Return the environment without what belongs to the tree or its environment."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "HATCH", "FLASK_", "TANTALUS_", "COV_")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(hidden)
    }
