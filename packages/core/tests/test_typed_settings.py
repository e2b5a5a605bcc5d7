"""`app.config.load()`: settings with types, as an app has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.debug import DebuggedApplication
from werkzeug.debug.repr import debug_repr
from werkzeug.test import Client

from tantalus import App, Flask
from tantalus_config import Secret, SettingsError

SECRET = "hunter2-hunter2-hunter2"


@dataclass
class Settings:
    secret_key: Secret
    permanent_session_lifetime: timedelta = timedelta(days=7)
    max_content_length: int | None = 1_000


@pytest.mark.parametrize(("cls", "prefix"), [(App, "TANTALUS"), (Flask, "FLASK")])
def test_the_prefix_is_that_of_the_class(
    cls: type[App], prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{prefix}_SECRET_KEY", SECRET)
    app = cls("shop")

    settings = app.config.load(Settings)

    assert app.secret_key == SECRET
    assert app.permanent_session_lifetime == timedelta(days=7)
    assert app.config["MAX_CONTENT_LENGTH"] == settings.max_content_length == 1_000


def test_files_lie_in_the_folder_of_the_app(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(f'secret_key = "{SECRET}"')
    app = App("shop", root_path=str(tmp_path))

    assert app.config.load(Settings, toml_file="shop.toml").secret_key == SECRET


def test_an_app_without_its_settings_is_not_made() -> None:
    with pytest.raises(SettingsError, match="NO_SUCH_PREFIX_SECRET_KEY"):
        App("shop").config.load(Settings, "NO_SUCH_PREFIX")


def test_sessions_are_signed_with_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    app = App("shop")
    app.config.load(Settings, override={"secret_key": SECRET})
    client = app.test_client()

    with client.session_transaction() as session:
        session["a"] = 1

    with client.session_transaction() as session:
        assert session["a"] == 1


def test_the_debugger_shows_no_secret() -> None:
    app = App("shop")
    settings = app.config.load(Settings, override={"secret_key": SECRET})
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.get("/")
    def fail() -> str:
        raise RuntimeError(f"{settings} {app.config}")

    page = Client(DebuggedApplication(app, evalex=True)).get("/").text

    assert "RuntimeError" in page
    assert SECRET not in page
    assert SECRET not in debug_repr([settings, app.config, {"key": settings}])
