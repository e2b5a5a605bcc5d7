from __future__ import annotations

import re
from importlib import metadata

import pytest

from tantalus_cli._version import installed_versions


def test_versions_are_those_of_what_is_installed() -> None:
    text = installed_versions()

    assert re.search(r"^Python 3\.\d+\.\d+", text)
    assert f"Tantalus CLI {metadata.version('tantalus-cli')}" in text
    assert f"Werkzeug {metadata.version('werkzeug')}" in text


def test_what_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)

    assert re.fullmatch(r"Python 3\.\d+\.\S+", installed_versions())
