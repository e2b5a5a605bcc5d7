from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes import FakeApp
from hypothesis import HealthCheck, settings

from tantalus_cli import (
    Settings,
    TantalusGroup,
    WSGICallable,
    current_settings,
    use_settings,
)

# No clock decides: a busy machine is slow, and nothing is wrong with that.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
patient = settings.get_profile("patient")
settings.register_profile("quick", patient, max_examples=50)
settings.register_profile("max", patient, max_examples=20_000)
settings.load_profile(os.environ.get("TANTALUS_HYPOTHESIS", "quick"))

Write = Callable[[str, str], Path]
Invoke = Callable[..., Result]
Use = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _same_process_as_before() -> Iterator[None]:
    """Restore what commands change for good: environment, import state, settings."""
    environ, path, modules = dict(os.environ), sys.path[:], set(sys.modules)
    settings_before = current_settings()
    for name in environ:
        if name.startswith(("TANTALUS_", "FLASK_", "WERKZEUG_")):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(environ)
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("site_"):
            del sys.modules[name]
    for name in ("app", "wsgi"):
        sys.modules.pop(name, None)
    use_settings(settings_before)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write files into an empty folder, which is the current one.

    Modules are called `app`, `wsgi` or `site_…`: these are forgotten afterwards.
    """
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def app() -> FakeApp:
    return FakeApp()


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Call the program with arguments, in an empty folder, with or without an app."""
    monkeypatch.chdir(tmp_path)

    def invoke(*args: str, app: WSGICallable | None = None, **options: str) -> Result:
        create_app = None if app is None else lambda: app
        group = TantalusGroup(name="tantalus", create_app=create_app)
        return CliRunner().invoke(
            group, args, prog_name="tantalus", input=options.get("input")
        )

    return invoke


@pytest.fixture
def use() -> Use:
    """Put settings in force that differ from the default ones in the given fields."""

    def use(**fields: object) -> Settings:
        changed = Settings(**fields)  # type: ignore[arg-type] # fields vary per test
        use_settings(changed)
        return changed

    return use
