from __future__ import annotations

from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from tantalus_typed import SetupError, _swagger_ui, swagger_ui_files, swagger_ui_page


def installed(monkeypatch: pytest.MonkeyPatch, folder: Path, *versions: str) -> None:
    """Have a package installed that has these versions of Swagger UI."""
    for version in versions:
        made = folder / "vendor" / f"swagger-ui-{version}"
        made.mkdir(parents=True)
        for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
            (made / name).write_text("")
    spec = ModuleSpec("swagger_ui_bundle", None, origin=str(folder / "__init__.py"))
    monkeypatch.setattr(_swagger_ui, "find_spec", lambda name: spec)


def test_the_page_has_no_script_in_itself_and_loads_from_its_site() -> None:
    page = swagger_ui_page("<Shop>", source="docs/openapi.json", files="docs/ui")

    assert "<title>&lt;Shop&gt;</title>" in page
    assert 'src="docs/ui/start.js" data-source="docs/openapi.json"' in page
    assert page.count("<script src=") == page.count("<script") == 2
    assert "://" not in page


def test_the_files_are_those_of_the_package() -> None:
    files = swagger_ui_files()

    assert list(files) == ["swagger-ui-bundle.js", "swagger-ui.css", "start.js"]
    assert "SwaggerUIBundle(" in files["start.js"].read_text()
    assert b"SwaggerUIBundle" in files["swagger-ui-bundle.js"].read_bytes()
    assert "://" not in files["start.js"].read_text()


def test_the_newest_version_of_the_package_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed(monkeypatch, tmp_path, "5.9.0", "5.31.0")

    assert "swagger-ui-5.31.0" in str(swagger_ui_files()["swagger-ui.css"])


def test_a_version_that_cannot_show_the_document_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed(monkeypatch, tmp_path, "4.15.5")

    with pytest.raises(SetupError, match=r"Swagger UI 4\.15\.5 is installed, and"):
        swagger_ui_files()


@pytest.mark.parametrize("spec", [None, ModuleSpec("swagger_ui_bundle", None)])
def test_without_the_package_it_is_named(
    monkeypatch: pytest.MonkeyPatch, spec: Any
) -> None:
    monkeypatch.setattr(_swagger_ui, "find_spec", lambda name: spec)

    with pytest.raises(SetupError, match=r"pip install 'tantalus-typed\[swagger-ui\]'"):
        swagger_ui_files()


def test_the_files_of_a_folder_may_be_taken(tmp_path: Path) -> None:
    (tmp_path / "swagger-ui-bundle.js").write_text("")

    with pytest.raises(SetupError, match=r"has no swagger-ui\.css"):
        swagger_ui_files(tmp_path)
    (tmp_path / "swagger-ui.css").write_text("")

    assert swagger_ui_files(tmp_path)["swagger-ui.css"] == tmp_path / "swagger-ui.css"
