from __future__ import annotations

from importlib import metadata

import click
import pytest
from fakes import FakePlugin

from tantalus_cli._plugins import find_plugins, load_plugin


def test_the_first_group_of_entry_points_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs, other = (FakePlugin(name, None) for name in ("db", "db", "mail"))
    groups = {"tantalus.commands": [ours], "flask.commands": [theirs, other]}
    monkeypatch.setattr(metadata, "entry_points", lambda *, group: groups[group])

    found = find_plugins(("tantalus.commands", "flask.commands"))

    assert found == {"db": ours, "mail": other}


def test_a_command_is_loaded() -> None:
    command = click.Command("db")

    assert load_plugin(FakePlugin("db", command)) is command


def test_a_plugin_that_fails_is_reported_with_its_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert load_plugin(FakePlugin("db", ImportError("no driver"))) is None

    text = capsys.readouterr().err
    assert text.startswith(
        "Error: The command 'db' that an installed package announces (entry point"
        " 'package:command' in 'tantalus.commands') cannot be loaded:\n\nTraceback"
    )
    assert "ImportError: no driver" in text
    assert text.endswith("Update or uninstall that package.\n\n")


def test_a_plugin_that_is_no_command_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert load_plugin(FakePlugin("db", "text")) is None

    assert "is no Click command, but 'text'." in capsys.readouterr().err
