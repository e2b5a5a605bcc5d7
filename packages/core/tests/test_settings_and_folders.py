"""The app's config and folders; how they work is tested with `tantalus_config`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tantalus import App, Blueprint, Flask
from tantalus_config import find_package, get_root_path


@pytest.mark.parametrize(
    "name",
    ["json", "json.decoder", "werkzeug", "pytest", "no_such_module", "tantalus"],
)
def test_places_are_those_that_flask_finds(name: str) -> None:
    scaffold = pytest.importorskip("flask.sansio.scaffold")
    helpers = pytest.importorskip("flask.helpers")

    assert find_package(name) == scaffold.find_package(name)
    assert get_root_path(name) == helpers.get_root_path(name)


def test_an_app_opens_files_of_its_root_and_its_instance_folder(
    tmp_path: Path,
) -> None:
    app = App("resources_app", root_path=str(tmp_path), instance_path=str(tmp_path))

    with app.open_instance_resource("a.txt", "w") as file:
        file.write("ü")

    with app.open_resource("a.txt") as file:
        assert file.read() == "ü".encode()
    with Blueprint("b", "b", root_path=str(tmp_path)).open_resource("a.txt") as file:
        assert file.read() == "ü".encode()


def test_the_instance_folder_of_an_app_lies_beside_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packed_app").mkdir()
    (tmp_path / "packed_app" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    app = App("packed_app")

    assert app.instance_path == str(tmp_path / "instance")
    assert app.root_path == str(tmp_path / "packed_app")


def test_an_app_reads_the_variables_of_its_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TANTALUS_ONLY", "4")
    monkeypatch.setenv("FLASK_TEXT", "some text")
    app, flask = App("configured_app"), Flask("configured_app")

    app.config.from_prefixed_env()
    flask.config.from_prefixed_env()

    assert app.config["ONLY"] == 4
    assert "TEXT" not in app.config
    assert flask.config["TEXT"] == "some text"
    assert "ONLY" not in flask.config


def test_the_files_of_an_app_lie_in_its_root_or_its_instance_folder(
    tmp_path: Path,
) -> None:
    root, instance = tmp_path / "root", tmp_path / "instance"
    app = App("configured_app", root_path=str(root), instance_path=str(instance))
    relative = App(
        "configured_app",
        root_path=str(root),
        instance_path=str(instance),
        instance_relative_config=True,
    )

    assert app.config.root_path == str(root)
    assert relative.config.root_path == str(instance)
