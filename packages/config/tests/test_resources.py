from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from tantalus_config import (
    absolute_instance_path,
    auto_find_instance_path,
    find_package,
    get_root_path,
    open_instance_resource,
    open_resource,
    program_name,
)

Install = Callable[[str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that makes `tmp_path / folder` a place to import from."""

    def install(folder: str) -> Path:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        monkeypatch.syspath_prepend(place)
        return place

    return install


@pytest.fixture(autouse=True)
def forget_modules() -> object:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def make_package(place: Path, name: str) -> None:
    (place / name).mkdir()
    (place / name / "__init__.py").touch()


@pytest.mark.parametrize(
    ("mode", "content"), [("rb", b"a\n"), ("r", "a\n"), ("rt", "a\n")]
)
def test_resources_are_read_from_below_the_root(
    tmp_path: Path, mode: str, content: str | bytes
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a\n")

    with open_resource(str(tmp_path), "data/a.txt", mode) as file:
        assert file.read() == content


def test_a_resource_is_decoded_as_asked(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ü".encode("utf-16"))

    with open_resource(str(tmp_path), "a.txt", "r", encoding="utf-16") as file:
        assert file.read() == "ü"


@pytest.mark.parametrize("mode", ["w", "x", "a", "r+", "rb+"])
def test_resources_cannot_be_written(tmp_path: Path, mode: str) -> None:
    with pytest.raises(ValueError, match="Resources can only be opened for reading"):
        open_resource(str(tmp_path), "a.txt", mode)


@pytest.mark.parametrize(("suffix", "value"), [("", "ü"), ("b", b"\xc3\xbc")])
def test_files_of_the_instance_folder_are_written_and_read(
    tmp_path: Path, suffix: str, value: str | bytes
) -> None:
    with open_instance_resource(str(tmp_path), "a.txt", f"w{suffix}") as file:
        file.write(value)
    with open_instance_resource(str(tmp_path), "a.txt", f"r{suffix}") as file:
        assert file.read() == value


def test_instance_files_are_bytes_by_default(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")

    with open_instance_resource(str(tmp_path), "a.txt") as file:
        assert file.read() == b"a"


def test_the_root_of_a_loaded_module_is_the_folder_of_its_file() -> None:
    assert get_root_path("json.decoder") == os.path.dirname(os.__file__) + "/json"


def test_the_root_of_a_package_that_is_not_loaded_is_its_folder(
    install: Install,
) -> None:
    place = install("place")
    make_package(place, "rooted_package")

    assert get_root_path("rooted_package") == str(place / "rooted_package")
    assert "rooted_package" not in sys.modules


def test_the_root_of_what_does_not_exist_is_the_working_directory() -> None:
    assert get_root_path("no_such_module_anywhere") == os.getcwd()


def test_the_root_of_an_interactive_session_is_the_working_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))

    assert get_root_path("__main__") == os.getcwd()


def test_the_root_of_a_module_without_loader_is_the_working_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = ModuleType("made_by_hand")
    module.__spec__ = ModuleSpec("made_by_hand", None)
    monkeypatch.setitem(sys.modules, "made_by_hand", module)

    assert get_root_path("made_by_hand") == os.getcwd()


def test_a_namespace_package_has_no_root(install: Install) -> None:
    (install("place") / "rootless_namespace").mkdir()
    import_module("rootless_namespace")

    with pytest.raises(RuntimeError, match=r"'rootless_namespace'.*Pass `root_path`"):
        get_root_path("rootless_namespace")


def test_a_loader_may_set_the_file_when_it_imports(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Storage:
        def find_spec(self, name: str, path: object, target: object) -> object:
            return ModuleSpec(name, self) if name == "stored_module" else None  # type: ignore[arg-type]  # is a loader

        def create_module(self, spec: ModuleSpec) -> None:
            return None

        def exec_module(self, module: ModuleType) -> None:
            module.__file__ = "/storage/stored_module.py"

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Storage()])

    assert get_root_path("stored_module") == "/storage"


def test_the_root_can_lie_in_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "zipped.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_package/__init__.py", "")
    monkeypatch.syspath_prepend(archive)

    assert get_root_path("zipped_package") == str(archive / "zipped_package")


def test_the_instance_folder_of_a_module_lies_beside_it(install: Install) -> None:
    place = install("place")
    (place / "lone_module.py").touch()

    found = auto_find_instance_path("lone_module", "lone_module")

    assert found == str(place / "instance")


@pytest.mark.parametrize("name", ["paired_package", "paired_package.inner"])
def test_the_instance_folder_of_a_package_lies_beside_it(
    install: Install, name: str
) -> None:
    place = install("place")
    make_package(place, "paired_package")
    (place / "paired_package" / "inner.py").touch()

    assert auto_find_instance_path(name, name) == str(place / "instance")


@pytest.mark.parametrize("name", ["__main__", "no_such_module_anywhere", ""])
def test_the_instance_folder_of_the_unknown_lies_in_the_working_directory(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))

    found = auto_find_instance_path(name, name)

    assert found == os.path.join(os.getcwd(), "instance")


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [
        ("env/lib/python3.11/site-packages", "env"),
        ("env/Lib/site-packages", "env"),
        ("env/site-packages", "env"),
    ],
)
def test_an_installed_package_has_its_instance_folder_below_the_prefix(
    install: Install, tmp_path: Path, folder: str, prefix: str
) -> None:
    place = install(folder)
    make_package(place, "installed_package")

    assert find_package("installed_package") == (str(tmp_path / prefix), str(place))
    assert auto_find_instance_path("installed_package", "shop") == str(
        tmp_path / prefix / "var" / "shop-instance"
    )


def test_a_package_below_the_prefix_of_python_is_installed(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = install("anywhere")
    make_package(place, "prefixed_package")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    assert find_package("prefixed_package") == (str(tmp_path), str(place))


def test_a_namespace_package_is_imported_from_the_place_of_its_portion(
    install: Install,
) -> None:
    first, second = install("first"), install("second")
    for place, inner in ((first, "one"), (second, "two")):
        (place / "shared_namespace").mkdir()
        make_package(place / "shared_namespace", inner)

    assert find_package("shared_namespace.one") == (None, str(first))
    assert find_package("shared_namespace.two") == (None, str(second))


def test_a_namespace_package_in_several_places_is_imported_from_the_first(
    install: Install,
) -> None:
    places = install("first"), install("second")
    for place in places:
        (place / "split_namespace").mkdir()

    assert find_package("split_namespace") == (None, str(places[-1]))


def test_a_module_in_a_namespace_package_is_imported_from_its_first_place(
    install: Install,
) -> None:
    place = install("place")
    (place / "flat_namespace").mkdir()
    (place / "flat_namespace" / "module.py").touch()

    assert find_package("flat_namespace.module") == (None, str(place))
    assert find_package("flat_namespace.missing") == (None, str(place))


def test_the_name_is_that_of_the_module_or_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main = sys.modules["__main__"]

    assert program_name("package.module") == "package.module"
    monkeypatch.setattr(main, "__file__", "/somewhere/program.py", raising=False)
    assert program_name("__main__") == "program"
    monkeypatch.delattr(main, "__file__")
    assert program_name("__main__") == "__main__"


def test_an_instance_folder_is_absolute(tmp_path: Path) -> None:
    assert absolute_instance_path(str(tmp_path)) == str(tmp_path)
    with pytest.raises(ValueError, match="'relative' is relative"):
        absolute_instance_path("relative")
