from __future__ import annotations

import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

import laboratory
from laboratory import Laboratory, StepFailed, clean_environment, run
from suites import Suite

FILES = {
    "s-1/tests/test_a.py": "def test_a(): pass",
    "s-1/tests_of_other/test_b.py": "",
    "s-1/s/__init__.py": "",
    "s-1/pyproject.toml": "[project]",
}


def archive(folder: Path) -> Path:
    """Return a source archive with `FILES`."""
    path = folder / "s-1.tar.gz"
    with tarfile.open(path, "w:gz") as opened:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, BytesIO(content.encode()))
    return path


def test_only_the_tests_are_unpacked(tmp_path: Path) -> None:
    workplace = Laboratory(Suite("s", "1"), tmp_path)

    workplace._unpack(archive(tmp_path))

    unpacked = [path for path in workplace.tests.rglob("*") if path.is_file()]
    assert {str(path.relative_to(workplace.tests)) for path in unpacked} == {
        "tests/test_a.py",
        "pyproject.toml",
    }


def test_files_that_the_archive_lacks_are_written(tmp_path: Path) -> None:
    suite = Suite("s", folder="stores", files={"settings.cfg": "A = 1"})
    workplace = Laboratory(suite, tmp_path)

    workplace._lay_out_tests()

    assert (workplace.tests / "settings.cfg").read_text() == "A = 1"
    assert (workplace.tests / "test_sessions.py").exists()


def test_what_is_left_out_is_not_run(tmp_path: Path) -> None:
    left_out = {"tests/test_a.py": "Slow.", "tests/test_b.py::test_b": "Flaky."}

    options = Laboratory(Suite("s", left_out=left_out), tmp_path)._options()

    assert options[-2:] == [
        "--ignore=tests/test_a.py",
        "--deselect=tests/test_b.py::test_b",
    ]


def test_a_step_that_fails_says_what_it_wrote() -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no disk')"]

    assert run(command, may_fail=True) == "no disk\n"
    with pytest.raises(StepFailed, match="no disk"):
        run(command)


def test_a_step_that_hangs_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laboratory, "SECONDS", 0.1)

    with pytest.raises(StepFailed, match=r"did not end in 0\.1 seconds"):
        run([sys.executable, "-c", "import time; time.sleep(60)"])


def test_a_run_sees_nothing_of_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("FLASK_DEBUG", "1")

    assert not {"PYTHONPATH", "FLASK_DEBUG"} & {*clean_environment()}


def test_every_package_of_the_tree_is_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(laboratory, "run", commands.append)

    laboratory.build_wheels(tmp_path)

    packages = sorted(path.name for path in (laboratory.ROOT / "packages").iterdir())
    assert [Path(command[-1]).name for command in commands] == packages


def installed(
    monkeypatch: pytest.MonkeyPatch, folder: Path, suite: Suite
) -> list[tuple[str, ...]]:
    """Return what pip is asked for by two runs of `suite` in a kept folder."""
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        Laboratory, "_pip", lambda _, *arguments: asked.append(arguments)
    )
    workplace = Laboratory(suite, folder)
    workplace.folder.mkdir()
    workplace._install_requirements([])
    workplace._install_requirements([])
    return asked


def test_a_kept_environment_is_made_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    suite = Suite("s", "1", requires=["pytest"])

    assert installed(monkeypatch, tmp_path, suite) == [
        ("install", "--quiet", f"flask=={laboratory.FLASK}", "pytest", "s==1")
    ]


def test_a_release_that_asks_for_another_flask_is_installed_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    suite = Suite("s", "1", requires=["pytest"], without_dependencies=True)

    assert installed(monkeypatch, tmp_path, suite) == [
        ("install", "--quiet", f"flask=={laboratory.FLASK}", "pytest"),
        ("install", "--quiet", "--no-deps", "s==1"),
    ]


@pytest.mark.parametrize(
    ("face", "report", "plugins"),
    [
        ("wsgi", "tantalus.xml", ["-ptantalus.as_flask"]),
        ("asgi", "tantalus-asgi.xml", ["-ptantalus.as_flask", "-pthrough_asgi"]),
    ],
)
def test_a_face_has_plugins_and_a_report_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    face: str,
    report: str,
    plugins: list[str],
) -> None:
    commands: list[list[str]] = []
    found: list[dict[str, str]] = []

    def note(command: list[str], settings: dict[str, str], **_: object) -> str:
        commands.append(command)
        found.append(settings)
        return ""

    monkeypatch.setattr(laboratory, "run", note)
    workplace = Laboratory(Suite("s"), tmp_path)
    workplace.tests.mkdir(parents=True)

    workplace.run_on_tantalus(face)

    (command,), (settings,) = commands, found
    assert [option for option in command if option.startswith("-p")] == plugins
    assert f"--junit-xml={workplace.folder / report}" in command
    assert ("PYTHONPATH" in settings) is (face != "wsgi")


def test_the_reports_of_a_kept_run_are_read_again(tmp_path: Path) -> None:
    workplace = Laboratory(Suite("s", "1"), tmp_path)
    workplace.folder.mkdir()
    (workplace.folder / "flask.xml").write_text(
        '<testsuite><testcase classname="a" name="b"/></testsuite>'
    )

    assert workplace.report("flask") == {"a::b": "passed"}
    assert workplace.report("tantalus") == {}
